//! The shell form in an image that has no shell.
use crate::analysis::copy::{CopyFact, CopySource};
use crate::analysis::known::Answer;
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::rewrite::exec_form::{exec_words, json};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    if analysis.start.has_shell() != Answer::No {
        return;
    }
    if let Some((run, span)) = first_run(snapshot, stage)
        && !shell_may_come(snapshot, stage, run.span.start)
    {
        findings.push(finding(snapshot, stage, run, span));
    }
    let built_upon =
        |other: &Stage| other.base == Base::Stage(stage.index) && snapshot.stage(other).end.has_shell() != Answer::No;
    let gets_shell = analysis.end.has_shell() != Answer::No || snapshot.file().stages.iter().any(built_upon);
    if gets_shell || shell_may_come(snapshot, stage, stage.span.end) {
        return;
    }
    for kind in [Kind::Entrypoint, Kind::Cmd, Kind::Healthcheck] {
        let instructions = snapshot.file().stage_instructions(stage).map(|(_, instruction)| instruction);
        let Some(last) = instructions.filter(|instruction| instruction.kind == kind).last() else { continue };
        if let Some(span) = shell_form(snapshot, last) {
            findings.push(finding(snapshot, stage, last, span).fix(to_exec_form(snapshot, last, span)));
        }
    }
}

/// The first RUN for the shell; where it fails, the ones behind it are never reached.
fn first_run<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<(&'s Instruction, Span)> {
    let end = &snapshot.stage(stage).end;
    let opened = [end.files.opened_by(), end.packages.opened_by()].into_iter().flatten().map(|span| span.start).min();
    let text = snapshot.text();
    for (_, instruction) in snapshot.file().stage_instructions(stage) {
        if instruction.kind == Kind::Shell || opened.is_some_and(|start| start < instruction.span.start) {
            return None;
        }
        let mounted = instruction.flags_named(text, "mount").next().is_some();
        let script = instruction.heredocs.first().is_some_and(|heredoc| snapshot[heredoc.body].starts_with("#!"));
        if instruction.kind == Kind::Run
            && let Some(span) = shell_form(snapshot, instruction)
        {
            return (!mounted && !script).then_some((instruction, span));
        }
    }
    None
}

/// The shell text of an instruction; `None` for the exec form, and for one gone wrong: another rule's.
fn shell_form(snapshot: &Snapshot, instruction: &Instruction) -> Option<Span> {
    let span = instruction.command()?.shell()?;
    (!snapshot[span].starts_with('[')).then_some(span)
}

/// True when a COPY of the stage, or of those it is built on, may bring a whole file system.
fn shell_may_come(snapshot: &Snapshot, stage: &Stage, before: u32) -> bool {
    let file = snapshot.file();
    let suspicious = |fact: &&CopyFact| {
        file.instructions[fact.instruction].span.start < before
            && fact.destination.is(|path| FOLDERS.contains(&path.as_str()))
    };
    let mut copies: Vec<&CopyFact> = Vec::new();
    let mut at = stage;
    loop {
        copies.extend(snapshot.stage(at).copies.iter().filter(suspicious));
        match at.base {
            Base::Stage(parent) => at = &file.stages[parent],
            _ => break,
        }
    }
    if copies.is_empty() {
        return false;
    }
    let programs = programs(snapshot, stage);
    copies.iter().flat_map(|fact| &fact.sources).any(|source| !is_file(source, &programs))
}

/// Folders in which a shell can lie, or a folder with a shell.
const FOLDERS: [&str; 8] = ["/", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/usr/local", "/usr/local/bin"];

/// True when `source` is one file that is no shell, as far as its name tells.
fn is_file(source: &CopySource, programs: &[String]) -> bool {
    source.path.is(|path| {
        let name = base(path);
        !source.is_glob() && (name.contains('.') || programs.iter().any(|program| program == name))
    })
}

/// The names of the programs that the stage starts, as words of its commands, and of all that is built with Go.
fn programs(snapshot: &Snapshot, stage: &Stage) -> Vec<String> {
    let mut names = Vec::new();
    for (_, instruction) in snapshot.file().stage_instructions(stage) {
        let Some(command) = instruction.command() else { continue };
        match (command.exec(), command.shell()) {
            (Some(words), _) => names.extend(words.iter().map(|word| base(&word.value).to_owned())),
            (_, Some(span)) => {
                let words =
                    snapshot[span].split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&' | '|'));
                names.extend(words.map(|word| base(word).to_owned()));
            }
            _ => {}
        }
    }
    let commands = snapshot.linked(stage).flat_map(|stage| &snapshot.stage(stage).go);
    let outputs = commands.filter_map(|command| command.outputs(None));
    names.extend(outputs.flatten().map(|path| base(&path).to_owned()));
    names
}

fn finding(snapshot: &Snapshot, stage: &Stage, instruction: &Instruction, span: Span) -> Finding {
    let image = snapshot.stage(stage).end.reference.clone().unwrap_or_else(|| "the image".into());
    let what = match instruction.kind {
        Kind::Healthcheck => "HEALTHCHECK CMD",
        kind => kind.keyword(),
    };
    let finding = Finding::new(span, format!("{what} in shell form needs /bin/sh, and `{image}` has no shell"));
    match &snapshot.file().instructions[stage.from].body {
        Body::From(from) => match &from.image {
            Some(word) => finding.because(word.span, "no shell in here"),
            None => finding,
        },
        _ => finding,
    }
}

/// Nothing can get worse: without a shell the command never runs.
fn to_exec_form(snapshot: &Snapshot, instruction: &Instruction, span: Span) -> Option<Fix> {
    let mut text = &snapshot[span];
    if instruction.kind == Kind::Healthcheck {
        let head = text.strip_suffix("exit 1").and_then(|head| head.trim_end().strip_suffix("||"));
        text = head.map_or(text, str::trim_end);
    }
    let words = exec_words(text, snapshot.file().escape)?;
    if instruction.kind == Kind::Healthcheck && !words.first().is_some_and(|word| word.contains('/')) {
        return None;
    }
    let array = json(words.iter().map(String::as_str));
    Fix::safe(format!("write {array}"), vec![Edit::replace(span, array)])
}
