//! Lines of logs: what CI systems put around them, points in time, sizes.
use std::borrow::Cow;

/// Words that a CI system may put in front of a line.
const MAX_PREFIX_WORDS: usize = 6;
/// Bytes of a fraction of a second that are read: a point and nanoseconds.
const MAX_FRACTION: usize = 10;

/// A line without colours and without what a CI system wrote in front of it: the time of day in seconds since 1970, if that
/// is there, and the rest.
pub fn payload(line: &str) -> (Option<f64>, Cow<'_, str>) {
    let line = without_escapes(line.trim_end_matches(['\r', '\n']));
    let mut time = None;
    let mut rest = line.trim_start();
    for _ in 0..MAX_PREFIX_WORDS {
        if rest.starts_with(['#', '{', '}', '"']) {
            break;
        }
        let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let word = word.trim_matches(['[', ']']);
        let behind = behind.trim_start();
        if let Some(found) = point_in_time(word) {
            time = time.or(Some(found));
        } else if !is_decoration(word) && !behind.starts_with("| ") {
            break;
        }
        rest = behind;
    }
    // Where nothing of ours follows, the indentation belongs to the line.
    let is_ours = rest.strip_prefix('#').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    if time.is_none() && !is_ours {
        return (None, line);
    }
    let start = line.len() - rest.len();
    match line {
        Cow::Borrowed(line) => (time, Cow::Borrowed(&line[start..])),
        Cow::Owned(line) => (time, Cow::Owned(line[start..].to_owned())),
    }
}

/// `>`, `|`, the stream marks of GitLab (`00O`, `01E+`), a time of day without a date.
fn is_decoration(word: &str) -> bool {
    let is_stream = || {
        let bytes = word.as_bytes();
        (3..=4).contains(&bytes.len())
            && bytes[..2].iter().all(u8::is_ascii_hexdigit)
            && matches!(bytes[2], b'O' | b'E')
    };
    let is_clock = || {
        word.len() >= 8
            && word.bytes().all(|byte| byte.is_ascii_digit() || b":.,".contains(&byte))
            && word.contains(':')
    };
    matches!(word, ">" | "|" | ">>") || is_stream() || is_clock()
}

/// `text` without the sequences that colour it or move the cursor.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        rest = match rest.strip_prefix('[') {
            Some(sequence) => {
                let end = sequence.find(|end: char| ('@'..='~').contains(&end)).map_or(sequence.len(), |end| end + 1);
                &sequence[end..]
            }
            None => rest,
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A point in time as RFC 3339 writes it, in seconds since 1970: `2026-11-22T17:56:38.452Z`
pub fn point_in_time(word: &str) -> Option<f64> {
    let bytes = word.as_bytes();
    if !word.is_ascii() || bytes.len() < 20 || bytes[4] != b'-' || bytes[7] != b'-' || bytes[13] != b':' {
        return None;
    }
    let number = |from: usize, to: usize| word.get(from..to)?.parse::<u16>().ok().map(i64::from);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = &word[19..];
    let zone = rest.find(['Z', '+', '-'])?;
    let fraction = if zone == 0 { 0.0 } else { plain_number(rest.get(..zone.min(MAX_FRACTION))?)? };
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(&rest[zone..])?;
    Some(to_f64(seconds) + fraction)
}

