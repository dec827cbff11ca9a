//! Flags of instructions: those that may still stand there, and their values.
use super::place::{FlagPlace, Spot};
use super::typed::Typed;
use super::{Item, ItemKind, Offer, docs, images, mounts, users, usual};
use crate::analysis::state::ImageState;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::image_platforms::platforms;
use crate::knowledge::instructions::{FlagDoc, ValueKind, flag_doc, flags_of};
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Kind};

/// Behind what else may stand where nothing is typed.
const BEHIND: u32 = 5000;

/// Names in front of the equals sign, values behind it.
pub fn items(place: &FlagPlace) -> Vec<Item> {
    match place.typed.name_and_value() {
        Some((name, value)) => value.plain().map(|value| values(place, name, &value)).unwrap_or_default(),
        None => names(place),
    }
}

fn names(place: &FlagPlace) -> Vec<Item> {
    let snapshot = place.spot.snapshot;
    let has_value = place.typed.right.contains('=');
    let mut typed = place.typed.clone();
    typed.cut(&['=']);
    let name_of = |flag: &&str| flag.split('=').next().unwrap_or_default().to_owned();
    let taken: Vec<String> = place.others.iter().map(name_of).collect();
    let labs = snapshot.file().directives.iter().any(|directive| snapshot[directive.value].contains("labs"));
    let fits = |doc: &&FlagDoc| {
        (doc.repeatable || !taken.iter().any(|other| other == doc.flag)) && (labs || !doc.since.contains("labs"))
    };
    let mut offer = Offer::new(&typed);
    let from = if typed.left.is_empty() { BEHIND } else { 0 };
    for (rank, doc) in (from..).zip(flags_of(place.spot.node.kind.keyword()).filter(fits)) {
        let sign = if doc.kind == ValueKind::Bool || has_value { "" } else { "=" };
        let insert = format!("{}{sign}", doc.flag);
        offer.add_as(ItemKind::Flag, doc.flag, insert, docs::sentence(doc.meaning), docs::flag(doc), rank);
    }
    offer.items
}

fn values(place: &FlagPlace, name: &str, typed: &Typed) -> Vec<Item> {
    let spot = &place.spot;
    let Some(doc) = flag_doc(spot.node.kind.keyword(), name) else { return Vec::new() };
    if doc.kind == ValueKind::Bool {
        return super::booleans(typed);
    }
    match name {
        "--platform" => platform(spot, typed),
        "--from" => images::sources(spot, typed, true),
        "--chown" => users::items(spot, typed),
        "--mount" => mounts::items(spot, typed),
        _ => usual::items(&format!("{} {name}", doc.instruction), &ImageState::unknown(), typed, 0),
    }
}

/// The usual platforms; of an official image those that it has.
fn platform(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let reference = match &spot.node.body {
        Body::From(from) if spot.node.kind == Kind::From => {
            from.image.as_ref().and_then(|image| image.literal(spot.snapshot.text()))
        }
        _ => None,
    };
    let known = reference.as_deref().map(ImageRef::parse);
    let known = known.and_then(|image| platforms(normalized_repository(&image.repository)));
    let mut items = usual::items("FROM --platform", &ImageState::unknown(), typed, 0);
    items.retain(|item| item.label.starts_with('$') || known.is_none_or(|known| known.contains(&item.label.as_str())));
    let mut offer = Offer::new(typed);
    for platform in known.unwrap_or_default() {
        offer.add(ItemKind::Value, platform, "", String::new(), 50);
    }
    items.extend(offer.items);
    items
}
