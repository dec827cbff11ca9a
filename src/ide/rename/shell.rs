//! Shell texts that set a variable themselves, or that nobody can read for sure.
use super::line;
use crate::analysis::snapshot::Snapshot;
use crate::ide::exec_shell;
use crate::ide::mentions::{shell_texts, stage_around};
use crate::model::command::Command;
use crate::model::instruction::{Body, Kind};
use crate::syntax::shell;
use crate::text::span::Span;

/// Commands of the shell that take names of variables.
const TAKE_NAMES: [&str; 11] = [
    "declare",
    "export",
    "getopts",
    "local",
    "mapfile",
    "printenv",
    "read",
    "readarray",
    "readonly",
    "typeset",
    "unset",
];

/// Whether the shell texts of `stage` read the variable `name` from the builder alone.
///
/// # Errors
/// The line that sets it, or that can't be read, and why nothing is renamed.
pub fn check(snapshot: &Snapshot, stage: usize, name: &str) -> Result<(), String> {
    for index in snapshot.file().stages[stage].instructions.clone() {
        let Some(text) = text(snapshot, index).filter(|text| words(snapshot, *text, name).next().is_some()) else {
            continue;
        };
        if let Some(at) = sets(snapshot, index, name) {
            return Err(format!(
                "the shell of line {} sets `{name}` itself or asks for it by name",
                line(snapshot, at)
            ));
        }
        if !is_read(snapshot, stage, index) {
            let line = line(snapshot, text.start);
            return Err(format!("`{name}` stands in line {line}, which can't be read for sure"));
        }
    }
    Ok(())
}

/// The shell text of instruction `index`, here-documents included; `None` for what has no shell, as most exec forms.
fn text(snapshot: &Snapshot, index: usize) -> Option<Span> {
    let mut instruction = &*snapshot.file().instructions[index];
    if let Body::Onbuild(Some(trigger)) = &instruction.body {
        instruction = trigger;
    }
    let spoken = matches!(instruction.kind, Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
    match instruction.command().filter(|_| spoken)? {
        Command::Shell(span) => Some(Span::new(span.start, instruction.span.end.max(span.end))),
        Command::Exec(_) => exec_shell::text(instruction),
        Command::Missing => None,
    }
}

/// True when a shell that we know reads the text.
fn is_read(snapshot: &Snapshot, stage: usize, index: usize) -> bool {
    let mut read = false;
    shell_texts(snapshot, stage, index, &mut |script, _, _| read = !script.foreign);
    read
}

/// The place in the shell text of instruction `index` that gives `name` a value, or hands the name to a command.
pub fn sets(snapshot: &Snapshot, index: usize, name: &str) -> Option<u32> {
    let (text, stage) = (text(snapshot, index)?, stage_around(snapshot, index)?);
    let (mut found, mut broken) = (None, false);
    shell_texts(snapshot, stage, index, &mut |script, offset, _| {
        broken |= script.broken;
        let set = script.commands.iter().find_map(|command| set_by(command, name));
        found = found.or(set.map(|at| at + offset));
    });
    found.or_else(|| {
        let by_word = |word: &Span| {
            let (front, behind) =
                (&snapshot[Span::new(text.start, word.start)], &snapshot[Span::new(word.end, text.end)]);
            // `${X:=y}` sets it where it is empty.
            let by_default = front.ends_with("${") && (behind.starts_with(":=") || behind.starts_with('='));
            let last = front.trim_end().rsplit(|c: char| c.is_ascii_whitespace() || ";&|(".contains(c)).next();
            // `[ -v X ]` asks for it. Where the commands are not known for sure, whatever looks like it.
            let alone = front.is_empty() || front.ends_with(|c: char| c.is_ascii_whitespace() || ";&|({`".contains(c));
            let assigned = broken && alone && behind.starts_with(['=', '+', '[']);
            assigned
                || by_default
                || matches!(last, Some("for" | "select" | "-v")) && front.ends_with(|c: char| c.is_ascii_whitespace())
        };
        words(snapshot, text, name).find(by_word).map(|word| word.start)
    })
}

/// Where `command` gives `name` a value or takes it as an argument.
fn set_by(command: &shell::Command, name: &str) -> Option<u32> {
    let is_of = |written: &str| {
        written == name || written.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', '[', '+']))
    };
    let unwrapped = command.unwrapped();
    let assigned =
        unwrapped.assignments.iter().find(|assignment| is_of(&assignment.name)).map(|found| found.span.start);
    let takes = unwrapped.name().is_some_and(|name| TAKE_NAMES.contains(&name));
    let handed = || unwrapped.arguments().iter().find(|word| takes && is_of(word.prefix())).map(|word| word.span.start);
    assigned.or_else(handed)
}

/// Where `name` stands as a word of its own, comments left out.
fn words<'s>(snapshot: &'s Snapshot, text: Span, name: &'s str) -> impl Iterator<Item = Span> + 's {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    let within = &snapshot[text];
    let comments = &snapshot.file().comments;
    within.match_indices(name).filter_map(move |(at, _)| {
        let whole = !within[..at].ends_with(part) && !within[at + name.len()..].starts_with(part);
        let span = Span::from(at..at + name.len()).shift(text.start);
        let before = comments.partition_point(|comment| comment.start <= span.start);
        let commented = before.checked_sub(1).is_some_and(|last| comments[last].contains(span));
        (whole && !commented).then_some(span)
    })
}
