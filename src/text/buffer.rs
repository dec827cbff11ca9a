//! The text of one open document: a rope, changes, lines and columns.
//!
//! Lines end as LSP says: LF, CRLF or a lone CR. Tree-sitter's rows end at LF only, hence two countings here.
use std::sync::Arc;

use ropey::Rope;

use super::span::Span;

/// The unit of a column, as client and server agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A line and a column, both 0-based, the column in units of a [`PositionEncoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Line; lines end at LF, CRLF or a lone CR.
    pub line: u32,
    /// Column within the line.
    pub column: u32,
}

impl Position {
    /// The position `column` units into `line`.
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// A place as tree-sitter counts it: rows end at LF only, columns are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Point {
    /// Number of LFs before it.
    pub row: u32,
    /// Bytes since the last LF.
    pub column: u32,
}

/// What one change did to the bytes: all that an incremental parser asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Change {
    /// Byte where the change begins.
    pub start_byte: u32,
    /// End of the replaced bytes in the old text.
    pub old_end_byte: u32,
    /// End of the inserted bytes in the new text.
    pub new_end_byte: u32,
    /// `start_byte` as a point.
    pub start: Point,
    /// `old_end_byte` as a point of the old text.
    pub old_end: Point,
    /// `new_end_byte` as a point of the new text.
    pub new_end: Point,
}

/// A text that is edited in place and cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Buffer {
    rope: Rope,
    /// CRs without LF behind them; while there are none, the rope's lines are tree-sitter's rows.
    lone_crs: usize,
}

impl Buffer {
    /// A buffer with this text.
    pub fn new(text: &str) -> Self {
        let rope = Rope::from_str(text);
        let lone_crs = lone_crs(&rope, 0, rope.len_bytes());
        Self { rope, lone_crs }
    }

    /// The whole text, copied out.
    pub fn text(&self) -> Arc<str> {
        Arc::from(String::from(&self.rope))
    }

    /// Length in bytes.
    pub fn len(&self) -> u32 {
        self.rope.len_bytes() as u32
    }

    /// True when there is no text.
    pub fn is_empty(&self) -> bool {
        self.rope.len_bytes() == 0
    }

    /// Number of lines, at least one: a final line break begins one more.
    pub fn line_count(&self) -> u32 {
        self.rope.len_lines() as u32
    }

    /// The bytes of a line without its line break; empty at the end of the text for a line that is not there.
    pub fn line_span(&self, line: u32) -> Span {
        let line = line as usize;
        if line >= self.rope.len_lines() {
            return Span::at(self.len());
        }
        let start = self.rope.line_to_byte(line);
        let mut end = self.rope.line_to_byte(line + 1);
        if end > start && self.rope.byte(end - 1) == b'\n' {
            end -= 1;
        }
        // A CR in front is part of CRLF; without an LF it is the line break itself.
        if end > start && self.rope.byte(end - 1) == b'\r' {
            end -= 1;
        }
        Span::from(start..end)
    }

    /// The byte at a position. Past the line's end: its end, before the line break; past the last line: the end of the
    /// text; inside a character: its start.
    pub fn offset(&self, position: Position, encoding: PositionEncoding) -> u32 {
        let line = self.line_span(position.line).range();
        let column = position.column as usize;
        let rope = &self.rope;
        if self.is_ascii() {
            return line.start.saturating_add(column).min(line.end) as u32;
        }
        let char = match encoding {
            PositionEncoding::Utf8 => rope.byte_to_char(line.start.saturating_add(column).min(line.end)),
            PositionEncoding::Utf16 => {
                let start = rope.char_to_utf16_cu(rope.byte_to_char(line.start));
                let end = rope.char_to_utf16_cu(rope.byte_to_char(line.end));
                rope.utf16_cu_to_char(start.saturating_add(column).min(end))
            }
            PositionEncoding::Utf32 => {
                rope.byte_to_char(line.start).saturating_add(column).min(rope.byte_to_char(line.end))
            }
        };
        rope.char_to_byte(char) as u32
    }

