//! The module cache is emptied between the download and the build.
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    let cleans = |go: &&GoCommand| go.verb == "clean" && go.flag("-modcache").is_some() && !go.command.conditional;
    findings.extend(go.iter().filter(cleans).find_map(|clean| finding(snapshot, stage, clean)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, clean: &GoCommand) -> Option<Finding> {
    let stages = source::analyses(snapshot, stage);
    let mut before = stages.iter().flat_map(|stage| &stage.go).filter(|go| go.span.end <= clean.span.start);
    let filled = before.find(|go| go.downloads() && go.is_of_module());
    let mounted = clean.mounts.iter().find(|mount| module_layer::holds_modules(mount, clean));
    let why = match (filled, mounted) {
        (Some(download), _) => (download.span, "what this downloaded is gone"),
        (None, Some(mount)) => (mount.span, "what this cache holds is gone"),
        (None, None) => return None,
    };
    let needs = |stage: &Stage, go: &GoCommand| {
        let module = source::module_of(snapshot, stage, go);
        go.downloads() && go.is_of_module() && !source::uses_vendor(snapshot, module.as_ref(), go)
    };
    let (_, next) = source::later(snapshot, stage, clean).find(|(stage, go)| needs(stage, go))?;
    let finding = Finding::new(clean.span, "the module cache is emptied, so the build downloads all modules again");
    Some(finding.because(why.0, why.1).because(next.span, "needs the modules"))
}
