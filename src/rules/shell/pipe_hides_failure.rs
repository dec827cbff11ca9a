//! `curl … | sh`: when the download fails, the RUN succeeds.
use crate::analysis::invocation::Invocation;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::is_shell;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::knowledge::shell_words::{Trait, command_is, sh_has_pipefail};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::commands::{ENOUGH, is_wide, script_of};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::unfinished::is_refused;
use crate::syntax::shell::{Command, GroupKind, Link, Script, ShellOption};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL4006"],
    check: Check::Stage(check),
};

/// A pipe whose left side may fail unseen.
struct Pipe<'a> {
    writer: &'a Invocation,
    reader: &'a Invocation,
    /// A download whose reader succeeds without input: wrong for sure.
    certain: bool,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // A SHELL that is being typed may ask for pipefail.
    if chain(snapshot, stage).any(|stage| is_refused(snapshot, stage, &[Kind::Shell])) {
        return;
    }
    let analysis = snapshot.stage(stage);
    let wide = is_wide(snapshot);
    let instructions = &snapshot.file().instructions;
    let chosen = instructions[stage.instructions.clone()].iter().any(|instruction| instruction.kind == Kind::Shell);
    // One SHELL serves all that follow.
    let mut shell_given = false;
    for run in &analysis.runs {
        let Some(script) = script_of(run).filter(|script| script.commands.iter().any(|one| one.link == Link::Pipe))
        else {
            continue;
        };
        let shell = shell_before(snapshot, stage, if chosen { run.instruction } else { stage.instructions.start });
        if shell.as_ref().is_some_and(|words| words.iter().any(|word| word == "pipefail")) {
            continue;
        }
        let pipes = pipes(snapshot, script, run, analysis.commands_of(run.instruction));
        let Some(first) = pipes.iter().find(|pipe| pipe.certain || wide) else { continue };
        let (writer, reader) = (&first.writer.name, &first.reader.name);
        let message = if first.certain {
            format!("when {writer} fails, {reader} gets nothing and succeeds, so the build goes on")
        } else {
            format!("when {writer} fails, the build goes on: only the last command of a pipe counts")
        };
        let span = first.writer.span.cover(first.reader.span);
        let fix = fix(snapshot, stage, run, shell.as_ref(), shell_given);
        shell_given |= fix.is_some();
        findings.push(Finding::new(span, message).fix(fix));
    }
}

/// The pipes whose left side may fail unseen; not those that `pipefail` would break, and none whose status nobody asks for.
fn pipes<'a>(snapshot: &Snapshot, script: &Script, run: &RunFact, commands: &'a [Invocation]) -> Vec<Pipe<'a>> {
    let found = |command: &Command| {
        commands.iter().find(|invocation| command.name.is_some() && invocation.span == command.span.shift(run.offset))
    };
    let mut pipes = Vec::new();
    let piped = script.commands.iter().enumerate().filter(|(_, command)| command.link == Link::Pipe);
    for (index, right) in piped.take(ENOUGH) {
        let nested = right.in_substitution || !counts(snapshot, script, run, right);
        let next_is_or = script.commands.get(index + 1).is_some_and(|next| next.link == Link::Or);
        if nested || next_is_or || script.option_at(index, ShellOption::PipeFail) {
            continue;
        }
        let left = script.commands[..index].iter().rposition(|left| left.group == right.group && !left.in_substitution);
        let Some((writer, reader)) = left.and_then(|left| Some((found(&script.commands[left])?, found(right)?))) else {
            continue;
        };
        if command_is(&writer.name, Trait::Endless) || may_stop_early(reader) || refuses_nothing(reader) {
            continue;
        }
        if !writer.in_substitution && writer.name.is_empty() {
            continue;
        }
        let certain = command_is(&writer.name, Trait::Download) && accepts_nothing(reader);
        pipes.push(Pipe { writer, reader, certain });
    }
    pipes
}

/// True for a command whose status may be that of the RUN: no condition, and in nothing but braces and the bodies of `if` and `case`.
fn counts(snapshot: &Snapshot, script: &Script, run: &RunFact, command: &Command) -> bool {
    let mut number = command.group;
    while number != 0 {
        let Some(group) = script.groups.get(number as usize).filter(|group| !group.subshell) else { return false };
        let before = &snapshot[Span::new(group.span.start, command.span.start).shift(run.offset)];
        let in_body = match group.kind {
            GroupKind::If => before.contains("then") && !before.contains("elif"),
            GroupKind::Case | GroupKind::Braces => true,
            _ => false,
        };
        if !in_body {
            return false;
        }
        number = group.parent;
    }
    true
}

