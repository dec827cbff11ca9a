//! Where the cursor stands in the shell text of a RUN.
//!
//! What is half typed has no shape of its own: there is no word yet behind `go `, and a quote that is not closed takes all that
//! follows. So a word is put in at the cursor, and the text is parsed with it.
use super::Item;
use super::place::Spot;
use super::strings::{self, Strings};
use super::typed::Typed;
use crate::analysis::go::{self, GoCommand};
use crate::analysis::invocation::{Invocation, Shell, of_exec};
use crate::analysis::state::ImageState;
use crate::ide::shell_text::{self, Form, Text};
use crate::knowledge::distros::Distro;
use crate::model::command::JsonString;
use crate::model::instruction::Flag;
use crate::model::mount::parse_mount;
use crate::model::stage::Stage;
use crate::syntax::shell::{Script, is_posix};
use crate::text::span::Span;

/// A word of a command.
pub struct ShellPlace<'s> {
    /// The stage of the RUN; `None` where another build runs it.
    pub stage: Option<&'s Stage>,
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
    /// What the word is written in.
    pub form: Form,
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

/// The place at `offset`; `None` outside of words, in comments, and where no POSIX shell reads.
pub fn at(spot: Spot<'_>, offset: u32) -> Option<ShellPlace<'_>> {
    let (snapshot, node, state) = (spot.snapshot, spot.node, spot.state());
    if offset <= node.keyword.end {
        return None;
    }
    if let Some(strings) = strings::at(snapshot, node.arguments, offset) {
        let script = shell_text::at(snapshot, node, offset).filter(|text| text.form == Form::Script);
        return match script {
            Some(text) => in_text(spot, state, &text, offset),
            None => in_strings(spot, state, strings),
        };
    }
    let posix = state.shell.as_ref().is_none_or(|shell| is_posix(shell));
    if !posix || state.distro().is(|distro| *distro == Distro::Windows) {
        return None;
    }
    in_text(spot, state, &shell_text::at(snapshot, node, offset)?, offset)
}

/// The word at `offset` of a text.
fn in_text<'s>(spot: Spot<'s>, state: ImageState, text: &Text, offset: u32) -> Option<ShellPlace<'s>> {
    let (snapshot, body) = (spot.snapshot, text.span);
    let at = offset.checked_sub(body.start)? as usize;
    let read = |written: &str| text.form.read(written, snapshot.file().escape);
    let (script, found, whole) = parse(&snapshot[body], at, &read)?;
    let command = &script.commands[found.command];
    // Where nothing behind the cursor was understood, it is the rest of the word at least that belongs to it.
    let end =
        if whole { found.span.end.saturating_sub(MARK.len() as u32) } else { offset_behind_word(&snapshot[body], at) };
    let word = Span::new(found.span.start, end.max(at as u32)).shift(body.start);
    let typed = Typed::new(snapshot.text(), word, offset);
    let taken = command.unwrapped().assignments.into_iter().filter(|other| other.span != found.span);
    let assigned = taken.map(|other| other.name).collect();
    let commands = Shell::new(state.env.clone(), state.workdir.clone()).run(&script, body.start, spot.index);
    let span = command.span.shift(body.start);
    let command = commands.into_iter().find(|other| other.span == span);
    let (go, stage) = (go_of(&spot, &state, command.as_ref()), stage(&spot));
    Some(ShellPlace { stage, state, slot: found.slot, typed, assigned, command, go, form: text.form })
}

/// The string of an exec form that the cursor is in.
fn in_strings(spot: Spot<'_>, state: ImageState, strings: Strings) -> Option<ShellPlace<'_>> {
    let Strings { before, typed, behind } = strings;
    let typed = typed?;
    let slot = before.len().checked_sub(1).map_or(Slot::Name, Slot::Argument);
    let own = JsonString { span: typed.span(), value: format!("{}{}", typed.left, typed.right) };
    let words: Vec<JsonString> = before.into_iter().chain([own]).chain(behind).collect();
    let command = of_exec(&words, &state.env, &state.workdir, spot.index);
    let (go, stage) = (go_of(&spot, &state, command.as_ref()), stage(&spot));
    Some(ShellPlace { stage, state, slot, typed, assigned: Vec::new(), command, go, form: Form::Word })
}

fn offset_behind_word(body: &str, at: usize) -> u32 {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    (at + body.as_bytes()[at..].iter().take_while(|byte| is_word(byte)).count()) as u32
}

/// The stage that the command runs in; `None` where another build runs it.
fn stage<'s>(spot: &Spot<'s>) -> Option<&'s Stage> {
    spot.stage.filter(|_| !spot.trigger)
}

/// What Go is asked to do.
fn go_of(spot: &Spot, state: &ImageState, command: Option<&Invocation>) -> Option<GoCommand> {
    let text = spot.snapshot.text();
    let mount = |flag: &Flag| Some(parse_mount(text, flag.span, flag.value.as_ref()?));
    let mounts: Vec<_> = spot.node.flags_named(text, "mount").filter_map(mount).collect();
    go::read(command?, state, &mounts)
}

/// The script with a word put in at byte `at` of `body`, that word, and whether what follows it is in the script too.
fn parse(body: &str, at: usize, read: &dyn Fn(&str) -> Script) -> Option<(Script, Found, bool)> {
    let (left, right) = (body.get(..at)?, body.get(at..)?);
    let is_apart = left.chars().next_back().is_none_or(char::is_whitespace);
    let blank = if is_apart && !right.starts_with(char::is_whitespace) { " " } else { "" };
    let whole = read(&format!("{left}{MARK}{blank}{right}"));
    if !whole.broken {
        return word_at(&whole, at).map(|found| (whole, found, true));
    }
    for quote in ["", "\"", "'"] {
        let script = read(&format!("{left}{MARK}{quote}"));
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

/// The items as they may stand in `form`: in JSON without quotes and escapes, and a string of it holds one word alone.
pub fn as_written(form: Form, mut items: Vec<Item>) -> Vec<Item> {
    if matches!(form, Form::Line | Form::Document) {
        return items;
    }
    items.retain(|item| !item.insert.contains(['"', '\\']));
    for item in items.iter_mut().filter(|_| form == Form::Word) {
        item.insert.truncate(item.insert.trim_end().len());
    }
    items
}
