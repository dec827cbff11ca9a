//! Where words begin and end.
use super::cursor::{Cursor, is_blank};
use crate::text::span::Span;

/// Splits `span` at blanks; quotes do not protect them (FROM, COPY, ADD, VOLUME, EXPOSE).
pub fn split_at_blanks(text: &str, span: Span, escape: u8) -> Vec<Span> {
    let mut cursor = Cursor::new(text, span, escape);
    let mut words = Vec::new();
    loop {
        cursor.skip_blanks();
        let start = cursor.offset();
        let mut end = start;
        while let Some(byte) = cursor.peek() {
            if is_blank(byte) {
                break;
            }
            end = cursor.offset() + 1;
            cursor.next();
        }
        if end == start {
            return words;
        }
        words.push(Span::new(start, end));
    }
}

/// How many bytes of `text` at `offset` are one blank beyond ASCII; ENV, LABEL and ARG end a word there.
fn wide_blank(text: &str, offset: u32) -> usize {
    match text.get(offset as usize..).and_then(|rest| rest.chars().next()) {
        Some(character) if !character.is_ascii() && character.is_whitespace() => character.len_utf8(),
        _ => 0,
    }
}

fn skip_wide_blanks(text: &str, cursor: &mut Cursor) {
    loop {
        cursor.skip_blanks();
        let length = if cursor.peek().is_some_and(|byte| byte >= 0xc2) { wide_blank(text, cursor.offset()) } else { 0 };
        if length == 0 {
            return;
        }
        (0..length).for_each(|_| {
            cursor.next();
        });
    }
}

/// Splits `span` at blanks outside quotes (ENV, LABEL, ARG). Quotes and escapes stay in the words.
pub fn split_words(text: &str, span: Span, escape: u8) -> Vec<Span> {
    let mut cursor = Cursor::new(text, span, escape);
    let mut words = Vec::new();
    loop {
        skip_wide_blanks(text, &mut cursor);
        let start = cursor.offset();
        let mut end = start;
        let mut quote = None;
        while let Some(byte) = cursor.peek() {
            if quote.is_none() && (is_blank(byte) || byte >= 0xc2 && wide_blank(text, cursor.offset()) > 0) {
                break;
            }
            end = cursor.offset() + 1;
            cursor.next();
            if byte == escape && quote != Some(b'\'') {
                if cursor.peek().is_some() {
                    end = cursor.offset() + 1;
                    cursor.next();
                }
            } else if quote == Some(byte) {
                quote = None;
            } else if quote.is_none() && matches!(byte, b'"' | b'\'') {
                quote = Some(byte);
            }
        }
        if end == start {
            return words;
        }
        words.push(Span::new(start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        let text = r#"a="b c" d\ e 'f g'"#;
        let span = Span::new(0, text.len() as u32);
        let words: Vec<_> = split_words(text, span, b'\\').into_iter().map(|s| &text[s.range()]).collect();
        assert_eq!(words, [r#"a="b c""#, r"d\ e", "'f g'"]);
        let words: Vec<_> = split_at_blanks("x \\\n  'y z'", Span::new(0, 11), b'\\');
        assert_eq!(words.len(), 3);
    }

    #[test]
    fn blanks_beyond_ascii_end_words_of_pairs() {
        let text = "a=1\u{a0}b\u{3000}";
        let words = split_words(text, Span::new(0, text.len() as u32), b'\\');
        assert_eq!(words.iter().map(|word| &text[word.range()]).collect::<Vec<_>>(), ["a=1", "b"]);
        assert_eq!(split_at_blanks(text, Span::new(0, text.len() as u32), b'\\').len(), 1);
    }
}
