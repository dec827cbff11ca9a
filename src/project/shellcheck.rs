//! What ShellCheck says of shell texts. The program only reads: it is given copies of the texts in a folder of their own, and
//! nothing of the project.
pub mod program;
pub mod report;

use std::collections::HashMap;
use std::sync::Arc;

use crate::knowledge::shellcheck::Dialect;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// What the answer depends on: the same key, the same comments. Their places are relative to the start of `raw`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The shell text as it stands in the file, continuations, comments and heredocs included.
    pub raw: Box<str>,
    /// The file's escape character.
    pub escape: u8,
    /// Whether heredocs are read, as in RUN.
    pub heredocs: bool,
    /// Which shell reads it.
    pub dialect: Dialect,
    /// Shell text in front of it that sets what the image sets.
    pub prefix: Box<str>,
    /// True when names may be set or used elsewhere: in a trigger, in a file that it sources.
    pub open: bool,
}

/// A text to be looked at.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it is.
    pub key: Key,
    /// What the shell gets.
    pub source: Source,
}

/// The text that a shell gets, and where each byte of it stands.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Source {
    text: String,
    pieces: Vec<Piece>,
    /// The shell that reads it, where the text itself says so.
    pub dialect: Option<Dialect>,
}

/// From `at` on the bytes of the text are those from `raw` on; of a text that stands nowhere `raw` is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: u32,
    raw: Option<u32>,
}

/// How bad ShellCheck finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A matter of taste.
    Style,
    /// Good to know.
    Info,
    /// Likely wrong.
    Warning,
    /// Wrong.
    Error,
}

/// One comment of ShellCheck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The number behind `SC`.
    pub code: u16,
    /// Its level.
    pub level: Level,
    /// Its words.
    pub message: String,
    /// Where, from the start of [`Key::raw`].
    pub span: Span,
    /// What it would change, likewise; empty where it offers nothing or where that does not fit the file.
    pub edits: Vec<Edit>,
}

/// The comments of one text.
pub type Verdict = Arc<[Comment]>;

/// The comments of the texts that were looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdicts {
    of: HashMap<Key, Verdict>,
}

impl Verdicts {
    /// True when nothing was looked at.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// What was said of a text; `None` when it was not looked at.
    pub fn get(&self, key: &Key) -> Option<&Verdict> {
        self.of.get(key)
    }
}

impl FromIterator<(Key, Verdict)> for Verdicts {
    fn from_iter<I: IntoIterator<Item = (Key, Verdict)>>(all: I) -> Self {
        Self { of: all.into_iter().collect() }
    }
}

impl Source {
    /// What the shell gets.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds text; `raw` is where it starts in the file, relative to what the map is for.
    pub fn push(&mut self, text: &str, raw: Option<u32>) {
        if text.is_empty() {
            return;
        }
        let at = self.text.len() as u32;
        let goes_on = self.pieces.last().is_some_and(|last| match (last.raw, raw) {
            (Some(start), Some(raw)) => start + (at - last.at) == raw,
            (None, None) => true,
            _ => false,
        });
        if !goes_on {
            self.pieces.push(Piece { at, raw });
        }
        self.text.push_str(text);
    }

    /// Where the byte at `at` stands; at the end of the text, where its last byte ends.
    pub fn raw_at(&self, at: u32) -> Option<u32> {
        if at >= self.text.len() as u32 { self.raw_before(at) } else { self.piece(at)?.raw_of(at) }
    }

    /// Where the byte in front of `at` ends.
    pub fn raw_before(&self, at: u32) -> Option<u32> {
        let last = at.min(self.text.len() as u32).checked_sub(1)?;
        self.piece(last)?.raw_of(last).map(|raw| raw + 1)
    }

    fn piece(&self, at: u32) -> Option<Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        after.checked_sub(1).map(|index| self.pieces[index])
    }
}

impl Piece {
    fn raw_of(self, at: u32) -> Option<u32> {
        self.raw.map(|raw| raw + (at - self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_bytes() {
        let mut source = Source::default();
        source.push("set -e\n", None);
        source.push("ab", Some(3));
        source.push("c", Some(5));
        source.push("", Some(7));
        source.push("d", Some(9));
        assert_eq!(source.text(), "set -e\nabcd");
        assert_eq!(source.pieces.len(), 3);
        let at: Vec<_> = (6..13).map(|at| source.raw_at(at)).collect();
        assert_eq!(at, [None, Some(3), Some(4), Some(5), Some(9), Some(10), Some(10)]);
        let before: Vec<_> = (7..12).map(|at| source.raw_before(at)).collect();
        assert_eq!(before, [None, Some(4), Some(5), Some(6), Some(10)]);
        assert_eq!(Source::default().raw_at(0), None);
    }
}