/// `Z`, `+02:00`; in seconds.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'Z' => return Some(0),
        b'-' => -1,
        _ => 1,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    Some(sign * (i64::from(hours.parse::<u8>().ok()?) * 3_600 + i64::from(minutes.parse::<u8>().ok()?) * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[allow(clippy::cast_precision_loss, reason = "seconds since 1970 and bytes of a file fit")]
fn to_f64(number: i64) -> f64 {
    number as f64
}

/// `3.4s`, `120.0s`; in seconds.
pub fn seconds(word: &str) -> Option<f64> {
    let number = word.strip_suffix('s')?;
    plain_number(number)
}

/// `0.345`: digits and a point, nothing else that a float may be.
pub fn plain_number(word: &str) -> Option<f64> {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && word.len() < 12;
    if is_plain { word.parse().ok() } else { None }
}

/// `2B`, `1.53kB`, `120MB`, `4MiB`; in bytes.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of bytes, at least 0")]
pub fn size(word: &str) -> Option<u64> {
    let number = word.strip_suffix('B')?;
    let (number, base) = match number.strip_suffix('i') {
        Some(number) => (number, 1024_f64),
        None => (number, 1000_f64),
    };
    let units = ["k", "m", "g", "t"];
    let unit = number.to_ascii_lowercase();
    let unit = units.iter().position(|suffix| unit.ends_with(suffix));
    let digits = if unit.is_some() { &number[..number.len() - 1] } else { number };
    let factor = unit.map_or(1.0, |at| units[..=at].iter().fold(1.0, |factor, _| factor * base));
    Some((plain_number(digits)? * factor).round() as u64)
}

/// At most `most` bytes of `line`, whole characters.
pub fn shortened(line: &str, most: usize) -> &str {
    let mut end = most.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// The text of a standard base64 string; what is no UTF-8 is replaced. `None` for anything else.
pub fn base64(text: &str) -> Option<String> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() * 3 / 4), 0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(value(byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_systems_write_in_front() {
        let lines = [
            "#12 DONE 3.4s",
            "\u{1b}[34m#12 DONE 3.4s\u{1b}[0m\r",
            "2024-05-01T10:00:00.1234567Z #12 DONE 3.4s",
            "2024-05-01T10:00:00.123456Z 00O #12 DONE 3.4s",
            "2024-05-01T10:00:00.123456Z 01E+ #12 DONE 3.4s",
            "[2024-05-01T10:00:00.123Z] #12 DONE 3.4s",
            "10:00:00 #12 DONE 3.4s",
            "> #12 DONE 3.4s",
            "web  | #12 DONE 3.4s",
            "   #12 DONE 3.4s",
        ];
        for line in lines {
            assert_eq!(payload(line).1, "#12 DONE 3.4s", "{line:?}");
        }
        for line in ["  3 | # comment", "see #12 DONE 3.4s", "", "  indented", "12:30"] {
            assert_eq!(payload(line).1, line);
        }
        assert_eq!(payload("2024-05-01T10:00:00Z #1 x").0, point_in_time("2024-05-01T10:00:00Z"));
    }

    #[test]
    fn points_in_time() {
        assert_eq!(point_in_time("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(point_in_time("2000-03-01T00:00:01.5+01:00"), Some(951_865_201.5));
        assert_eq!(point_in_time("2026-11-22T17:56:38.25Z"), Some(1_795_370_198.25));
        for word in [
            "",
            "2026-11-22",
            "2026-11-22T17:56:38",
            "2026-11-22T17:5é:38.25Z",
            "aaaa-bb-ccTdd:ee:ffZ",
            "2026-11-22T17:56:38.5e400Z",
        ] {
            assert_eq!(point_in_time(word), None, "{word}");
        }
    }

    #[test]
    fn sizes_and_seconds() {
        let sizes = [("2B", 2), ("1.53kB", 1530), ("120.5MB", 120_500_000), ("1GB", 1_000_000_000), ("4MiB", 4 << 20)];
        for (word, expected) in sizes {
            assert_eq!(size(word), Some(expected), "{word}");
        }
        assert_eq!((size("B"), size("x"), size("1.2.3kB"), size("NaNB")), (None, None, None, None));
        assert_eq!((seconds("3.4s"), seconds("s"), seconds("infs"), seconds("1e9s")), (Some(3.4), None, None, None));
    }

    #[test]
    fn reads_base64() {
        assert_eq!(base64("Z286IGRvd25sb2FkaW5n").as_deref(), Some("go: downloading"));
        assert_eq!(base64("YQ==").as_deref(), Some("a"));
        assert_eq!((base64("!"), base64("").as_deref()), (None, Some("")));
    }
}
