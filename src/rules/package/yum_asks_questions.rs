//! `yum install` without `-y`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{Call, asking, asks};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3030"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let asking = asking(snapshot, stage, &[Family::Yum], "/etc", &["assumeyes", "defaultyes", "yum.conf", "dnf.conf"]);
    findings.extend(asking.into_iter().filter_map(|call| report(snapshot, call)));
}

fn report(snapshot: &Snapshot, call: Call) -> Option<Finding> {
    let edit = flag_behind(snapshot, call.command.instruction, call.package.verb_span?, "-y");
    Some(asks(snapshot, call, "-y", edit))
}
