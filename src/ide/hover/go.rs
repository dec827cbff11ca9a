//! Go inside RUN: commands, flags, and the variables in front of them.
use super::{Here, Hover};
use crate::analysis::go::{self, GoCommand};
use crate::analysis::invocation::{Invocation, Shell, of_exec};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
use crate::ide::markdown::paragraphs;
use crate::ide::shell_text::{self, Form};
use crate::ide::{exec_shell, go_docs, go_project};
use crate::knowledge::go_words::{go_command, go_env, go_flag_of};
use crate::model::command::Command;
use crate::model::instruction::{Instruction, Kind};

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
        let verb = || verb(command, offset, &|| go_project::text(snapshot, stage, command));
        flag(command, offset).or_else(verb).or_else(package)
    })
}

/// The answer where the words are for another build, or for a shell that the command starts: what they mean everywhere.
pub fn elsewhere(here: &Here) -> Option<Hover> {
    let (snapshot, instruction) = (here.snapshot, here.instruction);
    if instruction.kind != Kind::Run {
        return None;
    }
    let state = here.state().unwrap_or_else(ImageState::unknown);
    let commands: Vec<Invocation> = match instruction.command()? {
        Command::Exec(words) if here.deferred && exec_shell::text(instruction).is_none() => {
            of_exec(words, &state.env, &state.workdir, here.index).into_iter().collect()
        }
        _ => {
            let text = shell_text::at(snapshot, instruction, here.offset)?;
            // Analysis knows it.
            if text.form == Form::Line && !here.deferred {
                return None;
            }
            let script = text.form.read(&snapshot[text.span], snapshot.file().escape);
            Shell::new(state.env.clone(), state.workdir.clone()).run(&script, text.span.start, here.index)
        }
    };
    let mut found = commands.iter().filter(|command| command.span.touches(here.offset));
    let command = found.find_map(|command| go::read(command, &state, &[]))?;
    flag(&command, here.offset).or_else(|| verb(&command, here.offset, &String::new))
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

fn verb(command: &GoCommand, offset: u32, here: &dyn Fn() -> String) -> Option<Hover> {
    let span = command.command.name_span.cover(command.verb_span);
    if !span.touches(offset) {
        return None;
    }
    let doc = go_command(&command.verb)?;
    Some(Hover { span, markdown: paragraphs(&[&go_docs::command(doc), &here()]) })
}
