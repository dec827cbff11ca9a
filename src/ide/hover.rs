//! Hover: what stands under the cursor, and what is known of the image there.
mod comment;
mod flag;
mod go;
mod image;
mod instruction;
mod mount;
mod origin;
mod path;
mod shell;
mod stage;
mod value;
mod variable;

use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::model::instruction::{Body, Instruction};
use crate::model::stage::Stage;
use crate::text::span::Span;

/// What is shown for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The text.
    pub markdown: String,
}

impl Hover {
    /// Nothing for an empty text.
    fn of(span: Span, markdown: String) -> Option<Self> {
        (!markdown.is_empty()).then_some(Self { span, markdown })
    }
}

/// The instruction under the cursor.
#[derive(Clone, Copy)]
struct Here<'s> {
    snapshot: &'s Snapshot,
    /// Its index.
    index: usize,
    /// `None` in front of the first FROM.
    stage: Option<&'s Stage>,
    /// A trigger of ONBUILD where the cursor is in one.
    instruction: &'s Instruction,
    /// True in a trigger of ONBUILD: another build runs it.
    deferred: bool,
    offset: u32,
}

impl Here<'_> {
    /// The image in front of the instruction; `None` where another build runs it, or nothing is in front.
    fn state(&self) -> Option<ImageState> {
        let stage = self.stage.filter(|_| !self.deferred)?;
        Some(state_before(self.snapshot, stage, self.index))
    }
}

/// What to show at `offset`; the most special answer wins.
pub fn hover(snapshot: &Snapshot, offset: u32) -> Option<Hover> {
    let file = snapshot.file();
    if let Some(directive) = file.directives.iter().find(|directive| directive.span.touches(offset)) {
        return comment::directive(snapshot, directive, offset);
    }
    if let Some(comment) = file.comments.iter().find(|comment| comment.touches(offset)) {
        return comment::rule(snapshot, *comment, offset);
    }
    let index = file.instruction_at(offset)?;
    let outer = file.instructions.get(index)?;
    variable::hover(snapshot, outer, offset).or_else(|| go::hover(snapshot, outer, offset)).or_else(|| {
        let here = here(snapshot, index, outer, offset);
        if here.instruction.keyword.touches(offset) {
            return instruction::keyword(snapshot, here.instruction);
        }
        flag::hover(&here)
            .or_else(|| stage::hover(&here))
            .or_else(|| path::hover(&here))
            .or_else(|| value::hover(&here))
            .or_else(|| go::elsewhere(&here))
            .or_else(|| shell::hover(&here))
    })
}

fn here<'s>(snapshot: &'s Snapshot, index: usize, outer: &'s Instruction, offset: u32) -> Here<'s> {
    let stage = snapshot.file().stage_of(index);
    match &outer.body {
        Body::Onbuild(Some(nested)) if nested.span.touches(offset) => {
            Here { snapshot, index, stage, instruction: nested, deferred: true, offset }
        }
        _ => Here { snapshot, index, stage, instruction: outer, deferred: false, offset },
    }
}
