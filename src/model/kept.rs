//! What an earlier version of a file leaves to the next one: reading 5,000 lines for one letter is too slow.
use std::sync::Arc;

use super::dockerfile::Dockerfile;
use super::instruction::{Body, Instruction};
use super::moved::Move;
use super::problem::{Problem, ProblemKind};
use crate::text::difference::Difference;

/// The instructions of an earlier version that a change did not reach.
pub(super) struct Kept<'f> {
    file: &'f Dockerfile,
    change: Difference,
    /// So many instructions in front of the change are the same.
    front: usize,
}

impl<'f> Kept<'f> {
    /// `None` where nothing can be kept: the change may reach the directives, or an instruction has no certain end.
    pub(super) fn find(old: &str, file: &'f Dockerfile, new: &str) -> Option<Self> {
        let change = Difference::between(old, new);
        let first = file.instructions.first()?;
        if change.start <= first.keyword.end || file.problems.iter().any(|p| p.kind == ProblemKind::Unparsable) {
            return None;
        }
        // An instruction has ended for sure where the next one starts. Where the end of a here-document is missing, the
        // whole rest decides where it ends.
        let ended = file.instructions.partition_point(|instruction| instruction.span.start <= change.start);
        let open = file.instructions.iter().position(|instruction| has_open_heredoc(instruction)).unwrap_or(usize::MAX);
        Some(Self { file, change, front: (ended - 1).min(open) })
    }

    /// A file that holds what stands in front of the change.
    pub(super) fn front(&self) -> Dockerfile {
        let Dockerfile { escape, directives, comments, instructions, stages: _, problems } = self.file;
        let instructions = instructions[..self.front].to_vec();
        let end = instructions.last().map_or(0, |instruction| instruction.span.end);
        let is_front = |problem: &&Problem| of_instruction(problem).is_some_and(|index| index < self.front);
        let problems = problems.iter().filter(is_front).cloned().collect();
        let comments = comments.iter().copied().filter(|comment| comment.start < end).collect();
        // Without an instruction to start behind, the directives are read again.
        let directives = if self.front == 0 { Vec::new() } else { directives.clone() };
        Dockerfile { escape: *escape, directives, comments, instructions, stages: Vec::new(), problems }
    }

    /// The instruction that starts at `start` in the new text and, like all behind it, is the same as it was.
    pub(super) fn back(&self, start: u32) -> Option<usize> {
        if start < self.change.new_end {
            return None;
        }
        let old = start.wrapping_sub(self.change.by());
        self.file.instructions.binary_search_by_key(&old, |instruction| instruction.span.start).ok()
    }

    /// Adds the instructions from `back` on to `file`, at their new places.
    pub(super) fn append(&self, back: usize, file: &mut Dockerfile) {
        let by = self.change.by();
        let start = self.file.instructions[back].span.start;
        let renumber = file.instructions.len().wrapping_sub(back);
        let moved = |instruction: &Arc<Instruction>| {
            let mut instruction = instruction.clone();
            if by != 0 {
                Move(by).instruction(Arc::make_mut(&mut instruction));
            }
            instruction
        };
        file.instructions.extend(self.file.instructions[back..].iter().map(moved));
        let comments = &self.file.comments;
        let comments = comments.iter().filter(|comment| comment.start >= start);
        file.comments.extend(comments.map(|comment| comment.moved(by)));
        for problem in &self.file.problems {
            if let Some(index) = of_instruction(problem).filter(|&index| index >= back) {
                let Problem { kind, span, instruction: _, deferred } = problem.clone();
                let instruction = Some(index.wrapping_add(renumber));
                file.problems.push(Problem { kind, span: span.moved(by), instruction, deferred });
            }
        }
    }
}

/// The instruction that a problem is in, if it was found by looking at that instruction alone.
fn of_instruction(problem: &Problem) -> Option<usize> {
    problem.instruction.filter(|_| !matches!(problem.kind, ProblemKind::BeforeFrom(_)))
}

fn has_open_heredoc(instruction: &Instruction) -> bool {
    let nested = if let Body::Onbuild(Some(nested)) = &instruction.body { has_open_heredoc(nested) } else { false };
    nested || instruction.heredocs.iter().any(|heredoc| heredoc.end.is_none())
}
