//! `USER app`
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Distro;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3066"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    // Windows knows no numbers, and of root another rule speaks.
    if !is_last || end.is_root() != Answer::No || end.distro().is(|distro| *distro == Distro::Windows) {
        return;
    }
    let Some(user) = end.user.as_ref().and_then(|user| user.split(':').next()) else { return };
    let number = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit());
    let written = effective(snapshot, stage, Kind::User).and_then(|instruction| instruction.value());
    if let Some(value) = written.filter(|_| !number && !user.contains('\\')) {
        let message = format!("`{user}` is a name: Kubernetes can't tell that it is not root");
        findings.push(Finding::new(value.span, message));
    }
}
