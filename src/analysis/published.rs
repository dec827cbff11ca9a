//! The images of a file as registries have them: what to ask for, and what is known of a stage's image.
use super::copy::CopyFrom;
use super::snapshot::Snapshot;
use super::start::parent;
use crate::model::image::ImageRef;
use crate::model::stage::{Base, Stage, find_stage};
use crate::registry::reference::{Reference, Repository};
use crate::registry::{Image, Wanted};

/// Of so many images a file may know more; the others are not asked for.
const MAX_IMAGES: usize = 32;

/// What the images of `snapshot` are called, as far as the file says it: a variable without a value names nothing.
pub fn wanted(snapshot: &Snapshot) -> Wanted {
    let mut wanted = Wanted::default();
    for name in names(snapshot).into_iter().take(MAX_IMAGES) {
        let image = ImageRef::parse(&name);
        // A name alone may be half typed, its host too.
        if image.tag.is_none() && image.digest.is_none() {
            continue;
        }
        wanted.repositories.extend(Repository::of(&image.repository));
        wanted.images.extend(Reference::of(&name));
        // The tag beside a digest may have moved on.
        if let (Some(tag), Some(_)) = (&image.tag, &image.digest) {
            wanted.images.extend(Reference::of(&format!("{}:{tag}", image.repository)));
        }
    }
    wanted
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    let stages = &snapshot.file().stages;
    let mut names = Vec::new();
    for stage in stages {
        if stage.base == Base::Image && parent(snapshot, stage).is_none() {
            names.extend(snapshot.stage(stage).start.reference.as_deref().map(str::to_owned));
        }
        let analysis = snapshot.stage(stage);
        let copies = analysis.copies.iter().filter_map(|copy| match &copy.from {
            CopyFrom::Image(name) => Some(name.as_str()),
            _ => None,
        });
        let mounts = analysis.runs.iter().flat_map(|run| &run.mounts).filter_map(|mount| mount.from());
        let is_other = |name: &&str| !name.contains('$') && find_stage(stages, stage.index, name, false).is_none();
        // A bare word may as well be a context that the command line names.
        let sources = copies.chain(mounts.filter(is_other)).filter(|name| name.contains(['/', ':', '@']));
        names.extend(sources.map(str::to_owned));
    }
    names
}

/// What the registry says of the image that `stage` starts from; `None` for a stage, and where it was not asked.
pub fn of_stage<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s Image> {
    let known = snapshot.published();
    if known.is_empty() || stage.base != Base::Image || parent(snapshot, stage).is_some() {
        return None;
    }
    known.image(snapshot.stage(stage).start.reference.as_deref()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_not_asked_for() {
        let of = |text| {
            let wanted = wanted(&Snapshot::of_text(text));
            let images = wanted.images.into_iter();
            images.map(|image| format!("{} {}", image.repository.path, image.version)).collect::<Vec<_>>()
        };
        assert_eq!(of("FROM gol\nFROM registry.exam/x\nFROM $X:1\n"), [""; 0]);
        assert_eq!(
            of("FROM golang:1.27 AS a\nFROM a\nCOPY --from=me/tools:2 / /\n"),
            ["library/golang 1.27", "me/tools 2"]
        );
    }
}
