//! `apt-get update` without removing the lists.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::append;
use crate::rules::apt_index::needs_index;
use crate::rules::packages::{Cache, by_run, calls, left_behind, runs_scripts, sudo};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.2.0",
    aliases: &["DL3009"],
    check: Check::Stage(check),
};

const LISTS: Cache = Cache {
    families: &[Family::Apt],
    fills: &[Verb::Refresh],
    cleaners: &[Family::Apt],
    cleans: Verb::CleanIndex,
    paths: &["/var/lib/apt/lists"],
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let left = left_behind(snapshot, stage, &LISTS);
    if left.is_empty() {
        return;
    }
    let runs = by_run(calls(snapshot, stage, LISTS.families));
    for run in left {
        let instruction = run[0].command.instruction;
        // What a later layer installs from, this one must keep.
        if !needs_index(snapshot, stage, instruction).is_empty() {
            continue;
        }
        let all = runs.iter().find(|all| all[0].command.instruction == instruction);
        let last = all.map_or(run[0], |all| all[all.len() - 1]);
        let clean = format!("{}rm -rf /var/lib/apt/lists/*", sudo(snapshot, last));
        let edits = append(snapshot, snapshot.stage(stage), last.command, &clean).into_iter().collect::<Vec<_>>();
        let title = format!("run {clean}");
        let fix = match edits.is_empty() {
            true => None,
            // A script may install from these lists without asking for new ones.
            false if runs_scripts(snapshot, stage, last) => Fix::unsafe_(title, edits),
            false => Fix::safe(title, edits),
        };
        findings.push(Finding::new(run[0].span(), "the package lists stay in this layer").fix(fix));
    }
}
