//! Names and values of variables in ENV and ARG that are not Go's.
use super::place::PairPlace;
use super::typed::Typed;
use super::{Item, ItemKind, Offer, usual};
use crate::analysis::env::Origin;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::ide::markdown::{code, paragraphs};
use crate::knowledge::golang_tags::supported_minors;
use crate::knowledge::predefined_args::{ArgKind, predefined_args};
use crate::model::instruction::Kind;

/// Behind the names that Go knows.
const BEHIND: u32 = 2000;

/// Names in front of the equals sign, values behind it.
pub fn items(snapshot: &Snapshot, place: &PairPlace) -> Vec<Item> {
    let state = match place.stage {
        Some(stage) => state_before(snapshot, stage, place.instruction),
        None => ImageState::unknown(),
    };
    match place.typed.name_and_value() {
        Some((name, value)) => value.plain().map(|value| values(name, &value, &state)).unwrap_or_default(),
        None => place.typed.plain().map(|typed| names(snapshot, place, &typed, &state)).unwrap_or_default(),
    }
}

/// Where Go's variables begin: behind all others where the image has no Go, or nothing speaks of it, and in front of the
/// first FROM; behind what is handed in as ARG.
pub fn rank_of_go(snapshot: &Snapshot, place: &PairPlace) -> u32 {
    let Some(stage) = place.stage else { return BEHIND + 1000 };
    let has_none = || {
        let speaks_of_it = match state_before(snapshot, stage, place.instruction).go {
            Known::Known(go) => go.is_some(),
            Known::Unknown => !snapshot.facts().modules.is_empty(),
        };
        !speaks_of_it && snapshot.stage(stage).go.is_empty()
    };
    match place.kind {
        Kind::Arg => 100,
        _ if has_none() => BEHIND + 1000,
        _ => 0,
    }
}

fn names(snapshot: &Snapshot, place: &PairPlace, typed: &Typed, state: &ImageState) -> Vec<Item> {
    let mut typed = typed.clone();
    let sign = if place.kind == Kind::Env && !typed.right.contains('=') { "=" } else { "" };
    typed.cut(&['=']);
    let mut offer = Offer::new(&typed);
    let mut add = |name: &str, detail: &str, documentation: String, rank: u32| {
        if !place.taken.iter().any(|taken| taken == name) {
            offer.add_as(ItemKind::Variable, name, format!("{name}{sign}"), detail, documentation, rank);
        }
    };
    match (place.kind, place.stage) {
        (Kind::Arg, Some(_)) => redeclared(snapshot, state, &mut add),
        (Kind::Arg, None) => {}
        _ => of_image(state, &mut add),
    }
    let usual_of = match (place.kind, place.stage) {
        (Kind::Arg, None) => "global ARG",
        (Kind::Arg, Some(_)) => "ARG",
        _ => "ENV",
    };
    for (rank, value) in (BEHIND..).zip(usual::values(usual_of, state)) {
        add(value.value, value.meaning, value.meaning.to_owned(), rank);
    }
    offer.items
}

/// Global ARGs that the stage does not see yet, then the platforms.
fn redeclared(snapshot: &Snapshot, state: &ImageState, add: &mut dyn FnMut(&str, &str, String, u32)) {
    // Those of the global scope that are declared are in it with their line.
    for (name, variable) in snapshot.globals().iter().filter(|(_, variable)| variable.origin == Origin::Arg) {
        let line = variable.span.map(|span| snapshot[span].to_owned()).unwrap_or_default();
        let detail = match &variable.value {
            Known::Known(value) => format!("global, = {value}"),
            Known::Unknown => "global".to_owned(),
        };
        let rank = if state.env.get(name).is_some() { BEHIND } else { 0 };
        add(name, &detail, code("dockerfile", &line), rank);
    }
    for (rank, arg) in (10..).zip(predefined_args()).filter(|(_, arg)| arg.kind == ArgKind::Platform) {
        let rank = if state.env.get(arg.name).is_some() { BEHIND } else { rank };
        add(arg.name, arg.meaning, paragraphs(&[arg.meaning, arg.notes]), rank);
    }
}

/// What the image sets already.
fn of_image(state: &ImageState, add: &mut dyn FnMut(&str, &str, String, u32)) {
    for (name, variable) in state.env.iter().filter(|(_, variable)| variable.origin != Origin::Builder) {
        let detail = match &variable.value {
            Known::Known(value) => format!("now {value}"),
            Known::Unknown => "set already".to_owned(),
        };
        add(name, &detail, String::new(), BEHIND + 500);
    }
}

fn values(name: &str, typed: &Typed, state: &ImageState) -> Vec<Item> {
    let mut items = usual::items(&format!("value {name}"), state, typed, 0);
    let upper = name.to_ascii_uppercase();
    if matches!(upper.as_str(), "GO_VERSION" | "GOLANG_VERSION" | "GOVERSION") {
        let mut offer = Offer::new(typed);
        for (rank, (major, minor)) in (0..).zip(supported_minors().into_iter().rev()) {
            offer.add(ItemKind::Value, &format!("{major}.{minor}"), "a release that gets fixes", String::new(), rank);
        }
        items.extend(offer.items);
    }
    items
}
