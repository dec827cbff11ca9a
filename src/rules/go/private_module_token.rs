//! A token for private modules comes by ARG or ENV, so it stays in the image or its history.
use crate::analysis::env::Origin;
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::module_token;
use crate::rewrite::private_modules::sets_up_access;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    for command in &snapshot.stage(stage).commands {
        let Some((name, span)) = credential(snapshot, command) else { continue };
        if seen.contains(&span) {
            continue;
        }
        seen.push(span);
        let message = format!(
            "`{name}` gives access to repositories, and stays in the history of the image: mount it as a secret"
        );
        let finding = Finding::new(span, message).because(command.span, "used here to get at repositories");
        findings.push(finding.fix(module_token::fix(snapshot, stage, command)));
    }
}

/// The ARG or ENV that `command` puts into an address or a .netrc.
fn credential<'c>(snapshot: &'c Snapshot, command: &'c Invocation) -> Option<(&'c str, Span)> {
    let text = &snapshot[command.span];
    let is_setup = sets_up_access(text, &command.name)
        || matches!(command.name.as_str(), "git" | "go") && text.contains("://")
        || text.contains("machine ");
    if command.broken || !is_setup {
        return None;
    }
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let before = &rest[..at];
        let name = rest[at + 1..].trim_start_matches('{');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let after = name[end..].trim_start_matches('}');
        let is_password =
            after.starts_with('@') || ["password ", "password=", "login "].iter().any(|word| before.ends_with(word));
        if end > 0
            && is_password
            && let Some((name, variable)) = command.env.iter().find(|(known, _)| *known == &name[..end])
            && matches!(variable.origin, Origin::Arg | Origin::Env)
            && let Some(span) = variable.span
        {
            return Some((name, span));
        }
        rest = &rest[at + 1..];
    }
    None
}
