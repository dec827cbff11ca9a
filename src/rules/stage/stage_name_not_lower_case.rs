//! `AS Build`
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::{from, sources};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["StageNameCasing"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(name) = from(snapshot, stage).and_then(|from| from.name) else { return };
    // What is no name at all is a syntax rule's.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let written = &snapshot[name];
    if written.bytes().all(is_name) && written.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let message = format!("the stage is called `{written}`, but FROM finds it in lower case only");
        findings.push(Finding::new(name, message).fixed_later(stage, fixes));
    }
}

fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let Some(name) = from(snapshot, stage).and_then(|from| from.name) else { return Vec::new() };
    let lower = snapshot[name].to_ascii_lowercase();
    let mut edits = vec![Edit::replace(name, lower.as_str())];
    for other in &snapshot.file().stages[stage.index + 1..] {
        if other.name == stage.name {
            break;
        }
        let mine = sources(snapshot, other).filter(|source| source.name.eq_ignore_ascii_case(&lower));
        let written = mine.filter(|source| snapshot[source.span] == *source.name && *source.name != *lower);
        edits.extend(written.map(|source| Edit::replace(source.span, lower.as_str())));
    }
    Fix::safe(format!("write {lower}"), edits).into_iter().collect()
}
