//! What ShellCheck says of the texts that a shell reads.
use crate::analysis::shell_body::ShellBody;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::shellcheck::{Treat, alias, treat};
use crate::model::stage::Stage;
use crate::project::shellcheck::{Comment, Level, Verdict};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::settings::Preset;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Codes from here on are about the meaning of a text; below, it could not be read.
const MEANING: u16 = 2_000;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.verdicts().is_empty() {
        return;
    }
    for body in &snapshot.stage(stage).bodies {
        if let Some(verdict) = verdict(snapshot, body) {
            findings.extend(verdict.iter().filter_map(|comment| finding(snapshot, body, comment)));
        }
    }
}

/// True when ShellCheck looked at every text of the file.
pub fn looked_at_all(snapshot: &Snapshot) -> bool {
    let mut bodies = snapshot.stages().into_iter().flat_map(|stage| &stage.bodies);
    bodies.all(|body| verdict(snapshot, body).is_some() || body.source(snapshot).is_none())
}

fn verdict<'s>(snapshot: &'s Snapshot, body: &ShellBody) -> Option<&'s Verdict> {
    snapshot.verdicts().get(&body.key(snapshot))
}

fn finding(snapshot: &Snapshot, body: &ShellBody, comment: &Comment) -> Option<Finding> {
    let span = place(body, comment.span)?;
    let passed_on = snapshot.settings().preset == Preset::Hadolint;
    let severity = if passed_on { as_hadolint(comment.level) } else { severity(comment) };
    let message = format!("{} (SC{})", sentence(&comment.message), comment.code);
    let mut finding = Finding::new(span, message).at_level(severity).fix(fix(snapshot, body, comment));
    finding.aliases = Some(alias(comment.code));
    Some(finding)
}

fn place(body: &ShellBody, span: Span) -> Option<Span> {
    let moved = Span::new(body.span.start + span.start, body.span.start + span.end);
    body.span.contains(moved).then_some(moved)
}

/// A text that can't be read fails the build. What ShellCheck calls wrong beyond that may still do what was meant.
fn severity(comment: &Comment) -> Severity {
    match (treat(comment.code), comment.level) {
        (Treat::Warning, _) => Severity::Warning,
        (Treat::Info, _) => Severity::Info,
        (Treat::Hint, _) | (_, Level::Info | Level::Style) => Severity::Hint,
        (_, Level::Error) if comment.code < MEANING => Severity::Error,
        _ => Severity::Warning,
    }
}

/// hadolint passes on the levels of ShellCheck.
fn as_hadolint(level: Level) -> Severity {
    match level {
        Level::Style => Severity::Hint,
        Level::Info => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

/// ShellCheck's words as ours are: lower case, no full stop.
fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut characters = message.chars();
    let Some(first) = characters.next() else { return String::new() };
    // A name or an acronym stays as it is.
    let word = characters.as_str().chars().next().is_some_and(|second| !second.is_uppercase());
    if word { first.to_lowercase().chain(characters).collect() } else { message.to_owned() }
}

fn fix(snapshot: &Snapshot, body: &ShellBody, comment: &Comment) -> Option<Fix> {
    let edit = |edit: &Edit| Some(Edit { span: place(body, edit.span)?, text: edit.text.clone() });
    let edits: Option<Vec<Edit>> = comment.edits.iter().map(edit).collect();
    let edits = edits.filter(|edits| !edits.is_empty())?;
    let title = match edits.as_slice() {
        [only] if only.span.is_empty() => format!("add {}", only.text.trim()),
        [first, second] if first.text == "\"" && second.text == "\"" => {
            format!("quote {}", short(&snapshot[Span::new(first.span.start, second.span.start.max(first.span.start))]))
        }
        _ => format!("do what ShellCheck says (SC{})", comment.code),
    };
    Fix::unsafe_(title, edits)
}

/// The text, unless it is too long for a title.
fn short(text: &str) -> &str {
    if text.len() <= 40 && !text.contains('\n') { text } else { "it" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(sentence("Double quote to prevent globbing."), "double quote to prevent globbing");
        assert_eq!(sentence("POSIX has no arrays"), "POSIX has no arrays");
        assert_eq!(sentence("'x' is odd."), "'x' is odd");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn levels() {
        let of = |code, level| {
            let (message, span, edits) = (String::new(), Span::at(0), Vec::new());
            severity(&Comment { code, level, message, span, edits })
        };
        assert_eq!(of(1072, Level::Error), Severity::Error);
        assert_eq!(of(2068, Level::Error), Severity::Warning);
        assert_eq!(of(2154, Level::Warning), Severity::Warning);
        assert_eq!(of(2086, Level::Info), Severity::Hint);
        assert_eq!(of(2046, Level::Warning), Severity::Hint);
    }
}
