//! What one run leaves to the next: the findings of stages that a change did not reach. That holds because a rule that is
//! asked about a stage looks at that stage, at the stages linked with it, at what stands in front of the first FROM, at the
//! FROM and ARG lines of all stages, and at nothing else of the text. Of comments between instructions it looks at none but those
//! that name a shell.
use super::rule::Diagnostic;
use crate::analysis::shell_comment;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::text::difference::Difference;
use crate::text::span::Span;

/// What was found in a version of a document, before comments were applied.
#[derive(Clone, Debug)]
pub struct Memory {
    snapshot: Snapshot,
    found: Vec<Found>,
}

/// A finding, and the stage that its rule was asked about.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// `None` when the rule was asked about the whole file.
    pub stage: Option<usize>,
    pub diagnostic: Diagnostic,
}

impl Memory {
    pub(super) fn new(snapshot: &Snapshot, found: Vec<Found>) -> Self {
        Self { snapshot: snapshot.without_stages(), found }
    }

    /// What still holds in `now`, and for each stage whether it must be looked at again; no stages when all must.
    pub(super) fn recall(&self, now: &Snapshot) -> (Vec<Found>, Vec<bool>) {
        let Some(change) = self.change(now) else { return (Vec::new(), Vec::new()) };
        let stages = &self.snapshot.file().stages;
        let mut groups = vec![false; stages.len()];
        let group = |stage: usize| self.snapshot.links().group(stage);
        let says_nothing = self.is_in_comment(now, change);
        for stage in stages.iter().filter(|stage| !says_nothing && change.touches(self.surroundings(stage))) {
            groups[group(stage.index)] = true;
        }
        for Found { stage, diagnostic } in &self.found {
            let Some(stage) = *stage else { continue };
            if diagnostic.finding.spans().any(|span| change.touches(span)) {
                groups[group(stage)] = true;
            }
        }
        let holds = |found: &&Found| found.stage.is_some_and(|stage| !groups[group(stage)]);
        let moved = |found: &Found| {
            let Diagnostic { rule, aliases, severity, ref finding } = found.diagnostic;
            Found {
                stage: found.stage,
                diagnostic: Diagnostic { rule, aliases, severity, finding: finding.moved(change) },
            }
        };
        let found = self.found.iter().filter(holds).map(moved).collect();
        (found, stages.iter().map(|stage| groups[group(stage.index)]).collect())
    }

    /// What changed up to `now`; `None` when it reaches what every rule may look at.
    fn change(&self, now: &Snapshot) -> Option<Difference> {
        let before = &self.snapshot;
        let change = Difference::between(before.text(), now.text());
        let first = before.file().stages.first()?;
        let holds = change.start > first.span.start
            && before.has_surroundings_of(now)
            && has_outline_of(before, now, change)
            && before.links() == now.links()
            // Without its image a stage may belong to any before it, without its name to any behind it.
            && !now.file().stages.iter().any(|stage| now.file().is_refused(stage.from));
        holds.then_some(change)
    }

    /// True when the change is one within a comment between instructions that tells no rule anything.
    fn is_in_comment(&self, now: &Snapshot, change: Difference) -> bool {
        let Some(old) = comment_at(&self.snapshot, change.start).filter(|old| change.old_end <= old.end) else {
            return false;
        };
        comment_at(now, change.start).is_some_and(|new| {
            let is_same = new.start == old.start && new.end == old.end.wrapping_add(change.by());
            is_same && ![&self.snapshot[old], &now[new]].into_iter().any(shell_comment::may_name_shell)
        })
    }

    /// `stage` with what stands in front of its FROM and behind its last instruction.
    fn surroundings(&self, stage: &Stage) -> Span {
        let file = self.snapshot.file();
        let start = stage.from.checked_sub(1).map_or(0, |before| file.instructions[before].span.end);
        let next = file.stages.get(stage.index + 1).map(|next| next.span.start);
        Span::new(start, next.unwrap_or(self.snapshot.text().len() as u32))
    }
}

/// The comment between instructions whose text behind the `#` reaches to `offset` at least.
fn comment_at(snapshot: &Snapshot, offset: u32) -> Option<Span> {
    let file = snapshot.file();
    let behind = file.comments.partition_point(|comment| comment.start < offset);
    let comment = file.comments[..behind].last().filter(|comment| offset <= comment.end)?;
    file.instruction_at(comment.start).is_none().then_some(*comment)
}

/// True when `now` has the FROM and ARG lines of `before`, and the change has left them where they are: a stage ends at the next FROM.
fn has_outline_of(before: &Snapshot, now: &Snapshot, change: Difference) -> bool {
    let is_beside = |span: Span| span.end <= change.start || change.old_end <= span.start;
    let moved = |span| is_beside(span).then(|| change.moved(span));
    outline(before).map(moved).eq(outline(now).map(Some))
}

/// The FROM and ARG lines.
fn outline(snapshot: &Snapshot) -> impl Iterator<Item = Span> {
    let lines = snapshot.file().instructions.iter().filter(|line| matches!(line.kind, Kind::From | Kind::Arg));
    lines.map(|line| line.span)
}
