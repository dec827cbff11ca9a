//! dnf fills its cache, and the layer keeps it.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::package_tools::{Family, Verb};
use crate::model::stage::Stage;
use crate::rewrite::run_script::append;
use crate::rules::packages::{Cache, last_of, left_behind, safe, sudo};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3040"],
    check: Check::Stage(check),
};

const CACHE: Cache = Cache {
    families: &[Family::Dnf],
    fills: &[Verb::Install, Verb::Group, Verb::BuildDep, Verb::Refresh, Verb::Upgrade, Verb::DistUpgrade],
    cleaners: &[Family::Yum, Family::Dnf],
    cleans: Verb::Clean,
    paths: &["/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum", "/var/cache/tdnf"],
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for run in left_behind(snapshot, stage, &CACHE) {
        let last = run[run.len() - 1];
        let title = last.title(snapshot);
        let program = title.split(' ').next().unwrap_or_default();
        let clean = format!("{}{program} clean all", sudo(snapshot, last));
        let end = last_of(snapshot, stage, last, CACHE.families);
        let edit = append(snapshot, snapshot.stage(stage), end, &clean);
        let finding = Finding::new(run[0].span(), "the cache of dnf stays in this layer");
        findings.push(finding.fix(safe(format!("run {clean}"), edit)));
    }
}
