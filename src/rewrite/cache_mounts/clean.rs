//! Commands that would empty a cache mount of their RUN, or fail on it.
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::known::Known;
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::model::stage::Stage;
use crate::rewrite::{go_flags, run_script};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// A folder that gets a mount.
pub struct Target {
    /// Where it is.
    pub folder: String,
    /// Modules are in it, or build results.
    pub modules: bool,
}

/// What a command does to the mounted folders.
enum Effect {
    /// Nothing.
    None,
    /// These words empty a cache; the flag tells that nothing else is left to do.
    Empties(Vec<Span>, bool),
    /// It would fail, or nobody can tell.
    Unclear,
}

/// Removes what empties the caches at `targets` from `run`; `None` where that can't be done.
pub fn edits(snapshot: &Snapshot, stage: &Stage, run: &RunFact, targets: &[Target]) -> Option<Vec<Edit>> {
    let analysis = snapshot.stage(stage);
    let mut edits = Vec::new();
    for command in analysis.commands.iter().filter(|command| command.instruction == run.instruction) {
        match effect(command, targets) {
            Effect::None => {}
            Effect::Empties(_, true) => {
                let removed = run_script::remove(snapshot, analysis, command);
                edits.push(removed.or_else(|| run_script::remove_last(snapshot, analysis, command))?);
            }
            Effect::Empties(words, false) => {
                run.script.as_ref()?;
                edits.extend(go_flags::delete(snapshot, words));
            }
            Effect::Unclear => return None,
        }
    }
    Some(edits)
}

fn effect(command: &Invocation, targets: &[Target]) -> Effect {
    match command.name.as_str() {
        "go" if command.args.first().is_some_and(|arg| arg.is("clean")) => go_clean(command, targets),
        "rm" | "rmdir" => rm(command, targets),
        _ => Effect::None,
    }
}

/// `go clean -cache -modcache`
fn go_clean(command: &Invocation, targets: &[Target]) -> Effect {
    let is_flag = |arg: &&Arg| arg.prefix.trim_start_matches('-').ends_with("cache") && arg.prefix.starts_with('-');
    let empties = |arg: &&Arg| {
        // Test results lie in the build cache.
        let modules = arg.prefix.ends_with("-modcache");
        targets.iter().any(|target| modules == target.modules)
    };
    let flags: Vec<&Arg> = command.args.iter().filter(is_flag).collect();
    let words: Vec<Span> = flags.iter().copied().filter(empties).map(|arg| arg.span).collect();
    if words.is_empty() {
        return Effect::None;
    }
    let all = words.len() + 1 == command.args.len();
    Effect::Empties(words, all)
}

/// `rm -rf /root/.cache /go/pkg`
fn rm(command: &Invocation, targets: &[Target]) -> Effect {
    let (mut words, mut others) = (Vec::new(), 0);
    for arg in command.args.iter().filter(|arg| !arg.prefix.starts_with('-')) {
        let Some(path) = arg.value.as_ref() else { return Effect::Unclear };
        let path = path.strip_suffix("/*").unwrap_or(path);
        let path = match &command.cwd {
            _ if path.starts_with('/') => resolve("/", path),
            Known::Known(cwd) => resolve(cwd, path),
            Known::Unknown => continue,
        };
        let inside = targets.iter().any(|target| is_below(&path, &target.folder));
        let around = targets.iter().any(|target| is_below(&target.folder, &path));
        match (inside, around) {
            (true, _) => words.push(arg.span),
            (false, true) if matches!(base(&path), ".cache" | "pkg") => words.push(arg.span),
            (false, true) => return Effect::Unclear,
            (false, false) => others += 1,
        }
    }
    if words.is_empty() { Effect::None } else { Effect::Empties(words, others == 0) }
}
