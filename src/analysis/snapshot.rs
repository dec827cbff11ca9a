//! Everything that a feature may look at: one version of one document, and what is derived from it, lazily, at most once.
use std::ops::Index;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::env::Env;
use super::links::Links;
use super::shell_comment::{self, Shell};
use super::source::ModulePlace;
use super::stage::StageAnalysis;
use crate::model::build;
use crate::model::dockerfile::Dockerfile;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::shellcheck::Verdicts;
use crate::registry::RegistryFacts;
use crate::settings::Settings;
use crate::syntax::parser::{SyntaxTree, parse};
use crate::text::buffer::{Buffer, Change};
use crate::text::edit::EditSet;
use crate::text::lines::Lines;
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
    verdicts: Arc<Verdicts>,
    published: Arc<RegistryFacts>,
    meaning: Arc<Meaning>,
    stages: Arc<Stages>,
    modules: Arc<Modules>,
}

/// What follows from the text alone: facts and settings have no part in it.
#[derive(Debug)]
struct Meaning {
    lines: OnceLock<Lines>,
    globals: OnceLock<Env>,
    links: OnceLock<Links>,
    shell: OnceLock<Shell>,
}

/// What each stage means, which follows from the text alone too.
type Stages = Vec<OnceLock<Box<StageAnalysis>>>;

/// For each stage on which modules its Go commands work, which follows from text and facts.
type Modules = Vec<OnceLock<Vec<Option<ModulePlace>>>>;

/// What the next version of a document is built from, so that what did not change is not read again.
#[derive(Clone, Debug)]
pub struct Earlier {
    text: Arc<str>,
    file: Arc<Dockerfile>,
    tree: SyntaxTree,
}

impl Earlier {
    /// Starts from `snapshot`.
    pub fn of(snapshot: &Snapshot) -> Self {
        let Inner { text, file, tree, .. } = &*snapshot.0;
        Self { text: text.clone(), file: file.clone(), tree: tree.clone() }
    }

    /// Takes note of a change; every one since must be told.
    pub fn edit(&mut self, change: &Change) {
        self.tree.edit(change);
    }
}

impl Snapshot {
    /// Parses `text` and reads it. `earlier` is an earlier version to which every change since was told.
    pub fn new(
        path: Option<PathBuf>,
        version: i32,
        text: Arc<str>,
        earlier: Option<&Earlier>,
        facts: Arc<Facts>,
        settings: Arc<Settings>,
    ) -> Self {
        let tree = parse(&text, earlier.map(|earlier| &earlier.tree));
        let read = earlier.map(|earlier| (&*earlier.text, &*earlier.file));
        let file = Arc::new(build::dockerfile(&text, &tree, read));
        let stages = unread(&file);
        let (lines, globals, links, shell) = Default::default();
        let meaning = Arc::new(Meaning { lines, globals, links, shell });
        let (verdicts, published) = Default::default();
        let modules = untold(&file);
        Self(Arc::new(Inner {
            path,
            version,
            text,
            tree,
            file,
            facts,
            settings,
            verdicts,
            published,
            meaning,
            stages,
            modules,
        }))
    }

    /// A document without a project, with the default settings.
    pub fn of_text(text: &str) -> Self {
        Self::new(None, 0, text.into(), None, Arc::default(), Arc::default())
    }

    /// The same text with other facts and settings; it is not read again.
    #[must_use]
    pub fn with(&self, facts: Arc<Facts>, settings: Arc<Settings>) -> Self {
        Self(Arc::new(Inner { facts, settings, modules: untold(self.file()), ..self.0.copy() }))
    }

    /// The same beside what is likely its context, where none is known. Its findings must not be shown.
    #[must_use]
    pub fn beside_likely(&self) -> Self {
        match &self.facts().likely {
            Some(likely) => self.with(likely.clone(), self.shared_settings()),
            None => self.clone(),
        }
    }

    /// The same text beside what `other` lies beside.
    #[must_use]
    pub fn with_surroundings_of(&self, other: &Self) -> Self {
        let Inner { facts, settings, verdicts, published, .. } = &*other.0;
        self.with(facts.clone(), settings.clone()).with_answers(verdicts.clone(), published.clone())
    }

    /// The same without what was found out about its stages, which takes most of the memory.
    #[must_use]
    pub fn without_stages(&self) -> Self {
        let (stages, modules) = (unread(self.file()), untold(self.file()));
        Self(Arc::new(Inner { stages, modules, ..self.0.copy() }))
    }

    /// The same with what ShellCheck says of its texts, and of others.
    #[must_use]
    pub fn with_verdicts(self, verdicts: Arc<Verdicts>) -> Self {
        let published = self.0.published.clone();
        self.with_answers(verdicts, published)
    }

    /// The same with what registries say of its images, and of others.
    #[must_use]
    pub fn with_published(self, published: Arc<RegistryFacts>) -> Self {
        let verdicts = self.0.verdicts.clone();
        self.with_answers(verdicts, published)
    }

