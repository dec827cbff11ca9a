//! The formatter: tidies what nobody meant, keeps what somebody laid out by hand, changes nothing that is built.
//!
//! Every edit stands for itself: it replaces blanks that BuildKit drops or the shell joins, or the case of a keyword. So each part of them may be
//! applied alone, and none reaches into values, strings, here-documents or the text of a comment. Of a shell text it changes one thing: the
//! blanks that a continued line begins with, outside strings and between words. BuildKit hands them to the shell as they are, which makes no
//! difference there; but such a RUN is another one for the build cache, once.
mod edits;
mod indent;
mod lines;
mod meaning;
mod new_line;
mod quotes;
mod spacing;

use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction};
use crate::model::problem::ProblemKind;
use crate::text::edit::EditSet;
use crate::text::span::Span;
use edits::Edits;

pub use meaning::meaning;
pub use new_line::new_line;

/// What tidies the whole file. Instructions that BuildKit refuses stay as they are, and all of a file whose structure is unsure.
pub fn format(snapshot: &Snapshot) -> EditSet {
    all(snapshot).finish()
}

/// The same for the lines that `span` touches alone.
pub fn format_range(snapshot: &Snapshot, span: Span) -> EditSet {
    format_ranges(snapshot, &[span])
}

/// The same for the lines that any of `spans` touches alone.
pub fn format_ranges(snapshot: &Snapshot, spans: &[Span]) -> EditSet {
    let lines: Vec<Span> = spans.iter().map(|span| whole_lines(snapshot.text().as_bytes(), *span)).collect();
    let mut edits = all(snapshot);
    edits.keep_within(&lines);
    edits.finish()
}

fn whole_lines(text: &[u8], span: Span) -> Span {
    let start = text[..span.range().start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let rest = &text[span.range().end..];
    let end = span.range().end + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    Span::from(start..end)
}

fn all(snapshot: &Snapshot) -> Edits<'_> {
    let mut edits = Edits::new(snapshot.text());
    if is_unsure(snapshot) {
        return edits;
    }
    let refused = refused(snapshot);
    lines::tidy(snapshot, &mut edits);
    let indents = indent::tidy(snapshot, &refused, &mut edits);
    spacing::tidy(snapshot, &refused, &indents, &mut edits);
    edits
}

/// True when it is not sure where instructions begin and end.
fn is_unsure(snapshot: &Snapshot) -> bool {
    let mut problems = snapshot.file().problems.iter();
    problems.any(|problem| {
        matches!(
            problem.kind,
            ProblemKind::Unparsable
                | ProblemKind::UnterminatedHeredoc
                | ProblemKind::BadEscape
                | ProblemKind::LineTooLong
        )
    })
}

/// For each instruction whether something in it is refused.
fn refused(snapshot: &Snapshot) -> Vec<bool> {
    let file = snapshot.file();
    let mut refused = vec![false; file.instructions.len()];
    for problem in &file.problems {
        let whole_file = matches!(problem.kind, ProblemKind::NoFrom | ProblemKind::BeforeFrom(_));
        let at = problem.instruction.or_else(|| file.instruction_at(problem.span.start));
        if let Some(index) = at.filter(|_| !whole_file) {
            refused[index] = true;
        }
    }
    refused
}

/// The instruction that does the work: of ONBUILD the one it defers.
fn innermost(instruction: &Instruction) -> &Instruction {
    match &instruction.body {
        Body::Onbuild(Some(nested)) => innermost(nested),
        _ => instruction,
    }
}

/// Where the logical line of an instruction ends; its here-documents lie behind that.
fn logical_end(instruction: &Instruction) -> u32 {
    let inner = innermost(instruction);
    let flags = inner.flags.last().map_or(inner.keyword.end, |flag| flag.span.end);
    if inner.heredocs.is_empty() { instruction.span.end } else { inner.arguments.end.max(flags) }
}
