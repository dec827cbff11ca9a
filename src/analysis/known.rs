//! Unknown is a value: what is not known for sure never becomes a finding.
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::text::span::Span;

/// A value, or the admission that it can't be known from here.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Known<T> {
    /// This, for sure.
    Known(T),
    /// It may be anything.
    #[default]
    Unknown,
}

impl<T> Known<T> {
    /// The value, if it is known.
    pub fn as_ref(&self) -> Option<&T> {
        if let Known::Known(value) = self { Some(value) } else { None }
    }

    /// True when it is known and `test` holds.
    pub fn is(&self, test: impl FnOnce(&T) -> bool) -> bool {
        self.as_ref().is_some_and(test)
    }
}

impl<T> From<Option<T>> for Known<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Known::Unknown, Known::Known)
    }
}

/// The answer to a question about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For sure.
    Yes,
    /// For sure not.
    No,
    /// Nobody can tell from the Dockerfile.
    Unknown,
}

impl Answer {
    /// Yes or no.
    pub fn of(value: bool) -> Self {
        if value { Answer::Yes } else { Answer::No }
    }
}

/// Names that were added one by one; *open* once something may have added others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenSet {
    names: Arc<BTreeMap<String, Span>>,
    open: Option<Span>,
}

impl OpenSet {
    /// Adds `name`, which stands at `span`.
    pub fn insert(&mut self, name: &str, span: Span) {
        Arc::make_mut(&mut self.names).insert(name.to_owned(), span);
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        if self.names.contains_key(name) {
            Arc::make_mut(&mut self.names).remove(name);
        }
    }

    /// From here on anything may be in it; `cause` is what says so.
    pub fn open(&mut self, cause: Span) {
        self.open.get_or_insert(cause);
    }

    /// What opened it.
    pub fn opened_by(&self) -> Option<Span> {
        self.open
    }

    /// Is `name` in it?
    pub fn contains(&self, name: &str) -> Answer {
        match (self.names.contains_key(name), self.open) {
            (true, _) => Answer::Yes,
            (false, None) => Answer::No,
            (false, Some(_)) => Answer::Unknown,
        }
    }

    /// Where `name` was added.
    pub fn span_of(&self, name: &str) -> Option<Span> {
        self.names.get(name).copied()
    }

    /// The names that are known to be in it, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}
