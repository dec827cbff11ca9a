//! A file that was checked: what the printers of all formats are given.
use crate::rules::rule::{Diagnostic, Severity};

/// A file with the findings that are shown.
pub struct Checked {
    /// Its name as it is printed.
    pub name: String,
    /// Its text; empty where nothing was found.
    pub text: String,
    /// The build context, when it is known.
    pub context: Option<String>,
    /// Its findings from the shown level on.
    pub diagnostics: Vec<Diagnostic>,
    /// The level from which on a finding is a failure; `None`: none is.
    pub fail_on: Option<Severity>,
}

impl Checked {
    /// True when a finding of the file is a failure.
    pub fn fails(&self, found: &Diagnostic) -> bool {
        self.fail_on.is_some_and(|level| found.severity >= level)
    }
}
