//! `RUN --mount=…`: comma-separated keys and values.
use super::word::{Part, Word};
use crate::text::span::Span;

/// One `--mount`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// Its options, in order.
    pub options: Vec<MountOption>,
}

/// `key=value`, or a bare `ro`, `rw`, `required`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountOption {
    /// Key and value.
    pub span: Span,
    /// The key in lower case.
    pub key: String,
    /// The value as written; `None` for a bare word.
    pub value: Option<(String, Span)>,
}

impl Mount {
    /// The value of the first of `keys` that is given.
    pub fn get(&self, keys: &[&str]) -> Option<&str> {
        self.options
            .iter()
            .find(|option| keys.contains(&option.key.as_str()))
            .and_then(|option| option.value.as_ref())
            .map(|(value, _)| value.as_str())
    }

    /// The type; `bind` if none is given.
    pub fn kind(&self) -> &str {
        self.get(&["type"]).unwrap_or("bind")
    }

    /// Where it is mounted.
    pub fn target(&self) -> Option<&str> {
        self.get(&["target", "dst", "destination"])
    }

    /// What is mounted.
    pub fn source(&self) -> Option<&str> {
        self.get(&["source", "src"])
    }

    /// The stage or image that it is taken from.
    pub fn from(&self) -> Option<&str> {
        self.get(&["from"])
    }
}

/// Reads the value of a `--mount` flag. Variables stay as written.
pub fn parse_mount(text: &str, span: Span, value: &Word) -> Mount {
    let raw = &text[value.span.range()];
    let plain = match value.parts.as_slice() {
        [Part::Text { span, cooked: None }] => Some(*span),
        _ => None,
    };
    // A quote that is closed before the end belongs to one of the options.
    let quoted = |quote| raw.len() >= 2 && raw.starts_with(quote) && raw.ends_with(quote);
    let trim = u32::from(quoted('"') || quoted('\''));
    let inner = plain.unwrap_or_else(|| Span::new(value.span.start + trim, value.span.end - trim));
    let options = fields(text, inner).into_iter().map(|field| option(text, field)).collect();
    Mount { span, options }
}

/// Splits at commas outside double quotes.
fn fields(text: &str, span: Span) -> Vec<Span> {
    let mut fields = Vec::new();
    let mut start = span.start;
    let mut quoted = false;
    for (index, byte) in text.as_bytes()[span.range()].iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                fields.push(Span::new(start, span.start + index as u32));
                start = span.start + index as u32 + 1;
            }
            _ => {}
        }
    }
    fields.push(Span::new(start, span.end));
    fields.retain(|field| !field.is_empty());
    fields
}

fn option(text: &str, span: Span) -> MountOption {
    let raw = &text[span.range()];
    let unquoted = |part: &str| part.trim_matches(['"', '\'']).to_owned();
    match raw.find('=') {
        Some(equals) => MountOption {
            span,
            key: unquoted(&raw[..equals]).to_ascii_lowercase(),
            value: Some((unquoted(&raw[equals + 1..]), Span::new(span.start + equals as u32 + 1, span.end))),
        },
        None => MountOption { span, key: unquoted(raw).to_ascii_lowercase(), value: None },
    }
}
