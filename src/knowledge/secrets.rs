//! Which names and values are secrets.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("secrets.tsv");

#[derive(Default)]
struct Words {
    secret: Vec<&'static str>,
    exempt: Vec<&'static str>,
    about: Vec<&'static str>,
    key_of: Vec<&'static str>,
    dummy: Vec<&'static str>,
    tokens: Vec<Token>,
}

struct Token {
    start: &'static str,
    length: usize,
    what: &'static str,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    for row in table::rows(TABLE) {
        let text = row.cell(1);
        match row.cell(0) {
            "secret" => words.secret.push(text),
            "exempt" => words.exempt.push(text),
            "about" => words.about.push(text),
            "key_of" => words.key_of.push(text),
            "dummy" => words.dummy.push(text),
            "token" => {
                let length = row.cell(2).parse().unwrap_or(usize::MAX);
                words.tokens.push(Token { start: text, length, what: row.cell(3) });
            }
            _ => {}
        }
    }
    words
});

/// True when a variable of this name holds a secret: `DB_PASSWORD`, `NPM_TOKEN`; not `TOKEN_TTL`, `GPG_KEY`, `KEY_FILE`.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let about = words.last().is_some_and(|last| WORDS.about.contains(last));
    if about || words.iter().any(|word| WORDS.exempt.contains(word)) {
        return false;
    }
    let ordinary_key = |index: usize| words[index] == "key" && index > 0 && WORDS.key_of.contains(&words[index - 1]);
    words.iter().enumerate().any(|(index, word)| WORDS.secret.contains(word) && !ordinary_key(index))
}

/// True for values that nobody keeps secret, whatever the name says: empty, a word for "none", a path, a URL without a
/// password, a placeholder.
pub fn is_harmless_value(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let path = value.starts_with(['/', '~']) || value.starts_with("./") || value.starts_with("../");
    let url = value.contains("://") && !value.contains('@');
    value.chars().count() <= 2 || path || url || WORDS.dummy.iter().any(|dummy| table::glob(dummy, &lower))
}

/// What kind of token `value` is, when its format says so.
pub fn token_kind(value: &str) -> Option<&'static str> {
    let found = WORDS.tokens.iter().find(|token| value.starts_with(token.start) && value.len() >= token.length)?;
    Some(found.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        let kinds = ["secret", "exempt", "about", "key_of", "dummy", "token"];
        assert!(table::rows(TABLE).all(|row| kinds.contains(&row.cell(0))));
        assert!(WORDS.tokens.iter().all(|token| token.length < 100 && !token.what.is_empty()));
    }

    #[test]
    fn judges_names() {
        for name in ["DB_PASSWORD", "npm_token", "AWS_SECRET_ACCESS_KEY", "APIKEY", "SSH_KEY", "KEY", "SECRET_KEY_BASE"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "GOPRIVATE",
            "GOPROXY",
            "GOAUTH",
            "KEY_PATH",
            "TOKEN_TTL",
            "GPG_KEY",
            "TLS_KEY_FILE",
            "MONKEY",
            "SSH_PUBLIC_KEY",
            "AUTH_URL",
            "KEYS",
            "CACHE_KEY",
            "TOKENIZERS_PARALLELISM",
            "AUTH_ENABLED",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn judges_values() {
        for value in ["", "1", "changeme", "<your key>", "/run/secrets/key", "https://auth.local/", "False"] {
            assert!(is_harmless_value(value), "{value}");
        }
        assert!(!is_harmless_value("hunter2") && !is_harmless_value("postgres://u:p@db/x"));
        assert_eq!(token_kind("AKIAIOSFODNN7ABCDEFG"), Some("AWS access key"));
        assert_eq!(token_kind("AKIA"), None);
    }
}
