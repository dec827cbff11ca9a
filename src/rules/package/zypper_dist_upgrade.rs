//! `zypper dist-upgrade` in a build.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::stage::Stage;
use crate::rules::packages::calls;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3035"],
    check: Check::Stage(check),
};

/// Distributions that are upgraded in this way and no other.
const ROLLING: [&str; 4] = ["tumbleweed", "microos", "slowroll", "factory"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let upgrades = calls(snapshot, stage, &[Family::Zypper]).filter(|call| call.package.verb == Verb::DistUpgrade);
    for call in upgrades {
        // `dup --from REPOSITORY` moves some packages to another repository.
        let start = snapshot.stage(stage).start.reference.as_deref();
        let chosen = call.command.args.iter().any(|arg| arg.prefix.starts_with("--from"));
        if chosen || start.is_none_or(|reference| ROLLING.iter().any(|word| reference.contains(word))) {
            continue;
        }
        let message = format!("`{}` may move the image to another release of the distribution", call.title(snapshot));
        findings.push(Finding::new(call.span(), message));
    }
}