    /// The byte as tree-sitter's point; past the end: the end.
    pub fn point(&self, offset: u32) -> Point {
        let offset = (offset as usize).min(self.rope.len_bytes());
        let (row, start) = if self.lone_crs == 0 { self.row_by_lines(offset) } else { self.row_by_line_feeds(offset) };
        Point { row: row as u32, column: (offset - start) as u32 }
    }

    /// Replaces what is between the two positions (in either order), or the whole text without them, by `text`.
    pub fn apply(&mut self, range: Option<(Position, Position)>, text: &str, encoding: PositionEncoding) -> Change {
        let Some((one, other)) = range else {
            return self.replace(Span::new(0, self.len()), text);
        };
        let (one, other) = (self.offset(one, encoding), self.offset(other, encoding));
        self.replace(Span::new(one.min(other), one.max(other)), text)
    }

    /// Replaces the bytes of `span`, clamped to the text and to characters, by `text`.
    pub fn replace(&mut self, span: Span, text: &str) -> Change {
        let len = self.rope.len_bytes();
        let chars = self.char(span.range().start.min(len))..self.char(span.range().end.min(len));
        let start = self.byte(chars.start);
        let old_end = self.byte(chars.end);
        let new_end = start + text.len();
        let (start_point, old_end_point) = (self.point(start as u32), self.point(old_end as u32));

        // The CR in front of the change may gain or lose its LF.
        let seam = start.saturating_sub(1);
        self.lone_crs -= lone_crs(&self.rope, seam, old_end);
        if !chars.is_empty() {
            self.rope.remove(chars.clone());
        }
        self.rope.insert(chars.start, text);
        self.lone_crs += lone_crs(&self.rope, seam, new_end);

        Change {
            start_byte: start as u32,
            old_end_byte: old_end as u32,
            new_end_byte: new_end as u32,
            start: start_point,
            old_end: old_end_point,
            new_end: self.point(new_end as u32),
        }
    }

    fn row_by_lines(&self, offset: usize) -> (usize, usize) {
        let row = self.rope.byte_to_line(offset);
        (row, self.rope.line_to_byte(row))
    }

    fn row_by_line_feeds(&self, offset: usize) -> (usize, usize) {
        let (mut row, mut start, mut at) = (0, 0, 0);
        for chunk in self.rope.byte_slice(..self.char_start(offset)).chunks() {
            row += chunk.bytes().filter(|&byte| byte == b'\n').count();
            start = chunk.rfind('\n').map_or(start, |index| at + index + 1);
            at += chunk.len();
        }
        (row, start)
    }

    fn char_start(&self, offset: usize) -> usize {
        self.byte(self.char(offset))
    }

    /// The number of the character that the byte is in.
    fn char(&self, byte: usize) -> usize {
        if self.is_ascii() { byte } else { self.rope.byte_to_char(byte) }
    }

    /// Where a character begins.
    fn byte(&self, char: usize) -> usize {
        if self.is_ascii() { char } else { self.rope.char_to_byte(char) }
    }

    /// Every byte is a character: nothing need be counted.
    fn is_ascii(&self) -> bool {
        self.rope.len_chars() == self.rope.len_bytes()
    }
}

/// Counts the CRs at `start..end` that no LF follows. `start` may lie inside a character.
fn lone_crs(rope: &Rope, start: usize, end: usize) -> usize {
    let first = rope.char_to_byte(rope.byte_to_char(start));
    let mut lone = 0;
    let mut after_cr = false;
    for chunk in rope.byte_slice(first..end).chunks() {
        for byte in chunk.bytes() {
            lone += usize::from(after_cr && byte != b'\n');
            after_cr = byte == b'\r';
        }
    }
    lone + usize::from(after_cr && rope.get_byte(end) != Some(b'\n'))
}

#[cfg(test)]
mod tests {
    use super::PositionEncoding::{Utf8, Utf16, Utf32};
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    /// The same functions on a `String`, slow and plain.
    #[derive(Clone)]
    struct Naive(String);

    impl Naive {
        /// Each line's start and its end without the line break.
        fn lines(&self) -> Vec<(usize, usize)> {
            let bytes = self.0.as_bytes();
            let (mut lines, mut start, mut at) = (Vec::new(), 0, 0);
            while at < bytes.len() {
                let width = match bytes[at] {
                    b'\r' if bytes.get(at + 1) == Some(&b'\n') => 2,
                    b'\r' | b'\n' => 1,
                    _ => 0,
                };
                if width > 0 {
                    lines.push((start, at));
                    start = at + width;
                }
                at += width.max(1);
            }
            lines.push((start, bytes.len()));
            lines
        }

