//! `apt-get install` without `--no-install-recommends`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{calls, may_be_configured, ships};
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
    for call in calls(snapshot, stage, &[Family::Apt]) {
        let package = call.package;
        let told = package.has(FlagMeaning::NoRecommends) || package.open;
        if package.verb != Verb::Install
            || told
            || may_be_configured(snapshot, stage, "/etc/apt", &["apt.conf", "APT::Install-Recommends"])
        {
            continue;
        }
        let Some(verb) = package.verb_span else { continue };
        let title = call.title(snapshot);
        let flag = if title.starts_with("aptitude") { "--without-recommends" } else { "--no-install-recommends" };
        let edit = flag_behind(snapshot, call.command.instruction, verb, flag);
        let message = format!("`{title}` installs recommended packages too");
        findings.push(Finding::new(call.span(), message).fix(Fix::unsafe_(format!("add {flag}"), vec![edit])));
    }
}
