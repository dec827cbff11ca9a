//! `pip install` without `--no-cache-dir`.
use std::cell::LazyCell;

use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::flag_behind;
use crate::rules::packages::{Cache, Call, configured_from, env_is_known, left_behind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3042"],
    check: Check::Stage(check),
};

const CACHE: Cache = Cache {
    families: &[Family::Pip],
    fills: &[Verb::Install],
    cleaners: &[Family::Pip],
    cleans: Verb::Clean,
    paths: &[".cache", "pip"],
};

/// Variables that switch the cache off, or move it elsewhere.
const VARIABLES: [&str; 3] = ["PIP_NO_CACHE_DIR", "PIP_CACHE_DIR", "XDG_CACHE_HOME"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let configured = LazyCell::new(|| {
        let from = || configured_from(snapshot, stage, "/etc", &["pip.conf", "pip config set"]);
        if env_is_known(snapshot, stage) { from() } else { Some(0) }
    });
    for run in left_behind(snapshot, stage, &CACHE) {
        let caches = |call: &&Call| {
            let set =
                |name: &&str| call.command.env.get(name).is_some_and(|variable| !variable.value.is(String::is_empty));
            !call.package.has(FlagMeaning::NoCache) && !VARIABLES.iter().any(set)
        };
        let all: Vec<&Call> = run.iter().filter(caches).collect();
        let Some(first) = all.first() else { continue };
        if configured.is_some_and(|from| from <= first.command.instruction) {
            return;
        }
        let edit = |call: &&Call| {
            Some(flag_behind(snapshot, call.command.instruction, call.package.verb_span?, "--no-cache-dir"))
        };
        let fix = Fix::safe("add --no-cache-dir", all.iter().filter_map(edit).collect());
        findings.push(Finding::new(first.span(), "the cache of pip stays in this layer").fix(fix));
    }
}
