//! Reads the logical line: continuations, and the blank and comment lines behind them, are not there.
use std::borrow::Cow;

use crate::text::span::Span;

/// A reader over part of an instruction. `next` gives the bytes that BuildKit sees.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    text: &'t [u8],
    pos: usize,
    end: usize,
    escape: u8,
}

impl<'t> Cursor<'t> {
    /// Reads `span` of `text`; `escape` is the file's escape character.
    pub fn new(text: &'t str, span: Span, escape: u8) -> Self {
        let mut cursor = Self { text: text.as_bytes(), pos: span.start as usize, end: span.end as usize, escape };
        cursor.skip_continuation();
        cursor
    }

    /// The byte offset of the next logical byte, or the end.
    pub fn offset(&self) -> u32 {
        self.pos as u32
    }

    /// The next logical byte.
    pub fn peek(&self) -> Option<u8> {
        (self.pos < self.end).then(|| self.text[self.pos])
    }

    /// The logical byte after the next one.
    pub fn peek_second(&self) -> Option<u8> {
        let mut ahead = self.clone();
        ahead.next();
        ahead.peek()
    }

    /// Takes the next logical byte, with the offset behind it.
    #[allow(clippy::should_implement_trait, reason = "an Iterator would hide that peek is cheap")]
    pub fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.pos += 1;
        self.skip_continuation();
        Some(byte)
    }

    /// Skips blanks, as BuildKit's word splitter knows them.
    pub fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.next();
        }
    }

    fn skip_continuation(&mut self) {
        while let Some(after) = continuation_end(self.text, self.pos, self.end, self.escape) {
            self.pos = after;
        }
    }
}

/// Blanks between words: `[\t\v\f\r ]`.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c | b'\r')
}

/// Where reading goes on if a continuation starts at `pos`; comment and blank lines behind it are skipped.
pub fn continuation_end(text: &[u8], pos: usize, end: usize, escape: u8) -> Option<usize> {
    if pos >= end || text[pos] != escape || (pos > 0 && text[pos - 1] == escape) {
        return None;
    }
    let mut at = pos + 1;
    while at < end && matches!(text[at], b' ' | b'\t' | b'\r') {
        at += 1;
    }
    if at >= end {
        let rest = text.get(at..).unwrap_or_default();
        return (rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n")).then_some(end);
    }
    if text[at] != b'\n' {
        return None;
    }
    Some(skip_empty_lines(text, at + 1, end))
}

/// The start of the next line that is neither blank nor a comment.
fn skip_empty_lines(text: &[u8], mut line: usize, end: usize) -> usize {
    while line < end {
        let mut at = line;
        while at < end && is_blank(text[at]) {
            at += 1;
        }
        if at >= end {
            return end;
        }
        match text[at] {
            b'\n' => line = at + 1,
            b'#' => match text[at..end].iter().position(|&byte| byte == b'\n') {
                Some(length) => line = at + length + 1,
                None => return end,
            },
            _ => return line,
        }
    }
    end
}

/// What BuildKit sees of `span`: the bytes themselves, unless a continuation is among them.
pub fn logical(text: &str, span: Span, escape: u8) -> Cow<'_, str> {
    let raw = &text[span.range()];
    if !raw.contains('\n') && !raw.trim_end_matches([' ', '\t', '\r']).ends_with(char::from(escape)) {
        return Cow::Borrowed(raw);
    }
    let mut cursor = Cursor::new(text, span, escape);
    let bytes: Vec<u8> = std::iter::from_fn(|| cursor.next()).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logical(text: &str) -> String {
        super::logical(text, Span::new(0, text.len() as u32), b'\\').into_owned()
    }

    #[test]
    fn drops_continuations_comments_and_blank_lines() {
        assert_eq!(logical("a \\\n# c\n\n  b"), "a   b");
        assert_eq!(logical("a\\ \t\r\nb"), "ab");
        assert_eq!(logical("a\\\\"), "a\\\\");
        assert_eq!(logical("a\\b"), "a\\b");
        assert_eq!(logical("a \\"), "a ");
        assert_eq!(logical("a \\  "), "a ");
        let dangling = "a \\\r\n";
        assert_eq!(super::logical(dangling, Span::new(0, 3), b'\\'), "a ");
    }
}
