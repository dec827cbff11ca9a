//! `apt-get update` without removing the lists.
use std::cell::LazyCell;

use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::append;
use crate::rules::apt_index::{may_need_index, needs_index};
use crate::rules::commands::wants_each;
use crate::rules::packages::{Cache, last_change, last_script, left_behind, sudo};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
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
    if may_need_index(snapshot, stage) {
        return;
    }
    let analysis = snapshot.stage(stage);
    // A script of a later RUN may install from the lists without asking for new ones.
    let script = LazyCell::new(|| last_script(snapshot, stage));
    for run in left_behind(snapshot, stage, &LISTS) {
        let instruction = run[0].command.instruction;
        // What a later layer installs from, this one must keep: another rule's, which has no code of hadolint.
        if let Some((_, later)) = needs_index(snapshot, stage, instruction).first() {
            if wants_each(snapshot) {
                let message = "the package lists stay in this layer, for a later one that installs from them";
                findings.push(Finding::new(run[0].span(), message).because(later.span(), "installs from them"));
            }
            continue;
        }
        let last = last_change(snapshot, stage, run[0], LISTS.families);
        let clean = format!("{}rm -rf /var/lib/apt/lists/*", sudo(snapshot, run[0]));
        let title = format!("run {clean}");
        // An update for nothing is no place to clean up.
        let used = last.span != run[run.len() - 1].command.span;
        let edit = if used { append(snapshot, analysis, last, &clean) } else { None };
        let later = |at: usize| analysis.commands.get(at).is_none_or(|command| command.instruction > instruction);
        let needed = script.is_some_and(later);
        let fix =
            edit.and_then(|edit| if needed { Fix::unsafe_(title, vec![edit]) } else { Fix::safe(title, vec![edit]) });
        findings.push(Finding::new(run[0].span(), "the package lists stay in this layer").fix(fix));
    }
}
