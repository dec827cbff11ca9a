//! `COPY x` and `RUN chmod … x`, where `COPY --chmod` does it without another copy of the file.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::invocation::Invocation;
use crate::analysis::path::{base, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::commands::{ENOUGH, is_plain, script_of, ships};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::is_refused;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    if !ships(snapshot, stage) {
        return;
    }
    let mut tried = 0;
    for run in &analysis.runs {
        let [command] = analysis.commands_of(run.instruction) else { continue };
        if command.name != "chmod" || script_of(run).is_none_or(|script| script.commands.len() != 1) {
            continue;
        }
        tried += 1;
        if tried > ENOUGH {
            return;
        }
        let Some((mode, paths)) = operands(command) else { continue };
        let copied: Option<Vec<&CopyFact>> =
            paths.iter().map(|path| copy_of(snapshot, &analysis.copies, run.instruction, path)).collect();
        let Some(first) = copied.as_ref().and_then(|copies| copies.first().copied()) else {
            // The first one is reported: it may be this, once its COPY is typed.
            if is_refused(snapshot, stage, &[Kind::Copy]) {
                return;
            }
            continue;
        };
        let all_one = copied.iter().flatten().all(|fact| fact.instruction == first.instruction);
        let span = snapshot.file().instructions[first.instruction].span;
        let message = "the file is stored twice, since chmod writes it again: COPY can set its mode";
        let fix = (all_one && first.sources.len() == paths.len()).then(|| fix(snapshot, run.instruction, first, mode));
        findings.push(Finding::new(command.span, message).because(span, "copied here").fix(fix.flatten()));
        return;
    }
}

/// The mode and the absolute paths of a chmod without flags.
fn operands(command: &Invocation) -> Option<(&'static str, Vec<String>)> {
    let mode = match command.args.first()?.value.as_ref()?.as_str() {
        "+x" | "a+x" | "ugo+x" | "755" | "0755" | "a+rx" | "+rx" => "755",
        "555" | "0555" => "555",
        "644" | "0644" => "644",
        "600" | "0600" => "600",
        _ => return None,
    };
    let path = |written: &String| match command.cwd.as_ref() {
        _ if written.contains(['*', '?', '[', '{']) => None,
        _ if written.starts_with('/') => Some(resolve("/", written)),
        cwd => Some(resolve(cwd?, written)),
    };
    let paths: Option<Vec<String>> = command.args[1..].iter().map(|arg| path(arg.value.as_ref()?)).collect();
    Some((mode, paths.filter(|paths| !paths.is_empty())?))
}

/// The COPY from the context, in front of the RUN, that wrote the file at `path` last.
fn copy_of<'a>(snapshot: &Snapshot, copies: &'a [CopyFact], run: usize, path: &str) -> Option<&'a CopyFact> {
    let before = copies.iter().rev().filter(|fact| fact.instruction < run);
    let fact =
        before.into_iter().find(|fact| fact.sources.iter().any(|source| fact.target(source).is(|to| to == path)))?;
    let instruction = &snapshot.file().instructions[fact.instruction];
    let has_mode = instruction.flag(snapshot.text(), "chmod").is_some();
    let plain = instruction.kind == Kind::Copy && instruction.heredocs.is_empty() && fact.from == CopyFrom::Context;
    // A file for sure: its name has an ending. A folder's mode would be given to all that is in it.
    let files = fact.sources.iter().all(|source| !source.is_glob() && source.path.is(|path| base(path).contains('.')));
    (plain && files && !has_mode).then_some(fact)
}

fn fix(snapshot: &Snapshot, run: usize, copy: &CopyFact, mode: &str) -> Option<Fix> {
    let instruction = &snapshot.file().instructions[copy.instruction];
    if !is_plain(snapshot, run) {
        return None;
    }
    let mut edits = lines::delete(snapshot, &[run]);
    edits.push(Edit::insert(instruction.keyword.end, format!(" --chmod={mode}")));
    Fix::unsafe_(format!("COPY --chmod={mode}"), edits)
}
