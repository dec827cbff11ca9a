//! What is being typed.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::Cursor;
use crate::text::span::Span;

/// The number of the instruction that `offset` touches, or the one that goes on there: only blanks and continuations are between.
pub fn open_instruction(snapshot: &Snapshot, offset: u32) -> Option<usize> {
    let file = snapshot.file();
    let index = file.instructions.partition_point(|instruction| instruction.span.start <= offset).checked_sub(1)?;
    let instruction = &file.instructions[index];
    let end = instruction.span.end;
    if offset > end {
        let mut rest = Cursor::new(snapshot.text(), Span::new(end, offset), file.escape);
        rest.skip_blanks();
        // A document that has no end takes all that follows.
        let is_open = instruction.heredocs.last().is_some_and(|document| document.end.is_none());
        if rest.peek().is_some() && !is_open {
            return None;
        }
    }
    Some(index)
}
