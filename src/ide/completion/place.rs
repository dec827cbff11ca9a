//! Where the cursor stands.
use super::shell::{self, ShellPlace};
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::Cursor;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::Stage;
use crate::model::word::split_words;
use crate::text::span::Span;

/// A place where something may be typed.
pub enum Place<'s> {
    /// In a word of ENV or ARG.
    Pair(PairPlace<'s>),
    /// In a word of RUN.
    Shell(Box<ShellPlace<'s>>),
}

/// A word of ENV or ARG.
pub struct PairPlace<'s> {
    /// ENV or ARG.
    pub kind: Kind,
    /// The index of the instruction.
    pub instruction: usize,
    /// `None` in front of the first FROM.
    pub stage: Option<&'s Stage>,
    /// All of the word.
    pub typed: Typed,
    /// The names that the instruction gives values to already.
    pub taken: Vec<String>,
}

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

    /// Leaves out what stands behind the cursor, from one of these characters on.
    pub fn cut(&mut self, at: &[char]) {
        let end = self.right.find(at).unwrap_or(self.right.len());
        self.right.truncate(end);
    }
}

/// The place at `offset`; `None` in comments, keywords, flags and instructions that nobody completes.
pub fn at(snapshot: &Snapshot, offset: u32) -> Option<Place<'_>> {
    let file = snapshot.file();
    let index = instruction_at(snapshot, offset)?;
    if file.comments.iter().any(|comment| comment.start < offset && comment.touches(offset)) {
        return None;
    }
    let outer = &file.instructions[index];
    let stage = file.stage_of(index);
    if outer.kind == Kind::Run {
        return shell::at(snapshot, stage?, index, offset).map(|place| Place::Shell(Box::new(place)));
    }
    let instruction = match &outer.body {
        Body::Onbuild(Some(nested)) => &**nested,
        _ => &**outer,
    };
    let is_pair = matches!(instruction.kind, Kind::Env | Kind::Arg) && offset > instruction.keyword.end;
    if is_pair { pair(snapshot, stage, index, instruction, offset).map(Place::Pair) } else { None }
}

/// The instruction that `offset` touches, or the one that goes on there: only blanks and continuations are between.
fn instruction_at(snapshot: &Snapshot, offset: u32) -> Option<usize> {
    let file = snapshot.file();
    let index = file.instructions.partition_point(|instruction| instruction.span.start <= offset).checked_sub(1)?;
    let end = file.instructions[index].span.end;
    if offset > end {
        let mut rest = Cursor::new(snapshot.text(), Span::new(end, offset), file.escape);
        rest.skip_blanks();
        if rest.peek().is_some() {
            return None;
        }
    }
    Some(index)
}

fn pair<'s>(
    snapshot: &'s Snapshot,
    stage: Option<&'s Stage>,
    index: usize,
    instruction: &Instruction,
    offset: u32,
) -> Option<PairPlace<'s>> {
    let text = snapshot.text();
    let start = instruction.arguments.start.clamp(instruction.keyword.end, offset);
    let span = Span::new(start, instruction.arguments.end.max(offset));
    let words = split_words(text, span, snapshot.file().escape);
    let current = words.iter().position(|word| word.start < offset && word.touches(offset));
    let is_legacy = instruction.kind == Kind::Env
        && words.first().is_some_and(|first| first.end < offset && !snapshot[*first].contains('='));
    if is_legacy {
        return None;
    }
    let name = |word: &Span| snapshot[*word].split('=').next().unwrap_or_default().to_owned();
    let others = words.iter().enumerate().filter(|(at, _)| Some(*at) != current);
    let taken = others.map(|(_, word)| name(word)).collect();
    let word = current.map_or(Span::at(offset), |at| words[at]);
    let typed = Typed::new(text, word, offset);
    Some(PairPlace { kind: instruction.kind, instruction: index, stage, typed, taken })
}
