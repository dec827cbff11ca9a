//! `EXPOSE 8080:80`: there is no host in an image.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::problem::ProblemKind;
use crate::model::value::is_port;
use crate::model::word::{Part, Word};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["ExposeInvalidFormat"],
    check: Check::Instruction(Kind::Expose, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::Words(words) = &instruction.body else { return };
    for word in words.iter().filter(|word| word.flaw.is_none()) {
        let Some(colon) = last_colon(snapshot, word) else { continue };
        let problems = &snapshot.file().problems;
        // A port that BuildKit does not take is a syntax error.
        if problems.iter().any(|other| other.kind == ProblemKind::BadPort && other.span == word.span) {
            continue;
        }
        let host = Span::new(word.span.start, colon);
        let message =
            format!("EXPOSE publishes nothing, so `{}` has no effect: that is for `docker run -p`", &snapshot[host]);
        let port = &snapshot[Span::new(colon + 1, word.span.end)];
        let plain = !snapshot[host].contains(['"', '\'', '\n']) && (is_variable(port) || is_port(port));
        let fix = || Fix::safe(format!("write {port}"), vec![Edit::delete(Span::new(word.span.start, colon + 1))]);
        findings.push(Finding::new(word.span, message).fix(plain.then(fix).flatten()));
    }
}

/// `$PORT` or `${PORT}` alone: what it holds is up to the build.
fn is_variable(text: &str) -> bool {
    let name = text
        .strip_prefix('$')
        .map(|rest| rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(rest));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// The last colon that is not part of an expansion, with something on both sides.
fn last_colon(snapshot: &Snapshot, word: &Word) -> Option<u32> {
    let colon = |part: &Part| match part {
        Part::Text { span, cooked: None } => snapshot[*span].rfind(':').map(|at| span.start + at as u32),
        _ => None,
    };
    let at = word.parts.iter().rev().find_map(colon)?;
    (at > word.span.start && at + 1 < word.span.end).then_some(at)
}
