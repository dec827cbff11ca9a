//! `apt-get install` without `--no-install-recommends`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{Call, by_run, calls, configured_from, ships};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3015"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if !ships(snapshot, stage) {
        return;
    }
    let installs = |call: &Call| {
        let told = call.package.has(FlagMeaning::NoRecommends) || call.package.open;
        call.package.verb == Verb::Install && !told
    };
    let mut calls = calls(snapshot, stage, &[Family::Apt]).filter(installs).peekable();
    let marks = ["apt.conf", "APT::Install-Recommends"];
    if calls.peek().is_none() {
        return;
    }
    let from = configured_from(snapshot, stage, "/etc/apt", &marks);
    let unset = |call: &Call| from.is_none_or(|from| call.command.instruction < from);
    for run in by_run(calls.filter(unset)) {
        let flags: Vec<(&str, Edit)> = run.iter().filter_map(|call| flag(snapshot, *call)).collect();
        let Some((name, _)) = flags.first() else { continue };
        let message = format!("`{}` installs recommended packages too", run[0].title(snapshot));
        let fix = Fix::unsafe_(format!("add {name}"), flags.iter().map(|(_, edit)| edit.clone()).collect());
        findings.push(Finding::new(run[0].span(), message).fix(fix));
    }
}

/// The flag that leaves the recommended packages out.
fn flag(snapshot: &Snapshot, call: Call) -> Option<(&'static str, Edit)> {
    let aptitude = call.title(snapshot).starts_with("aptitude");
    let flag = if aptitude { "--without-recommends" } else { "--no-install-recommends" };
    Some((flag, flag_behind(snapshot, call.command.instruction, call.package.verb_span?, flag)))
}
