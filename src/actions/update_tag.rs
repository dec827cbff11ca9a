//! A newer tag of an image, by what its registry has.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::parent;
use crate::model::image::ImageRef;
use crate::model::stage::Stage;
use crate::registry::tag::newer;
use crate::rewrite::fix::Fix;
use crate::rewrite::image_tag;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    image_tag::touched(snapshot, selection).flat_map(|stage| of_stage(snapshot, stage).unwrap_or_default()).collect()
}

fn of_stage(snapshot: &Snapshot, stage: &Stage) -> Option<Vec<Fix>> {
    if parent(snapshot, stage).is_some() {
        return None;
    }
    let image = ImageRef::parse(snapshot.stage(stage).start.reference.as_ref()?);
    let found = newer(&image.tag?, snapshot.published().tags(&image.repository)?);
    let digest = if image.digest.is_some() { ", without the digest of the old image" } else { "" };
    let offer = |tag: Option<String>, note: &str| {
        let tag = tag?;
        let title = format!("update {} to {tag}{note}{digest}", image.repository);
        Fix::unsafe_(title, image_tag::replace(snapshot, stage, &tag)?)
    };
    let next = offer(found.next_major, " (another major version)");
    Some(offer(found.same_major, "").into_iter().chain(next).collect())
}
