//! Which lines name a stage or an image, and which stages build on each other: what the rules about stages have in common.
use std::borrow::Cow;

use crate::analysis::copy::CopyFrom;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, From, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::text::span::Span;

/// What `COPY --from=` or the `from=` of a mount names.
#[derive(Clone, Debug)]
pub struct Source<'s> {
    /// The index of the instruction.
    pub instruction: usize,
    /// The name: of a stage, an image or a named context; for COPY also the number of a stage.
    pub name: Cow<'s, str>,
    /// Where the name stands.
    pub span: Span,
    /// True for a mount.
    pub mount: bool,
}

/// What `stage` takes files from, besides the context. Names with variables are left out.
pub fn sources<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> impl Iterator<Item = Source<'s>> {
    let (text, analysis) = (snapshot.text(), snapshot.stage(stage));
    let copies = analysis.copies.iter().filter(|copy| copy.from != CopyFrom::Context).filter_map(move |copy| {
        let instruction = &snapshot.file().instructions[copy.instruction];
        let value = instruction.flag(text, "from")?.value.as_ref()?;
        let name = value.literal(text).filter(|name| !name.is_empty())?;
        Some(Source { instruction: copy.instruction, name, span: value.span, mount: false })
    });
    let mounts = analysis.runs.iter().flat_map(|run| run.mounts.iter().map(move |mount| (run.instruction, mount)));
    let mounts = mounts.filter_map(|(instruction, mount)| {
        let (name, span) = mount.options.iter().find(|option| option.key == "from")?.value.as_ref()?;
        let literal = !name.is_empty() && !name.contains('$');
        literal.then(|| Source { instruction, name: Cow::Borrowed(name), span: *span, mount: true })
    });
    copies.chain(mounts)
}

impl Source<'_> {
    /// The number of a stage, which COPY takes and mounts don't.
    pub fn number(&self) -> Option<i64> {
        self.name.parse().ok().filter(|_| !self.mount)
    }

    /// The stage that BuildKit takes the name for, whether files may be taken from it or not.
    pub fn stage<'s>(&self, stages: &'s [Stage]) -> Option<&'s Stage> {
        if let Some(number) = self.number() {
            return stages.get(usize::try_from(number).ok()?);
        }
        // Of several of one name the last of the file, even when it is too late for this line.
        let same = |stage: &&Stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&self.name));
        stages.iter().rev().find(same)
    }
}

/// Stages that are built on one another; no build has more, and those further down are left out.
const MAX_CHAIN: usize = 100;

/// `stage` and the stages that it is built on, itself first.
pub fn chain<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> impl Iterator<Item = &'s Stage> {
    let parent = |stage: &&'s Stage| match stage.base {
        Base::Stage(parent) => Some(&snapshot.file().stages[parent]),
        _ => None,
    };
    std::iter::successors(Some(stage), parent).take(MAX_CHAIN)
}

/// The last instruction of `kind` in `stage` and the stages that it is built on: the one that counts.
pub fn effective<'s>(snapshot: &'s Snapshot, stage: &'s Stage, kind: Kind) -> Option<&'s Instruction> {
    chain(snapshot, stage).find_map(|stage| {
        let instructions = &snapshot.file().instructions[stage.instructions.clone()];
        instructions.iter().rev().find(|instruction| instruction.kind == kind).map(AsRef::as_ref)
    })
}

/// The arguments of the FROM of `stage`.
pub fn from<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s From> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    Some(from)
}

/// How people speak of a stage: by its name, or its number from 0.
pub fn called(stage: &Stage) -> String {
    stage.name.as_ref().map_or_else(|| format!("stage {}", stage.index), |name| format!("stage `{name}`"))
}

/// The place that stands for a stage: its name, or its FROM.
pub fn place(snapshot: &Snapshot, stage: &Stage) -> Span {
    let from = &snapshot.file().instructions[stage.from];
    self::from(snapshot, stage).and_then(|arguments| arguments.name).unwrap_or(from.keyword)
}
