//! What BuildKit's flag parser hands on: quotes removed, escapes resolved. Variables are still in it.
use std::borrow::Cow;
use std::ops::Range;

use super::cursor::Cursor;
use crate::text::span::Span;

/// The value of a flag after its first reading, which knows where its bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unquoted<'t> {
    /// The value.
    pub text: Cow<'t, str>,
    span: Span,
    /// The offset of each byte; empty where the value is the source itself.
    offsets: Vec<u32>,
}

impl<'t> Unquoted<'t> {
    /// Reads `span` of `text`; `escape` is the file's escape character.
    pub fn new(text: &'t str, span: Span, escape: u8) -> Self {
        let raw = &text[span.range()];
        if !raw.bytes().any(|byte| matches!(byte, b'"' | b'\'' | b'\n') || byte == escape) {
            return Self { text: Cow::Borrowed(raw), span, offsets: Vec::new() };
        }
        let mut cursor = Cursor::new(text, span, escape);
        let (mut bytes, mut offsets, mut quote) = (Vec::new(), Vec::new(), None);
        while let Some(byte) = cursor.peek() {
            let at = cursor.offset();
            cursor.next();
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                _ if byte == escape => {
                    if let Some(next) = cursor.peek() {
                        offsets.push(cursor.offset());
                        bytes.push(next);
                        cursor.next();
                    }
                }
                _ => {
                    offsets.push(at);
                    bytes.push(byte);
                }
            }
        }
        Self { text: Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()), span, offsets }
    }

    /// Where the bytes `range` of the value stand in the source.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        if self.offsets.is_empty() {
            return Span::from(self.span.start as usize + range.start..self.span.start as usize + range.end);
        }
        let start = self.offsets.get(range.start).copied().unwrap_or(self.span.end);
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        let end = last.and_then(|last| self.offsets.get(last)).map_or(start, |offset| offset + 1);
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_quotes_and_knows_where_it_was() {
        let text = r#"a"b c"\ d"#;
        let value = Unquoted::new(text, Span::new(0, 9), b'\\');
        assert_eq!(value.text, "ab c d");
        assert_eq!((value.span_of(1..4), value.span_of(4..6)), (Span::new(2, 5), Span::new(7, 9)));
        assert_eq!(value.span_of(6..6), Span::new(9, 9));
        let plain = Unquoted::new("x=ab", Span::new(2, 4), b'\\');
        assert_eq!((&*plain.text, plain.span_of(1..2)), ("ab", Span::new(3, 4)));
    }
}
