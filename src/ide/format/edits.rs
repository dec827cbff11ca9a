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

    /// Drops what reaches out of `span`.
    pub fn keep_within(&mut self, span: Span) {
        self.all.retain(|edit| span.start <= edit.span.start && edit.span.end <= span.end);
    }

    /// All of them.
    pub fn finish(self) -> EditSet {
        let set = EditSet::new(self.all);
        debug_assert!(set.is_some(), "two edits of the formatter overlap");
        set.unwrap_or_default()
    }
}
