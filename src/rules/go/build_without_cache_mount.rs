//! A build compiles everything again after each edit, for no cache mount keeps the results.
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::{go_caches, source};
use crate::model::instruction::Kind;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::rewrite::cache_mounts::{self, Family};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::unfinished;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut commands = snapshot.stage(stage).go.iter().filter(|go| go.compiles() && go.is_of_module());
    let is_first = |go: &&GoCommand| is_half_typed(snapshot, stage, go) || lacks_cache(snapshot, stage, go);
    let Some(command) = commands.find(is_first).filter(|go| !is_half_typed(snapshot, stage, go)) else { return };
    // Of a user who can't build at all something else is said.
    let user = |stage: &Stage| unfinished::first_refused(snapshot, stage, &[Kind::User]);
    let half_typed =
        |stage: &&Stage| user(stage).is_some_and(|at| at < command.instruction) || is_torn(snapshot, stage);
    if source::chain(snapshot, stage).iter().any(half_typed) || unfinished::may_use(snapshot, stage) {
        return;
    }
    let place = Span::new(command.command.name_span.start, command.verb_span.end.max(command.command.name_span.end));
    let message = "an edit compiles all packages again: no cache mount keeps the results";
    findings.push(Finding::new(place, message).fixed_later(stage, cache_mounts::fixes));
}

/// Lines that were torn off a RUN: nobody knows what they run, unless they belong to a Go command.
fn is_torn(snapshot: &Snapshot, stage: &Stage) -> bool {
    let file = snapshot.file();
    let kind = |at: usize| file.instructions[at].kind;
    let torn = |at: usize| kind(at) == Kind::Unknown && kind(at - 1) == Kind::Run && file.is_refused(at);
    let compiles = |at: usize| snapshot.stage(stage).commands_of(at).iter().any(|command| command.name == "go");
    stage.instructions.clone().any(|at| at > stage.from && torn(at) && !compiles(at - 1))
}

/// The command itself is, or the copy that may bring its source.
fn is_half_typed(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    command.command.broken
        || snapshot.file().is_refused(command.instruction)
        || unfinished::has_copy_before(snapshot, stage, command.instruction) && !is_edited(snapshot, stage, command)
}

/// The source comes from the context, which changes; what is cloned at a version is compiled once.
fn is_edited(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let folder = command.folder();
    let Some(folder) = folder.as_ref().filter(|_| !is_of_others(snapshot, command)) else { return false };
    let mut copies = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let bound = command.mounts.iter().any(|mount| mount.kind() == "bind");
    bound
        || copies.any(|copy| {
            let reaches = copy.destination.is(|to| is_below(folder, to) || is_below(to, folder));
            let local = copy.sources.iter().any(|source| !source.remote);
            let from_project = matches!(copy.from, CopyFrom::Context | CopyFrom::Stage(_));
            copy.instruction < command.instruction && reaches && local && from_project
        })
}

/// Only packages of modules that are not in the context, by their import paths: a tool that go.mod requires.
fn is_of_others(snapshot: &Snapshot, command: &GoCommand) -> bool {
    let modules = &snapshot.facts().modules;
    let is_import_path =
        |path: &str| path.split_once('/').is_some_and(|(host, _)| host.contains('.') && !host.starts_with('.'));
    let of_others = |path: &String| is_import_path(path) && modules.iter().all(|module| module.dir_of(path).is_none());
    !modules.is_empty()
        && !command.packages.is_empty()
        && command.packages.iter().all(|package| package.value.is(of_others))
}

/// False also where the folder or its owner is not known, and where the results may be wanted in the image.
fn lacks_cache(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let Some(folder) = go_caches::folders(snapshot, stage, command).builds else { return false };
    let is_held = |mount: &Mount| go_caches::holds(snapshot, command, mount, &folder) != Answer::No;
    !command.mounts.iter().any(is_held)
        && is_edited(snapshot, stage, command)
        && go_caches::owner(snapshot, stage, command).is_some()
        && !Family::heirs(snapshot, stage).runs_others_behind(stage.from)
        // A script in a stage below may have compiled what the program imports.
        && !Family::of_stages(snapshot, source::chain(snapshot, stage)).runs_others_behind(0)
        && !Family::of(snapshot, stage).may_want(stage, command, &folder)
}