/// True for a reader that leaves before its writer is done: with `pipefail` the RUN would fail now and then.
fn may_stop_early(reader: &Invocation) -> bool {
    let flag = |wanted: &[char]| {
        reader.args.iter().any(|arg| is_short(&arg.prefix) && arg.prefix.contains(wanted) || arg.prefix == "--quiet")
    };
    let script = |word: &str| reader.args.iter().any(|arg| arg.prefix.contains(word));
    command_is(&reader.name, Trait::Early)
        && match reader.name.as_str() {
            "grep" => flag(&['q', 'm', 'l']) || script("--max-count"),
            "sed" => script("q"),
            "awk" | "gawk" | "mawk" => script("exit"),
            _ => true,
        }
}

/// True for a reader that fails by itself when nothing comes.
fn refuses_nothing(reader: &Invocation) -> bool {
    let flag = |letter: char, long: &str| {
        reader.args.iter().any(|arg| is_short(&arg.prefix) && arg.prefix.contains(letter) || arg.prefix == long)
    };
    command_is(&reader.name, Trait::Refuses)
        && match reader.name.as_str() {
            "gzip" | "bzip2" | "xz" => flag('d', "--decompress"),
            "sha1sum" | "sha256sum" | "sha512sum" | "md5sum" | "b2sum" => flag('c', "--check"),
            _ => true,
        }
}

/// True for a reader that succeeds when nothing comes.
fn accepts_nothing(reader: &Invocation) -> bool {
    let runs_input = || {
        let first = reader.args.iter().find(|arg| !arg.prefix.starts_with('-') || arg.prefix == "-");
        let letters: &[char] = if is_shell(&reader.name) { &['c'] } else { &['c', 'e', 'm'] };
        let inline = reader.args.iter().any(|arg| is_short(&arg.prefix) && arg.prefix.contains(letters));
        let reads = first.is_none_or(|arg| arg.prefix == "-")
            || reader.args.iter().any(|arg| is_short(&arg.prefix) && arg.prefix.contains('s'));
        reads && !inline
    };
    command_is(&reader.name, Trait::Accepts)
        && match reader.name.as_str() {
            "tee" | "cat" => true,
            _ => runs_input(),
        }
}

fn is_short(flag: &str) -> bool {
    flag.starts_with('-') && !flag.starts_with("--")
}

/// The shell of the RUN at `index`.
fn shell_before(snapshot: &Snapshot, stage: &Stage, index: usize) -> Known<Vec<String>> {
    let instructions = &snapshot.file().instructions[stage.instructions.start..index];
    match instructions.iter().rev().find(|instruction| instruction.kind == Kind::Shell) {
        Some(shell) => {
            let words = shell.command().and_then(|command| command.exec());
            words.map(|words| words.iter().map(|word| word.value.clone()).collect()).into()
        }
        None => match &snapshot.stage(stage).start.shell {
            Known::Known(words) => Known::Known(words.to_vec()),
            Known::Unknown => Known::Unknown,
        },
    }
}

fn fix(snapshot: &Snapshot, stage: &Stage, run: &RunFact, shell: Option<&Vec<String>>, given: bool) -> Option<Fix> {
    let analysis = snapshot.stage(stage);
    let instruction = &snapshot.file().instructions[run.instruction];
    let start = instruction.command()?.shell()?.start;
    if !instruction.heredocs.is_empty() {
        return None;
    }
    let knows = match shell {
        Some(words) => words.first().is_some_and(|word| command_is(crate::analysis::path::base(word), Trait::Pipefail)),
        None => analysis.start.distro().is(|distro| sh_has_pipefail(*distro)),
    };
    if knows {
        let edits = vec![Edit::insert(start, "set -o pipefail && ")];
        // A reader that ends early makes the writer fail: somebody has to look.
        return Fix::unsafe_("set -o pipefail", edits);
    }
    let bash = has_bash(analysis) && shell.is_none() && !given;
    let line = lines::line(snapshot, run.instruction, Kind::Shell, r#"["/bin/bash", "-o", "pipefail", "-c"]"#);
    let edit = lines::insert_before(snapshot, run.instruction, &[line]);
    bash.then(|| Fix::unsafe_("run it with bash and pipefail", vec![edit])).flatten()
}

/// True when the base image has bash for sure.
fn has_bash(analysis: &StageAnalysis) -> bool {
    analysis.start.has_command("bash") == Answer::Yes
}
