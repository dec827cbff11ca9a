//! What is usually written at a place, as far as the image has what it needs.
use super::typed::Typed;
use super::{Item, ItemKind, Offer};
use crate::analysis::known::Known;
use crate::analysis::state::ImageState;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::distros::{Distro, PackageManager};
use crate::knowledge::table::glob;
use crate::knowledge::usual_values::{UsualValue, usual_values};
use crate::model::image::ImageRef;

/// The usual values of `place` in an image such as `state`, from `rank` on.
pub fn items(place: &str, state: &ImageState, typed: &Typed, rank: u32) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (at, value) in (rank..).zip(values(place, state)) {
        offer.add(ItemKind::Value, value.value, value.meaning, value.meaning.to_owned(), at);
    }
    offer.items
}

/// The rows of `place` that hold for `state`.
pub fn values(place: &str, state: &ImageState) -> impl Iterator<Item = &'static UsualValue> {
    usual_values(place).filter(|value| value.needs.is_none_or(|needs| holds(needs, state)))
}

fn holds(needs: &str, state: &ImageState) -> bool {
    if let Some(image) = needs.strip_prefix("image ") {
        let reference = state.reference.as_deref().map(ImageRef::parse);
        return reference.is_some_and(|reference| glob(image, normalized_repository(&reference.repository)));
    }
    match needs {
        "go" => matches!(state.go, Known::Known(Some(_))),
        "bash" => state.image().and_then(|image| image.has_command("bash")) != Some(false),
        "unix" => !holds("windows", state),
        "windows" => state.distro().is(|distro| *distro == Distro::Windows),
        _ => PackageManager::parse(needs).is_some_and(|manager| state.package_manager().is(|known| *known == manager)),
    }
}
