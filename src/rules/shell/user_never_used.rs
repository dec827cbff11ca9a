//! A user is made, and the program runs as root all the same.
use crate::analysis::accounts::{LONG, SHORT};
use crate::analysis::copy::CopyFrom;
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Answer;
use crate::analysis::path::{base, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::commands::ENOUGH;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::is_refused;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Programs that run what they are given, as whoever they are.
const RUNTIMES: [&str; 10] = ["node", "python", "python3", "java", "npm", "yarn", "deno", "bun", "dotnet", "ruby"];

/// Commands that may name the user without making it run anything.
const SETTING_UP: [&str; 10] =
    ["useradd", "adduser", "groupadd", "addgroup", "usermod", "passwd", "chpasswd", "chown", "chgrp", "install"];

/// Users that a tool which starts the container asks for by name.
const OF_TOOLS: [&str; 3] = ["vscode", "codespace", "gitpod"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    let makes = |command: &&Invocation| matches!(command.name.as_str(), "useradd" | "adduser") && !command.conditional;
    if !is_last || analysis.end.is_root() != Answer::Yes {
        return;
    }
    let Some(command) = analysis.commands.iter().rfind(makes) else { return };
    let Some(user) = user(command).filter(|user| !OF_TOOLS.contains(user)) else { return };
    let Some(start) = started(snapshot, stage, analysis) else { return };
    if is_used(snapshot, stage, analysis, user) || is_refused(snapshot, stage, &[Kind::User, Kind::Unknown]) {
        return;
    }
    let message = format!("the program runs as root: nothing uses the user `{user}` that is made here");
    let line = lines::line(snapshot, start, Kind::User, user);
    let fix = Fix::unsafe_(format!("add USER {user}"), vec![lines::insert_before(snapshot, start, &[line])]);
    let span = snapshot.file().instructions[start].span;
    findings.push(Finding::new(command.span, message).because(span, "started as root").fix(fix));
}

/// The name of the user that the command makes.
fn user(command: &Invocation) -> Option<&str> {
    let letters = SHORT.iter().find(|(name, _)| *name == command.name)?.1;
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.value.as_ref()?.as_str();
        if !text.starts_with('-') {
            let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
            return plain.then_some(text);
        }
        let cluster = !text.starts_with("--") && text.ends_with(|last| letters.contains(last));
        if LONG.contains(&text) || cluster {
            args.next()?;
        }
    }
    None
}

/// The instruction that starts the program: one that comes from another stage or is a runtime, so that it does not become
/// another user by itself.
fn started(snapshot: &Snapshot, stage: &Stage, analysis: &StageAnalysis) -> Option<usize> {
    let last = |kind: Kind| {
        let found = snapshot.file().stage_instructions(stage).filter(|(_, instruction)| instruction.kind == kind);
        found.last().map(|(index, _)| index)
    };
    let (entrypoint, cmd) = (last(Kind::Entrypoint), last(Kind::Cmd));
    let index = entrypoint.or(cmd)?;
    let words = snapshot.file().instructions[index].command()?.exec()?;
    let program = words.first()?.value.as_str();
    let workdir = analysis.end.workdir.as_ref();
    let path =
        if program.starts_with('/') { Some(resolve("/", program)) } else { workdir.map(|dir| resolve(dir, program)) };
    let from_stage = analysis.copies.iter().any(|fact| {
        matches!(fact.from, CopyFrom::Stage(_))
            && fact
                .sources
                .iter()
                .any(|source| fact.target(source).as_ref().is_some_and(|to| Some(to) == path.as_ref()))
    });
    let known = from_stage && !base(program).contains('.') || RUNTIMES.contains(&base(program));
    known.then(|| entrypoint.into_iter().chain(cmd).min()).flatten()
}

/// True when the stage names the user elsewhere than where it is made and given files.
fn is_used(snapshot: &Snapshot, stage: &Stage, analysis: &StageAnalysis, user: &str) -> bool {
    let text = &snapshot[stage.span];
    let setting_up = |span: Span| {
        let command = |command: &Invocation| SETTING_UP.contains(&command.name.as_str()) && command.span.contains(span);
        analysis.commands.iter().any(command)
            || analysis.copies.iter().any(|fact| fact.chown.is_some_and(|chown| chown.contains(span)))
    };
    let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    text.match_indices(user).take(ENOUGH * ENOUGH).any(|(at, _)| {
        let bytes = text.as_bytes();
        let whole = !part(at.checked_sub(1).and_then(|at| bytes.get(at))) && !part(bytes.get(at + user.len()));
        let path = at > 0 && bytes[at - 1] == b'/';
        let start = stage.span.start + at as u32;
        whole && !path && !setting_up(Span::new(start, start + user.len() as u32))
    })
}
