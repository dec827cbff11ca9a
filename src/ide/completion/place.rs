//! Where the cursor stands.
use super::shell::{self, ShellPlace};
use super::typed::{Typed, line_of};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::ide::open::open_instruction;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::Stage;
use crate::model::word::{split_at_blanks, split_words};
use crate::text::span::Span;

/// A place where something may be typed.
pub enum Place<'s> {
    /// The first word of an instruction.
    Keyword(KeywordPlace<'s>),
    /// A flag, or the value of one.
    Flag(FlagPlace<'s>),
    /// A word of ENV or ARG.
    Pair(PairPlace<'s>),
    /// A word of RUN.
    Shell(Box<ShellPlace<'s>>),
    /// A word of another instruction.
    Word(WordPlace<'s>),
}

/// The first word of an instruction.
pub struct KeywordPlace<'s> {
    /// What is there of it.
    pub typed: Typed,
    /// The instruction is the first one that does not stand in front.
    pub index: usize,
    /// The stage that it is going to be in.
    pub stage: Option<&'s Stage>,
    /// It follows ONBUILD.
    pub trigger: bool,
}

/// An instruction with the cursor in it.
#[derive(Clone, Copy)]
pub struct Spot<'s> {
    /// All of the file.
    pub snapshot: &'s Snapshot,
    /// The instruction, or the trigger of ONBUILD.
    pub node: &'s Instruction,
    /// The index of the instruction.
    pub index: usize,
    /// `None` in front of the first FROM.
    pub stage: Option<&'s Stage>,
    /// It is a trigger: another build runs it.
    pub trigger: bool,
}

impl Spot<'_> {
    /// What is known of the image in front of the instruction; nothing for triggers and for FROM.
    pub fn state(&self) -> ImageState {
        match self.stage {
            Some(stage) if !self.trigger && self.node.kind != Kind::From => {
                state_before(self.snapshot, stage, self.index)
            }
            _ => ImageState::unknown(),
        }
    }
}

/// A flag, or the value of one.
pub struct FlagPlace<'s> {
    /// The instruction.
    pub spot: Spot<'s>,
    /// All of the word, dashes included.
    pub typed: Typed,
    /// The other flags, as they are written.
    pub others: Vec<&'s str>,
}

/// A word that is no flag.
pub struct WordPlace<'s> {
    /// The instruction.
    pub spot: Spot<'s>,
    /// All of the word.
    pub typed: Typed,
    /// The words in front of it, flags left out.
    pub before: Vec<Span>,
    /// The words behind it.
    pub behind: Vec<Span>,
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

/// The instruction at `offset`, which stands behind its keyword; `None` elsewhere, and in comments.
pub fn spot(snapshot: &Snapshot, offset: u32) -> Option<Spot<'_>> {
    let file = snapshot.file();
    let index = open_instruction(snapshot, offset)?;
    if file.comments.iter().any(|comment| comment.start < offset && comment.touches(offset)) {
        return None;
    }
    let outer = &*file.instructions[index];
    let nested = if let Body::Onbuild(Some(nested)) = &outer.body { Some(&**nested) } else { None };
    let trigger = outer.kind == Kind::Onbuild && offset > outer.keyword.end;
    let node = if trigger { nested? } else { outer };
    let is_behind = offset > node.keyword.end;
    is_behind.then(|| Spot { snapshot, node, index, stage: file.stage_of(index), trigger })
}

/// The places at `offset`; none in comments, in documents, and where nobody knows anything.
pub fn at(snapshot: &Snapshot, offset: u32) -> Vec<Place<'_>> {
    let Some(spot) = spot(snapshot, offset) else {
        return keyword(snapshot, offset).map(Place::Keyword).into_iter().collect();
    };
    let flag = flag(spot, offset);
    // Where a flag is half typed there is nothing else.
    if flag.as_ref().is_some_and(|flag| flag.typed.left.starts_with('-')) {
        return flag.map(Place::Flag).into_iter().collect();
    }
    let other = match spot.node.kind {
        Kind::Run => shell::at(spot, offset).map(|place| Place::Shell(Box::new(place))),
        Kind::Env | Kind::Arg => pair(spot, offset).map(Place::Pair),
        Kind::Unknown | Kind::Onbuild | Kind::Maintainer => None,
        _ => word(spot, offset).map(Place::Word),
    };
    other.into_iter().chain(flag.map(Place::Flag)).collect()
}

fn keyword(snapshot: &Snapshot, offset: u32) -> Option<KeywordPlace<'_>> {
    let (file, text) = (snapshot.file(), snapshot.text());
    if file.comments.iter().any(|comment| comment.start < offset && comment.touches(offset)) {
        return None;
    }
    let Some(index) = open_instruction(snapshot, offset) else {
        let line = line_of(text, offset);
        let index = file.instructions.partition_point(|instruction| instruction.span.end < offset);
        let is_empty = snapshot[line].trim_matches(['\u{feff}', ' ', '\t', '\r']).is_empty();
        let stage = index.checked_sub(1).and_then(|before| file.stage_of(before));
        let typed = Typed::new(text, Span::at(offset), offset);
        let is_first = text.starts_with('\u{feff}') && offset == 0;
        return (is_empty && !is_first).then_some(KeywordPlace { typed, index, stage, trigger: false });
    };
    let outer = &file.instructions[index];
    let trigger = outer.kind == Kind::Onbuild && offset > outer.keyword.end;
    let word = match &outer.body {
        Body::Onbuild(Some(nested)) if trigger => nested.keyword,
        _ if trigger => Span::at(offset),
        _ => outer.keyword,
    };
    let is_new = trigger && word.is_empty();
    let is_on_one_line = !snapshot[word].contains('\n');
    if !word.touches(offset) || !is_on_one_line || (word.start == offset && !is_new) {
        return None;
    }
    let stage = if trigger { file.stage_of(index) } else { index.checked_sub(1).and_then(|at| file.stage_of(at)) };
    Some(KeywordPlace { typed: Typed::new(text, word, offset), index, stage, trigger })
}

