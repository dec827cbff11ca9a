//! Go: what stands in ENV, ARG and RUN, and who offers it.
use super::go_values::Around;
use super::go_variables::{Names, assignment};
use super::place::PairPlace;
use super::shell::{ShellPlace, Slot};
use super::{Item, go_arguments};
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::ide::shell_text::Form;
use crate::model::instruction::Kind;

/// The items for a word of ENV or ARG.
pub fn of_pair(snapshot: &Snapshot, place: &PairPlace) -> Vec<Item> {
    let env = match place.stage {
        Some(stage) => state_before(snapshot, stage, place.instruction).env,
        None => snapshot.globals().clone(),
    };
    let around = Around { snapshot, stage: place.stage, offset: place.typed.offset(), env };
    let assign = if place.kind == Kind::Arg { Names::Bare } else { Names::Assigned };
    assignment(&around, &place.typed, &place.taken, assign)
}

/// The items for a word of RUN.
pub fn of_shell(snapshot: &Snapshot, place: &ShellPlace) -> Vec<Item> {
    let env = place.command.as_ref().map_or(&place.state.env, |command| &command.env).clone();
    let around = Around { snapshot, stage: place.stage, offset: place.typed.offset(), env };
    let name = place.command.as_ref().map_or("", |command| command.name.as_str());
    let slot = place.slot.clone();
    // A command in lower case is more likely than a variable.
    let may_be_variable = !place.typed.left.contains(|c: char| c.is_ascii_lowercase());
    // Where nobody knows of a Go, a letter must ask for its variables.
    let may_be_go = match &place.state.go {
        Known::Known(go) => go.is_some(),
        Known::Unknown => !place.typed.left.is_empty(),
    };
    match slot {
        // A string of the exec form sets no variable.
        Slot::Name if may_be_variable && may_be_go && place.form != Form::Word => {
            let mut items = assignment(&around, &place.typed, &place.assigned, Names::Assigned);
            // What is run comes first.
            for item in &mut items {
                item.rank += 10;
            }
            items
        }
        Slot::Assignment => assignment(&around, &place.typed, &place.assigned, Names::Assigned),
        Slot::Argument(_) if name == "export" => assignment(&around, &place.typed, &[], Names::Assigned),
        Slot::Argument(at) => match (&place.command, name) {
            (Some(command), "go") => go_arguments::items(&around, command, place.go.as_ref(), at, &place.typed),
            _ => Vec::new(),
        },
        Slot::Name => Vec::new(),
    }
}
