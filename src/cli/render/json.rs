//! Findings for programs: one object, a contract. Lines and columns count from 1, columns in Unicode scalar values.
use serde::Serialize;

use super::place;
use crate::cli::checked::Checked;
use crate::rules::rule::{Applicability, Diagnostic, Fix, Place};
use crate::text::edit::FileEdit;
use crate::text::lines::Lines;
use crate::text::span::Span;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    files: Vec<FileReport<'a>>,
}

#[derive(Serialize)]
struct FileReport<'a> {
    path: &'a str,
    context: Option<&'a str>,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    aliases: &'a [&'a str],
    severity: &'a str,
    message: &'a str,
    range: Range,
    related: Vec<Related<'a>>,
    fixes: Vec<Repair<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Repair<'a> {
    title: &'a str,
    applicability: &'a str,
    edits: Vec<Change<'a>>,
}

/// Without a range the file is created.
#[derive(Serialize)]
struct Change<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    text: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

/// All files as one JSON object that ends with a line break.
pub fn files(checked: &[Checked]) -> String {
    let files = checked.iter().map(file).collect();
    let mut text = serde_json::to_string(&Report { version: 1, files }).unwrap_or_default();
    text.push('\n');
    text
}

fn file(checked: &Checked) -> FileReport<'_> {
    let lines = Lines::new(checked.text.as_str().into());
    let diagnostics = checked.diagnostics.iter().map(|found| finding(&checked.name, &lines, found)).collect();
    FileReport { path: &checked.name, context: checked.context.as_deref(), diagnostics }
}

fn finding<'a>(path: &str, lines: &Lines, found: &'a Diagnostic) -> Finding<'a> {
    let finding = &found.finding;
    Finding {
        rule: found.rule,
        aliases: found.aliases,
        severity: found.severity.word(),
        message: &finding.message,
        range: range(lines, finding.span),
        related: finding.related.iter().map(|(place, message)| related(path, lines, place, message)).collect(),
        fixes: finding.fixes.iter().map(|fix| repair(path, lines, fix)).collect(),
    }
}

fn related<'a>(path: &str, lines: &Lines, place: &Place, message: &'a str) -> Related<'a> {
    match place {
        Place::Here(span) => Related { message, path: path.to_owned(), range: range(lines, *span) },
        Place::There(other, line) => {
            let start = || Position { line: line + 1, column: 1 };
            Related { message, path: other.display().to_string(), range: Range { start: start(), end: start() } }
        }
    }
}

fn repair<'a>(path: &str, lines: &Lines, fix: &'a Fix) -> Repair<'a> {
    let mut edits = Vec::new();
    for edit in &fix.edits {
        match edit {
            FileEdit::This(set) => edits.extend(set.edits().iter().map(|edit| Change {
                path: path.to_owned(),
                range: Some(range(lines, edit.span)),
                text: &edit.text,
            })),
            FileEdit::Create(created, text) => {
                edits.push(Change { path: place::beside(path, created), range: None, text });
            }
            FileEdit::Other(file) => {
                let lines = Lines::new(file.text.clone());
                edits.extend(file.edits.edits().iter().map(|edit| Change {
                    path: place::beside(path, &file.path),
                    range: Some(range(&lines, edit.span)),
                    text: &edit.text,
                }));
            }
        }
    }
    let applicability = match fix.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
    };
    Repair { title: &fix.title, applicability, edits }
}

fn range(lines: &Lines, span: Span) -> Range {
    let place = place::range(lines, span);
    Range {
        start: Position { line: place.line, column: place.column },
        end: Position { line: place.end_line, column: place.end_column },
    }
}
