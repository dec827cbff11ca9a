//! Switch cgo off in a stage whose programs do not need it.
use super::fix::Fix;
use super::{enable_cgo, go_flags, lines};
use crate::analysis::go::{GoCommand, GoFlag};
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The way to build `stage` without cgo; `None` where it is off, or where that can't be written.
pub fn fix(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let commands: Vec<&GoCommand> = enable_cgo::compiling(snapshot, stage)
        .into_iter()
        .filter(|command| command.builds() && !enable_cgo::is_wrapped(snapshot, command))
        .collect();
    let on: Vec<&GoCommand> = commands.iter().copied().filter(|command| command.cgo() != Answer::No).collect();
    let first = on.first()?;
    let mut edits: Vec<Edit> = Vec::new();
    let mut unset = Vec::new();
    for command in &on {
        match enable_cgo::set_cgo(snapshot, stage, command, "0") {
            Some(edit) if edits.contains(&edit) => {}
            Some(edit) => edits.push(edit),
            None => unset.push(*command),
        }
    }
    match unset.as_slice() {
        [] => {}
        [command] if is_shell_form(snapshot, command) => {
            edits.push(Edit::insert(command.span.start, "CGO_ENABLED=0 "));
        }
        _ => {
            let env = lines::line(snapshot, first.instruction, Kind::Env, "CGO_ENABLED=0");
            edits.push(lines::insert_before(snapshot, first.instruction, &[env]));
        }
    }
    for command in &commands {
        edits.extend(superfluous(snapshot, command));
    }
    Fix::unsafe_("disable cgo", edits)
}

fn is_shell_form(snapshot: &Snapshot, command: &GoCommand) -> bool {
    snapshot.file().instructions[command.instruction].command().is_some_and(|command| command.exec().is_none())
}

/// Flags that only matter with cgo: `-installsuffix cgo`, `-a`, `-extldflags "-static"`, `-linkmode external`.
fn superfluous(snapshot: &Snapshot, command: &GoCommand) -> Vec<Edit> {
    if !is_shell_form(snapshot, command) {
        return Vec::new();
    }
    let written = command.flags.iter().filter(|flag| flag.span != command.span);
    let mut edits: Vec<Edit> = Vec::new();
    let mut gone: Vec<Span> = Vec::new();
    for flag in written {
        let without = if flag.name == "-ldflags" { without_static(snapshot, flag) } else { None };
        let dead = flag.name == "-a" || flag.name == "-installsuffix" && flag.value.is(|value| value == "cgo");
        match without {
            Some(text) if !text.is_empty() => edits.push(Edit::replace(flag.span, text)),
            _ if dead || without.is_some() => gone.push(flag.span),
            _ => {}
        }
    }
    edits.extend(go_flags::delete(snapshot, gone));
    edits
}

/// Linker flags without those for a static link; empty when nothing else is in them, `None` when none is there.
fn without_static(snapshot: &Snapshot, flag: &GoFlag) -> Option<String> {
    const STATIC: [&str; 6] = [
        "-extldflags \"-static\"",
        "-extldflags '-static'",
        "-extldflags=-static",
        "-extldflags -static",
        "-linkmode external",
        "-linkmode=external",
    ];
    let raw = &snapshot[flag.span];
    let (name, value) = raw.split_at(raw.find(['=', ' '])? + 1);
    let mut rest = value.to_owned();
    for flags in STATIC {
        rest = rest.replace(flags, "");
    }
    if rest == value || rest.contains("static") {
        return None;
    }
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = rest.trim_matches(['"', '\'']).split_whitespace().collect::<Vec<_>>().join(" ");
    if inner.is_empty() {
        return Some(String::new());
    }
    let quote = quote.map(String::from).unwrap_or_default();
    Some(format!("{name}{quote}{inner}{quote}"))
}
