//! The signals of Linux, as Docker reads them.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("signals.tsv");

/// Real-time signals: SIGRTMIN and SIGRTMAX of glibc, as github.com/moby/sys/signal has them.
const RT_MIN: u8 = 34;
const RT_MAX: u8 = 64;

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// With `SIG` in front.
    pub name: &'static str,
    /// Its number on x86 and ARM.
    pub number: u8,
    /// A program may handle it.
    pub catchable: bool,
}

/// What a word means as a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// This one.
    Signal(Signal),
    /// A number that is no signal, but that Docker takes.
    Number(i64),
    /// Nothing: Docker refuses it.
    Unknown,
}

static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
    let signal = |row: table::Row| Signal {
        name: row.cell(0),
        number: row.cell(1).parse().unwrap_or_default(),
        catchable: row.yes_no(2) != Some(false),
    };
    table::rows(TABLE).map(signal).collect()
});

/// Reads `word` as Docker does: a number, or a name in any case, with `SIG` in front or without.
pub fn parse(word: &str) -> Parsed {
    if let Ok(number) = word.parse::<i64>() {
        let known = SIGNALS.iter().find(|signal| i64::from(signal.number) == number).copied();
        let real_time = || u8::try_from(number).ok().filter(|it| (RT_MIN..=RT_MAX).contains(it)).map(of_real_time);
        return match known.or_else(real_time) {
            _ if number == 0 => Parsed::Unknown,
            Some(signal) => Parsed::Signal(signal),
            None => Parsed::Number(number),
        };
    }
    let name = word.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let known = SIGNALS.iter().find(|signal| &signal.name[3..] == name).copied();
    known.or_else(|| real_time(name)).map_or(Parsed::Unknown, Parsed::Signal)
}

/// The names that are not counted, with `SIG` in front.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNALS.iter().map(|signal| signal.name)
}

/// `RTMIN+3`, `RTMAX-14`: up to fifteen behind the first, fourteen in front of the last.
fn real_time(name: &str) -> Option<Signal> {
    let distance = |rest: &str, sign: char, most: u8| match rest {
        "" => Some(0),
        _ => (1..=most).find(|number| rest.strip_prefix(sign) == Some(number.to_string().as_str())),
    };
    let number = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(rest), _) => RT_MIN + distance(rest, '+', 15)?,
        (_, Some(rest)) => RT_MAX - distance(rest, '-', 14)?,
        _ => return None,
    };
    Some(of_real_time(number))
}

fn of_real_time(number: u8) -> Signal {
    Signal { name: "a real-time signal", number, catchable: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(SIGNALS.iter().all(|signal| signal.name.starts_with("SIG") && (1..32).contains(&signal.number)));
        assert_eq!(SIGNALS.iter().filter(|signal| !signal.catchable).count(), 2);
    }

    #[test]
    fn reads_as_docker_does() {
        let number = |word: &str| match parse(word) {
            Parsed::Signal(signal) => i64::from(signal.number),
            Parsed::Number(number) => -number,
            Parsed::Unknown => 0,
        };
        for (word, expected) in
            [("SIGTERM", 15), ("term", 15), ("sigRTMIN+3", 37), ("RTMAX-14", 50), ("9", 9), ("35", 35)]
        {
            assert_eq!(number(word), expected, "{word}");
        }
        for (word, expected) in [("99", -99), ("0", 0), ("SIGRTMIN+16", 0), ("RTMIN+03", 0), ("", 0), ("SIG", 0)] {
            assert_eq!(number(word), expected, "{word}");
        }
        assert_eq!((number("33"), number("SIGTERM SIGINT"), number("RTMIN-1")), (-33, 0, 0));
    }
}
