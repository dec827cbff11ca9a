//! Findings as workflow commands: GitHub Actions shows them beside the lines.
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>
use std::fmt::Write as _;

use super::place::{portable, range};
use crate::cli::checked::Checked;
use crate::rules::rule::{Diagnostic, Severity};
use crate::text::lines::Lines;

/// One command for each finding of all files.
pub fn files(checked: &[Checked]) -> String {
    let mut text = String::new();
    for file in checked.iter().filter(|file| !file.diagnostics.is_empty()) {
        let lines = Lines::new(file.text.as_str().into());
        let path = property(&portable(&file.name));
        for found in &file.diagnostics {
            let place = range(&lines, found.finding.span);
            let _ = write!(text, "::{} file={path},line={},endLine={}", word(found), place.line, place.end_line);
            // Columns say nothing where the lines differ; the last one is part of the place.
            if place.line == place.end_line {
                let end = place.end_column.saturating_sub(1).max(place.column);
                let _ = write!(text, ",col={},endColumn={end}", place.column);
            }
            let message = data(&found.finding.message);
            let _ = writeln!(text, ",title={}::{message}", property(&format!("dockline {}", found.rule)));
        }
    }
    text
}

fn word(found: &Diagnostic) -> &'static str {
    match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "notice",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(data("100%: a,b\r\nc"), "100%25: a,b%0D%0Ac");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
