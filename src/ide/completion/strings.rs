//! The strings of a JSON array, closed or not.
use super::typed::{Typed, line_of};
use crate::analysis::snapshot::Snapshot;
use crate::model::command::{Json, JsonString, parse_json};
use crate::model::cursor::Cursor;
use crate::text::span::Span;

/// A JSON array, as far as it is written.
#[derive(Default)]
pub struct Strings {
    /// The strings in front of the cursor.
    pub before: Vec<JsonString>,
    /// The one that the cursor is in, quotes left out; `None` between strings, and where escapes are in the way.
    pub typed: Option<Typed>,
    /// The strings behind the cursor, as far as the array is whole.
    pub behind: Vec<JsonString>,
}

/// The array that `arguments` are, with the cursor at `offset` behind their first byte; `None` for other texts.
pub fn at(snapshot: &Snapshot, arguments: Span, offset: u32) -> Option<Strings> {
    let text = snapshot.text();
    let span = Span::new(arguments.start, arguments.end.max(offset));
    let escape = snapshot.file().escape;
    let mut cursor = Cursor::new(text, span, escape);
    if cursor.next() != Some(b'[') || offset <= arguments.start {
        return None;
    }
    let is_whole = parse_json(text, span, escape) != Json::No;
    let mut strings = Strings::default();
    loop {
        cursor.skip_blanks();
        let open = cursor.offset();
        match cursor.peek() {
            Some(b'"') => cursor.next(),
            None | Some(b']') => return Some(strings),
            Some(_) => return None,
        };
        let (string, is_closed) = string(&mut cursor, open);
        if open < offset && (offset < string.span.end || !is_closed) {
            strings.typed = typed(text, open + 1, offset, is_whole);
            if !is_whole {
                return Some(strings);
            }
        } else if string.span.end <= offset {
            strings.before.push(string);
        } else {
            strings.behind.push(string);
        }
        cursor.skip_blanks();
        match cursor.peek() {
            Some(b',') => cursor.next(),
            None | Some(b']') => return Some(strings),
            Some(_) => return None,
        };
    }
}

/// The string that begins at `open`, and whether it ends; the cursor is behind its first quote.
fn string(cursor: &mut Cursor, open: u32) -> (JsonString, bool) {
    let (mut bytes, mut end) = (vec![b'"'], open + 1);
    let mut is_closed = false;
    while let Some(byte) = cursor.peek().filter(|_| !is_closed) {
        bytes.push(byte);
        end = cursor.offset() + 1;
        cursor.next();
        match byte {
            b'"' => is_closed = true,
            b'\\' => bytes.extend(cursor.next()),
            _ => {}
        }
    }
    let value = serde_json::from_slice(&bytes).unwrap_or_default();
    (JsonString { span: Span::new(open, end), value }, is_closed)
}

/// The word at the cursor. What stands behind it in a string that is not closed may be the rest of the array.
fn typed(text: &str, start: u32, offset: u32, is_whole: bool) -> Option<Typed> {
    let line = line_of(text, offset);
    let mut typed = Typed::new(text, Span::new(start, line.end), offset);
    typed.cut(if is_whole { &['"', '\r'] } else { &['"', ',', ']', '\r'] });
    let escapes = |part: &str| part.contains(['\\', '\n']);
    (!escapes(&typed.left) && !escapes(&typed.right)).then_some(typed)
}
