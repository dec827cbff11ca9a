//! `apt-get install` without `--no-install-recommends`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{Call, calls, may_be_configured, ships};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.2.0",
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
    if calls.peek().is_none() || may_be_configured(snapshot, stage, "/etc/apt", &marks) {
        return;
    }
    findings.extend(calls.filter_map(|call| report(snapshot, call)));
}

fn report(snapshot: &Snapshot, call: Call) -> Option<Finding> {
    let title = call.title(snapshot);
    let flag = if title.starts_with("aptitude") { "--without-recommends" } else { "--no-install-recommends" };
    let edit = flag_behind(snapshot, call.command.instruction, call.package.verb_span?, flag);
    let finding = Finding::new(call.span(), format!("`{title}` installs recommended packages too"));
    Some(finding.fix(Fix::unsafe_(format!("add {flag}"), vec![edit])))
}
