//! Findings as a code quality report of GitLab: <https://docs.gitlab.com/ci/testing/code_quality/>.
use serde::Serialize;

use super::fingerprint::fingerprints;
use super::place::{portable, range};
use crate::cli::checked::Checked;
use crate::rules::rule::{Diagnostic, Severity};
use crate::text::lines::Lines;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: u32,
    end: u32,
}

/// All findings as one JSON array that ends with a line break.
pub fn files(checked: &[Checked]) -> String {
    let paths: Vec<String> = checked.iter().map(|file| portable(&file.name)).collect();
    let issues: Vec<Issue<'_>> = checked.iter().zip(&paths).flat_map(|(file, path)| issues(file, path)).collect();
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn issues<'a>(file: &'a Checked, path: &'a str) -> Vec<Issue<'a>> {
    let lines = Lines::new(file.text.as_str().into());
    let issue = |(found, fingerprint): (&'a Diagnostic, String)| {
        let place = range(&lines, found.finding.span);
        let lines = LineRange { begin: place.line, end: place.end_line };
        Issue {
            description: &found.finding.message,
            check_name: found.rule,
            fingerprint,
            severity: severity(found),
            location: Location { path, lines },
        }
    };
    file.diagnostics.iter().zip(fingerprints(file)).map(issue).collect()
}

/// GitLab has five levels: info, minor, major, critical, blocker.
fn severity(found: &Diagnostic) -> &'static str {
    match found.severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "minor",
        Severity::Hint => "info",
    }
}
