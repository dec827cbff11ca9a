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
    /// Why there is nothing to do where somebody may look for it. `None` for actions that nobody looks for by name.
    pub refusal: Option<fn(&Snapshot, Span) -> Option<Refusal>>,
}

/// What an editor shows of an action that can't be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the action is called.
    pub title: &'static str,
    /// Why there is nothing to do.
    pub reason: &'static str,
}
