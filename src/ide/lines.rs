//! Lines of the file, as people count and quote them.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::logical;
use crate::text::span::Span;

/// Longer lines are cut when they are quoted, in bytes.
const MAX_LINE: usize = 80;

/// The number of the line that `offset` is in, from 1.
pub fn number(snapshot: &Snapshot, offset: u32) -> usize {
    snapshot.text().as_bytes().iter().take(offset as usize).filter(|byte| **byte == b'\n').count() + 1
}

/// `line 3: COPY go.mod ./`: where `span` begins, and what it says; here-documents and what is too long are cut.
pub fn quoted(snapshot: &Snapshot, span: Span) -> String {
    let text = logical(snapshot.text(), span, snapshot.file().escape);
    let first = text.lines().next().unwrap_or_default();
    let words: Vec<&str> = first.split_whitespace().collect();
    let mut shown = words.join(" ");
    let mut cut = first.len() < text.trim_end().len();
    if shown.len() > MAX_LINE {
        let end = (0..=MAX_LINE).rev().find(|end| shown.is_char_boundary(*end)).unwrap_or_default();
        shown.truncate(end);
        cut = true;
    }
    format!("line {}: {}{}", number(snapshot, span.start), code(&shown), if cut { " …" } else { "" })
}

/// A piece of code within a sentence.
pub fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
