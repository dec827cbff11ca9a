//! GOOS and GOARCH name a platform that Go does not build for.
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::go_words::{go_name, is_platform, platforms};
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    for command in snapshot.stage(stage).go.iter().filter(|go| go.compiles()).take(MAX_COMMANDS) {
        let Some((span, finding)) = finding(snapshot, command) else { continue };
        if !seen.contains(&span) {
            seen.push(span);
            findings.push(finding);
        }
    }
}

fn finding(snapshot: &Snapshot, command: &GoCommand) -> Option<(Span, Finding)> {
    let os = set(command, "GOOS");
    let arch = set(command, "GOARCH");
    // An architecture that Go does not know is wrong on every system.
    if let Some((value, span)) = &arch
        && !platforms().any(|(_, known)| known == value)
        && !platforms().any(|(os, _)| is_platform(os, value))
    {
        let name = go_name(value);
        let hint = name.map_or(String::new(), |name| format!(": its name is {name}"));
        let finding = Finding::new(*span, format!("Go knows no architecture `{value}`{hint}"));
        let fix = name.and_then(|name| replace(snapshot, *span, value, name));
        return Some((*span, finding.because(command.span, "go stops here").fix(fix)));
    }
    let (os, arch) = (os?, arch?);
    if is_platform(&os.0, &arch.0) {
        return None;
    }
    let message = format!("Go does not build for {}/{}", os.0, arch.0);
    Some((os.1, Finding::new(os.1, message).because(command.span, "go stops here")))
}

/// The value that a line of this file gives to a variable, and where.
fn set(command: &GoCommand, name: &str) -> Option<(String, Span)> {
    let variable = command.command.env.get(name).filter(|variable| variable.origin != Origin::Builder)?;
    let value = variable.value.as_ref().filter(|value| !value.is_empty())?;
    Some((value.clone(), variable.span?))
}

fn replace(snapshot: &Snapshot, span: Span, from: &str, to: &str) -> Option<Fix> {
    let at = span.start + snapshot[span].rfind(from)? as u32;
    Fix::safe(format!("write {to}"), vec![Edit::replace(Span::new(at, at + from.len() as u32), to)])
}
