//! A stage that nothing can ask for.
use crate::analysis::copy::CopyFrom;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity, Tag};
use crate::rules::stages::from;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let later = &snapshot.file().stages[stage.index + 1..];
    // A stage with a name may be a target of `docker build --target`.
    if stage.name.is_some() || later.is_empty() {
        return;
    }
    let own = CopyFrom::Stage(stage.index);
    if later.iter().any(|other| snapshot.stage(other).copies.iter().any(|copy| copy.from == own)) {
        return;
    }
    // Buildah starts from a number too.
    let number = |other: &Stage| {
        let image = from(snapshot, other).and_then(|from| from.image.as_ref());
        image.is_some_and(|image| snapshot[image.span].parse() == Ok(stage.index))
    };
    if later.iter().any(number) {
        return;
    }
    let from = snapshot.file().instructions[stage.from].span;
    let mut finding = Finding::new(from, "nothing uses this stage, and without a name nothing can build it");
    finding.tag = Some(Tag::Unnecessary);
    findings.push(finding);
}
