//! Where the cursor stands in the shell text of a RUN.
//!
//! What is half typed has no shape of its own: there is no word yet behind `go `, and a quote that is not closed takes all that
//! follows. So a word is put in at the cursor, and the text is parsed with it.
use super::typed::Typed;
use crate::analysis::go::{self, GoCommand};
use crate::analysis::invocation::{Invocation, Shell};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::knowledge::distros::Distro;
use crate::model::command::Command;
use crate::model::mount::parse_mount;
use crate::model::stage::Stage;
use crate::syntax::shell::{self, Script, is_posix};
use crate::text::span::Span;

/// A word of a command.
pub struct ShellPlace<'s> {
    /// The stage of the RUN.
    pub stage: &'s Stage,
    /// The image in front of the RUN.
    pub state: ImageState,
    /// Which word it is.
    pub slot: Slot,
    /// All of it.
    pub typed: Typed,
    /// The variables that are set in front of the command.
    pub assigned: Vec<String>,
    /// The command, with what was put in at the cursor; `None` for assignments alone.
    pub command: Option<Invocation>,
    /// The same, when it is Go's.
    pub go: Option<GoCommand>,
}

/// Which word of a command the cursor is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The first one: a command, or the name of a variable that is going to be one.
    Name,
    /// An argument, counted from 0.
    Argument(usize),
    /// `NAME=value` in front of a command.
    Assignment,
}

/// What is put in; no command and no variable is called so.
const MARK: &str = "x";

/// A word of a script.
struct Found {
    command: usize,
    slot: Slot,
    span: Span,
}

/// The place at `offset` in the RUN `index` of `stage`; `None` outside of words, in comments, and where no POSIX shell reads.
pub fn at<'s>(snapshot: &'s Snapshot, stage: &'s Stage, index: usize, offset: u32) -> Option<ShellPlace<'s>> {
    let instruction = &snapshot.file().instructions[index];
    let body = match instruction.command()? {
        Command::Shell(text) => Span::new(text.start, instruction.span.end.max(text.end).max(offset)),
        Command::Missing if instruction.flags.iter().all(|flag| flag.span.end < offset) => Span::at(offset),
        Command::Missing | Command::Exec(_) => return None,
    };
    if offset < body.start || offset <= instruction.keyword.end {
        return None;
    }
    let state = state_before(snapshot, stage, index);
    let posix = state.shell.as_ref().is_none_or(|shell| is_posix(shell));
    if !posix || state.distro().is(|distro| *distro == Distro::Windows) {
        return None;
    }
    let at = (offset - body.start) as usize;
    let (script, found, whole) = parse(&snapshot[body], at, snapshot.file().escape)?;
    let command = &script.commands[found.command];
    let end = if whole { found.span.end.saturating_sub(MARK.len() as u32) } else { at as u32 };
    let word = Span::new(found.span.start, end.max(at as u32)).shift(body.start);
    let typed = Typed::new(snapshot.text(), word, offset);
    let taken = command.unwrapped().assignments.into_iter().filter(|other| other.span != found.span);
    let assigned = taken.map(|other| other.name).collect();
    let commands = Shell::new(state.env.clone(), state.workdir.clone()).run(&script, body.start, index);
    let span = command.span.shift(body.start);
    let command = commands.into_iter().find(|other| other.span == span);
    let value = |flag: &crate::model::instruction::Flag| parse_mount_of(snapshot, flag);
    let mounts: Vec<_> = instruction.flags_named(snapshot.text(), "mount").filter_map(value).collect();
    let go = command.as_ref().and_then(|command| go::read(command, &state, &mounts));
    Some(ShellPlace { stage, state, slot: found.slot, typed, assigned, command, go })
}

fn parse_mount_of(snapshot: &Snapshot, flag: &crate::model::instruction::Flag) -> Option<crate::model::mount::Mount> {
    Some(parse_mount(snapshot.text(), flag.span, flag.value.as_ref()?))
}

/// The script with a word put in at byte `at` of `body`, that word, and whether what follows it is in the script too.
fn parse(body: &str, at: usize, escape: u8) -> Option<(Script, Found, bool)> {
    let (left, right) = (body.get(..at)?, body.get(at..)?);
    let is_apart = left.chars().next_back().is_none_or(char::is_whitespace);
    let blank = if is_apart && !right.starts_with(char::is_whitespace) { " " } else { "" };
    let whole = shell::parse(&format!("{left}{MARK}{blank}{right}"), escape);
    if !whole.broken {
        return word_at(&whole, at).map(|found| (whole, found, true));
    }
    for quote in ["", "\"", "'"] {
        let script = shell::parse(&format!("{left}{MARK}{quote}"), escape);
        if !script.broken {
            return word_at(&script, at).map(|found| (script, found, false));
        }
    }
    // An `if` without its `fi`, perhaps; but a string that is not closed may look like commands.
    let quotes = left.bytes().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    if quotes % 2 == 1 { None } else { word_at(&whole, at).map(|found| (whole, found, true)) }
}

/// The innermost word around the byte `at`.
fn word_at(script: &Script, at: usize) -> Option<Found> {
    let at = at as u32;
    let holds = |span: Span| span.start <= at && at < span.end;
    let mut found: Option<Found> = None;
    let mut take = |command: usize, slot: Slot, span: Span| {
        if holds(span) && found.as_ref().is_none_or(|other| span.len() <= other.span.len()) {
            found = Some(Found { command, slot, span });
        }
    };
    for (index, command) in script.commands.iter().enumerate() {
        if !holds(command.span) {
            continue;
        }
        let unwrapped = command.unwrapped();
        for (place, word) in unwrapped.words.iter().enumerate() {
            let slot = place.checked_sub(1).map_or(Slot::Name, Slot::Argument);
            take(index, slot, word.span);
        }
        for assignment in &unwrapped.assignments {
            take(index, Slot::Assignment, assignment.span);
        }
    }
    found
}
