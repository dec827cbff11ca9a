//! `apt`, which is made for people at a terminal.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::model::stage::Stage;
use crate::rewrite::run_script::replace_word;
use crate::rules::packages::{Call, calls, safe};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.2.0",
    aliases: &["DL3027"],
    check: Check::Stage(check),
};

/// What both programs do alike.
const SHARED: [&str; 11] = [
    "install",
    "reinstall",
    "remove",
    "purge",
    "update",
    "autoremove",
    "autoclean",
    "clean",
    "build-dep",
    "source",
    "download",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for call in calls(snapshot, stage, &[Family::Apt]) {
        let title = call.title(snapshot);
        let Some(verb) = title.strip_prefix("apt ") else { continue };
        let finding =
            Finding::new(call.package.name, "`apt` is made for people: what it does may change, scripts use `apt-get`");
        let fix = if SHARED.contains(&verb) { fix(snapshot, call) } else { None };
        findings.push(finding.fix(fix));
    }
}

fn fix(snapshot: &Snapshot, call: Call) -> Option<crate::rules::rule::Fix> {
    safe("use apt-get", replace_word(snapshot, call.package.name, "apt", "apt-get"))
}
