//! Edits as data: what a fix or an action wants to change.
use std::path::PathBuf;
use std::sync::Arc;

use super::difference::Difference;
use super::span::Span;

/// Replace the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces `span` by `text`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Inserts `text` at `offset`.
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self::replace(Span::at(offset), text)
    }

    /// Deletes `span`.
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }
}

/// Edits of one text: sorted and disjoint. Insertions at the same offset keep their order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// Sorts the edits; `None` when two of them overlap.
    pub fn new(mut edits: Vec<Edit>) -> Option<Self> {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let disjoint = edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        disjoint.then_some(Self { edits })
    }

    /// The edits in the order of the text.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The same edits after `change`, which none of them touches.
    #[must_use]
    pub fn moved(&self, change: Difference) -> Self {
        let moved = |edit: &Edit| Edit { span: change.moved(edit.span), text: edit.text.clone() };
        Self { edits: self.edits.iter().map(moved).collect() }
    }

    /// True when nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Both sets in one; `None` when they overlap. Identical edits are merged.
    pub fn merge(&self, other: &EditSet) -> Option<EditSet> {
        let mut edits = self.edits.clone();
        edits.extend(other.edits.iter().filter(|edit| !self.edits.contains(edit)).cloned());
        EditSet::new(edits)
    }

    /// The text after all edits. Spans must lie in `text`, on character boundaries.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for edit in &self.edits {
            out.push_str(&text[from..edit.span.start as usize]);
            out.push_str(&edit.text);
            from = edit.span.end as usize;
        }
        out.push_str(&text[from..]);
        out
    }
}

/// A change of one file: edits of this Dockerfile or of another file, or a file that is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEdit {
    /// Edits of the document that the finding is in.
    This(EditSet),
    /// A new file beside it (`.dockerignore`), with its whole text.
    Create(PathBuf, String),
    /// Edits of a file beside it that is there already.
    Other(OtherFile),
}

/// Edits of another file. They hold for one text of it: who applies them makes sure that this is what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherFile {
    /// Where it is; a relative path starts beside the Dockerfile.
    pub path: PathBuf,
    /// All of its text, a byte order mark included.
    pub text: Arc<str>,
    /// What changes in that text.
    pub edits: EditSet,
}

impl OtherFile {
    /// The text after the edits.
    pub fn after(&self) -> String {
        self.edits.apply(&self.text)
    }

    /// Both changes in one; `None` when they overlap, or are not of the same text of the same file.
    pub fn merge(&self, other: &Self) -> Option<Self> {
        let same = self.path == other.path && self.text == other.text;
        let edits = self.edits.merge(&other.edits).filter(|_| same)?;
        Some(Self { edits, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applies_in_order() {
        let set = EditSet::new(vec![Edit::insert(5, "!"), Edit::replace(Span::new(0, 1), "J")]).unwrap();
        assert_eq!(set.apply("hello world"), "Jello! world");
    }

    #[test]
    fn refuses_overlap() {
        assert!(EditSet::new(vec![Edit::delete(Span::new(0, 3)), Edit::delete(Span::new(2, 4))]).is_none());
    }
}
