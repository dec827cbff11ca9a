//! Everything that a feature may look at: one version of one document, and what is derived from it, lazily, at most once.
use std::ops::Index;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::stage::StageAnalysis;
use crate::model::build;
use crate::model::dockerfile::Dockerfile;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::settings::Settings;
use crate::syntax::parser::{SyntaxTree, parse};
use crate::text::span::Span;

/// Cheap to clone, never mutated.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: Option<PathBuf>,
    version: i32,
    text: Arc<str>,
    tree: SyntaxTree,
    file: Arc<Dockerfile>,
    facts: Arc<Facts>,
    settings: Arc<Settings>,
    stages: OnceLock<Vec<StageAnalysis>>,
}

impl Snapshot {
    /// Parses `text` and reads it. `old` is the tree of an earlier version to which every change since was told.
    pub fn new(
        path: Option<PathBuf>,
        version: i32,
        text: Arc<str>,
        old: Option<&SyntaxTree>,
        facts: Arc<Facts>,
        settings: Arc<Settings>,
    ) -> Self {
        let tree = parse(&text, old);
        let file = Arc::new(build::dockerfile(&text, &tree));
        Self(Arc::new(Inner { path, version, text, tree, file, facts, settings, stages: OnceLock::new() }))
    }

    /// A document without a project, with the default settings.
    pub fn of_text(text: &str) -> Self {
        Self::new(None, 0, text.into(), None, Arc::default(), Arc::default())
    }

    /// The same text with other facts and settings; it is not parsed again.
    #[must_use]
    pub fn with(&self, facts: Arc<Facts>, settings: Arc<Settings>) -> Self {
        let Inner { path, version, text, tree, file, .. } = &*self.0;
        Self(Arc::new(Inner {
            path: path.clone(),
            version: *version,
            text: text.clone(),
            tree: tree.clone(),
            file: file.clone(),
            facts,
            settings,
            stages: OnceLock::new(),
        }))
    }

    /// The file as it would be with another text: what an edit leads to.
    #[must_use]
    pub fn with_text(&self, text: &str) -> Self {
        let Inner { path, version, facts, settings, .. } = &*self.0;
        Self::new(path.clone(), *version, text.into(), None, facts.clone(), settings.clone())
    }

    /// Where the file lies, if it lies anywhere.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The editor's version number.
    pub fn version(&self) -> i32 {
        self.0.version
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The tree, for the next incremental parse and for features that walk it.
    pub fn tree(&self) -> &SyntaxTree {
        &self.0.tree
    }

    /// What the text says.
    pub fn file(&self) -> &Dockerfile {
        &self.0.file
    }

    /// What lies beside it.
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The settings, to be shared with another version.
    pub fn shared_settings(&self) -> Arc<Settings> {
        self.0.settings.clone()
    }

    /// What the stages mean, in their order.
    pub fn stages(&self) -> &[StageAnalysis] {
        self.0.stages.get_or_init(|| super::stage::analyse(self))
    }

    /// What `stage` means.
    pub fn stage(&self, stage: &Stage) -> &StageAnalysis {
        &self.stages()[stage.index]
    }
}

impl Index<Span> for Snapshot {
    type Output = str;

    fn index(&self, span: Span) -> &str {
        &self.0.text[span.range()]
    }
}
