//! Where the cursor stands.
use super::shell::{self, ShellPlace};
use super::typed::Typed;
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
