//! `apt-get install` without `-y`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::knowledge::package_tools::Verb;
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{Call, asking, safe};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3014"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let asking = asking(snapshot, stage, &[Family::Apt], "/etc/apt", &["apt.conf", "Assume-Yes"]);
    findings.extend(asking.into_iter().filter_map(|call| report(snapshot, call)));
}

fn report(snapshot: &Snapshot, call: Call) -> Option<Finding> {
    let title = call.title(snapshot);
    let message = if call.package.verb == Verb::Install {
        format!("`{title}` asks as soon as other packages come along: nobody answers in a build, and it fails")
    } else {
        format!("`{title}` asks whether to go on: nobody answers in a build, and it fails")
    };
    let edit = flag_behind(snapshot, call.command.instruction, call.package.verb_span?, "-y");
    Some(Finding::new(call.span(), message).fix(safe("add -y", Some(edit))))
}
