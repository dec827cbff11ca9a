//! Programs that run Go: those that the settings name, and make where a Makefile of the context says so.
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Known;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::analysis::stage::{RunFact, state_before};
use crate::model::stage::Stage;
use crate::project::makefiles::{Makefile, NAMES};

/// The commands of `stage` that run Go, as if they were builds of the folder they run in.
pub fn of(snapshot: &Snapshot, stage: &Stage) -> Vec<GoCommand> {
    let analysis = snapshot.stage(stage);
    let named = &snapshot.settings().actions.go_programs;
    let has_makefiles = !snapshot.facts().makefiles.is_empty();
    let mut found = Vec::new();
    for command in &analysis.commands {
        let is_named = || named.contains(&command.name);
        let is_make = has_makefiles && matches!(command.name.as_str(), "make" | "gmake");
        if command.name == "go" || !is_make && !is_named() {
            continue;
        }
        let Some(run) = analysis.runs.iter().find(|run| run.instruction == command.instruction) else { continue };
        if is_named() || makes_go(snapshot, stage, run, command) == Some(true) {
            found.extend(as_build(snapshot, stage, run, command));
        }
    }
    found
}

/// `None` where the image has no Go, as far as we know.
fn as_build(snapshot: &Snapshot, stage: &Stage, run: &RunFact, command: &Invocation) -> Option<GoCommand> {
    let state = state_before(snapshot, stage, command.instruction);
    matches!(state.go, Known::Known(Some(_))).then(|| GoCommand {
        instruction: command.instruction,
        span: command.span,
        verb: "build".to_owned(),
        verb_span: command.name_span,
        flags: Vec::new(),
        packages: Vec::new(),
        command: command.clone(),
        state,
        mounts: run.mounts.clone(),
    })
}

/// Whether `make` runs Go; `None` where its file or its targets can't be told.
fn makes_go(snapshot: &Snapshot, stage: &Stage, run: &RunFact, command: &Invocation) -> Option<bool> {
    let mut folder = command.cwd.as_ref()?.clone();
    let mut goals: Vec<&str> = Vec::new();
    let mut words = command.args.iter();
    while let Some(word) = words.next() {
        match word.prefix.as_str() {
            "-C" | "--directory" => folder = resolve(&folder, words.next()?.value.as_ref()?),
            flag if flag.starts_with("-f") || flag.starts_with("--file") || flag.starts_with("--makefile") => {
                return None;
            }
            flag if flag.starts_with('-') => {}
            // A variable of make.
            pair if pair.contains('=') => {}
            _ => goals.push(word.value.as_ref()?),
        }
    }
    makefile(snapshot, stage, run, &folder).map(|file| file.runs_go(&goals))
}

/// The Makefile of the context that lies in `folder` of the image.
fn makefile<'s>(snapshot: &'s Snapshot, stage: &Stage, run: &RunFact, folder: &str) -> Option<&'s Makefile> {
    let facts = snapshot.facts();
    NAMES.iter().find_map(|name| {
        let origin = source::origin(snapshot, stage, run.instruction, &run.mounts, &resolve(folder, name));
        let Origin::Context(path, _) = origin else { return None };
        let is_there = |file: &&Makefile| file.path == path && facts.is_ignored(&path) == Some(false);
        facts.makefiles.iter().find(is_there)
    })
}
