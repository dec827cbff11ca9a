//! Let `go mod download` say what it downloads, or stop it from doing so.
use super::action::Action;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::{go_flags, run_script};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

const FLAG: &str = "-x";

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let file = snapshot.file();
    let touched = |span: Span| span.start <= selection.end && selection.start <= span.end;
    let is_touched = |go: &&GoCommand| touched(file.instructions[go.instruction].span);
    let stages = file.stages.iter().filter(|stage| touched(stage.span));
    let commands = stages.flat_map(|stage| &snapshot.stage(stage).go).filter(is_touched);
    let downloads: Vec<&GoCommand> = commands.filter(|go| go.verb == "mod download" && !go.command.broken).collect();
    let (loud, silent): (Vec<&GoCommand>, Vec<&GoCommand>) =
        downloads.into_iter().partition(|go| go.flag(FLAG).is_some());
    let added = silent.iter().map(|go| add(snapshot, go)).collect();
    let removed = loud.iter().filter(|go| go.flag(FLAG).is_some_and(|flag| flag.span != go.span));
    let removed = removed.flat_map(|go| remove(snapshot, go)).collect();
    [("print each download (-x)", added), ("download silently (remove -x)", removed)]
        .into_iter()
        .filter(|(_, edits): &(&str, Vec<Edit>)| !edits.is_empty())
        .filter_map(|(title, edits)| Fix::safe(title, edits))
        .collect()
}

/// Behind the verb, or behind `-C`, which must be first.
fn add(snapshot: &Snapshot, go: &GoCommand) -> Edit {
    let folder = go.flag("-C").filter(|flag| flag.span != go.span);
    let behind = folder.map_or(go.verb_span, |flag| flag.span);
    run_script::flag_behind(snapshot, go.instruction, behind, FLAG)
}

fn remove(snapshot: &Snapshot, go: &GoCommand) -> Vec<Edit> {
    let flags = go.flags.iter().filter(|flag| flag.name == FLAG && flag.span != go.span);
    let spans: Vec<Span> = flags.map(|flag| flag.span).collect();
    let is_exec =
        snapshot.file().instructions[go.instruction].command().is_some_and(|command| command.exec().is_some());
    if !is_exec {
        return go_flags::delete(snapshot, spans);
    }
    // The comma in front of the word goes with it.
    let with_comma = |span: Span| {
        let before = snapshot.text()[..span.start as usize].trim_end();
        before.strip_suffix(',').map(|rest| Edit::delete(Span::new(rest.len() as u32, span.end)))
    };
    spans.into_iter().filter_map(with_comma).collect()
}
