//! Go inside RUN: commands, flags, and the variables in front of them.
use super::Hover;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::ide::markdown::paragraphs;
use crate::ide::{go_docs, go_project};
use crate::knowledge::go_words::{go_command, go_env, go_flag_of};
use crate::model::instruction::Instruction;
use crate::model::stage::Stage;

/// The answer for a word of a Go command.
pub fn hover(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Hover> {
    let index = snapshot.file().instruction_at(instruction.span.start)?;
    let stage = snapshot.file().stage_of(index)?;
    let mut commands = snapshot.stage(stage).go.iter();
    let command = commands.find(|go| go.instruction == index && go.span.touches(offset));
    assignment(snapshot, index, offset).or_else(|| {
        let command = command?;
        let package = || go_project::package(snapshot, stage, command, offset);
        let package = || package().map(|(span, markdown)| Hover { span, markdown });
        flag(command, offset).or_else(|| verb(snapshot, stage, command, offset)).or_else(package)
    })
}

/// `CGO_ENABLED=0` in front of a command, whatever command that is.
fn assignment(snapshot: &Snapshot, index: usize, offset: u32) -> Option<Hover> {
    let stage = snapshot.file().stage_of(index)?;
    let assignments =
        snapshot.stage(stage).commands.iter().filter(|c| c.instruction == index).flat_map(|c| &c.assignments);
    let (name, span) = assignments.into_iter().find(|(_, span)| span.touches(offset))?;
    let variable = go_env(name)?;
    let here = go_project::variable(snapshot, stage, name, span.start);
    let markdown = paragraphs(&[&format!("**{name}**"), &go_docs::variable(variable), here.trim_end()]);
    Some(Hover { span: *span, markdown })
}

fn flag(command: &GoCommand, offset: u32) -> Option<Hover> {
    let flag = command.flags.iter().find(|flag| flag.span != command.span && flag.span.touches(offset))?;
    let doc = go_flag_of(&command.verb, &flag.name)?;
    Some(Hover { span: flag.span, markdown: go_docs::flag(doc) })
}

fn verb(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, offset: u32) -> Option<Hover> {
    let span = command.command.name_span.cover(command.verb_span);
    if !span.touches(offset) {
        return None;
    }
    let doc = go_command(&command.verb)?;
    let here = go_project::text(snapshot, stage, command);
    Some(Hover { span, markdown: paragraphs(&[&go_docs::command(doc), &here]) })
}