    /// The same with what others said who were asked.
    #[must_use]
    pub fn with_answers(mut self, verdicts: Arc<Verdicts>, published: Arc<RegistryFacts>) -> Self {
        if Arc::get_mut(&mut self.0).is_none() {
            self = self.with(self.0.facts.clone(), self.0.settings.clone());
        }
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            (inner.verdicts, inner.published) = (verdicts, published);
        }
        self
    }

    /// The file as it would be with another text: what an edit leads to.
    #[must_use]
    pub fn with_text(&self, text: &str) -> Self {
        let Inner { path, version, facts, settings, verdicts, published, .. } = &*self.0;
        Self::new(path.clone(), *version, text.into(), None, facts.clone(), settings.clone())
            .with_answers(verdicts.clone(), published.clone())
    }

    /// The same after `edits`; what they leave alone is not read again.
    #[must_use]
    pub fn with_edits(&self, edits: &EditSet) -> Self {
        let Inner { path, version, facts, settings, verdicts, published, .. } = &*self.0;
        let mut earlier = Earlier::of(self);
        let mut buffer = Buffer::new(self.text());
        // From the last on: the places of those in front stay.
        for edit in edits.edits().iter().rev() {
            earlier.edit(&buffer.replace(edit.span, &edit.text));
        }
        Self::new(path.clone(), *version, buffer.text(), Some(&earlier), facts.clone(), settings.clone())
            .with_answers(verdicts.clone(), published.clone())
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

    /// Where its lines begin.
    pub fn lines(&self) -> &Lines {
        self.0.meaning.lines.get_or_init(|| Lines::new(self.0.text.clone()))
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

    /// What ShellCheck says of shell texts, this file's among them as far as they were looked at.
    pub fn verdicts(&self) -> &Arc<Verdicts> {
        &self.0.verdicts
    }

    /// What registries say of images, this file's among them as far as they were asked.
    pub fn published(&self) -> &Arc<RegistryFacts> {
        &self.0.published
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The settings, to be shared with another version.
    pub fn shared_settings(&self) -> Arc<Settings> {
        self.0.settings.clone()
    }

    /// True when both know the same of the file's surroundings.
    pub fn has_surroundings_of(&self, other: &Snapshot) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        one.path == other.path
            && Arc::ptr_eq(&one.facts, &other.facts)
            && Arc::ptr_eq(&one.settings, &other.settings)
            && (Arc::ptr_eq(&one.verdicts, &other.verdicts) || one.verdicts.is_empty() && other.verdicts.is_empty())
            && (Arc::ptr_eq(&one.published, &other.published) || one.published.is_empty() && other.published.is_empty())
    }

    /// What the stages mean, in their order; a rule asks for one with `stage`.
    pub fn stages(&self) -> Vec<&StageAnalysis> {
        self.file().stages.iter().map(|stage| self.stage(stage)).collect()
    }

    /// What `stage` means.
    pub fn stage(&self, stage: &Stage) -> &StageAnalysis {
        let cell = |stage: &Stage| &self.0.stages[stage.index];
        let make = |stage: &Stage| Box::new(super::stage::analyse(self, stage));
        if let Some(known) = cell(stage).get() {
            return known;
        }
        // Parents first, and not by recursion: a chain of thousands would exhaust the stack.
        let mut missing = Vec::new();
        let mut child = stage;
        while let Some(parent) = super::start::parent(self, child).map(|parent| &self.file().stages[parent]) {
            if cell(parent).get().is_some() {
                break;
            }
            missing.push(parent);
            child = parent;
        }
        for parent in missing.into_iter().rev() {
            cell(parent).get_or_init(|| make(parent));
        }
        cell(stage).get_or_init(|| make(stage))
    }

    /// On which modules the Go commands of `stage` work, in their order.
    pub(super) fn modules(&self, stage: &Stage) -> &[Option<ModulePlace>] {
        self.0.modules[stage.index].get_or_init(|| super::source::places(self, stage))
    }

    /// What the global ARGs hold.
    pub fn globals(&self) -> &Env {
        self.0.meaning.globals.get_or_init(|| super::scope::globals(self.text(), self.file()))
    }

    /// The shell of the images that stages start from, as a comment in front of the first FROM says it.
    pub fn shell_of_images(&self) -> &Shell {
        self.0.meaning.shell.get_or_init(|| shell_comment::of_file(self))
    }

    /// Which stages have to do with each other.
    pub fn links(&self) -> &Links {
        self.0.meaning.links.get_or_init(|| Links::of(self))
    }

    /// The stages that have to do with `stage`, itself among them: by FROM, COPY --from and mounts, over any number of
    /// steps in either direction. A rule that is asked about a stage looks at no others.
    pub fn linked(&self, stage: &Stage) -> impl Iterator<Item = &Stage> {
        self.links().with(stage.index).map(|index| &self.file().stages[index])
    }
}

impl Inner {
    /// The parts are shared.
    fn copy(&self) -> Self {
        Self {
            path: self.path.clone(),
            version: self.version,
            text: self.text.clone(),
            tree: self.tree.clone(),
            file: self.file.clone(),
            facts: self.facts.clone(),
            settings: self.settings.clone(),
            verdicts: self.verdicts.clone(),
            published: self.published.clone(),
            meaning: self.meaning.clone(),
            stages: self.stages.clone(),
            modules: self.modules.clone(),
        }
    }
}

/// Nothing is known of the stages yet.
fn unread(file: &Dockerfile) -> Arc<Stages> {
    Arc::new(file.stages.iter().map(|_| OnceLock::new()).collect())
}

/// Nobody has asked for the modules yet.
fn untold(file: &Dockerfile) -> Arc<Modules> {
    Arc::new(file.stages.iter().map(|_| OnceLock::new()).collect())
}

impl Index<Span> for Snapshot {
    type Output = str;

    fn index(&self, span: Span) -> &str {
        &self.0.text[span.range()]
    }
}
