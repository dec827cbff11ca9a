//! Names of variables: what they may be, who reads them by their name, and who else has them.
use super::stages::from_variable;
use super::{Plan, What, line, shell};
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::ide::mentions::{self, Mention};
use crate::ide::occurrences::{Home, Occurrence, Role, Target, of_variable};
use crate::knowledge::fixed_names::reader_of_variable;
use crate::knowledge::go_words::{EnvKind, go_env};
use crate::knowledge::predefined_args::predefined_arg;
use crate::model::stage::Base;
use crate::text::edit::EditSet;
use crate::text::span::Span;

/// The places of the variable `name`, one of which is `mention`.
pub fn plan(snapshot: &Snapshot, mention: &Mention<'_>, name: &str) -> Result<Plan, String> {
    if let Some(reader) = reader(name) {
        return Err(format!("`{name}` has a meaning for {reader}"));
    }
    let all = of_variable(snapshot, name);
    let here = all.iter().find(|occurrence| occurrence.span == mention.span);
    let stages: Vec<usize> =
        here.map_or_else(|| mention.stage.into_iter().collect(), |here| visible(snapshot, &all, here));
    if let Some(image) = stages.iter().find_map(|&stage| of_image(snapshot, stage, name)) {
        return Err(format!("{image} sets `{name}`"));
    }
    let Some(here) = here else { return Err(nobody(snapshot, mention, name)) };
    if let Some(other) = meets(snapshot, &all, &here.target) {
        return Err(format!("line {} may mean this `{name}` or another one", line(snapshot, other.span.start)));
    }
    if let Some(from) = may_inherit(snapshot, &stages, name) {
        return Err(format!("line {} may build on a stage that sets `{name}`", line(snapshot, from.start)));
    }
    for &stage in &stages {
        shell::check(snapshot, stage, name)?;
    }
    let places: Vec<Occurrence> = all.iter().filter(|other| other.target == here.target).cloned().collect();
    if let Some(inherited) = of_unknown_image(snapshot, &places) {
        return Err(format!("line {} may take `{name}` from the base image", line(snapshot, inherited.span.start)));
    }
    Ok(Plan { here: here.span, what: What::Variable(name.to_owned()), places })
}

fn nobody(snapshot: &Snapshot, mention: &Mention<'_>, name: &str) -> String {
    let set = shell::sets(snapshot, mention.instruction, name).is_some();
    if set {
        format!("`{name}` is a variable of this shell alone")
    } else {
        format!("nothing in this file sets `{name}`")
    }
}

/// Who knows a variable by its name.
fn reader(name: &str) -> Option<&'static str> {
    if predefined_arg(name).is_some() {
        return Some("BuildKit");
    }
    if go_env(name).is_some_and(|variable| variable.kind != EnvKind::Gone) {
        return Some("Go");
    }
    reader_of_variable(name)
}

/// The image that sets the variable in front of `stage`, for people.
fn of_image(snapshot: &Snapshot, stage: usize, name: &str) -> Option<String> {
    let start = &snapshot.stage(&snapshot.file().stages[stage]).start;
    start.env.get(name).filter(|variable| variable.origin == Origin::Image)?;
    let image = start.reference.as_deref().map(|reference| format!("the image `{reference}`"));
    Some(image.unwrap_or_else(|| "the base image".to_owned()))
}

/// A use that no definition is in front of, in a stage of an image that may set the variable: `ENV X=/x:$X`.
fn of_unknown_image<'o>(snapshot: &Snapshot, places: &'o [Occurrence]) -> Option<&'o Occurrence> {
    let definitions: Vec<&Occurrence> = places.iter().filter(|place| place.role != Role::Use).collect();
    let is_open = |stage: usize| snapshot.stage(&snapshot.file().stages[stage]).start.env.is_open();
    let mut uses = places.iter().filter(|place| place.role == Role::Use && place.stage.is_some_and(is_open));
    uses.find(|place| !definitions.iter().any(|definition| place.sees(snapshot, definition)))
}

/// The stages in which `here` is declared, and those upon them, in order.
fn visible(snapshot: &Snapshot, all: &[Occurrence], here: &Occurrence) -> Vec<usize> {
    let stages = &snapshot.file().stages;
    let mut seen = vec![false; stages.len()];
    for other in all.iter().filter(|other| other.target == here.target && other.role != Role::Use) {
        other.stage.into_iter().for_each(|stage| seen[stage] = true);
    }
    for stage in stages {
        seen[stage.index] |= matches!(stage.base, Base::Stage(parent) if seen[parent]);
    }
    (0..stages.len()).filter(|&stage| seen[stage]).collect()
}

