//! Comments that silence findings, for those who want none.
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::suppress;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL1001"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let spans = suppress::comments(snapshot);
    findings.extend(spans.into_iter().map(|span| Finding::new(span, "a comment silences findings")));
}
