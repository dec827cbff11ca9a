//! `COPY x.tar.gz` and `RUN tar -xzf x.tar.gz`, where ADD unpacks it.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::invocation::Invocation;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::commands::ENOUGH;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3010"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let unpacks = |command: &&Invocation| command.name == "tar" && !command.broken && is_plain_extraction(command);
    for command in analysis.commands.iter().filter(unpacks).take(ENOUGH) {
        let copy = analysis.copies.iter().find(|fact| brings(snapshot, fact, command));
        if let Some(copy) = copy {
            let span = snapshot.file().instructions[copy.instruction].span;
            let message = "the image keeps the archive beside what is unpacked from it: ADD unpacks without it";
            findings.push(Finding::new(span, message).because(command.span, "unpacked here"));
            return;
        }
    }
}

/// True when nothing but unpacking is asked for: ADD can't leave out leading folders or pick members.
fn is_plain_extraction(command: &Invocation) -> bool {
    let Some(first) = command.args.first().and_then(|arg| arg.value.as_ref()) else { return false };
    let old = !first.starts_with('-') && first.bytes().all(|byte| byte.is_ascii_lowercase()) && first.contains('x');
    let mut extracts = old;
    for arg in &command.args {
        let Some(text) = arg.value.as_ref() else { return false };
        if text.starts_with("--")
            && !["--extract", "--gzip", "--directory", "--file"].iter().any(|flag| text.starts_with(flag))
        {
            return false;
        }
        extracts |= text.starts_with('-') && !text.starts_with("--") && text.contains('x') || text == "--extract";
    }
    extracts
}

fn brings(snapshot: &Snapshot, fact: &CopyFact, command: &Invocation) -> bool {
    let from_context = fact.from == CopyFrom::Context && fact.instruction < command.instruction;
    let kind = snapshot.file().instructions[fact.instruction].kind;
    let archive = |source: &&crate::analysis::copy::CopySource| source.may_be_archive() && !source.is_glob();
    from_context
        && kind == Kind::Copy
        && fact.sources.iter().filter(archive).any(|source| {
            let Some(target) = fact.target(source).as_ref().cloned() else { return false };
            let means = |written: &String| match command.cwd.as_ref() {
                _ if written.starts_with('/') => resolve("/", written) == target,
                Some(cwd) => resolve(cwd, written) == target,
                None => false,
            };
            source.path.as_ref().is_some() && command.args.iter().any(|arg| arg.value.is(means))
        })
}
