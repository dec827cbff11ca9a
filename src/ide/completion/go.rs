//! Go: names and values of variables in ENV, ARG and in front of commands, and the words of `go` itself.
use super::place::{PairPlace, Place, Typed};
use super::shell::{ShellPlace, Slot};
use super::{Item, ItemKind, Offer, go_arguments, go_values};
use crate::analysis::env::Env;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::ide::markdown::paragraphs;
use crate::ide::{go_docs, go_project};
use crate::knowledge::go_values::usual;
use crate::knowledge::go_words::{EnvKind, GoEnv, go_envs};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;

/// What is known where something is typed.
pub struct Around<'s> {
    /// All of the file.
    pub snapshot: &'s Snapshot,
    /// `None` in front of the first FROM.
    pub stage: Option<&'s Stage>,
    /// Where the cursor is.
    pub offset: u32,
    /// The variables that have a value there.
    pub env: Env,
}

/// The items for `place`.
pub fn items(snapshot: &Snapshot, place: &Place) -> Vec<Item> {
    match place {
        Place::Pair(place) => of_pair(snapshot, place),
        Place::Shell(place) => of_shell(snapshot, place),
    }
}

fn of_pair(snapshot: &Snapshot, place: &PairPlace) -> Vec<Item> {
    let env = match place.stage {
        Some(stage) => state_before(snapshot, stage, place.instruction).env,
        None => snapshot.globals().clone(),
    };
    let around = Around { snapshot, stage: place.stage, offset: place.typed.offset(), env };
    let assign = if place.kind == Kind::Arg { Names::Bare } else { Names::Assigned };
    assignment(&around, &place.typed, &place.taken, assign)
}

fn of_shell(snapshot: &Snapshot, place: &ShellPlace) -> Vec<Item> {
    let env = place.command.as_ref().map_or(&place.state.env, |command| &command.env).clone();
    let around = Around { snapshot, stage: Some(place.stage), offset: place.typed.offset(), env };
    let name = place.command.as_ref().map_or("", |command| command.name.as_str());
    let slot = place.slot.clone();
    // A command in lower case is more likely than a variable.
    let may_be_variable = !place.typed.left.contains(|c: char| c.is_ascii_lowercase());
    match slot {
        Slot::Name if may_be_variable && !matches!(place.state.go, Known::Known(None)) => {
            assignment(&around, &place.typed, &place.assigned, Names::Assigned)
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

/// What a name of a variable is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It gets a value: those that something reads, with an equals sign.
    Assigned,
    /// The same without the sign.
    Bare,
    /// `go env` prints it: those that go reads or prints.
    Printed,
}

/// `NAME=value`: names in front of the sign, values behind it.
pub fn assignment(around: &Around, typed: &Typed, taken: &[String], names: Names) -> Vec<Item> {
    match typed.name_and_value() {
        Some((name, value)) => {
            value.plain().map(|value| go_values::of_variable(around, name, &value)).unwrap_or_default()
        }
        None => typed.plain().map(|typed| variables(around, &typed, taken, names)).unwrap_or_default(),
    }
}

fn variables(around: &Around, typed: &Typed, taken: &[String], names: Names) -> Vec<Item> {
    let mut typed = typed.clone();
    // A value that is there already stays.
    let sign = if names == Names::Assigned && !typed.right.contains('=') { "=" } else { "" };
    typed.cut(&['=']);
    let mut offer = Offer::new(&typed);
    for variable in go_envs().iter().filter(|variable| is_offered(variable, names)) {
        // What is known of it in the project is not for free.
        if offer.fits(variable.name) && !taken.iter().any(|name| name == variable.name) {
            let documentation = documentation(around, variable);
            let (name, detail) = (variable.name, variable.meaning);
            let insert = format!("{name}{sign}");
            offer.add_as(ItemKind::Variable, name, insert, detail, documentation, rank(variable));
        }
    }
    offer.items
}

fn is_offered(variable: &GoEnv, names: Names) -> bool {
    match variable.kind {
        EnvKind::Gone => false,
        EnvKind::ReadOnly => names == Names::Printed,
        EnvKind::Go => true,
        EnvKind::Program | EnvKind::Other => names != Names::Printed,
    }
}

/// Those that are set the most first.
fn rank(variable: &GoEnv) -> u32 {
    match (usual(variable.name), variable.kind) {
        (Some(place), _) => place as u32,
        (None, EnvKind::Go) => 1000,
        (None, EnvKind::Program) => 1001,
        (None, EnvKind::Other | EnvKind::ReadOnly | EnvKind::Gone) => 1002,
    }
}

fn documentation(around: &Around, variable: &GoEnv) -> String {
    let here = around.stage.map(|stage| go_project::variable(around.snapshot, stage, variable.name, around.offset));
    paragraphs(&[&go_docs::variable(variable), here.unwrap_or_default().trim_end()])
}
