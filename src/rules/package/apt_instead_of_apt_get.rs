//! `apt`, which is made for people at a terminal.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::Family;
use crate::model::stage::Stage;
use crate::rewrite::run_script::{flag_behind, replace_word};
use crate::rules::packages::{Call, by_run, calls};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
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
    let is_apt = |call: &Call| call.title(snapshot).starts_with("apt ");
    for run in by_run(calls(snapshot, stage, &[Family::Apt]).filter(is_apt)) {
        let message = "`apt` is made for people: what it does may change, scripts use `apt-get`";
        let edits: Option<Vec<Vec<Edit>>> = run.iter().map(|call| edits(snapshot, *call)).collect();
        let fix = edits.and_then(|edits| Fix::safe("use apt-get", edits.concat()));
        findings.push(Finding::new(run[0].package.name, message).fix(fix));
    }
}

/// What does the same with `apt-get`; `None` for what only `apt` does.
fn edits(snapshot: &Snapshot, call: Call) -> Option<Vec<Edit>> {
    let verb = call.package.verb_span?;
    let name = replace_word(snapshot, call.package.name, "apt", "apt-get")?;
    let title = call.title(snapshot);
    match title.strip_prefix("apt ")? {
        "upgrade" => Some(vec![name, flag_behind(snapshot, call.command.instruction, verb, "--with-new-pkgs")]),
        "full-upgrade" => Some(vec![name, replace_word(snapshot, verb, "full-upgrade", "dist-upgrade")?]),
        shared => SHARED.contains(&shared).then(|| vec![name]),
    }
}
