//! All of the project is copied, and the ignore file lets .git through.
use super::dependencies_after_source::is_for_work;
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::dependencies::installs;
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::Invocation;
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::go_calls::{CallKind, go_call};
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::paths;
use crate::rewrite::ignore_file::keep_out;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::unfinished::may_bring_more;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

/// What every .git has, and what patterns for a part of it name.
const PARTS: [&str; 4] = [".git", ".git/HEAD", ".git/objects", ".git/index"];

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    let Some(ignore) = facts.ignore.as_ref().filter(|_| facts.exists(".git") == Some(true)) else { return };
    let is_let_through = ignore.lines().iter().any(|line| line.negated && is_in_git(&line.pattern));
    if is_let_through || PARTS.iter().any(|part| ignore.excludes(part)) || facts.truncated {
        return;
    }
    let Some((stage, span)) = snapshot.file().stages.iter().find_map(|stage| whole(snapshot, stage)) else { return };
    let used = |stage: &Stage| uses_git(snapshot.stage(stage)) || may_bring_more(snapshot, stage);
    if snapshot.file().stages.iter().any(|stage| names_git(snapshot.stage(stage))) {
        return;
    }
    let builds =
        |stage: &Stage| !snapshot.stage(stage).go.is_empty() || installs(snapshot.stage(stage)).next().is_some();
    // An image of the project, or one that nothing is built in, may be one that people work in.
    let is_build = snapshot.stage(stage).start.image().is_some() && snapshot.linked(stage).any(builds);
    if is_build && !is_for_work(snapshot, stage) && !snapshot.linked(stage).any(used) && !reads_build_info(facts) {
        let message = "the ignore file lets .git through: every commit changes this layer";
        // The same file holds for all stages.
        let is_wanted = snapshot.file().stages.iter().any(used);
        findings.push(Finding::new(span, message).fix(keep_out(facts, ".git").filter(|_| !is_wanted)));
    }
}

/// COPY or a mount takes .git, or something in it, by its name: it is wanted.
fn names_git(analysis: &StageAnalysis) -> bool {
    let copies = analysis.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let mut mounts = analysis.runs.iter().flat_map(|run| &run.mounts);
    { copies }.flat_map(|copy| &copy.sources).any(|source| source.path.is(|path| is_in_git(path)))
        || mounts.any(|mount| mount.source().is_some_and(is_in_git))
}

fn is_in_git(path: &str) -> bool {
    paths::strip(&paths::clean(path), ".git").is_some()
}

/// The source that is the whole context, with its stage.
fn whole<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<(&'s Stage, crate::text::span::Span)> {
    let copies = snapshot.stage(stage).copies.iter();
    let mut from_context = copies.filter(|copy: &&CopyFact| copy.from == CopyFrom::Context);
    from_context.find_map(|copy| {
        let source = copy.sources.iter().find(|source| source.path.is(String::is_empty))?;
        Some((stage, source.span))
    })
}

/// A program of the project tells its commit, or may: go build wrote it down.
fn reads_build_info(facts: &Facts) -> bool {
    let packages = facts.modules.iter().flat_map(|module| module.packages.values());
    let mut mentions = packages.flat_map(|package| &package.files).flat_map(|file| &file.source.mentions);
    mentions.any(|mention| go_call(&mention.name) == Some(CallKind::BuildInfo))
}

/// True when a command of the stage reads the history, or when that can't be told.
fn uses_git(analysis: &StageAnalysis) -> bool {
    let unclear =
        analysis.runs.iter().any(|run| run.script.as_ref().is_none_or(|script| script.broken || script.foreign));
    let installs: Vec<_> = installs(analysis).map(|install| install.command.span).collect();
    let is_plain = |command: &Invocation| {
        let written = command.name_span.len() as usize == command.name.len();
        let start = command.span.start;
        let build =
            analysis.go.binary_search_by_key(&start, |go| go.command.span.start).ok().map(|at| &analysis.go[at]);
        match (build, command.name.as_str()) {
            (Some(go), _) => is_plain_go(go),
            (None, "git") => command.args.first().is_some_and(|arg| matches!(arg.prefix.as_str(), "clone" | "config")),
            (None, "npm" | "yarn" | "pnpm" | "npx" | "node" | "upx") => false,
            (None, name) => written && taint(name) != Taint::All,
        }
    };
    unclear || analysis.commands.iter().any(|command| !installs.contains(&command.span) && !is_plain(command))
}

/// True for what compiles without being told to write the commit down, and runs nothing of the project.
fn is_plain_go(go: &GoCommand) -> bool {
    let stamps = go.flag("-buildvcs").is_some_and(|flag| !flag.value.is(|value| value == "false"));
    let runs = matches!(go.verb.as_str(), "run" | "generate" | "test" | "tool") || base(&go.command.name) != "go";
    !stamps && !runs
}
