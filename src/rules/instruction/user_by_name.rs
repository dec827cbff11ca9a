//! `USER app`
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
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

/// Windows knows no numbers.
fn is_windows(end: &ImageState) -> bool {
    let named = |name: &str| ["windows", "nanoserver"].iter().any(|word| name.contains(word));
    end.distro().is(|distro| *distro == Distro::Windows)
        || end.reference.as_deref().is_some_and(named)
        || end.user.is(|user| matches!(user.as_str(), "ContainerUser" | "ContainerAdministrator"))
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    // Of root another rule speaks.
    if !is_last || end.is_root() != Answer::No || is_windows(end) {
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