/// The image of a stage that names the variable too and whose variables may make it one upon `seen`: `FROM build-$TARGETARCH`.
fn may_inherit(snapshot: &Snapshot, seen: &[usize], name: &str) -> Option<Span> {
    let stages = &snapshot.file().stages;
    let others = mentions::of_variable(snapshot, name).into_iter().filter_map(|mention| mention.stage);
    others.filter(|stage| !seen.contains(stage)).find_map(|mut root| {
        while let Base::Stage(parent) = stages[root].base {
            root = parent;
        }
        let named = seen.iter().filter_map(|&index| Some((index, stages[index].name.as_deref()?)));
        { named }.find_map(|(index, name)| from_variable(snapshot, &stages[root], index, name))
    })
}

/// A place that could take its value from this variable and from another one of the same name.
fn meets<'o>(snapshot: &Snapshot, all: &'o [Occurrence], target: &Target) -> Option<&'o Occurrence> {
    let definitions: Vec<&Occurrence> = all.iter().filter(|other| other.role != Role::Use).collect();
    // A definition takes nothing from another one.
    all.iter().filter(|place| !matches!(place.role, Role::Definition { .. })).find(|place| {
        let mine = place.target == *target;
        let other = |definition: &&&Occurrence| (definition.target == *target) != mine;
        definitions.iter().filter(other).any(|definition| place.sees(snapshot, definition))
    })
}

/// Whether the variable at `places` may be called `new`.
pub fn check(snapshot: &Snapshot, old: &str, places: &[Occurrence], new: &str) -> Result<(), String> {
    let letter = new.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !letter || !new.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let rule = "it starts with a letter or `_` and holds letters, digits and `_`";
        return Err(format!("`{new}` can't be the name of a variable: {rule}"));
    }
    if let Some(reader) = reader(new) {
        return Err(format!("`{new}` has a meaning for {reader}"));
    }
    let Some(first) = places.first() else { return Ok(()) };
    let stages = visible(snapshot, places, first);
    if let Some(image) = stages.iter().find_map(|&stage| of_image(snapshot, stage, new)) {
        return Err(format!("{image} sets `{new}`"));
    }
    let around = around(snapshot, &stages);
    let global = first.target == Target::Variable(old.to_owned(), Home::Global);
    let clashes = |mention: &&Mention<'_>| match mention.stage {
        Some(stage) => around[stage],
        None => global || mention.role != Role::Use,
    };
    if let Some(taken) = mentions::of_variable(snapshot, new).iter().find(clashes) {
        return Err(format!("`{new}` is taken: line {}", line(snapshot, taken.span.start)));
    }
    let instructions = stages.iter().flat_map(|&stage| snapshot.file().stages[stage].instructions.clone());
    match instructions.into_iter().find_map(|index| shell::sets(snapshot, index, new)) {
        Some(taken) => Err(format!("`{new}` is taken: the shell of line {} sets it", line(snapshot, taken))),
        None => Ok(()),
    }
}

/// For each stage: it is one of `stages`, or one of them is built on it.
fn around(snapshot: &Snapshot, stages: &[usize]) -> Vec<bool> {
    let all = &snapshot.file().stages;
    let mut around = vec![false; all.len()];
    for &stage in stages {
        around[stage] = true;
    }
    for stage in all.iter().rev() {
        if let Base::Stage(parent) = stage.base {
            around[parent] |= around[stage.index];
        }
    }
    around
}

/// True when after the edits the places belong together as before, and no others join or leave them. `names` are the old one
/// and the new one.
pub fn mean_the_same(snapshot: &Snapshot, edits: &EditSet, names: [&str; 2], places: &[Occurrence]) -> bool {
    let after = snapshot.with_edits(edits);
    let [old, new] = names;
    let shape = |all: &[Occurrence]| -> Vec<(usize, Role, Option<usize>)> {
        all.iter().map(|place| (place.instruction, place.role, place.stage)).collect()
    };
    let renamed = of_variable(&after, new);
    let Some(first) = renamed.first() else { return places.is_empty() };
    let mut others = of_variable(snapshot, old);
    others.retain(|other| !places.contains(other));
    let one = renamed.iter().filter(|place| place.target == first.target).cloned().collect::<Vec<_>>();
    shape(&one) == shape(places) && shape(&of_variable(&after, old)) == shape(&others)
}