        fn units(char: char, encoding: PositionEncoding) -> usize {
            match encoding {
                Utf8 => char.len_utf8(),
                Utf16 => char.len_utf16(),
                Utf32 => 1,
            }
        }

        fn offset(&self, position: Position, encoding: PositionEncoding) -> usize {
            let Some(&(start, end)) = self.lines().get(position.line as usize) else { return self.0.len() };
            let mut left = position.column as usize;
            let mut at = start;
            for char in self.0[start..end].chars() {
                let width = Self::units(char, encoding);
                if left < width {
                    break;
                }
                left -= width;
                at += char.len_utf8();
            }
            at
        }

        fn point(&self, offset: usize) -> Point {
            let before = &self.0.as_bytes()[..offset];
            let row = self.0[..offset].matches('\n').count();
            let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            Point { row: row as u32, column: (offset - start) as u32 }
        }
    }

    fn assert_same(buffer: &Buffer, naive: &Naive) {
        assert_eq!(&*buffer.text(), naive.0);
        assert_eq!(buffer.len() as usize, naive.0.len());
        let lines = naive.lines();
        assert_eq!(buffer.line_count() as usize, lines.len());
        for (line, &(start, end)) in lines.iter().enumerate() {
            assert_eq!(buffer.line_span(line as u32), Span::from(start..end), "line {line} of {:?}", naive.0);
        }
        assert_eq!(buffer.lone_crs, naive.0.replace("\r\n", "").matches('\r').count(), "{:?}", naive.0);
        assert_eq!(buffer.clone().lone_crs, Buffer::new(&naive.0).lone_crs);
    }

    fn random_text(random: &mut StdRng, max: usize) -> String {
        const PIECES: [&str; 12] =
            ["a", "\n", "\r", "\r\n", "é", "€", "😀", "\u{FEFF}", "\u{2028}", "\u{b}", " ", "xyz"];
        (0..random.random_range(0..=max)).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect()
    }

    fn random_position(random: &mut StdRng, lines: u32) -> Position {
        match random.random_range(0..20) {
            0 => Position::new(u32::MAX, u32::MAX),
            1 => Position::new(random.random_range(0..=lines), u32::MAX),
            _ => Position::new(random.random_range(0..=lines), random.random_range(0..12)),
        }
    }

    #[test]
    fn random_edits_equal_a_string() {
        let mut random = StdRng::seed_from_u64(1);
        for round in 0..60 {
            // Some rounds are longer than a rope's chunk.
            let size = if round % 10 == 0 { 3000 } else { 30 };
            let mut naive = Naive(random_text(&mut random, size));
            let mut buffer = Buffer::new(&naive.0);
            for _ in 0..20 {
                let encoding = [Utf8, Utf16, Utf32][random.random_range(0..3)];
                let range = [0; 2].map(|_| random_position(&mut random, buffer.line_count()));
                let text = random_text(&mut random, 6);
                let [one, other] = range.map(|position| naive.offset(position, encoding));
                let (start, end) = (one.min(other), one.max(other));
                let before = naive.clone();
                naive.0.replace_range(start..end, &text);
                let change = buffer.apply(Some((range[0], range[1])), &text, encoding);
                let new_end = start + text.len();
                assert_eq!(
                    change,
                    Change {
                        start_byte: start as u32,
                        old_end_byte: end as u32,
                        new_end_byte: new_end as u32,
                        start: before.point(start),
                        old_end: before.point(end),
                        new_end: naive.point(new_end),
                    }
                );
                assert_same(&buffer, &naive);
            }
        }
    }

