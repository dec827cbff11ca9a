//! What can be done at a selection: fixes of findings, all safe fixes at once, refactorings.
use similar::{DiffTag, TextDiff};

use crate::actions::ACTIONS;
use crate::actions::action::Refusal;
use crate::analysis::snapshot::Snapshot;
use crate::rules::compose::compose;
use crate::rules::rule::{Applicability, Diagnostic, Fix};
use crate::rules::run::run;
use crate::rules::suppress;
use crate::text::edit::{Edit, EditSet, FileEdit};
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
    /// The changes; `None` where they are made when they are wanted, see [`resolve`].
    pub edits: Option<Vec<FileEdit>>,
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

/// What can be done at `selection`, of those kinds that are `wanted`. The changes of offers that take in the whole file are
/// left to [`resolve`].
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
            if offers.iter().all(|before: &Offer| before.edits.as_ref() != Some(&fix.edits)) {
                offers.push(offer(&fix, OfferKind::Rewrite, None, false));
            }
        }
    }
    if wanted(OfferKind::FixAll) {
        let is_any = findings.iter().any(|found| safe(snapshot, found).is_some());
        offers.extend(is_any.then(|| of_file(FIX_ALL.to_owned(), OfferKind::FixAll, None)));
    }
    if wanted(OfferKind::QuickFix) {
        offers.extend(fixes_of_rules(snapshot, findings, selection));
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
            if offers.iter().all(|before| before.edits.as_ref() != Some(&fix.edits)) {
                offers.push(offer(&fix, OfferKind::QuickFix, Some(index), false));
            }
        }
    }
    offers
}

fn offer(fix: &Fix, kind: OfferKind, finding: Option<usize>, preferred: bool) -> Offer {
    Offer { title: fix.title.clone(), kind, finding, preferred, edits: Some(fix.edits.clone()) }
}

