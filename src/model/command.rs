//! Commands: the exec form (a JSON array) and the shell form.
use serde_json::Value;

use super::cursor::Cursor;
use crate::text::span::Span;

/// The arguments of RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK CMD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing is written.
    Missing,
    /// A JSON array of strings.
    Exec(Vec<JsonString>),
    /// Text for the shell; continuations and here-document starts are in it.
    Shell(Span),
}

/// An element of a JSON array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonString {
    /// With its quotes.
    pub span: Span,
    /// Without them, escapes resolved.
    pub value: String,
}

/// What a text that starts with `[` turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// Not a JSON array: BuildKit reads it as plain text.
    No,
    /// A JSON array of strings.
    Strings(Vec<JsonString>),
    /// A JSON array with another kind of element, which BuildKit refuses.
    NotStrings,
}

/// Reads `span` as the JSON form, by BuildKit's rule: the whole rest must be one JSON array.
pub fn parse_json(text: &str, span: Span, escape: u8) -> Json {
    let mut cursor = Cursor::new(text, span, escape);
    if cursor.peek() != Some(b'[') {
        return Json::No;
    }
    let mut bytes = Vec::with_capacity(span.len() as usize);
    let mut offsets = Vec::with_capacity(span.len() as usize + 1);
    while let Some(byte) = cursor.peek() {
        offsets.push(cursor.offset());
        bytes.push(byte);
        cursor.next();
    }
    let Ok(values) = serde_json::from_slice::<Vec<Value>>(&bytes) else { return Json::No };
    let strings: Option<Vec<String>> =
        values.into_iter().map(|value| if let Value::String(s) = value { Some(s) } else { None }).collect();
    match strings {
        None => Json::NotStrings,
        Some(strings) => Json::Strings(
            string_ranges(&bytes)
                .into_iter()
                .zip(strings)
                .map(|((start, end), value)| JsonString {
                    span: Span::new(offsets[start], offsets[end - 1] + 1),
                    value,
                })
                .collect(),
        ),
    }
}

/// Where the strings of a valid flat JSON array stand.
fn string_ranges(json: &[u8]) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < json.len() {
        if json[at] == b'"' {
            let start = at;
            at += 1;
            while json[at] != b'"' {
                at += if json[at] == b'\\' { 2 } else { 1 };
            }
            ranges.push((start, at + 1));
        }
        at += 1;
    }
    ranges
}

impl Command {
    /// The elements of the exec form.
    pub fn exec(&self) -> Option<&[JsonString]> {
        if let Command::Exec(words) = self { Some(words) } else { None }
    }

    /// The text of the shell form.
    pub fn shell(&self) -> Option<Span> {
        if let Command::Shell(span) = self { Some(*span) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        parse_json(text, Span::new(0, text.len() as u32), b'\\')
    }

    #[test]
    fn decides_the_form() {
        let Json::Strings(strings) = json(r#"["a", "b\"\u0041"]"#) else { panic!("not read as JSON") };
        assert_eq!(strings[1].value, "b\"A");
        assert_eq!(strings[1].span, Span::new(6, 17));
        assert_eq!(json("['a']"), Json::No);
        assert_eq!(json(r#"["a"] x"#), Json::No);
        assert_eq!(json(r#"["a",]"#), Json::No);
        assert_eq!(json(r#"["a", 1]"#), Json::NotStrings);
        assert_eq!(json("[]"), Json::Strings(vec![]));
        assert!(matches!(json("[ \"a\", \\\n  # c\n \"b\" ]"), Json::Strings(s) if s.len() == 2));
    }
}
