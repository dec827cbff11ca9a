//! What stands while a line is typed. A document is refused at nearly every keystroke, and what one line will say decides what
//! is found on others: without this, findings would go and come again under a word that isn't finished. So as long as one
//! instruction is half typed and everything else is as it was, what was found elsewhere before stays, and nothing else comes.
//!
//! A file that is looked at for the first time has no such past: there, rules that miss something wait (`unfinished`).
use std::sync::Arc;

use super::RULES;
use super::rule::{Diagnostic, Finding, Place};
use super::run::run_rules;
use super::unfinished::is_half_typed;
use crate::analysis::snapshot::Snapshot;
use crate::text::difference::Difference;
use crate::text::span::Span;

/// The last version of a document that did not just have a line half typed, and what was found in it.
#[derive(Clone, Debug)]
pub struct Standing {
    snapshot: Snapshot,
    diagnostics: Arc<Vec<Diagnostic>>,
}

impl Standing {
    /// `diagnostics` is what was found in `snapshot`, in the order of the text.
    pub fn new(snapshot: &Snapshot, diagnostics: Arc<Vec<Diagnostic>>) -> Self {
        Self { snapshot: snapshot.without_stages(), diagnostics }
    }

    /// True when it was found in `snapshot` itself.
    pub fn is_of(&self, snapshot: &Snapshot) -> bool {
        std::ptr::eq(self.snapshot.text(), snapshot.text())
    }

    /// What to show of `now`, in which `found` was found, while an instruction is half typed, and what goes on standing; `None` when
    /// none is, or more changed.
    pub fn hold(self: &Arc<Self>, now: &Snapshot, found: &[Diagnostic]) -> Option<(Arc<Self>, Vec<Diagnostic>)> {
        let change = Difference::of_lines(self.snapshot.text(), now.text());
        let typed = half_typed(&self.snapshot, now, change)?;
        let standing = self.beside(now);
        let shown = standing.shown(found, typed, change);
        Some((standing, shown))
    }

    /// The findings on what is half `typed`, and those that were there elsewhere.
    fn shown(&self, found: &[Diagnostic], typed: Span, change: Difference) -> Vec<Diagnostic> {
        let is_typed = |found: &&Diagnostic| typed.touches(found.finding.span.start);
        let mut shown: Vec<Diagnostic> = found.iter().filter(is_typed).cloned().collect();
        for held in &*self.diagnostics {
            let before = held.finding.span.start;
            let start = place(before, change);
            if typed.touches(start) || change.start <= before && before < change.old_end {
                continue;
            }
            let from = found.partition_point(|found| found.finding.span.start < start);
            let mut there = found[from..].iter().take_while(|found| found.finding.span.start == start);
            let again = there.find(|found| found.rule == held.rule).cloned();
            shown.push(again.unwrap_or_else(|| moved(held, change)));
        }
        shown.sort_by_key(|found| (found.finding.span.start, found.finding.span.end, found.rule));
        shown
    }

    /// The same with what surrounds `now`: files, settings and answers may have come since.
    fn beside(self: &Arc<Self>, now: &Snapshot) -> Arc<Self> {
        if self.snapshot.has_surroundings_of(now) {
            return self.clone();
        }
        let snapshot = self.snapshot.with_surroundings_of(now);
        let diagnostics = run_rules(&snapshot, RULES).diagnostics;
        Arc::new(Self::new(&snapshot, Arc::new(diagnostics)))
    }
}

/// What is half typed in `now`: the lines of an instruction, with what was a part of it in `before` where that is torn off. `None`
/// when nothing is refused there, when it was refused before, and when another instruction changed.
fn half_typed(before: &Snapshot, now: &Snapshot, change: Difference) -> Option<Span> {
    let lines = &now.text()[change.start as usize..change.new_end as usize];
    let start = change.start + (lines.len() - lines.trim_start().len()) as u32;
    let instructions = &now.file().instructions;
    let typed = now.file().instruction_at(start)?;
    let mut span = instructions[typed].span;
    let ends = change.start + lines.trim_end().len() as u32 <= span.end;
    // Lines that are gone are a part of an instruction only in the midst of it.
    if !ends || lines.trim().is_empty() && span.start >= change.start {
        return None;
    }
    let old = &before.file().instructions;
    let first = old.partition_point(|old| old.span.end <= change.start);
    let replaced = (first..old.len()).take_while(|index| old[*index].span.start < change.old_end);
    for index in replaced.clone() {
        span = Span::new(span.start.min(old[index].span.start), span.end.max(place(old[index].span.end, change)));
    }
    let mut parts = (typed..instructions.len()).take_while(|index| instructions[*index].span.start <= span.end);
    let is_refused = parts.any(|index| is_half_typed(now, index));
    // Looked at last: the stages before must be interpreted for it.
    let is_new = is_refused && !replaced.into_iter().any(|index| is_half_typed(before, index));
    is_new.then(|| to_line_end(now.text(), span))
}

/// `span` to the end of its last line: what is missing is reported behind the last word.
fn to_line_end(text: &str, span: Span) -> Span {
    let rest = &text[span.end as usize..];
    Span::new(span.start, span.end + rest.find('\n').unwrap_or(rest.len()) as u32)
}

/// Where `offset` of the text before is now; within the lines that changed, where these begin.
fn place(offset: u32, change: Difference) -> u32 {
    match offset {
        _ if offset <= change.start => offset,
        _ if offset < change.old_end => change.start,
        _ => offset.wrapping_add(change.by()),
    }
}

/// A finding of the text before as it stands now. Its fixes were made for another text: they rest.
fn moved(held: &Diagnostic, change: Difference) -> Diagnostic {
    let is_beside = |span: Span| span.end <= change.start || change.old_end <= span.start;
    let Finding { span, ref related, .. } = *held.finding;
    let related = related.iter().filter_map(|(place, why)| match place {
        Place::Here(span) => is_beside(*span).then(|| (Place::Here(change.moved(*span)), why.clone())),
        Place::There(..) => Some((place.clone(), why.clone())),
    });
    let finding = Finding {
        span: Span::new(place(span.start, change), place(span.end, change)),
        related: related.collect(),
        fixes: Vec::new(),
        later: None,
        ..(*held.finding).clone()
    };
    Diagnostic { finding: Arc::new(finding), ..held.clone() }
}
