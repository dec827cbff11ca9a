//! What registries say of images: plain data that everything to the right may look at. Only `ask` and what it uses talk to a
//! registry, and only the server and the command line start it, where the settings say so.
pub mod answer;
pub mod ask;
pub mod client;
pub mod credentials;
pub mod reference;
pub mod tag;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use reference::{Reference, Repository};

/// An image as its registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Of the index where there is one, else of the manifest: `sha256:…`
    pub digest: String,
    /// `os/architecture`, perhaps with a variant; empty where the registry does not say.
    pub platforms: Vec<String>,
    /// The day it was made, `2026-11-20`, where the registry says so.
    pub created: Option<String>,
}

/// The tags of a repository, in the order of the registry.
pub type Tags = Arc<[String]>;

/// What registries said, as far as they were asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistryFacts {
    tags: HashMap<Repository, Tags>,
    images: HashMap<Reference, Arc<Image>>,
}

/// What to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whose tags.
    pub repositories: BTreeSet<Repository>,
    /// Which images.
    pub images: BTreeSet<Reference>,
}

impl RegistryFacts {
    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.images.is_empty()
    }

    /// Takes note of tags.
    pub fn add_tags(&mut self, repository: Repository, tags: Tags) {
        self.tags.insert(repository, tags);
    }

    /// Takes note of an image.
    pub fn add_image(&mut self, reference: Reference, image: Arc<Image>) {
        self.images.insert(reference, image);
    }

    /// The tags of a repository, which is named as in a Dockerfile; `None` when they are not known.
    pub fn tags(&self, repository: &str) -> Option<&[String]> {
        if self.tags.is_empty() {
            return None;
        }
        self.tags.get(&Repository::of(repository)?).map(|tags| &**tags)
    }

    /// The image behind a reference as it stands in a Dockerfile: behind its digest where it has one; `None` when it is not
    /// known.
    pub fn image(&self, reference: &str) -> Option<&Image> {
        if self.images.is_empty() {
            return None;
        }
        self.images.get(&Reference::of(reference)?).map(|image| &**image)
    }
}
