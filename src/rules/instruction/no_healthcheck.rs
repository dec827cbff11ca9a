//! A service without HEALTHCHECK.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3057"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || snapshot.stage(stage).start.base == Base::Unknown {
        return;
    }
    let last = |kind: Kind| effective(snapshot, stage, kind);
    let starts = last(Kind::Entrypoint).or_else(|| last(Kind::Cmd));
    if let Some(starts) = starts.filter(|_| last(Kind::Healthcheck).is_none()) {
        findings.push(Finding::new(starts.keyword, "no HEALTHCHECK says whether the program still works"));
    }
}
