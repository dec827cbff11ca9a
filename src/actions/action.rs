//! The vocabulary of actions.
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::Fix;
use crate::text::span::Span;

/// A refactoring.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// The version that has it first.
    pub since: &'static str,
    /// What is offered at a selection: nothing where it does not apply, the preferred variant first.
    pub offers: fn(&Snapshot, Span) -> Vec<Fix>,
}
