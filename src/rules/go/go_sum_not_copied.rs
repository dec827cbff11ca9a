//! The modules are downloaded with go.mod alone, although go.sum is there.
use crate::analysis::copy::CopyFact;
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::module_files;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut downloads =
        snapshot.stage(stage).go.iter().filter(|go| go.verb == "mod download" && go.packages.is_empty());
    let found = downloads.find_map(|command| finding(snapshot, stage, command));
    // modules-copied-not-downloaded has the word, and its fix copies go.sum.
    let is_said = || module_layer::late_download(snapshot, stage).is_some_and(|late| !late.narrow.is_empty());
    findings.extend(found.filter(|_| !is_said()));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    let facts = snapshot.facts();
    let module = source::module_of(snapshot, stage, command)?;
    let sum = paths::join(&module.module.dir, "go.sum");
    let nothing_to_check =
        facts.work_for(module.module).is_some() || !module_layer::has_something_to_download(snapshot, &module, command);
    if nothing_to_check || facts.arrives(&sum) != Some(true) {
        return None;
    }
    let origin = |name: &str| source::seen_by(snapshot, stage, command, &resolve(&module.folder, name));
    let (Origin::Context(path, Some(index)), Origin::Nowhere) = (origin("go.mod"), origin("go.sum")) else {
        return None;
    };
    let copy = source::analyses(snapshot, stage)
        .into_iter()
        .flat_map(|stage| &stage.copies)
        .find(|copy| copy.instruction == index)?;
    let written = copy.sources.iter().find(|source| source.path.is(|known| *known == path))?;
    let finding = Finding::new(
        written.span,
        "the modules are downloaded without go.sum, so they are not held against its checksums",
    )
    .because(command.span, "downloads with go.mod alone");
    Some(finding.fix(fix(snapshot, copy, &sum)))
}

fn fix(snapshot: &Snapshot, copy: &CopyFact, sum: &str) -> Option<Fix> {
    Fix::safe("copy go.sum too", module_files::add_source(snapshot, copy, sum)?)
}
