//! HEALTHCHECK, ENTRYPOINT or CMD calls a program that the image does not have.
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::PackageManager;
use crate::knowledge::packages::package_provides;
use crate::model::command::Command;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;
use crate::rules::unfinished::{may_bring_more, may_copy_to};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if may_bring_more(snapshot, stage) {
        return;
    }
    for kind in [Kind::Entrypoint, Kind::Cmd, Kind::Healthcheck] {
        let instructions = snapshot.file().stage_instructions(stage).map(|(_, instruction)| instruction);
        let Some(last) = instructions.filter(|instruction| instruction.kind == kind).last() else { continue };
        findings.extend(finding(snapshot, stage, last));
    }
}

fn finding(snapshot: &Snapshot, stage: &Stage, instruction: &Instruction) -> Option<Finding> {
    let end = &snapshot.stage(stage).end;
    let (name, span) = program(snapshot, instruction)?;
    // An ENTRYPOINT takes the CMD as arguments.
    let argument = instruction.kind == Kind::Cmd && effective(snapshot, stage, Kind::Entrypoint).is_some();
    if argument || end.has_command(&name) != Answer::No || end.is_tainted() {
        return None;
    }
    // Programs of the project come by folders whose content is not known; only what packages bring is missed for sure.
    let is_tool =
        [PackageManager::Apt, PackageManager::Apk].iter().any(|m| package_provides(*m, &name).contains(&name.as_str()));
    let path = end.env.known("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin");
    if !is_tool || path.split(':').any(|folder| may_copy_to(snapshot, stage, folder)) {
        return None;
    }
    let image = end.reference.as_deref().unwrap_or("this image");
    let then = match instruction.kind {
        Kind::Healthcheck => "the container is never healthy",
        _ => "the container can't start",
    };
    Some(Finding::new(span, format!("`{image}` has no `{name}`: {then}")))
}

/// The program, when it is looked up in PATH.
fn program(snapshot: &Snapshot, instruction: &Instruction) -> Option<(String, Span)> {
    let (name, span) = match instruction.command()? {
        Command::Missing => return None,
        Command::Exec(words) => (words.first()?.value.clone(), words.first()?.span),
        Command::Shell(span) => {
            let text = &snapshot[*span];
            let word = text.split_whitespace().next()?;
            (word.to_owned(), Span::new(span.start, span.start + word.len() as u32))
        }
    };
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte));
    // The shell knows some words by itself.
    let builtin = matches!(
        name.as_str(),
        "exec"
            | "test"
            | "exit"
            | "true"
            | "false"
            | "echo"
            | "cd"
            | "set"
            | "if"
            | "for"
            | "while"
            | "export"
            | "wait"
            | "trap"
            | "eval"
            | "command"
            | "kill"
            | "printf"
            | "read"
            | "until"
            | "case"
    );
    (plain && !builtin && !name.is_empty()).then_some((name, span))
}
