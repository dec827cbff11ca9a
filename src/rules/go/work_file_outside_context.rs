//! A go.work that the build context does not have, or that lists modules outside it.
use super::local_modules_not_copied::{Local, outside_of_work};
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::path::{base, in_context};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::may_bring_more;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() {
        return;
    }
    findings.extend(missing(snapshot, stage));
    let lists_outside = |dir: Option<String>| dir.is_none();
    let suspect = snapshot.facts().work.as_ref().is_some_and(|work| work.module_dirs().any(lists_outside));
    if suspect && module_layer::is_golang_image(snapshot, stage) && !may_bring_more(snapshot, stage) {
        let mut commands = snapshot.stage(stage).go.iter().take(MAX_COMMANDS);
        findings.extend(commands.find_map(|command| {
            outside_of_work(snapshot, stage, command).and_then(|local| outside(snapshot, stage, command, &local))
        }));
    }
}

/// Copies and mounts of a go.work that is not there.
fn missing(snapshot: &Snapshot, stage: &Stage) -> Option<Finding> {
    let analysis = snapshot.stage(stage);
    let copies = analysis.copies.iter().filter(|copy| copy.from == CopyFrom::Context).flat_map(|copy| &copy.sources);
    let copied =
        copies.filter(|source| !source.remote).filter_map(|source| Some((source.path.as_ref()?.clone(), source.span)));
    let mounts = analysis.runs.iter().flat_map(|run| &run.mounts);
    let mounted = mounts.filter(|mount| mount.kind() == "bind" && mount.from().is_none()).filter_map(|mount| {
        let option = mount.options.iter().find(|option| matches!(option.key.as_str(), "source" | "src"))?;
        let (path, span) = option.value.as_ref()?;
        Some((in_context(path), *span))
    });
    let facts = snapshot.facts();
    let lacks = |path: &str| {
        // What git ignores is made or kept by hand beside the source.
        base(path) == "go.work" && facts.exists(path) == Some(false) && facts.is_git_ignored(path) == Some(false)
    };
    let (path, span) = copied.chain(mounted).find(|(path, _)| lacks(path))?;
    let above = snapshot[span].contains("..");
    let why = if above { ": the builder sees nothing above it" } else { "" };
    Some(Finding::new(span, format!("`{path}` is not in the build context{why}")))
}

/// A module that `command` can't load.
fn outside(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, local: &Local) -> Option<Finding> {
    let span = brought(snapshot, stage, command, &local.file).unwrap_or(command.verb_span);
    let finding = Finding::new(span, format!("{}, which lies outside the build context", local.what));
    let finding = finding.because(command.verb_span, "go loads all modules of the workspace here");
    let place = snapshot.facts().context.as_ref()?.dir.join(&local.file);
    let line = lines::line(snapshot, command.instruction, Kind::Env, "GOWORK=off");
    let edit = lines::insert_before(snapshot, command.instruction, &[line]);
    let finding = finding.because_of(place, local.word.line, "listed here");
    Some(finding.fix(Fix::unsafe_("build without the workspace (GOWORK=off)", vec![edit])))
}

/// The source of the copy that brings the go.work `file` of the context.
fn brought(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, file: &str) -> Option<Span> {
    let folder = source::folder_of(snapshot, stage, command, file)?;
    let path = crate::analysis::path::resolve(&folder, base(file));
    let Origin::Context(_, Some(copy)) = source::seen_by(snapshot, stage, command, &path) else { return None };
    if !stage.instructions.contains(&copy) {
        return None;
    }
    let copy = snapshot.stage(stage).copies.iter().find(|fact| fact.instruction == copy)?;
    let holds = |from: &String| paths::strip(file, from).is_some();
    copy.sources.iter().find(|source| source.path.is(holds)).map(|source| source.span)
}
