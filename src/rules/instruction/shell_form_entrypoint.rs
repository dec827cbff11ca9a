//! CMD and ENTRYPOINT in shell form, where the exec form would do.
use std::path::Path;

use crate::analysis::copy::{CopyFact, CopySource};
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{base, is_shell};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
use crate::knowledge::distros::Distro;
use crate::model::command::JsonString;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::rewrite::exec_form::{exec_words, json};
use crate::rules::commands::{is_wide, wants_each};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["JSONArgsRecommended", "DL3025"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    // A SHELL that is being typed may become any, and a COPY may bring the first shell.
    let bare = snapshot.stage(stage).start.has_shell() == Answer::No;
    // An archive may bring one wherever it goes.
    let unpacks = |copy: &CopyFact| copy.sources.iter().any(CopySource::may_be_archive);
    let archives = || snapshot.stage(stage).half_copies.iter().filter(|copy| unpacks(copy));
    let is_half_typed = |index: usize, it: &Instruction| match it.kind {
        Kind::Shell => it.command().and_then(|command| command.exec()).is_none(),
        Kind::Add if archives().any(|copy| copy.instruction == index) => false,
        _ => bare && it.copy().is_some_and(|copy| copy.destination.is_none()),
    };
    if stage.base == Base::Missing || snapshot.file().stage_instructions(stage).any(|(at, it)| is_half_typed(at, it)) {
        return;
    }
    // Without a shell it is another rule's, which has no code of hadolint.
    let shell_is_missing = end.has_shell() == Answer::No && !wants_each(snapshot);
    if has_own_shell(snapshot, end) || shell_is_missing {
        return;
    }
    let last = |kind: Kind| {
        let instructions = snapshot.file().stage_instructions(stage).map(|(_, instruction)| instruction);
        instructions.filter(|instruction| instruction.kind == kind).last()
    };
    let (entrypoint, cmd) = (last(Kind::Entrypoint), last(Kind::Cmd));
    let shell_entrypoint = entrypoint.and_then(|entrypoint| shell_form(snapshot, entrypoint));
    match (entrypoint, shell_entrypoint, cmd) {
        (_, Some(span), _) => findings.extend(of_entrypoint(snapshot, span, cmd)),
        (Some(entrypoint), None, Some(cmd)) => findings.extend(of_cmd(snapshot, cmd, Some(entrypoint))),
        (None, None, Some(cmd)) => findings.extend(of_cmd(snapshot, cmd, None)),
        _ => {}
    }
}

/// True when the shell form does not mean `/bin/sh -c` here, or was chosen.
fn has_own_shell(snapshot: &Snapshot, end: &ImageState) -> bool {
    let windows = end.distro().is(|distro| *distro == Distro::Windows) || snapshot.file().escape == b'`';
    windows || end.shell != Known::Unknown
}

/// The shell text of an instruction; `None` for the exec form, and for an exec form gone wrong: another rule's, which has no
/// code of hadolint.
fn shell_form(snapshot: &Snapshot, instruction: &Instruction) -> Option<Span> {
    let span = instruction.command()?.shell()?;
    let text = &snapshot[span];
    // Words in front that look like flags are a syntax error.
    let replaced =
        !instruction.flags.is_empty() || text == "exec" || text.starts_with("exec ") || text.starts_with("exec\t");
    let gone_wrong = text.starts_with('[') && !wants_each(snapshot);
    (!replaced && !gone_wrong).then_some(span)
}

/// The words of a text that needs no shell; none of an exec form gone wrong.
fn words(snapshot: &Snapshot, span: Span) -> Option<Vec<String>> {
    let text = Some(&snapshot[span]).filter(|text| !text.starts_with('['))?;
    exec_words(text, snapshot.file().escape)
}

fn of_entrypoint(snapshot: &Snapshot, span: Span, cmd: Option<&Instruction>) -> Option<Finding> {
    let words = words(snapshot, span);
    if words.is_none() && !is_wide(snapshot) {
        return None;
    }
    let finding =
        Finding::new(span, "ENTRYPOINT in shell form takes no arguments: CMD and those of `docker run` are lost");
    let finding = match cmd {
        Some(cmd) => finding.because(cmd.span, "never passed on"),
        None => finding,
    };
    Some(finding.fix(words.and_then(|words| to_exec_form(span, &words, cmd.is_none()))))
}

fn of_cmd(snapshot: &Snapshot, cmd: &Instruction, entrypoint: Option<&Instruction>) -> Option<Finding> {
    let span = shell_form(snapshot, cmd)?;
    let words = words(snapshot, span);
    if let Some(entrypoint) = entrypoint
        && snapshot[span].starts_with('-')
        && entrypoint.command().and_then(|command| command.exec()).is_some_and(|words| !runs_shell(words))
    {
        let finding = Finding::new(span, "CMD in shell form gives ENTRYPOINT the arguments `/bin/sh -c …`, not these");
        let finding = finding.because(entrypoint.span, "gets them");
        return Some(finding.fix(words.and_then(|words| to_exec_form(span, &words, true))));
    }
    // `CMD bash`: an image to look around in.
    let shell_alone = words.as_ref().is_some_and(|words| words.len() == 1 && is_shell(base(&words[0])));
    if (words.is_none() || shell_alone) && !is_wide(snapshot) {
        return None;
    }
    let message = "CMD in shell form starts /bin/sh first, which may keep signals from the program";
    Some(Finding::new(span, message).fix(words.and_then(|words| to_exec_form(span, &words, true))))
}

fn runs_shell(words: &[JsonString]) -> bool {
    words.iter().any(|word| is_shell(base(&word.value)))
}

/// A script may lack its `#!` line: a shell runs it all the same, the kernel does not.
fn to_exec_form(span: Span, words: &[String], same: bool) -> Option<Fix> {
    let array = json(words.iter().map(String::as_str));
    let extension = words.first().and_then(|word| Path::new(word).extension());
    let script = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("sh"));
    let (title, edits) = (format!("write {array}"), vec![Edit::replace(span, array)]);
    if same && !script { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
}
