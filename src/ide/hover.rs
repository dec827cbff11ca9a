//! Hover: what stands under the cursor, and what is known of the image there.
mod go;
mod instruction;
mod variable;

use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// What is shown for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The text.
    pub markdown: String,
}

/// What to show at `offset`; the most special answer wins.
pub fn hover(snapshot: &Snapshot, offset: u32) -> Option<Hover> {
    let file = snapshot.file();
    let outer = file.instructions.get(file.instruction_at(offset)?)?;
    variable::hover(snapshot, outer, offset)
        .or_else(|| go::hover(snapshot, outer, offset))
        .or_else(|| instruction::hover(snapshot, outer, offset))
}
