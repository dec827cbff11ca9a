//! `yarn install` without `yarn cache clean`.
use std::cell::LazyCell;

use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::append;
use crate::rules::packages::{Cache, configured_from, env_is_known, left_behind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3060"],
    check: Check::Stage(check),
};

const CACHE: Cache = Cache {
    families: &[Family::Yarn],
    fills: &[Verb::Install],
    cleaners: &[Family::Yarn],
    cleans: Verb::Clean,
    paths: &[".cache", "yarn"],
};

/// What says that the cache is elsewhere, or that this is yarn 2 or later, which may keep it in the project.
const MARKS: [&str; 6] = [".yarn", "cache-folder", "corepack", "yarn set version", "yarn berry", "enableGlobalCache"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let configured = LazyCell::new(|| {
        let from = || configured_from(snapshot, stage, "/root", &MARKS);
        if env_is_known(snapshot, stage) { from() } else { Some(0) }
    });
    for run in left_behind(snapshot, stage, &CACHE) {
        let last = run[run.len() - 1];
        let elsewhere = |flag| run.iter().any(|call| call.package.has(flag));
        if elsewhere(FlagMeaning::Berry)
            || elsewhere(FlagMeaning::Yes)
            || last.command.env.get("YARN_CACHE_FOLDER").is_some()
            || configured.is_some_and(|from| from <= last.command.instruction)
        {
            continue;
        }
        let edit = append(snapshot, snapshot.stage(stage), last.command, "yarn cache clean");
        let fix = edit.and_then(|edit| Fix::unsafe_("run yarn cache clean", vec![edit]));
        findings.push(Finding::new(run[0].span(), "the cache of yarn stays in this layer").fix(fix));
    }
}
