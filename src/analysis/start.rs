//! What a stage starts from: an image, an earlier stage, nothing.
use std::borrow::Cow;

use super::known::Known;
use super::shell_comment;
use super::snapshot::Snapshot;
use super::state::ImageState;
use crate::knowledge::base_images::base_image;
use crate::model::image::ImageRef;
use crate::model::instruction::Body;
use crate::model::stage::{Base, Stage};

/// The earlier stage that `stage` starts from, also where its name is the value of an ARG.
pub fn parent(snapshot: &Snapshot, stage: &Stage) -> Option<usize> {
    match stage.base {
        Base::Stage(parent) => Some(parent),
        Base::Image => {
            let earlier = &snapshot.file().stages[..stage.index];
            match reference(snapshot, stage)? {
                // A name without a variable was looked up when the file was read.
                Cow::Borrowed(_) => None,
                Cow::Owned(name) => earlier.iter().rposition(|other| other.name.as_deref() == Some(&*name)),
            }
        }
        Base::Scratch | Base::Missing => None,
    }
}

fn reference<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<Cow<'s, str>> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    let image = from.image.as_ref()?;
    image.literal(snapshot.text()).or_else(|| match snapshot.globals().expand(snapshot.text(), image) {
        Known::Known(name) => Some(Cow::Owned(name)),
        Known::Unknown => None,
    })
}

/// The image behind the FROM of `stage`.
pub fn start(snapshot: &Snapshot, stage: &Stage) -> ImageState {
    let mut state = base(snapshot, stage);
    if let said @ Known::Known(_) = shell_comment::of_stage(snapshot, stage) {
        state.shell = said;
    }
    state
}

fn base(snapshot: &Snapshot, stage: &Stage) -> ImageState {
    if let Some(parent) = parent(snapshot, stage) {
        return snapshot.stage(&snapshot.file().stages[parent]).end.clone();
    }
    let mut state = match stage.base {
        Base::Scratch => ImageState::scratch(),
        Base::Image => reference(snapshot, stage).map_or_else(ImageState::unknown, |name| of_reference(&name)),
        Base::Missing | Base::Stage(_) => ImageState::unknown(),
    };
    state.shell = snapshot.shell_of_images().clone();
    state
}

/// The image behind `FROM reference`, without variables.
pub fn of_reference(reference: &str) -> ImageState {
    if reference == "scratch" {
        return ImageState::scratch();
    }
    let image = ImageRef::parse(reference);
    let row = match (&image.tag, &image.digest) {
        (None, Some(_)) => None,
        (tag, _) => base_image(&image.repository, tag.as_deref()),
    };
    let mut state = row.map_or_else(ImageState::unknown, ImageState::of_image);
    state.reference = Some(reference.into());
    state
}
