//! What a rewrite hands to rules and actions: edits with a title.
use crate::text::difference::Difference;
use crate::text::edit::{Edit, EditSet, FileEdit, OtherFile};

/// A remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command: "add go.sum to the COPY".
    pub title: String,
    /// The changes.
    pub edits: Vec<FileEdit>,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// The same image or a strictly better one, nothing to decide.
    Safe,
    /// Likely right; somebody has to look.
    Unsafe,
}

impl Fix {
    /// A safe fix of this document; `None` when the edits overlap.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Option<Self> {
        Self::of(title, edits, Applicability::Safe)
    }

    /// A fix of this document that somebody has to look at; `None` when the edits overlap.
    pub fn unsafe_(title: impl Into<String>, edits: Vec<Edit>) -> Option<Self> {
        Self::of(title, edits, Applicability::Unsafe)
    }

    /// A fix of another file that somebody has to look at.
    pub fn unsafe_elsewhere(title: impl Into<String>, file: OtherFile) -> Self {
        Self { title: title.into(), edits: vec![FileEdit::Other(file)], applicability: Applicability::Unsafe }
    }

    fn of(title: impl Into<String>, edits: Vec<Edit>, applicability: Applicability) -> Option<Self> {
        let edits = EditSet::new(edits)?;
        Some(Self { title: title.into(), edits: vec![FileEdit::This(edits)], applicability })
    }

    /// The same fix after `change`, which it does not touch.
    #[must_use]
    pub fn moved(&self, change: Difference) -> Self {
        let moved = |edit: &FileEdit| match edit {
            FileEdit::This(edits) => FileEdit::This(edits.moved(change)),
            other @ (FileEdit::Create(..) | FileEdit::Other(_)) => other.clone(),
        };
        let edits = self.edits.iter().map(moved).collect();
        Self { title: self.title.clone(), edits, applicability: self.applicability }
    }

    /// The edits of this document; empty where only other files change.
    pub fn here(&self) -> EditSet {
        let here = self.edits.iter().find_map(|edit| if let FileEdit::This(set) = edit { Some(set) } else { None });
        here.cloned().unwrap_or_default()
    }
}
