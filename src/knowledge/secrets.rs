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
    browser: Vec<&'static str>,
    tokens: Vec<Token>,
    keys: Vec<Token>,
}

/// A format that tells a secret from other text.
struct Token {
    start: &'static str,
    /// Bytes at least, the first letters included, and at most.
    length: (usize, usize),
    chars: fn(u8) -> bool,
    what: &'static str,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends; of a key block, the end of its first line.
    pub end: usize,
    /// What it is: "GitHub personal access token".
    pub what: &'static str,
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
            "browser" => words.browser.push(text),
            "token" => words.tokens.push(token(&row)),
            "key" => words.keys.push(token(&row)),
            _ => {}
        }
    }
    words
});

fn token(row: &table::Row) -> Token {
    let (least, most) = row.cell(2).split_once("..").unwrap_or((row.cell(2), ""));
    let length = (least.parse().unwrap_or(usize::MAX), most.parse().unwrap_or(usize::MAX));
    let chars: fn(u8) -> bool = match row.cell(3) {
        "lower" => |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        "upper" => |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        "hex" => |byte| byte.is_ascii_hexdigit(),
        "word" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        "base64" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        "dotted" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='),
        _ => |byte| byte.is_ascii_alphanumeric(),
    };
    Token { start: row.cell(1), length, chars, what: row.cell(4) }
}

/// The tokens by their first byte.
static STARTS: LazyLock<[Vec<&'static Token>; 256]> = LazyLock::new(|| {
    let with = |byte| WORDS.tokens.iter().filter(|token| usize::from(token.start.as_bytes()[0]) == byte).collect();
    std::array::from_fn(with)
});

/// True when a variable of this name holds a secret: `DB_PASSWORD`, `NPM_TOKEN`; not `TOKEN_TTL`, `GPG_KEY`, `KEY_FILE`.
pub fn is_secret_name(name: &str) -> bool {
    let is_secret = |word: &str| WORDS.secret.iter().any(|secret| secret.eq_ignore_ascii_case(word));
    if !name.split('_').any(is_secret) {
        return false;
    }
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

/// True for the name of a variable whose value is meant for web pages: `NEXT_PUBLIC_MAPS_KEY`.
pub fn is_for_browsers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.browser.iter().any(|word| name.contains(word))
}

/// The pairs of bytes that one of them begins with, a bit each.
static PAIRS: LazyLock<[u64; 1 << 10]> = LazyLock::new(|| {
    let mut pairs = [0; 1 << 10];
    for start in WORDS.tokens.iter().map(|token| token.start.as_bytes()).chain([BEGIN]) {
        let (word, bit) = place_of(start[0], start[1]);
        pairs[word] |= bit;
    }
    pairs
});

/// The word and the bit of a pair in [`PAIRS`].
fn place_of(first: u8, second: u8) -> (usize, u64) {
    let pair = u16::from_be_bytes([first, second]);
    (usize::from(pair >> 6), 1 << (pair & 63))
}

