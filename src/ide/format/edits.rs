//! Edits that are being gathered.
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// Edits of one text; what would change nothing is left out.
#[derive(Debug)]
pub struct Edits<'t> {
    text: &'t str,
    all: Vec<Edit>,
}

impl<'t> Edits<'t> {
    /// None yet.
    pub fn new(text: &'t str) -> Self {
        Self { text, all: Vec::new() }
    }

    /// `new` shall stand where `span` is.
    pub fn put(&mut self, span: Span, new: &str) {
        if &self.text[span.range()] != new {
            self.all.push(Edit::replace(span, new));
        }
    }

    /// Drops what lies in none of `spans`.
    pub fn keep_within(&mut self, spans: &[Span]) {
        self.all.retain(|edit| spans.iter().any(|span| span.contains(edit.span)));
    }

    /// All of them.
    pub fn finish(self) -> EditSet {
        let set = EditSet::new(self.all);
        debug_assert!(set.is_some(), "two edits of the formatter overlap");
        set.unwrap_or_default()
    }
}
