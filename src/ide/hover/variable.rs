//! Variables: what they are set to, and what BuildKit or Go makes of them.
use super::Hover;
use crate::analysis::env::{Env, Origin, Variable};
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::ide::lines::{code as inline, number};
use crate::ide::markdown::{code, paragraphs};
use crate::ide::mentions::{shell_texts, stage_around};
use crate::ide::{go_docs, go_project};
use crate::knowledge::go_words::go_env;
use crate::knowledge::predefined_args::predefined_arg;
use crate::model::instruction::{Instruction, Kind};
use crate::model::word::{Part, Word};
use crate::model::words::words;
use crate::text::span::Span;

/// Longer values are cut, in characters.
const MAX_VALUE: usize = 120;

/// The answer for a use of a variable, or for the name that ARG or ENV declares.
pub fn hover(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Hover> {
    let index = snapshot.file().instruction_at(offset)?;
    let (name, span, env) = if let Some((name, span)) = used(snapshot, instruction, offset) {
        let env = environment(snapshot, instruction, index, &name, span);
        (name, span, env)
    } else {
        let (name, span) = declared(snapshot, instruction, offset)?;
        (name, span, behind(snapshot, index))
    };
    let title = format!("**{name}**");
    let value = value_text(snapshot, &env, &name);
    let result = result_text(snapshot, instruction, &env, span);
    let missing = || missing_text(snapshot, instruction, index, &env, &name, !result.is_empty());
    let value = if value.is_empty() { missing() } else { value };
    let meaning = meaning(&name);
    if value.is_empty() && meaning.is_empty() {
        return None;
    }
    let stage = snapshot.file().stage_of(index);
    let here = stage.map(|stage| go_project::variable(snapshot, stage, &name, span.start)).unwrap_or_default();
    Some(Hover { span, markdown: paragraphs(&[&title, &value, &result, &meaning, here.trim_end()]) })
}

/// What a use at `span` sees: FROM the global scope only, a command of RUN also what the shell has set before, what a container
/// starts with the ENV of the stage.
fn environment(snapshot: &Snapshot, instruction: &Instruction, index: usize, name: &str, span: Span) -> Env {
    let Some(stage) = snapshot.file().stage_of(index).filter(|_| instruction.kind != Kind::From) else {
        return snapshot.globals().clone();
    };
    if matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck) {
        return snapshot.stage(stage).end.env.clone();
    }
    let commands = snapshot.stage(stage).commands_of(index).iter();
    let innermost = commands.filter(|command| command.span.contains(span)).min_by_key(|command| command.span.len());
    // `A=1 echo $A`: the shell reads the words before it sets A.
    let own = |command: &&Invocation| command.assignments.iter().any(|(assigned, _)| assigned == name);
    match innermost.filter(|command| !own(command)) {
        Some(command) => command.env.clone(),
        None => state_before(snapshot, stage, index).env,
    }
}

/// What holds behind the ARG or ENV `index`.
fn behind(snapshot: &Snapshot, index: usize) -> Env {
    let stage = snapshot.file().stage_of(index);
    stage.map_or_else(|| snapshot.globals().clone(), |stage| state_before(snapshot, stage, index + 1).env)
}

/// What `${name:-word}` gives.
fn result_text(snapshot: &Snapshot, instruction: &Instruction, env: &Env, span: Span) -> String {
    let all = words(instruction).into_iter().flat_map(Word::expansions);
    let Some(found) = all.into_iter().find(|found| found.span == span && found.operator.is_some()) else {
        return String::new();
    };
    let alone = Word { span, parts: vec![Part::Variable(Box::new(found.clone()))], flaw: None };
    match env.expand(snapshot.text(), &alone) {
        Known::Known(value) if !value.is_empty() => format!("Here: {}", shown(&value)),
        _ => String::new(),
    }
}

