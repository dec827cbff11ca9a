//! Give a download access to private modules, by a secret or the SSH agent.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::private_modules;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let file = snapshot.file();
    let touched = |span: Span| span.start <= selection.end && selection.start <= span.end;
    let stages = file.stages.iter().filter(|stage| touched(stage.span));
    let commands = stages.flat_map(|stage| snapshot.stage(stage).go.iter().map(move |go| (stage, go)));
    let at = commands.filter(|(_, go)| touched(file.instructions[go.instruction].span) && !go.command.broken);
    let mut fixes = at.take(MAX_COMMANDS).map(|(stage, go)| private_modules::fixes(snapshot, stage, go));
    fixes.find(|fixes| !fixes.is_empty()).unwrap_or_default()
}
