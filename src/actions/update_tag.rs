//! A newer tag of an image, by what its registry has.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::parent;
use crate::model::image::ImageRef;
use crate::model::stage::{Base, Stage};
use crate::registry::tag::newer;
use crate::rewrite::fix::Fix;
use crate::rewrite::{go_version, image_tag};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let file = snapshot.file();
    let is_at = |index: usize| {
        let span = file.instructions[index].span;
        span.start <= selection.end && selection.start <= span.end
    };
    let arguments: Vec<usize> = file.global_args().filter(|index| is_at(*index)).collect();
    let from_argument = |stage: &Stage| arguments.iter().any(|index| go_version::comes_from(snapshot, stage, *index));
    let touched = |stage: &&Stage| stage.base == Base::Image && (is_at(stage.from) || from_argument(stage));
    file.stages.iter().filter(touched).flat_map(|stage| of_stage(snapshot, stage).unwrap_or_default()).collect()
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
