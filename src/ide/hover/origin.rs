//! Which steps of a stage put something at a path.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::Invocation;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::analysis::stage::RunFact;
use crate::ide::lines;
use crate::knowledge::packages::package_provides;
use crate::model::stage::Stage;
use crate::syntax::shell::RedirectKind;
use crate::text::span::Span;

/// So many steps are named, the last ones.
const MAX_STEPS: usize = 4;

/// Commands that name paths without putting anything there.
const READERS: [&str; 24] = [
    "[",
    "[[",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "cmp",
    "diff",
    "du",
    "file",
    "find",
    "grep",
    "head",
    "ldd",
    "ls",
    "rm",
    "rmdir",
    "setcap",
    "sha256sum",
    "stat",
    "strip",
    "test",
    "upx",
];

/// What packages bring at paths that no line names.
const BROUGHT: [(&str, &str); 3] = [
    ("/etc/ssl/certs", "ca-certificates"),
    ("/usr/share/ca-certificates", "ca-certificates"),
    ("/usr/share/zoneinfo", "tzdata"),
];

/// The steps in front of instruction `before` that put something at `path`, or below it, as a list; empty when none is known.
pub fn text(snapshot: &Snapshot, stage: &Stage, before: usize, path: &str) -> String {
    let mut spans = steps(snapshot, stage, before, path);
    spans.sort_unstable();
    spans.dedup();
    // A command stands within its instruction.
    let all = spans.clone();
    spans.retain(|span| !all.iter().any(|other| other != span && span.contains(*other)));
    if spans.is_empty() {
        return brought_by_base(snapshot, stage, path);
    }
    let first = spans.len().saturating_sub(MAX_STEPS);
    let lines = spans[first..].iter().map(|span| format!("- {}", lines::quoted(snapshot, *span)));
    format!("Comes from\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn steps(snapshot: &Snapshot, stage: &Stage, before: usize, path: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for stage in source::chain(snapshot, stage) {
        let analysis = snapshot.stage(stage);
        let copies = analysis.copies.iter().filter(|copy| copy.instruction < before);
        let instruction = |copy: &CopyFact| snapshot.file().instructions[copy.instruction].span;
        found.extend(copies.filter(|copy| brings(copy, path)).map(instruction));
        for go in analysis.go.iter().filter(|go| go.instruction < before) {
            let outputs = outputs(snapshot, stage, go);
            found.extend(outputs.iter().any(|output| is_below(output, path)).then_some(go.span));
        }
        let commands = analysis.commands.iter().filter(|command| command.instruction < before);
        found.extend(commands.filter(|command| names(command, path)).map(|command| command.span));
        for run in analysis.runs.iter().filter(|run| run.instruction < before) {
            redirects(run, path, &mut found);
        }
        let installs = analysis.installs.iter().filter(|install| install.instruction < before && !install.removes);
        let wanted = brought(path);
        found.extend(
            installs
                .filter(|install| {
                    let mut packages = install.packages.iter();
                    wanted.is_some_and(|tool| {
                        packages.any(|(name, _)| package_provides(install.manager, name).contains(&tool))
                    })
                })
                .map(|install| install.span),
        );
    }
    if let Origin::Context(_, Some(copy)) = source::origin(snapshot, stage, before, &[], path) {
        found.push(snapshot.file().instructions[copy].span);
    }
    found
}

/// True when a copy puts a file at `path`, or fills it.
fn brings(copy: &CopyFact, path: &str) -> bool {
    let targets = copy.sources.iter().filter_map(|source| copy.target(source).as_ref().cloned());
    let mut targets = targets.chain(copy.destination.as_ref().cloned());
    // From elsewhere a folder may come: nobody can see what is in it.
    let whole = copy.from != CopyFrom::Context;
    targets
        .any(|target| is_below(&target, path) || whole && !copy.into_folder && target != "/" && is_below(path, &target))
}

fn outputs(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> Vec<String> {
    if !go.builds() {
        return Vec::new();
    }
    // To ask for the module is costly, and most commands name the file.
    let with_module = || {
        let module = source::module_of(snapshot, stage, go).filter(|_| go.is_of_module())?;
        go.outputs(Some(module.module.go_mod.path()))
    };
    go.outputs(None).or_else(with_module).unwrap_or_default()
}

/// True when a command that is no mere reader names the path, or one below it.
fn names(command: &Invocation, path: &str) -> bool {
    if READERS.contains(&command.name.as_str()) || path == "/" {
        return false;
    }
    command.args.iter().filter_map(|arg| arg.value.as_ref()).any(|value| {
        let value = match value.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') || flag == "of" => value,
            _ => value.as_str(),
        };
        match command.cwd.as_ref() {
            _ if value.is_empty() || value.starts_with('-') => false,
            _ if value.starts_with('/') => is_below(&resolve("/", value), path),
            Some(cwd) if value.contains('/') || command.name != "go" => {
                // The folder itself says nothing: it is named as `.` by many.
                let place = resolve(cwd, value);
                place != *cwd && place.starts_with('/') && is_below(&place, path) && is_path(value)
            }
            _ => false,
        }
    })
}

/// True for what looks like a path: words of commands are no files.
fn is_path(value: &str) -> bool {
    value.contains(['/', '.']) && !value.contains(' ')
}

fn redirects(run: &RunFact, path: &str, found: &mut Vec<Span>) {
    let Some(script) = &run.script else { return };
    for command in &script.commands {
        let writes = command.redirects.iter().any(|redirect| {
            let target = redirect.target.as_ref().and_then(|target| target.literal());
            matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append)
                && target.is_some_and(|target| target.starts_with('/') && resolve("/", target) == path)
        });
        found.extend(writes.then_some(command.span.shift(run.offset)));
    }
}

fn brought(path: &str) -> Option<&'static str> {
    BROUGHT.iter().find(|(place, _)| is_below(path, place)).map(|(_, tool)| *tool)
}

/// What the base image has without any line.
fn brought_by_base(snapshot: &Snapshot, stage: &Stage, path: &str) -> String {
    let Some(image) = snapshot.stage(source::chain(snapshot, stage)[0]).start.image() else { return String::new() };
    let there = match brought(path) {
        Some("ca-certificates") => image.ca_certs,
        Some(_) => image.tzdata,
        None => None,
    };
    match there {
        Some(true) => "Comes with the base image.".to_owned(),
        Some(false) => "The base image does not have it, and no line is known that brings it.".to_owned(),
        None => String::new(),
    }
}
