//! `go mod tidy` or `go get -u` in the build of a project: the image gets other versions than were committed.
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

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
    findings.extend(go.iter().filter(|go| changes_versions(go)).find_map(|go| finding(snapshot, stage, go)));
}

fn changes_versions(go: &GoCommand) -> bool {
    let local = go.packages.iter().all(|package| package.prefix.starts_with('.') && !package.prefix.contains('@'));
    let updates = go.verb == "get" && go.flag("-u").is_some() && local;
    (go.verb == "mod tidy" || updates) && !go.command.broken && go.state.files.opened_by().is_none()
}

fn finding(snapshot: &Snapshot, stage: &Stage, tidy: &GoCommand) -> Option<Finding> {
    let stages = source::analyses(snapshot, stage);
    let made = stages.iter().flat_map(|stage| &stage.go).any(|go| matches!(go.verb.as_str(), "mod init" | "generate"));
    let (_, build) = source::later(snapshot, stage, tidy).find(|(_, go)| go.compiles() && go.is_of_module())?;
    if made || !has_project(snapshot, stage, tidy) {
        return None;
    }
    let message =
        format!("`go {}` chooses versions in the image: the build may use others than go.mod and go.sum", tidy.verb);
    let finding = Finding::new(tidy.span, message).because(build.span, "builds with what was chosen");
    Some(finding.fix(fix(tidy)))
}

/// go.mod and go.sum of the project are in the image.
fn has_project(snapshot: &Snapshot, stage: &Stage, tidy: &GoCommand) -> bool {
    let facts = snapshot.facts();
    if facts.context.is_some() {
        let module = source::module_of(snapshot, stage, tidy);
        return module.is_some_and(|of| facts.arrives(&paths::join(&of.module.dir, "go.sum")) == Some(true));
    }
    let Some(folder) = tidy.folder().as_ref().cloned() else { return false };
    let stages = source::analyses(snapshot, stage);
    let mut copies = stages.iter().flat_map(|stage| &stage.copies);
    let is_sum = |path: &String| path.ends_with("go.sum") || path.ends_with("go.*");
    copies.any(|copy| {
        copy.from == CopyFrom::Context
            && copy.instruction < tidy.instruction
            && copy.destination.is(|to| is_below(&folder, to) || is_below(to, &folder))
            && copy.sources.iter().any(|source| source.path.is(is_sum))
    })
}

fn fix(tidy: &GoCommand) -> Option<Fix> {
    let plain = tidy.verb == "mod tidy" && tidy.flags.is_empty();
    plain
        .then(|| Fix::unsafe_("download what go.mod says", vec![Edit::replace(tidy.verb_span, "mod download")]))
        .flatten()
}
