//! Names and values of variables in ENV, ARG and in front of commands.
use super::go_values::{self, Around};
use super::typed::Typed;
use super::{Item, ItemKind, Offer};
use crate::ide::markdown::paragraphs;
use crate::ide::{go_docs, go_project};
use crate::knowledge::go_values::usual;
use crate::knowledge::go_words::{EnvKind, GoEnv, go_envs};

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