/// The secrets in `text` that their format gives away, in order; no placeholders, and none with a variable in it.
pub fn secrets_in(text: &str) -> Vec<Secret> {
    let (pairs, bytes) = (&*PAIRS, text.as_bytes());
    let mut found: Vec<Secret> = Vec::new();
    let mut end = 0;
    for (at, pair) in bytes.windows(2).enumerate() {
        let (word, bit) = place_of(pair[0], pair[1]);
        if pairs[word] & bit == 0 || at < end || at > 0 && is_word(bytes[at - 1]) {
            continue;
        }
        if let Some(secret) = secret_at(text, at, &STARTS[usize::from(pair[0])]) {
            // What follows at once belongs to it.
            end = secret.end + 1;
            found.push(secret);
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn secret_at(text: &str, at: usize, tokens: &[&Token]) -> Option<Secret> {
    if text.as_bytes()[at..].starts_with(BEGIN) {
        return key_at(text, at);
    }
    // Many begin with the same letter.
    let second = text.as_bytes().get(at + 1);
    let mut alike = tokens.iter().filter(|token| token.start.as_bytes().get(1) == second);
    alike.find_map(|token| token_at(text, at, token))
}

const BEGIN: &[u8] = b"-----BEGIN ";
/// Bytes of a key block that are looked at.
const LONGEST_KEY: usize = 8192;

fn token_at(text: &str, at: usize, token: &Token) -> Option<Secret> {
    let rest = text.as_bytes().get(at..)?;
    let body = rest.strip_prefix(token.start.as_bytes())?;
    let length = body.iter().take_while(|byte| (token.chars)(**byte)).count();
    let total = token.start.len() + length;
    let fits = (token.length.0..=token.length.1).contains(&total) && is_random(&body[..length]);
    let end = at + total;
    let real = || !WORDS.dummy.iter().any(|dummy| table::glob(dummy, &text[at..end].to_ascii_lowercase()));
    (fits && real()).then_some(Secret { start: at, end, what: token.what })
}

/// `-----BEGIN … PRIVATE KEY-----` with a key behind it.
fn key_at(text: &str, at: usize) -> Option<Secret> {
    let rest = text.as_bytes().get(at..)?;
    let rest = &rest[..rest.len().min(LONGEST_KEY)];
    let dashes = |bytes: &[u8]| bytes.windows(5).position(|five| five == b"-----");
    let header = BEGIN.len() + dashes(&rest[BEGIN.len()..])?;
    let title = std::str::from_utf8(&rest[BEGIN.len()..header]).ok()?;
    let key = WORDS.keys.iter().find(|key| title.len() < 100 && title.contains(key.start))?;
    let body = &rest[header + 5..];
    let body = &body[..dashes(body).unwrap_or(body.len())];
    let count = body.iter().filter(|byte| (key.chars)(**byte)).count();
    let whole = count >= key.length.0 && !body.contains(&b'$') && is_random(body);
    whole.then_some(Secret { start: at, end: at + header + 5, what: key.what })
}

/// True for a password that somebody means: eight characters or more, drawn by lot, no placeholder.
pub fn is_password(value: &str) -> bool {
    value.len() >= 8 && is_random(value.as_bytes()) && !is_harmless_value(value)
}

/// True when the bytes look drawn by lot: at least 3 bits each (Shannon), the threshold of most rules of the source.
fn is_random(bytes: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    let mut total = 0.0;
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
        total += 1.0;
    }
    let bits = |count: &u32| f64::from(*count) / total * (total / f64::from(*count)).log2();
    counts.iter().filter(|count| **count > 0).map(bits).sum::<f64>() >= 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        let kinds = ["secret", "exempt", "about", "key_of", "dummy", "browser", "token", "key"];
        assert!(table::rows(TABLE).all(|row| kinds.contains(&row.cell(0))));
        let chars = ["alnum", "lower", "upper", "hex", "word", "base64", "dotted"];
        for row in table::rows(TABLE).filter(|row| matches!(row.cell(0), "token" | "key")) {
            let parsed = token(&row);
            assert!(chars.contains(&row.cell(3)) && parsed.length.0 < 300 && !parsed.what.is_empty(), "{row:?}");
            assert!(parsed.length.0 > parsed.start.len() + 15 && parsed.length.0 <= parsed.length.1, "{row:?}");
        }
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
        assert!(is_password("hunter2hunter3!x") && !is_password("password") && !is_password("short1"));
        assert!(is_for_browsers("NEXT_PUBLIC_KEY") && !is_for_browsers("API_KEY"));
    }

    #[test]
    fn finds_tokens() {
        let found = |text: &str| {
            secrets_in(text).into_iter().map(|one| &text[one.start..one.end]).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("a=AKIAQ4ZXW7TP2MKD3RVN;"), "AKIAQ4ZXW7TP2MKD3RVN");
        assert_eq!(found("https://x:glpat-AbCdEfGhIjKlMnOpQrSt@host"), "glpat-AbCdEfGhIjKlMnOpQrSt");
        for text in [
            "AKIA",
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAAAAAAAAAAAAAAAAA",
            "xAKIAQ4ZXW7TP2MKD3RVN",
            "AKIAQ4ZXW7TP2MKD3RVNX",
            "glpat-xxxxxxxxxxxxxxxxxxxx",
            "glpat-$TOKEN",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n$KEY\n-----END RSA PRIVATE KEY-----",
            "é-----BEGIN é",
        ] {
            assert_eq!(found(text), "", "{text}");
        }
        let key = format!("-----BEGIN PRIVATE KEY-----\n{}", "MIIBVgIBADANBgkqhkiG9w0BAQEF".repeat(4));
        assert_eq!(found(&key), "-----BEGIN PRIVATE KEY-----");
    }
}
