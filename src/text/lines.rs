//! Lines and columns of a text that nobody edits any more.
//!
//! Lines end as LSP says: LF, CRLF or a lone CR.
use std::sync::Arc;

use super::buffer::{Position, PositionEncoding};

/// Where the lines of a text begin: finds the positions of many bytes, each in a few steps.
#[derive(Clone, Debug)]
pub struct Lines {
    text: Arc<str>,
    /// The first byte of each line; never empty.
    starts: Vec<u32>,
    /// Every byte is a character, so columns are bytes in each encoding.
    ascii: bool,
}

/// Bytes of a line of a Dockerfile.
const USUAL_LENGTH: usize = 24;

impl Lines {
    /// The lines of `text`.
    pub fn new(text: Arc<str>) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(1 + bytes.len() / USUAL_LENGTH);
        starts.push(0);
        if memchr::memchr(b'\r', bytes).is_none() {
            starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        } else {
            let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
            let ends = ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
            starts.extend(ends.map(|at| at as u32 + 1));
        }
        let ascii = text.is_ascii();
        Self { text, starts, ascii }
    }

    /// The position of a byte. Past the end: the end; inside a character: its start; between CR and LF: before both.
    pub fn position(&self, offset: u32, encoding: PositionEncoding) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&start| start as usize <= offset) - 1;
        let start = self.starts[line] as usize;
        let bytes = self.text.as_bytes();
        if offset > start && bytes[offset - 1] == b'\r' && bytes.get(offset) == Some(&b'\n') {
            offset -= 1;
        }
        let before = &self.text[start..offset];
        let column = match encoding {
            _ if self.ascii => before.len(),
            PositionEncoding::Utf8 => before.len(),
            PositionEncoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            PositionEncoding::Utf32 => before.chars().count(),
        };
        Position::new(line as u32, column as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::PositionEncoding::{Utf8, Utf16, Utf32};
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    /// The same, slow and plain: reads from the start.
    fn plain(text: &str, offset: usize, encoding: PositionEncoding) -> Position {
        let (mut line, mut column) = (0, 0);
        let mut chars = text.char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            let next = chars.peek().map_or(text.len(), |(next, _)| *next);
            let in_line_end = char == '\r' && text[next..].starts_with('\n');
            if next > offset || in_line_end && next == offset {
                return Position::new(line, column);
            }
            (line, column) = match (char, encoding) {
                ('\r', _) if in_line_end => (line, column),
                ('\r' | '\n', _) => (line + 1, 0),
                (_, Utf8) => (line, column + (next - at) as u32),
                (_, Utf16) => (line, column + char.len_utf16() as u32),
                (_, Utf32) => (line, column + 1),
            };
        }
        Position::new(line, column)
    }

    #[test]
    fn every_position_is_the_plain_one() {
        const PIECES: [&str; 12] =
            ["a", "\n", "\r", "\r\n", "é", "€", "😀", "\u{FEFF}", "\u{2028}", "\u{b}", " ", "xyz"];
        let mut random = StdRng::seed_from_u64(2);
        for round in 0..300 {
            let mut text: String =
                (0..random.random_range(0..=14)).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect();
            if round % 2 == 0 {
                text.retain(|char| char.is_ascii());
            }
            let lines = Lines::new(text.as_str().into());
            for encoding in [Utf8, Utf16, Utf32] {
                for offset in 0..=text.len() + 2 {
                    let found = lines.position(offset as u32, encoding);
                    assert_eq!(found, plain(&text, offset, encoding), "{offset} in {text:?} as {encoding:?}");
                }
            }
        }
    }

    #[test]
    fn inside_a_character_or_a_line_break_is_its_start() {
        let at = |text: &str, offset| Lines::new(text.into()).position(offset, Utf16);
        assert_eq!([at("a😀b", 3), at("a😀b", 5)], [Position::new(0, 1), Position::new(0, 3)]);
        assert_eq!(at("\u{FEFF}FROM x", 3), Position::new(0, 1));
        assert_eq!([at("ab\r\ncd", 3), at("ab\r\ncd", 4)], [Position::new(0, 2), Position::new(1, 0)]);
        assert_eq!(
            [at("a\rb", 2), at("a\n", 9), at("", 1)],
            [Position::new(1, 0), Position::new(1, 0), Position::new(0, 0)]
        );
    }
}
