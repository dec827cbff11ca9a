//! `RUN cd x`, `RUN export X=y`: what a shell sets is gone with the shell.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::commands::{is_plain, script_of};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::syntax::shell::{Command, Link, Script};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// What a command changes in its shell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Folder,
    Variable,
    Sourced,
    /// Options, aliases: nothing that anybody expects to last.
    Other,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    for run in &analysis.runs {
        let Some(script) = script_of(run) else { continue };
        if let Some((command, state)) = lost(script) {
            let fix = fix(snapshot, run, analysis.commands_of(run.instruction), state);
            let span = command.span.shift(run.offset);
            findings.push(Finding::new(span, message(snapshot, span, state)).fix(fix));
        }
    }
}

/// The command whose effect ends with the RUN before anything can see it.
fn lost(script: &Script) -> Option<(&Command, State)> {
    let states: Vec<State> = script.commands.iter().map_while(state).collect();
    let find = |wanted: fn(State) -> bool| {
        let at = states.iter().position(|state| wanted(*state))?;
        Some((&script.commands[at], states[at]))
    };
    if states.len() == script.commands.len() {
        return find(|state| state != State::Other);
    }
    // Behind other commands: the last one.
    let last = script.commands.last()?;
    let joined = matches!(last.link, Link::And | Link::Then) && last.group == 0 && !last.conditional;
    let state = state(last).filter(|_| joined)?;
    let made = || script.commands[..script.commands.len() - 1].iter().all(|command| command.name() == Some("mkdir"));
    match state {
        State::Variable | State::Sourced => Some((last, state)),
        State::Folder if made() => Some((last, state)),
        _ => None,
    }
}

/// What the command changes in its shell, when it does nothing else.
fn state(command: &Command) -> Option<State> {
    let quiet = command.redirects.is_empty() && !command.in_substitution;
    let joined = !matches!(command.link, Link::Pipe | Link::Background | Link::Or) && command.subshell.is_empty();
    if !quiet || !joined {
        return None;
    }
    if command.words.is_empty() {
        return (!command.assignments.is_empty()).then_some(State::Variable);
    }
    match command.name()? {
        "cd" => (!command.arguments().is_empty()).then_some(State::Folder),
        "export" => command.arguments().iter().any(|word| word.prefix().contains('=')).then_some(State::Variable),
        "source" | "." => {
            let file = command.arguments().first()?.prefix();
            let activates = ["/activate", "/.bashrc", "/.profile", "/.zshrc", "/setup.bash", "/.cargo/env"];
            activates.iter().any(|ending| file.ends_with(ending)).then_some(State::Sourced)
        }
        "set" | "unset" | "alias" | "umask" | "ulimit" | "shopt" | "true" | ":" => Some(State::Other),
        _ => None,
    }
}

fn message(snapshot: &Snapshot, span: Span, state: State) -> String {
    match state {
        State::Folder => "the next instruction starts in WORKDIR again: `cd` ends with its RUN".to_owned(),
        State::Sourced => "what this file sets is gone at the end of the RUN".to_owned(),
        State::Variable | State::Other => {
            let text = snapshot[span].trim_start_matches("export").trim_start();
            match text.split_once('=').map(|(name, _)| name) {
                Some(name) if is_name(name) => format!("`{name}` is gone at the end of the RUN, nothing has seen it"),
                _ => "these variables are gone at the end of the RUN, nothing has seen them".to_owned(),
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The instruction that does last, where the RUN is this one command.
fn fix(snapshot: &Snapshot, run: &RunFact, commands: &[Invocation], state: State) -> Option<Fix> {
    let [command] = commands else { return None };
    if script_of(run)?.commands.len() != 1 || !is_plain(snapshot, run.instruction) {
        return None;
    }
    let kind = match state {
        State::Folder => Kind::Workdir,
        State::Variable => Kind::Env,
        _ => return None,
    };
    let written = |span: Span| {
        let text = &snapshot[span];
        let known = !text.contains(['$', '`', '~', '\\', '*', '?', '\n']) || text.starts_with("PATH=$PATH:");
        known.then_some(text)
    };
    let words: Vec<&str> = command.args.iter().map(|arg| written(arg.span)).collect::<Option<_>>()?;
    let fits = match kind {
        Kind::Workdir => words.len() == 1 && !words[0].starts_with('-') && !words[0].contains(['"', '\'']),
        _ => words.iter().all(|word| word.split_once('=').is_some_and(|(name, _)| is_name(name))),
    };
    if words.is_empty() || !fits {
        return None;
    }
    let words = words.join(" ");
    let line = lines::line(snapshot, run.instruction, kind, &words);
    Fix::unsafe_(format!("write {line}"), vec![lines::replace(snapshot, run.instruction, line.clone())])
}
