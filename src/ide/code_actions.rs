//! What can be done at a selection: fixes of findings, all safe fixes at once, refactorings.
use crate::actions::ACTIONS;
use crate::analysis::snapshot::Snapshot;
use crate::rules::compose::compose;
use crate::rules::rule::{Applicability, Diagnostic, Fix};
use crate::rules::suppress;
use crate::text::edit::FileEdit;
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
    if wanted(OfferKind::QuickFix) {
        offers.extend(silencers(snapshot, findings, selection));
    }
    offers
}

/// Comments that silence what is touched: each here, then each in the whole file. One for several findings of a rule.
fn silencers(snapshot: &Snapshot, findings: &[Diagnostic], selection: Span) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for silence in [suppress::ignore, suppress::ignore_in_file] {
        let touched = findings.iter().enumerate().filter(|(_, found)| touches(found.finding.span, selection));
        for (index, fix) in touched.filter_map(|(index, found)| Some((index, silence(snapshot, found)?))) {
            if offers.iter().all(|before| before.edits != fix.edits) {
                offers.push(offer(&fix, OfferKind::QuickFix, Some(index), false));
            }
        }
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

/// The first safe fix of each finding, as far as they go together; `None` where there is none.
fn fix_all(snapshot: &Snapshot, findings: &[Diagnostic]) -> Option<Offer> {
    let is_safe = |fix: &Fix| fix.applicability == Applicability::Safe;
    let safe = findings.iter().filter_map(|found| found.finding.remedies(snapshot).into_iter().find(is_safe));
    let safe: Vec<Fix> = safe.collect();
    let edits = compose(snapshot, &safe.iter().collect::<Vec<_>>()).edits();
    (!edits.is_empty()).then(|| Offer {
        title: "Apply all safe fixes".to_owned(),
        kind: OfferKind::FixAll,
        finding: None,
        preferred: false,
        edits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rule::{Finding, Severity};
    use crate::text::edit::Edit;

    fn found(span: Span, fixes: Vec<Option<Fix>>) -> Diagnostic {
        let finding = fixes.into_iter().fold(Finding::new(span, "x"), Finding::fix);
        Diagnostic { rule: "x", aliases: &[], severity: Severity::Warning, finding: finding.into() }
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
        let silencers = [("ignore x here", false), ("ignore x in this file", false)];
        assert_eq!(titles[..3], [("one", true), ("two", false), ("overlaps", true)]);
        assert_eq!(titles[3..], silencers);
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