/// A variable in a word of the instruction, or in its shell text.
fn used(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<(String, Span)> {
    let in_words = words(instruction)
        .into_iter()
        .flat_map(Word::expansions)
        .filter(|expansion| expansion.span.touches(offset))
        .min_by_key(|expansion| expansion.span.len())
        .map(|expansion| (snapshot[expansion.name].to_owned(), expansion.span));
    in_words.or_else(|| {
        let index = snapshot.file().instruction_at(offset)?;
        let (stage, mut found) = (stage_around(snapshot, index)?, None);
        // A container has what the whole stage sets, and no build arguments.
        let container = &snapshot.stage(&snapshot.file().stages[stage]).end.env;
        let kept = |name: &str| container.get(name).is_some_and(|variable| variable.origin != Origin::Arg);
        shell_texts(snapshot, stage, index, &mut |script, start, later| {
            let mut uses = script.uses.iter().map(|one| (&one.name, one.span.shift(start)));
            let touched = uses.find(|(name, span)| span.touches(offset) && (!later || kept(name)));
            found = touched.map(|(name, span)| (name.clone(), span));
        });
        found
    })
}

fn declared(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<(String, Span)> {
    if !matches!(instruction.kind, Kind::Arg | Kind::Env) {
        return None;
    }
    instruction.pairs().iter().find_map(|pair| {
        let name = pair.name.literal(snapshot.text())?;
        // Of values only those are explained that Go reads.
        let value = pair.value.as_ref().filter(|value| value.span.touches(offset) && go_env(&name).is_some());
        let span = if pair.name.span.touches(offset) { pair.name.span } else { value?.span };
        Some((name.into_owned(), span))
    })
}

fn value_text(snapshot: &Snapshot, env: &Env, name: &str) -> String {
    let Some(variable) = env.get(name) else { return String::new() };
    let value = match &variable.value {
        Known::Known(value) if value.is_empty() => "empty".to_owned(),
        Known::Known(value) => shown(value),
        Known::Unknown => why_unknown(snapshot, variable, name),
    };
    let origin = match variable.origin {
        Origin::Arg => "ARG",
        Origin::Env => "ENV",
        Origin::Image => "set by the base image",
        Origin::Builder => "set by BuildKit",
        Origin::Shell => "set in this command",
    };
    let line = |span: Span| number(snapshot, span.start);
    let mut place = variable.span.map(|span| format!(", line {}", line(span))).unwrap_or_default();
    let mut source = variable.span.filter(|span| snapshot[*span] != *name);
    // A stage that repeats the name alone takes the default of the global scope.
    let is_repeated = variable.origin == Origin::Arg && source.is_none() && variable.value.as_ref().is_some();
    let global = snapshot.globals().get(name).and_then(|global| global.span);
    if let Some(global) = global.filter(|global| is_repeated && variable.span != Some(*global)) {
        place = format!("{place}, with the default of line {}", line(global));
        source = Some(global);
    }
    let line = source.map(|span| snapshot[span].to_owned()).unwrap_or_default();
    paragraphs(&[&format!("{value} ({origin}{place})"), &code("dockerfile", &line)])
}

/// Why nobody can tell the value from the Dockerfile.
fn why_unknown(snapshot: &Snapshot, variable: &Variable, name: &str) -> String {
    let bare = |span: Span| !snapshot[span].contains('=');
    match variable.origin {
        _ if predefined_arg(name).is_some() => "known only when the image is built".to_owned(),
        Origin::Arg if variable.span.is_some_and(bare) => {
            format!("no default: `docker build --build-arg {name}=…` sets it")
        }
        Origin::Arg | Origin::Env => "made of what is known only when the image is built".to_owned(),
        Origin::Image => "its value differs from tag to tag".to_owned(),
        Origin::Shell => "known only when the command runs".to_owned(),
        Origin::Builder => "known only when the image is built".to_owned(),
    }
}

/// What is to be said of a variable that nothing in front sets; the word of `${name:-word}` may stand in.
fn missing_text(
    snapshot: &Snapshot,
    instruction: &Instruction,
    index: usize,
    env: &Env,
    name: &str,
    stands_in: bool,
) -> String {
    let in_stage = instruction.kind != Kind::From && snapshot.file().stage_of(index).is_some();
    // The shell has variables of its own, and triggers run in another build.
    let shell =
        matches!(instruction.kind, Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Onbuild);
    let may_set = shell && stands_bare(&snapshot[instruction.span], name);
    if in_stage
        && !may_set
        && let Some(global) = snapshot.globals().get(name).and_then(|global| global.span)
    {
        let line = number(snapshot, global.start);
        return format!("Not set here: line {line} sets it for FROM, and this stage sees it only after `ARG {name}`.");
    }
    if shell || env.is_open() || predefined_arg(name).is_some() {
        return String::new();
    }
    if stands_in { "Not set here." } else { "Not set here: nothing is written in its place." }.to_owned()
}

/// True when the name stands without a dollar: the shell may set it.
fn stands_bare(text: &str, name: &str) -> bool {
    let uses = text.matches(&format!("${name}")).count() + text.matches(&format!("${{{name}")).count();
    text.matches(name).count() > uses
}

/// A value within a sentence; the first line of a long one.
fn shown(value: &str) -> String {
    let first = value.lines().next().unwrap_or_default();
    let end = first.char_indices().nth(MAX_VALUE).map_or(first.len(), |(at, _)| at);
    let cut = if end < value.len() { " …" } else { "" };
    format!("{}{cut}", inline(&first[..end]))
}

fn meaning(name: &str) -> String {
    if let Some(variable) = go_env(name) {
        return go_docs::variable(variable);
    }
    let Some(arg) = predefined_arg(name) else { return String::new() };
    let needs = if arg.needs_arg { format!("A stage sees it after `ARG {name}`.") } else { String::new() };
    paragraphs(&[arg.meaning, &needs, arg.notes])
}
