//! Where a syntax problem stands: its instruction, and what it repeats.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction};
use crate::model::problem::{Problem, ProblemKind};
use crate::text::span::Span;

/// The instruction that a problem belongs to; of ONBUILD what it defers, if that is wrong.
pub fn instruction_of<'s>(snapshot: &'s Snapshot, problem: &Problem) -> Option<&'s Instruction> {
    let instruction = snapshot.file().instructions.get(problem.instruction?)?;
    match &instruction.body {
        Body::Onbuild(Some(nested)) if nested.span.contains(problem.span) => match problem.kind {
            ProblemKind::BadTrigger(_) => Some(instruction),
            _ => Some(nested),
        },
        _ => Some(instruction),
    }
}

/// Where the flag or directive that is given again was given first.
pub fn first_of_two(snapshot: &Snapshot, problem: &Problem) -> Option<Span> {
    match problem.kind {
        ProblemKind::DuplicateFlag => {
            let flags = &instruction_of(snapshot, problem)?.flags;
            let second = flags.iter().find(|flag| flag.span == problem.span)?;
            flags.iter().find(|flag| snapshot[flag.name] == snapshot[second.name]).map(|flag| flag.span)
        }
        ProblemKind::DuplicateDirective => {
            let directives = &snapshot.file().directives;
            let second = directives.iter().find(|directive| directive.span == problem.span)?;
            let same = |name: Span| snapshot[name].eq_ignore_ascii_case(&snapshot[second.name]);
            directives.iter().find(|directive| same(directive.name)).map(|directive| directive.span)
        }
        _ => None,
    }
}