/// The flag at `offset`, or the place in front of the arguments where one may be.
fn flag(spot: Spot<'_>, offset: u32) -> Option<FlagPlace<'_>> {
    let (snapshot, node) = (spot.snapshot, spot.node);
    let arguments = node.arguments;
    let has_arguments = !arguments.is_empty() && !snapshot[arguments].starts_with('-');
    if offset > arguments.start && has_arguments {
        return None;
    }
    let end = node.flags.last().map_or(node.keyword.end, |flag| flag.span.end).max(arguments.start).max(offset);
    let end = if has_arguments { end } else { end.max(arguments.end) };
    let words = split_words(snapshot.text(), Span::new(node.keyword.end, end), snapshot.file().escape);
    let words: Vec<Span> = words.into_iter().take_while(|word| snapshot[*word].starts_with('-')).collect();
    let current = words.iter().position(|word| word.start < offset && word.touches(offset));
    let in_front =
        words.iter().enumerate().filter(|(at, word)| current.map_or(word.end < offset, |current| *at < current));
    let is_flag = |word: &Span| snapshot[*word].starts_with("--") && &snapshot[*word] != "--";
    if !in_front.map(|(_, word)| word).all(is_flag) {
        return None;
    }
    let typed = Typed::new(snapshot.text(), current.map_or(Span::at(offset), |at| words[at]), offset);
    if typed.left.contains('\n') || typed.right.contains('\n') {
        return None;
    }
    let others = words.iter().enumerate().filter(|(at, _)| Some(*at) != current);
    let others = others.map(|(_, word)| &snapshot[*word]).collect();
    Some(FlagPlace { spot, typed, others })
}

/// The word at `offset`, where no document is.
fn word(spot: Spot<'_>, offset: u32) -> Option<WordPlace<'_>> {
    let (snapshot, node) = (spot.snapshot, spot.node);
    if in_document(node, offset) {
        return None;
    }
    let text = snapshot.text();
    let flags = node.flags.last().map_or(node.keyword.end, |flag| flag.span.end);
    let span = Span::new(flags.min(offset), node.arguments.end.max(offset));
    // Only some instructions read quotes.
    let split = if node.kind == Kind::Label { split_words } else { split_at_blanks };
    let mut words = split(text, span, snapshot.file().escape);
    if words.first().is_some_and(|first| &snapshot[*first] == "--") {
        words.remove(0);
    }
    // Where one word alone may stand it is replaced, else another one is put in front of it.
    let single = matches!(node.kind, Kind::From | Kind::User | Kind::Stopsignal | Kind::Workdir | Kind::Healthcheck);
    let is_here = |word: &Span| word.touches(offset) && (word.start < offset || single);
    let current = words.iter().rposition(is_here);
    let typed = Typed::new(text, current.map_or(Span::at(offset), |at| words[at]), offset);
    if typed.left.contains('\n') || typed.right.contains('\n') {
        return None;
    }
    let before = words.iter().copied().filter(|word| word.end < offset).collect();
    let others = words.iter().enumerate().filter(|(at, word)| Some(*at) != current && word.end >= offset);
    let behind = others.map(|(_, word)| *word).collect();
    Some(WordPlace { spot, typed, before, behind })
}

/// True in the lines of a here-document.
pub fn in_document(node: &Instruction, offset: u32) -> bool {
    node.heredocs.iter().any(|document| {
        let end = document.end.map_or(u32::MAX, |end| end.end);
        document.start.end < document.body.start && document.body.start <= offset && offset <= end
    })
}

fn pair(spot: Spot<'_>, offset: u32) -> Option<PairPlace<'_>> {
    let (snapshot, node) = (spot.snapshot, spot.node);
    let text = snapshot.text();
    let start = node.arguments.start.clamp(node.keyword.end, offset);
    let span = Span::new(start, node.arguments.end.max(offset));
    let words = split_words(text, span, snapshot.file().escape);
    let current = words.iter().position(|word| word.start < offset && word.touches(offset));
    let is_legacy = node.kind == Kind::Env
        && words.first().is_some_and(|first| first.end < offset && !snapshot[*first].contains('='));
    if is_legacy {
        return None;
    }
    let name = |word: &Span| snapshot[*word].split('=').next().unwrap_or_default().to_owned();
    let others = words.iter().enumerate().filter(|(at, _)| Some(*at) != current);
    let taken = others.map(|(_, word)| name(word)).collect();
    let word = current.map_or(Span::at(offset), |at| words[at]);
    let typed = Typed::new(text, word, offset);
    Some(PairPlace { kind: node.kind, instruction: spot.index, stage: spot.stage, typed, taken })
}
