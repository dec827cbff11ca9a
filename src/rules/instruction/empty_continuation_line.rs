//! Blank lines inside an instruction that goes on over several lines.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["NoEmptyContinuation", "EMPTY_CONTINUATION_LINE"],
    check: Check::File(check),
};

/// Of the whole file, for the lines behind its last instruction belong to no stage.
fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for instruction in &snapshot.file().instructions {
        let lines = blank_lines(snapshot, Span::new(instruction.span.start, logical_end(snapshot, instruction)));
        let Some(first) = lines.first() else { continue };
        let text = if lines.len() == 1 { "a blank line" } else { "blank lines" };
        let message = format!("{text} inside of {}: BuildKit means to refuse them", instruction.kind.keyword());
        // A line behind the instruction belongs to none, so that no comment could silence what is found there.
        let inside = first.start <= instruction.span.end;
        let at = if inside { Span::at(first.start) } else { instruction.keyword };
        let edits = lines.iter().map(|line| Edit::delete(*line)).collect();
        findings.push(Finding::new(at, message).fix(Fix::safe("remove the blank lines", edits)));
    }
}

/// Where the instruction's own lines end: where the text of its here-documents begins, or at the end of the file if a last
/// escape character leads there.
fn logical_end(snapshot: &Snapshot, instruction: &Instruction) -> u32 {
    let nested = match &instruction.body {
        Body::Onbuild(Some(nested)) => nested.heredocs.first(),
        _ => None,
    };
    if let Some(heredoc) = instruction.heredocs.first().or(nested) {
        return heredoc.body.start.min(instruction.span.end);
    }
    let file = snapshot.file();
    let last = file.instructions.last().is_some_and(|last| last.span == instruction.span);
    let escape = char::from(file.escape);
    let rest = &snapshot.text()[instruction.span.end as usize..];
    let line = rest.split('\n').next().unwrap_or_default().trim_end();
    let continued = line.ends_with(escape) || line.is_empty() && snapshot[instruction.span].ends_with(escape);
    if last && continued { snapshot.text().len() as u32 } else { instruction.span.end }
}

/// The blank lines of `span` but for its first, each with its line break; neighbours are one.
fn blank_lines(snapshot: &Snapshot, span: Span) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut start = span.start;
    for line in snapshot[span].split_inclusive('\n') {
        let line_span = Span::new(start, start + line.len() as u32);
        start = line_span.end;
        if line_span.start == span.start || !line.ends_with('\n') || !line.trim().is_empty() {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end == line_span.start => last.end = line_span.end,
            _ => found.push(line_span),
        }
    }
    found
}
