//! Actions: refactorings offered without a finding. One file, one action, one page beside it.
pub mod action;

use action::Action;

/// An action with what its file's name says of it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The action's name.
    pub name: &'static str,
    /// The action.
    pub action: &'static Action,
    /// Its page: documentation and tests.
    pub page: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/actions.rs"));