    #[test]
    fn every_offset_and_column_equals_a_string() {
        let mut random = StdRng::seed_from_u64(2);
        for round in 0..160 {
            let mut naive = Naive(random_text(&mut random, 14));
            if round % 2 == 0 {
                naive.0.retain(|char| char.is_ascii());
            }
            let buffer = Buffer::new(&naive.0);
            for encoding in [Utf8, Utf16, Utf32] {
                for line in 0..=buffer.line_count() {
                    for column in (0..30).chain([u32::MAX]) {
                        let position = Position::new(line, column);
                        let offset = buffer.offset(position, encoding) as usize;
                        assert_eq!(offset, naive.offset(position, encoding), "{position:?} in {:?}", naive.0);
                        assert!(naive.0.is_char_boundary(offset));
                    }
                }
            }
            for offset in (0..=naive.0.len()).filter(|&offset| naive.0.is_char_boundary(offset)) {
                assert_eq!(buffer.point(offset as u32), naive.point(offset));
            }
        }
    }

    #[test]
    fn a_column_past_the_line_stays_before_its_break() {
        let buffer = Buffer::new("ab\r\ncd\re\n");
        let ends: Vec<u32> = (0..6).map(|line| buffer.offset(Position::new(line, 99), Utf16)).collect();
        assert_eq!(ends, [2, 6, 8, 9, 9, 9]);
        assert_eq!(buffer.line_count(), 4);
    }

    #[test]
    fn inside_a_character_is_its_start() {
        let buffer = Buffer::new("a😀b");
        let at = |column, encoding| buffer.offset(Position::new(0, column), encoding);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|column| at(column, Utf16)), [0, 1, 1, 5, 6, 6]);
        assert_eq!([1, 2, 3, 4, 5, 6].map(|column| at(column, Utf8)), [1, 1, 1, 1, 5, 6]);
        assert_eq!([1, 2, 3, 4].map(|column| at(column, Utf32)), [1, 5, 6, 6]);
    }

    #[test]
    fn only_lsp_line_breaks_count() {
        let buffer = Buffer::new("a\u{b}b\u{c}c\u{85}d\u{2028}e\u{2029}f");
        assert_eq!(buffer.line_count(), 1);
    }

    #[test]
    fn a_byte_order_mark_is_a_character() {
        let buffer = Buffer::new("\u{FEFF}FROM x");
        assert_eq!(buffer.offset(Position::new(0, 1), Utf16), 3);
    }

    #[test]
    fn rows_ignore_lone_crs() {
        let mut buffer = Buffer::new("a\rb\nc");
        assert_eq!(buffer.point(4), Point { row: 1, column: 0 });
        assert_eq!(buffer.point(3), Point { row: 0, column: 3 });
        // An LF behind the CR makes it CRLF, and the fast way right again.
        buffer.apply(Some((Position::new(1, 0), Position::new(1, 0))), "\n", Utf8);
        assert_eq!((&*buffer.text(), buffer.lone_crs), ("a\r\nb\nc", 0));
        assert_eq!(buffer.point(5), Point { row: 2, column: 0 });
    }

    #[test]
    fn replaces_all_without_a_range() {
        let mut buffer = Buffer::new("a\nbc");
        let change = buffer.apply(None, "x\r\n", Utf16);
        assert_eq!((change.start_byte, change.old_end_byte, change.new_end_byte), (0, 4, 3));
        assert_eq!((change.old_end, change.new_end), (Point { row: 1, column: 2 }, Point { row: 1, column: 0 }));
        assert_eq!(&*buffer.text(), "x\r\n");
    }

    #[test]
    fn swaps_a_reversed_range() {
        let mut buffer = Buffer::new("abcd");
        buffer.apply(Some((Position::new(0, 3), Position::new(0, 1))), "-", Utf16);
        assert_eq!(&*buffer.text(), "a-d");
    }

    #[test]
    fn an_empty_buffer_has_one_line() {
        let mut buffer = Buffer::default();
        assert_eq!((buffer.line_count(), buffer.is_empty()), (1, true));
        assert_eq!(buffer.offset(Position::new(u32::MAX, u32::MAX), Utf16), 0);
        buffer.apply(Some((Position::new(7, 7), Position::new(u32::MAX, 0))), "x", Utf16);
        assert_eq!(&*buffer.text(), "x");
    }

    #[test]
    fn a_clone_keeps_its_text() {
        let mut buffer = Buffer::new("one");
        let old = buffer.clone();
        buffer.apply(None, "two", Utf16);
        assert_eq!((&*old.text(), &*buffer.text()), ("one", "two"));
    }
}
