//! What can be done at a selection: fixes of findings, all safe fixes at once, refactorings.
use crate::actions::ACTIONS;
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::{Applicability, Diagnostic, Fix};
use crate::text::edit::{EditSet, FileEdit};
use crate::text::span::Span;

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is called in a menu.
    pub title: String,
    /// What it is.
    pub kind: OfferKind,
    /// The finding that it remedies, as an index of the findings.
    pub finding: Option<usize>,
    /// True for the first fix of a finding.
    pub preferred: bool,
    /// The changes.
    pub edits: Vec<FileEdit>,
}

/// What an offer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferKind {
    /// A fix of a finding.
    QuickFix,
    /// All safe fixes of the file.
    FixAll,
    /// A refactoring.
    Rewrite,
}

/// What can be done at `selection`, of those kinds that are `wanted`.
pub fn code_actions(
    snapshot: &Snapshot,
    findings: &[Diagnostic],
    selection: Span,
    wanted: &dyn Fn(OfferKind) -> bool,
) -> Vec<Offer> {
    let mut offers = Vec::new();
    if wanted(OfferKind::QuickFix) {
        let touched = |found: &Diagnostic| touches(found.finding.span, selection);
        for (index, found) in findings.iter().enumerate().filter(|(_, found)| touched(found)) {
            let fixes = found.finding.remedies(snapshot);
            let fixes = fixes.iter().enumerate();
            offers.extend(fixes.map(|(rank, fix)| offer(fix, OfferKind::QuickFix, Some(index), rank == 0)));
        }
    }
    if wanted(OfferKind::Rewrite) {
        for fix in ACTIONS.iter().flat_map(|entry| (entry.action.offers)(snapshot, selection)) {
            // What is offered as a fix of a finding is not offered twice.
            if offers.iter().all(|before: &Offer| before.edits != fix.edits) {
                offers.push(offer(&fix, OfferKind::Rewrite, None, false));
            }
        }
    }
    if wanted(OfferKind::FixAll) {
        offers.extend(fix_all(snapshot, findings));
    }
    offers
}

fn offer(fix: &Fix, kind: OfferKind, finding: Option<usize>, preferred: bool) -> Offer {
    Offer { title: fix.title.clone(), kind, finding, preferred, edits: fix.edits.clone() }
}

/// True when both share a byte or meet.
fn touches(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// The first safe fix of each finding, as far as they don't overlap; `None` where there is none.
fn fix_all(snapshot: &Snapshot, findings: &[Diagnostic]) -> Option<Offer> {
    let mut all = EditSet::default();
    let mut created = Vec::new();
    let safe = |fix: &Fix| fix.applicability == Applicability::Safe;
    for fix in findings.iter().filter_map(|found| found.finding.remedies(snapshot).into_iter().find(safe)) {
        let Some(merged) = all.merge(&fix.here()) else { continue };
        let files: Vec<_> = fix.edits.iter().filter(|edit| matches!(edit, FileEdit::Create(..))).cloned().collect();
        if files.iter().any(|file| is_created(&created, file)) {
            continue;
        }
        all = merged;
        created.extend(files);
    }
    let mut edits = created;
    if !all.is_empty() {
        edits.insert(0, FileEdit::This(all));
    }
    (!edits.is_empty()).then(|| Offer {
        title: "Apply all safe fixes".to_owned(),
        kind: OfferKind::FixAll,
        finding: None,
        preferred: false,
        edits,
    })
}

/// True when a fix before creates the same file.
fn is_created(created: &[FileEdit], file: &FileEdit) -> bool {
    let path = |edit: &FileEdit| if let FileEdit::Create(path, _) = edit { Some(path.clone()) } else { None };
    created.iter().any(|before| path(before) == path(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rule::{Finding, Severity};
    use crate::text::edit::Edit;

    fn found(span: Span, fixes: Vec<Option<Fix>>) -> Diagnostic {
        let finding = fixes.into_iter().fold(Finding::new(span, "x"), Finding::fix);
        Diagnostic { rule: "x", aliases: &[], severity: Severity::Warning, finding }
    }

    fn findings() -> Vec<Diagnostic> {
        let replace = |start, end, text: &str| vec![Edit::replace(Span::new(start, end), text)];
        vec![
            found(
                Span::new(0, 4),
                vec![Fix::safe("one", replace(0, 4, "from")), Fix::unsafe_("two", replace(0, 1, ""))],
            ),
            found(Span::new(0, 6), vec![Fix::safe("overlaps", replace(2, 6, "!"))]),
            found(
                Span::new(5, 6),
                vec![Fix::unsafe_("three", replace(5, 6, "y")), Fix::safe("four", replace(5, 6, "z"))],
            ),
        ]
    }

    #[test]
    fn offers_what_is_touched() {
        let snapshot = Snapshot::of_text("FROM x\n");
        let offers = code_actions(&snapshot, &findings(), Span::at(4), &|kind| kind == OfferKind::QuickFix);
        let titles: Vec<_> = offers.iter().map(|offer| (offer.title.as_str(), offer.preferred)).collect();
        assert_eq!(titles, [("one", true), ("two", false), ("overlaps", true)]);
    }

    #[test]
    fn fixes_all_that_is_safe_and_disjoint() {
        let snapshot = Snapshot::of_text("FROM x\n");
        let offers = code_actions(&snapshot, &findings(), Span::at(0), &|kind| kind == OfferKind::FixAll);
        let [FileEdit::This(edits)] = offers[0].edits.as_slice() else { panic!("{offers:?}") };
        assert_eq!(edits.apply("FROM x\n"), "from z\n");
        assert_eq!(code_actions(&snapshot, &[], Span::at(0), &|kind| kind == OfferKind::FixAll), []);
    }
}
