//! ShellCheck: which shells it knows, which shell `/bin/sh` is, and which of its codes mean something in a Dockerfile.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::distros::Distro;
use super::table;

const CODES: &str = include_str!("shellcheck.tsv");
const SHELLS: &str = include_str!("shells.tsv");
/// The rules of these codes are about what other shells can do.
const PORTABILITY: std::ops::Range<u16> = 3_000..4_000;
/// Every code lies between these.
const ALL: std::ops::Range<u16> = 1_000..4_000;

/// The language of a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// GNU Bash.
    Bash,
    /// The `sh` of Debian.
    Dash,
    /// The `sh` of BusyBox.
    Busybox,
    /// Korn's shell.
    Ksh,
    /// A `sh` that may be any of them.
    Posix,
}

/// What becomes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treat {
    /// Never reported.
    Drop,
    /// Reported where the shell is known.
    Portability,
    /// Reported at this level instead of ShellCheck's.
    Warning,
    /// The same.
    Info,
    /// The same.
    Hint,
    /// Reported as the rest is.
    Keep,
}

static TREATS: LazyLock<HashMap<u16, Treat>> = LazyLock::new(|| {
    let treat = |word| match word {
        "drop" => Treat::Drop,
        "portability" => Treat::Portability,
        "warning" => Treat::Warning,
        "info" => Treat::Info,
        "hint" => Treat::Hint,
        _ => Treat::Keep,
    };
    table::rows(CODES).filter_map(|row| Some((row.cell(0).parse().ok()?, treat(row.cell(1))))).collect()
});

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| ALL.map(|code| format!("SC{code}")).collect());
static ALIASES: LazyLock<Vec<[&'static str; 1]>> = LazyLock::new(|| NAMES.iter().map(|name| [name.as_str()]).collect());

static OF_DISTRO: LazyLock<Vec<(Distro, Dialect)>> = LazyLock::new(|| {
    table::rows(SHELLS).filter_map(|row| Some((Distro::parse(row.cell(0))?, named(row.cell(1))?))).collect()
});

/// What becomes of `code`.
pub fn treat(code: u16) -> Treat {
    TREATS.get(&code).copied().unwrap_or(Treat::Keep)
}

/// True for a code about what other shells can do: it means something where the shell is known.
pub fn is_portability(code: u16) -> bool {
    PORTABILITY.contains(&code) || treat(code) == Treat::Portability
}

/// `SC2086`, as the aliases of a finding are written; empty for what is no code of ShellCheck.
pub fn alias(code: u16) -> &'static [&'static str] {
    let index = code.checked_sub(ALL.start).map(usize::from);
    index.and_then(|index| ALIASES.get(index)).map_or(&[], |alias| alias)
}

/// True for a name such as `SC2086`, in any case.
pub fn is_code(name: &str) -> bool {
    code(name).is_some()
}

/// `SC2086` for that name in any case; `None` for what is no code of ShellCheck.
pub fn code(name: &str) -> Option<&'static str> {
    let digits = name.get(..2).filter(|start| start.eq_ignore_ascii_case("SC")).and_then(|_| name.get(2..))?;
    let code = digits.parse().ok().filter(|_| digits.len() == 4)?;
    alias(code).first().copied()
}

/// The codes that are never reported.
pub fn dropped() -> Vec<u16> {
    let mut codes: Vec<u16> =
        TREATS.iter().filter(|(_, treat)| **treat == Treat::Drop).map(|(code, _)| *code).collect();
    codes.sort_unstable();
    codes
}

/// The language of the shell called `name` (`bash`); `None` for `sh`, and for a shell that ShellCheck does not know.
pub fn named(name: &str) -> Option<Dialect> {
    Some(match name {
        "bash" => Dialect::Bash,
        "dash" => Dialect::Dash,
        "ash" | "busybox" => Dialect::Busybox,
        "ksh" | "ksh93" => Dialect::Ksh,
        _ => return None,
    })
}

/// The language of `/bin/sh`.
pub fn of_distro(distro: Option<Distro>) -> Dialect {
    let row = OF_DISTRO.iter().find(|(of, _)| Some(*of) == distro);
    row.map_or(Dialect::Posix, |(_, dialect)| *dialect)
}

impl Dialect {
    /// ShellCheck's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Dialect::Bash => "bash",
            Dialect::Dash => "dash",
            Dialect::Busybox => "busybox",
            Dialect::Ksh => "ksh",
            Dialect::Posix => "sh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        table::assert_table(CODES);
        table::assert_table(SHELLS);
        assert_eq!(treat(1091), Treat::Drop);
        assert!(is_portability(3010) && is_portability(2039) && !is_portability(2086));
        assert_eq!(treat(2086), Treat::Keep);
        assert!(dropped().contains(&2148));
        assert!(TREATS.values().all(|treat| *treat != Treat::Keep));
        assert_eq!(OF_DISTRO.len(), table::rows(SHELLS).count());
    }

    #[test]
    fn names() {
        assert_eq!(alias(2086), ["SC2086"]);
        assert_eq!(alias(999), [""; 0]);
        assert_eq!(alias(u16::MAX), [""; 0]);
        assert!(is_code("SC2086") && is_code("sc1091"));
        for name in ["SC208", "SC9999", "SC20861", "DL3006", "", "é", "SCé86"] {
            assert!(!is_code(name), "{name}");
        }
        assert_eq!(of_distro(Some(Distro::Debian)), Dialect::Dash);
        assert_eq!(of_distro(None), Dialect::Posix);
    }
}
