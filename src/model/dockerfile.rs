//! The whole file.
use std::sync::Arc;

use super::instruction::{Instruction, Kind};
use super::problem::Problem;
use super::stage::Stage;
use crate::text::span::Span;

/// A Dockerfile as written: everything that the text alone says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The escape character: a backslash, or a back-tick by directive.
    pub escape: u8,
    /// `# syntax=`, `# escape=`, `# check=` at the very top.
    pub directives: Vec<Directive>,
    /// Every comment, from `#` to the line's end; those inside continued instructions too.
    pub comments: Vec<Span>,
    /// All instructions in order; triggers of ONBUILD are inside their instruction. Versions share those that stayed as they were.
    pub instructions: Vec<Arc<Instruction>>,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// What BuildKit would refuse, in the order of the text.
    pub problems: Vec<Problem>,
}

/// A parser directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The line.
    pub span: Span,
    /// Its name.
    pub name: Span,
    /// What stands behind the equals sign.
    pub value: Span,
}

/// Nothing, read with the usual escape character.
impl Default for Dockerfile {
    fn default() -> Self {
        let (directives, comments, instructions) = Default::default();
        Self { escape: b'\\', directives, comments, instructions, stages: Vec::new(), problems: Vec::new() }
    }
}

impl Dockerfile {
    /// The indices of the global ARGs: those in front of the first FROM.
    pub fn global_args(&self) -> impl Iterator<Item = usize> + '_ {
        let end = self.stages.first().map_or(self.instructions.len(), |stage| stage.from);
        (0..end).filter(|&index| self.instructions[index].kind == Kind::Arg)
    }

    /// The instructions of `stage`, its FROM first, with their indices.
    pub fn stage_instructions(&self, stage: &Stage) -> impl Iterator<Item = (usize, &Instruction)> {
        stage.instructions.clone().map(|index| (index, &*self.instructions[index]))
    }

    /// The instruction that `offset` touches.
    pub fn instruction_at(&self, offset: u32) -> Option<usize> {
        let after = self.instructions.partition_point(|instruction| instruction.span.start <= offset);
        let index = after.checked_sub(1)?;
        self.instructions[index].span.touches(offset).then_some(index)
    }

    /// True when the instruction `index` is refused as it is, so that it may be half typed: nobody can tell what it will do.
    pub fn is_refused(&self, index: usize) -> bool {
        let span = self.instructions[index].span;
        let from = self.problems.partition_point(|problem| problem.span.start < span.start);
        let own = self.problems[from..].iter().take_while(|problem| problem.span.start <= span.end);
        own.into_iter().any(|problem| problem.instruction == Some(index) && !problem.deferred)
    }

    /// True when the FROM of `stage` is refused and gives it no name yet: others may use it by the one that comes.
    pub fn has_no_name(&self, stage: &Stage) -> bool {
        stage.name.is_none() && self.is_refused(stage.from)
    }

    /// The stage that instruction `index` belongs to.
    pub fn stage_of(&self, index: usize) -> Option<&Stage> {
        let behind = self.stages.partition_point(|stage| stage.from <= index);
        self.stages[..behind].last().filter(|stage| stage.instructions.contains(&index))
    }

    /// The last stage: what `docker build` makes without `--target`.
    pub fn final_stage(&self) -> Option<&Stage> {
        self.stages.last()
    }
}
