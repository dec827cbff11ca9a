//! Show with what a Go command runs.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::Fix;
use crate::rewrite::go_environment;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let file = snapshot.file();
    let chosen =
        file.instruction_at(selection.start).filter(|&index| file.instructions[index].span.contains(selection));
    let found = chosen.and_then(|index| {
        let stage = file.stage_of(index)?;
        let mut commands = snapshot.stage(stage).go.iter().filter(|command| command.instruction == index);
        let command = commands.find(|command| !matches!(command.verb.as_str(), "version" | "env"))?;
        go_environment::fix(snapshot, stage, command)
    });
    found.into_iter().collect()
}
