//! The rules of hadolint, as far as settings speak of them: codes and levels.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("hadolint.tsv");

/// How bad hadolint finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HadolintLevel {
    /// Off until it is configured.
    Ignore,
    /// Taste.
    Style,
    /// Good to know.
    Info,
    /// Wrong.
    Warning,
    /// Broken.
    Error,
}

/// By code, sorted.
static LEVELS: LazyLock<Vec<(&str, HadolintLevel)>> = LazyLock::new(|| {
    let mut rows: Vec<_> = table::rows(TABLE).filter_map(|row| Some((row.cell(0), level(row.cell(1))?))).collect();
    rows.sort_unstable();
    rows
});

fn level(word: &str) -> Option<HadolintLevel> {
    Some(match word {
        "ignore" => HadolintLevel::Ignore,
        "style" => HadolintLevel::Style,
        "info" => HadolintLevel::Info,
        "warning" => HadolintLevel::Warning,
        "error" => HadolintLevel::Error,
        _ => return None,
    })
}

/// The level of a rule (`DL3006`) unless it is configured; `None` for what is no rule of hadolint's own.
pub fn default_level(code: &str) -> Option<HadolintLevel> {
    let at = LEVELS.binary_search_by(|(known, _)| known.cmp(&code)).ok()?;
    Some(LEVELS[at].1)
}

/// The codes of hadolint's own rules, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    LEVELS.iter().map(|(code, _)| *code)
}

/// True for what looks like a rule of hadolint (`DL3006`) or of ShellCheck (`SC2086`), which it passes on.
pub fn is_code(name: &str) -> bool {
    let digits = name.strip_prefix("DL").or_else(|| name.strip_prefix("SC"));
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        table::assert_table(TABLE);
        assert_eq!(LEVELS.len(), table::rows(TABLE).count());
        assert_eq!(default_level("DL3006"), Some(HadolintLevel::Warning));
        assert_eq!(default_level("DL3057"), Some(HadolintLevel::Ignore));
        assert_eq!(default_level("SC2086"), None);
        assert!(is_code("SC2086") && is_code("DL1000") && !is_code("DL30060") && !is_code("SC20"));
    }
}
