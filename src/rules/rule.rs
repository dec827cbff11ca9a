//! The vocabulary of rules: start reading here.
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
pub use crate::rewrite::fix::{Applicability, Fix};
use crate::text::difference::Difference;
use crate::text::edit::FileEdit;
use crate::text::span::Span;

/// A rule, as its file writes it. Its name is the file's name with dashes, its summary the first paragraph of its page.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How bad what it finds is.
    pub severity: Severity,
    /// On unless settings say otherwise, or off until asked for.
    pub default: Default,
    /// The version that has it first.
    pub since: &'static str,
    /// Codes of the same idea elsewhere (`DL3006`, `JSONArgsRecommended`): suppressions and settings accept them.
    pub aliases: &'static [&'static str],
    /// What looks at the file.
    pub check: Check,
}

/// When a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Wrong for sure and worth an edit.
    On,
    /// Off until the preset `pedantic` or a setting asks for it.
    Pedantic,
}

/// The function of a rule and how often it is called.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Once.
    File(fn(&Snapshot, &mut Vec<Finding>)),
    /// For each stage.
    Stage(fn(&Snapshot, &Stage, &mut Vec<Finding>)),
    /// For each instruction of one kind; triggers of ONBUILD are not among them.
    Instruction(Kind, fn(&Snapshot, &Instruction, &mut Vec<Finding>)),
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Advice.
    Hint,
    /// Good to know.
    Info,
    /// Wrong, insecure or needlessly slow.
    Warning,
    /// The build fails, the container can't start, or a secret leaks.
    Error,
}

impl Severity {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Hint => "hint",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What a rule found; the engine adds the rule's name and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The smallest part that is wrong.
    pub span: Span,
    /// What is wrong: lower case, no full stop. The versions that it holds for share it.
    pub message: Arc<str>,
    /// Why: other places and what they have to do with it.
    pub related: Vec<(Place, String)>,
    /// How editors draw it.
    pub tag: Option<Tag>,
    /// What to do; the first is preferred.
    pub fixes: Vec<Fix>,
    /// What else to do, found out when somebody asks: too costly for every keystroke.
    pub later: Option<Later>,
    /// A level other than the rule's, for this finding alone.
    pub severity: Option<Severity>,
    /// The codes of this finding, where the rule's aliases are too many.
    pub aliases: Option<&'static [&'static str]>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this document.
    Here(Span),
    /// In another file, as a line from 0.
    There(PathBuf, u32),
}

/// How editors draw a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Faded out.
    Unnecessary,
    /// Struck through.
    Deprecated,
}

/// Fixes that are made when somebody asks for them.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    fixes: fn(&Snapshot, &Stage) -> Vec<Fix>,
    stage: usize,
}

/// The same finding has the same remedies.
impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.stage == other.stage
    }
}

impl Eq for Later {}

/// A finding with its rule: what users see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// Its codes elsewhere.
    pub aliases: &'static [&'static str],
    /// Its level after settings.
    pub severity: Severity,
    /// What was found; the versions that it holds for share it.
    pub finding: Arc<Finding>,
}

impl Finding {
    /// A finding without anything around it.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into().into(),
            related: Vec::new(),
            tag: None,
            fixes: Vec::new(),
            later: None,
            severity: None,
            aliases: None,
        }
    }

    /// Adds the remedies that `fixes` makes for `stage`, once they are asked for.
    #[must_use]
    pub fn fixed_later(mut self, stage: &Stage, fixes: fn(&Snapshot, &Stage) -> Vec<Fix>) -> Self {
        self.later = Some(Later { fixes, stage: stage.index });
        self
    }

    /// All remedies; `snapshot` is what it was found in.
    pub fn remedies(&self, snapshot: &Snapshot) -> Vec<Fix> {
        let mut fixes = self.fixes.clone();
        if let Some(later) = self.later
            && let Some(stage) = snapshot.file().stages.get(later.stage)
        {
            fixes.extend((later.fixes)(snapshot, stage));
        }
        fixes
    }

    /// Every place of this document that it names or its fixes change.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        let related = self.related.iter().filter_map(|(place, _)| match place {
            Place::Here(span) => Some(*span),
            Place::There(..) => None,
        });
        let edits = self.fixes.iter().flat_map(|fix| &fix.edits).filter_map(|edit| match edit {
            FileEdit::This(edits) => Some(edits.edits().iter().map(|edit| edit.span)),
            FileEdit::Create(..) | FileEdit::Other(_) => None,
        });
        std::iter::once(self.span).chain(related).chain(edits.flatten())
    }

    /// The same finding after `change`, which none of its places touches.
    #[must_use]
    pub fn moved(self: &Arc<Self>, change: Difference) -> Arc<Self> {
        if change.by() == 0 || self.spans().all(|span| span.end <= change.start) {
            return self.clone();
        }
        let related = |(place, message): &(Place, String)| match place {
            Place::Here(span) => (Place::Here(change.moved(*span)), message.clone()),
            Place::There(..) => (place.clone(), message.clone()),
        };
        let finding = Self {
            span: change.moved(self.span),
            message: self.message.clone(),
            related: self.related.iter().map(related).collect(),
            fixes: self.fixes.iter().map(|fix| fix.moved(change)).collect(),
            tag: self.tag,
            later: self.later,
            severity: self.severity,
            aliases: self.aliases,
        };
        Arc::new(finding)
    }

    /// Adds a place in this document that says why.
    #[must_use]
    pub fn because(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push((Place::Here(span), message.into()));
        self
    }

    /// Adds a place in another file that says why; `line` counts from 0.
    #[must_use]
    pub fn because_of(mut self, file: impl Into<PathBuf>, line: u32, message: impl Into<String>) -> Self {
        self.related.push((Place::There(file.into(), line), message.into()));
        self
    }

    /// Adds a remedy, if there is one.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fixes.extend(fix.into());
        self
    }

    /// Reports it at another level than the rule's.
    #[must_use]
    pub fn at_level(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}