/// True when both share a byte or meet.
fn touches(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// What the offer of all safe fixes is called.
pub const FIX_ALL: &str = "Apply all safe fixes";

/// The changes of an offer of [`code_actions`] that came without them, by its title; `None` for what there is not.
pub fn resolve(snapshot: &Snapshot, findings: &[Diagnostic], title: &str) -> Option<Vec<FileEdit>> {
    let rule = findings.iter().map(|found| found.rule).find(|rule| title_of_rule(rule) == title);
    if rule.is_none() && title != FIX_ALL {
        return None;
    }
    let chosen = findings.iter().filter(|found| rule.is_none_or(|rule| found.rule == rule));
    let fixes: Vec<Fix> = chosen.filter_map(|found| safe(snapshot, found)).collect();
    let mut composed = compose(snapshot, &fixes.iter().collect::<Vec<_>>());
    if rule.is_none() && !composed.here.is_empty() {
        composed.here = with_what_follows(snapshot, composed.here);
    }
    let edits = composed.edits();
    (!edits.is_empty()).then_some(edits)
}

/// Fixes may uncover others; after so many rounds something is wrong with them.
const MAX_ROUNDS: usize = 10;

/// `edits`, and the safe fixes of what is found in the text after them.
fn with_what_follows(snapshot: &Snapshot, edits: EditSet) -> EditSet {
    let mut after = snapshot.with_edits(&edits);
    for round in 0..MAX_ROUNDS {
        let fixes: Vec<Fix> = run(&after).diagnostics.iter().filter_map(|found| safe(&after, found)).collect();
        // What lies beside the file is not looked at anew.
        let here: Vec<&Fix> = fixes.iter().filter(|fix| matches!(fix.edits[..], [FileEdit::This(_)])).collect();
        let more = compose(&after, &here).here;
        if more.is_empty() {
            return if round == 0 { edits } else { between(snapshot.text(), after.text()) };
        }
        after = after.with_edits(&more);
    }
    edits
}

/// The lines that differ, as edits of `old`.
fn between(old: &str, new: &str) -> EditSet {
    // A lone CR ends no line here, as it ends none in a Dockerfile.
    let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    let (old_lines, new_lines) = (lines(old), lines(new));
    let difference = TextDiff::from_slices(&old_lines, &new_lines);
    let places = |lines: &[&str]| -> Vec<u32> {
        let ends = lines.iter().scan(0, |end, line| {
            *end += line.len() as u32;
            Some(*end)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (before, after) = (places(&old_lines), places(&new_lines));
    let changes = difference.ops().iter().filter(|change| change.tag() != DiffTag::Equal).map(|change| {
        let (from, to) = (change.old_range(), change.new_range());
        let text = &new[after[to.start] as usize..after[to.end] as usize];
        Edit::replace(Span::new(before[from.start], before[from.end]), text)
    });
    EditSet::new(changes.collect()).unwrap_or_default()
}

/// Why actions that somebody may look for at `selection` are not offered.
pub fn refusals(snapshot: &Snapshot, selection: Span) -> Vec<Refusal> {
    let known = ACTIONS.iter().filter_map(|entry| Some((entry, entry.action.refusal?)));
    let idle = known.filter(|(entry, _)| (entry.action.offers)(snapshot, selection).is_empty());
    idle.filter_map(|(_, refusal)| refusal(snapshot, selection)).collect()
}

/// For each rule of which something touched has a safe fix, and something else too: all of them at once.
fn fixes_of_rules(snapshot: &Snapshot, findings: &[Diagnostic], selection: Span) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for (index, found) in findings.iter().enumerate().filter(|(_, found)| touches(found.finding.span, selection)) {
        let title = title_of_rule(found.rule);
        if offers.iter().any(|before| before.title == title) || safe(snapshot, found).is_none() {
            continue;
        }
        let mut others = findings.iter().enumerate().filter(|(other, _)| *other != index);
        if others.any(|(_, other)| other.rule == found.rule && safe(snapshot, other).is_some()) {
            offers.push(of_file(title, OfferKind::QuickFix, Some(index)));
        }
    }
    offers
}

fn title_of_rule(rule: &str) -> String {
    format!("Apply all safe fixes of {rule}")
}

fn of_file(title: String, kind: OfferKind, finding: Option<usize>) -> Offer {
    Offer { title, kind, finding, preferred: false, edits: None }
}

/// The first safe fix of a finding.
fn safe(snapshot: &Snapshot, found: &Diagnostic) -> Option<Fix> {
    found.finding.remedies(snapshot).into_iter().find(|fix| fix.applicability == Applicability::Safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rule::{Finding, Severity};

    fn found(span: Span, fixes: Vec<Option<Fix>>) -> Diagnostic {
        let finding = fixes.into_iter().fold(Finding::new(span, "x"), Finding::fix);
        Diagnostic { rule: "x", aliases: &[], severity: Severity::Warning, finding: finding.into() }
    }

    #[test]
    fn lines_that_differ_are_edits() {
        let texts = ["", "a", "a\n", "a\rb\nc\n", "a\rx\nc\n", "\r\r\n\rb", "c\n\r", "é\r\nc\r\n"];
        for old in texts {
            for new in texts {
                assert_eq!(between(old, new).apply(old), new, "{old:?} {new:?}");
            }
        }
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
        assert_eq!(titles[3], ("Apply all safe fixes of x", false));
        assert_eq!(titles[4..], silencers);
    }

    #[test]
    fn fixes_all_that_is_safe_and_disjoint() {
        let snapshot = Snapshot::of_text("FROM x\n");
        let offers = code_actions(&snapshot, &findings(), Span::at(0), &|kind| kind == OfferKind::FixAll);
        assert_eq!((offers.len(), &offers[0].edits), (1, &None));
        let edits = resolve(&snapshot, &findings(), &offers[0].title).unwrap();
        let [FileEdit::This(edits)] = edits.as_slice() else { panic!("{edits:?}") };
        assert_eq!(edits.apply("FROM x\n"), "from z\n");
        assert_eq!(resolve(&snapshot, &findings(), "one"), None);
        assert_eq!(code_actions(&snapshot, &[], Span::at(0), &|kind| kind == OfferKind::FixAll), []);
    }
}
