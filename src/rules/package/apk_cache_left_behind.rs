//! `apk add` without `--no-cache`.
use std::cell::LazyCell;

use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::{flag_behind, remove};
use crate::rules::packages::{Cache, Call, configured_from, left_behind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3019"],
    check: Check::Stage(check),
};

const CACHE: Cache = Cache {
    families: &[Family::Apk],
    fills: &[Verb::Install, Verb::Upgrade, Verb::Refresh],
    cleaners: &[Family::Apk],
    cleans: Verb::Clean,
    paths: &["/var/cache/apk", "/etc/apk/cache"],
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let configured = LazyCell::new(|| configured_from(snapshot, stage, "/etc/apk", &["/etc/apk/cache"]));
    for run in left_behind(snapshot, stage, &CACHE) {
        let fills = |call: &&Call| !call.package.has(FlagMeaning::NoCache);
        let Some(first) = run.iter().find(fills) else { continue };
        if configured.is_some_and(|from| from <= first.command.instruction) {
            return;
        }
        let finding = Finding::new(first.span(), "the package index stays in this layer");
        findings.push(finding.fix(fix(snapshot, stage, &run)));
    }
}

/// The flag for what installs; then `apk update` brings nothing.
fn fix(snapshot: &Snapshot, stage: &Stage, run: &[Call]) -> Option<Fix> {
    let installs = run.iter().filter(|call| call.package.verb != Verb::Refresh);
    let mut edits = Vec::new();
    for call in run.iter().filter(|call| !call.package.has(FlagMeaning::NoCache)) {
        edits.push(match call.package.verb {
            Verb::Refresh => remove(snapshot, snapshot.stage(stage), call.command)?,
            _ => flag_behind(snapshot, call.command.instruction, call.package.verb_span?, "--no-cache"),
        });
    }
    if installs.count() == 0 {
        return None;
    }
    Fix::safe("add --no-cache", edits)
}
