//! What is shown when the mouse rests on something.
use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// A text about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The text, in Markdown.
    pub markdown: String,
}

/// What there is to say about the place at `offset`.
pub fn hover(snapshot: &Snapshot, offset: u32) -> Option<Hover> {
    let file = snapshot.file();
    let instruction = &file.instructions[file.instruction_at(offset)?];
    instruction
        .keyword
        .touches(offset)
        .then(|| Hover { span: instruction.keyword, markdown: format!("`{}`", instruction.kind.keyword()) })
}
