//! Users that an image knows: those of its base, those that commands made, and the usual ones.
use super::place::Spot;
use super::{Item, ItemKind, Offer, typed::Typed, usual};
use crate::analysis::accounts::made_by;
use crate::analysis::invocation::Invocation;
use crate::analysis::source;
use crate::analysis::state::ImageState;
use crate::knowledge::accounts::base_accounts;
use crate::knowledge::image_tags::image_users;
use crate::model::image::ImageRef;

/// The users that may stand at `typed`, those first that this file made.
pub fn items(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let state = spot.state();
    let mut offer = Offer::new(typed);
    let with_group = |name: &str| format!("{name}:{name}");
    for (rank, (name, detail)) in (0..).zip(made(spot, &state)) {
        offer.add(ItemKind::Value, &name, &detail, String::new(), rank);
        offer.add(ItemKind::Value, &with_group(&name), &detail, String::new(), rank + 20);
    }
    let user = state.user.as_ref().filter(|user| !user.is_empty());
    if let Some(user) = user.filter(|user| !matches!(user.as_str(), "root" | "0")) {
        offer.add(ItemKind::Value, user, "the user at this point", String::new(), 10);
    }
    for (rank, (name, number)) in (30..).step_by(2).zip(known(&state)) {
        let detail = format!("an account of the image, number {number}");
        offer.add(ItemKind::Value, name, &detail, String::new(), rank);
        offer.add(ItemKind::Value, &with_group(number), &format!("{name} of the image"), String::new(), rank + 1);
    }
    let mut items = offer.items;
    items.extend(usual::items("USER", &state, typed, 100));
    items
}

/// The accounts of the image that the stage starts from.
fn known(state: &ImageState) -> Vec<(&'static str, &'static str)> {
    let of_distro = state.distro().as_ref().into_iter().flat_map(|distro| base_accounts(*distro)).collect::<Vec<_>>();
    let reference = state.reference.as_deref().map(ImageRef::parse);
    let of_image = reference.iter().flat_map(|reference| image_users(&reference.repository)).collect::<Vec<_>>();
    let is_new = |(name, _): &(&str, &str)| !of_image.iter().any(|(other, _)| other == name);
    let more: Vec<_> = of_distro.into_iter().filter(is_new).collect();
    of_image.into_iter().chain(more).collect()
}

/// The accounts that commands in front made, the last one first.
fn made(spot: &Spot, state: &ImageState) -> Vec<(String, String)> {
    let Some(stage) = spot.stage.filter(|_| !spot.trigger) else { return Vec::new() };
    let commands = source::analyses(spot.snapshot, stage).into_iter().flat_map(|analysis| &analysis.commands);
    let before = commands.filter(|command| command.span.start < spot.node.span.start);
    let account = |command: &Invocation| {
        let name = made_by(command, state).filter(|name| !name.is_empty())?;
        Some((name.to_owned(), format!("made by {}", command.name)))
    };
    let mut made: Vec<_> = before.filter_map(account).collect();
    made.reverse();
    made
}
