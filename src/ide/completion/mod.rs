//! Completion: what may stand at the cursor, half typed or not.
//!
//! `place` and `shell` say what the cursor is in, by the structure of the text; each further file offers the words of one
//! field, so that a new field is a new file and a line in [`completion`].
mod go;
mod go_arguments;
mod go_values;
mod place;
mod shell;

use place::Typed;

use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// The name of a variable.
    Variable,
    /// The value of a variable or of a flag.
    Value,
    /// A command, or the second word of one.
    Command,
    /// A flag.
    Flag,
    /// A package of the project.
    Package,
}

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is listed, and what the text typed so far is compared with.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// One line beside the label; may be empty.
    pub detail: String,
    /// What is known of it, as Markdown; may be empty.
    pub documentation: String,
    /// What it replaces: a part of one line that the cursor touches.
    pub span: Span,
    /// What is written there.
    pub insert: String,
    /// Items with a smaller number come first.
    pub rank: u32,
}

/// What may stand at `offset`, the best first; empty where nothing is known.
pub fn completion(snapshot: &Snapshot, offset: u32) -> Vec<Item> {
    let mut items = place::at(snapshot, offset).map(|place| go::items(snapshot, &place)).unwrap_or_default();
    items.sort_by(|one, other| (one.rank, &one.label).cmp(&(other.rank, &other.label)));
    items
}

/// Gathers the items that fit what is typed.
struct Offer<'t> {
    typed: &'t Typed,
    items: Vec<Item>,
}

impl<'t> Offer<'t> {
    fn new(typed: &'t Typed) -> Self {
        Self { typed, items: Vec::new() }
    }

    /// True when `label` goes on with what is typed, from its beginning or from one of its parts.
    fn fits(&self, label: &str) -> bool {
        fits(label, &self.typed.left)
    }

    /// Adds an item whose label is what is written, if it fits.
    fn add(&mut self, kind: ItemKind, label: &str, detail: &str, documentation: String, rank: u32) {
        self.add_as(kind, label, label.to_owned(), detail, documentation, rank);
    }

    /// Adds an item that writes `insert`, if it fits.
    fn add_as(
        &mut self,
        kind: ItemKind,
        label: &str,
        insert: String,
        detail: &str,
        documentation: String,
        rank: u32,
    ) {
        if self.fits(label) {
            let (label, detail, span) = (label.to_owned(), detail.to_owned(), self.typed.span());
            self.items.push(Item { label, kind, detail, documentation, span, insert, rank });
        }
    }
}

/// Upper and lower case are the same, parts begin behind `_ - / . , =`.
fn fits(label: &str, typed: &str) -> bool {
    let is_start = |at: usize| at == 0 || b"_-/.,=".contains(&label.as_bytes()[at - 1]);
    let starts = (0..label.len()).filter(|at| is_start(*at));
    typed.is_empty()
        || starts
            .filter_map(|at| label.as_bytes().get(at..at + typed.len()))
            .any(|part| part.eq_ignore_ascii_case(typed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_labels_fit() {
        assert!(fits("CGO_ENABLED", "cgo_") && fits("CGO_ENABLED", "ENA") && fits("./cmd/server", "serv"));
        assert!(!fits("CGO_ENABLED", "ABLED") && !fits("CGO_ENABLED", "CGO_ENABLED_") && fits("x", ""));
    }
}
