//! The word that is being typed.
use crate::text::span::Span;

/// The word at the cursor, as it is written, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// What stands in front of the cursor.
    pub left: String,
    /// What stands behind it.
    pub right: String,
    /// Where `left` begins.
    pub start: u32,
}

impl Typed {
    /// The word at `word`, which touches `offset`.
    pub fn new(text: &str, word: Span, offset: u32) -> Self {
        let part = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default().to_owned();
        Self { left: part(word.start, offset), right: part(offset, word.end), start: word.start }
    }

    /// What an item replaces.
    pub fn span(&self) -> Span {
        Span::new(self.start, self.start + (self.left.len() + self.right.len()) as u32)
    }

    /// Where the cursor is.
    pub fn offset(&self) -> u32 {
        self.start + self.left.len() as u32
    }

    /// The part that begins `at` bytes further on.
    pub fn behind(&self, at: usize) -> Self {
        let left = self.left.get(at..).unwrap_or_default().to_owned();
        Self { left, right: self.right.clone(), start: self.start + at as u32 }
    }

    /// `name=value` with the cursor in the value: both, the value with its quotes.
    pub fn name_and_value(&self) -> Option<(&str, Self)> {
        let at = self.left.find('=')?;
        Some((&self.left[..at], self.behind(at + 1)))
    }

    /// The same without the quotes around it; `None` where quotes, escapes or more than one line are in the way.
    pub fn plain(&self) -> Option<Self> {
        let quote = self.left.chars().next().filter(|first| matches!(first, '"' | '\''));
        let mut plain = self.behind(usize::from(quote.is_some()));
        let special = ['"', '\'', '\\', '`', '\n', '\r', '(', '{'];
        plain.cut(&special);
        let blank = quote.is_none() && plain.left.contains([' ', '\t']);
        (!blank && !plain.left.contains(special)).then_some(plain)
    }

    /// The part between two of these characters.
    pub fn part(&self, separators: &[char]) -> Self {
        let at = self.left.rfind(separators).map_or(0, |at| at + 1);
        let mut part = self.behind(at);
        part.cut(separators);
        part
    }

    /// Where nothing is typed: with the word directly behind the cursor, which is replaced.
    pub fn with_next(&self, text: &str) -> Self {
        let mut typed = self.clone();
        if self.left.is_empty() && self.right.is_empty() {
            let rest = text.get(self.start as usize..).unwrap_or_default();
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
            let end = rest.find(|c| !is_word(c)).filter(|_| !rest.starts_with('-')).unwrap_or_default();
            rest[..end].clone_into(&mut typed.right);
        }
        typed
    }

    /// Leaves out what stands behind the cursor, from one of these characters on.
    pub fn cut(&mut self, at: &[char]) {
        let end = self.right.find(at).unwrap_or(self.right.len());
        self.right.truncate(end);
    }
}

/// The line of `offset`, without its end.
pub fn line_of(text: &str, offset: u32) -> Span {
    let at = offset as usize;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    Span::from(start..end)
}
