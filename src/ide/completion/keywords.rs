//! The first word of a line: instructions, in the case of the file, those first that are likely.
use super::place::KeywordPlace;
use super::typed::line_of;
use super::{Item, ItemKind, Offer, docs};
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::instructions::instruction_doc;
use crate::knowledge::snippets::snippets;
use crate::model::instruction::Kind;

/// All instructions, the ones that files have the most of first.
const ORDER: [Kind; 18] = [
    Kind::Run,
    Kind::Copy,
    Kind::From,
    Kind::Env,
    Kind::Workdir,
    Kind::Arg,
    Kind::Cmd,
    Kind::Entrypoint,
    Kind::Expose,
    Kind::User,
    Kind::Label,
    Kind::Add,
    Kind::Volume,
    Kind::Healthcheck,
    Kind::Shell,
    Kind::Onbuild,
    Kind::Stopsignal,
    Kind::Maintainer,
];
/// Of these the last one of a stage counts.
const ONCE: [Kind; 3] = [Kind::Cmd, Kind::Entrypoint, Kind::Healthcheck];

/// The instructions that may stand there, and those with places to fill in.
pub fn items(snapshot: &Snapshot, place: &KeywordPlace) -> Vec<Item> {
    let instructions = &snapshot.file().instructions;
    let outer = instructions.get(place.index).filter(|_| place.trigger);
    let lower = outer.map_or_else(|| is_lower(snapshot, place.index), |outer| starts_lower(&snapshot[outer.keyword]));
    let line = line_of(snapshot.text(), place.typed.offset());
    let behind = &snapshot.text()[place.typed.span().end as usize..line.end as usize];
    let blank = if behind.starts_with([' ', '\t']) { "" } else { " " };
    let mut offer = Offer::new(&place.typed);
    for (at, kind) in (0..).zip(ORDER).filter(|(_, kind)| is_legal(place, *kind)) {
        let Some(doc) = instruction_doc(kind.keyword()) else { continue };
        let name = cased(doc.name, lower);
        let rank = if is_there(snapshot, place, kind) { at + 50 } else { at };
        offer.add_as(ItemKind::Keyword, &name, format!("{name}{blank}"), doc.meaning, docs::instruction(doc), rank);
    }
    let mut items = offer.items;
    if behind.trim().is_empty() && place.typed.right.is_empty() {
        items.extend(with_places(place, lower));
    }
    items
}

fn with_places(place: &KeywordPlace, lower: bool) -> Vec<Item> {
    let left = place.typed.left.as_str();
    let mut offer = Offer::new(&place.typed);
    for (rank, snippet) in (100..).zip(snippets()).filter(|(_, snippet)| is_legal(place, Kind::of(snippet.instruction)))
    {
        let (label, text) = (cased(snippet.label, lower), cased(&snippet.text, lower));
        let plain = format!("{} ", cased(snippet.instruction, lower));
        // A trigger is one instruction, its document would end it.
        let fits = !place.trigger || !text.contains('\n');
        let begins = label.get(..left.len()).is_some_and(|start| start.eq_ignore_ascii_case(left));
        if fits && begins {
            offer.add_as(ItemKind::Snippet, &label, plain, snippet.meaning, snippet.meaning.to_owned(), rank);
            if let Some(item) = offer.items.last_mut() {
                item.snippet = Some(text);
            }
        }
    }
    offer.items
}

/// In front of the first FROM there are only ARG and FROM.
fn is_legal(place: &KeywordPlace, kind: Kind) -> bool {
    if place.trigger {
        return !matches!(kind, Kind::Onbuild | Kind::From | Kind::Maintainer);
    }
    place.stage.is_some() || matches!(kind, Kind::From | Kind::Arg)
}

/// A second one would take the place of the first.
fn is_there(snapshot: &Snapshot, place: &KeywordPlace, kind: Kind) -> bool {
    let Some(stage) = place.stage.filter(|_| ONCE.contains(&kind) && !place.trigger) else { return false };
    snapshot.file().stage_instructions(stage).any(|(at, other)| at != place.index && other.kind == kind)
}

/// True when the instruction in front is written in lower case; without one, the one behind.
fn is_lower(snapshot: &Snapshot, index: usize) -> bool {
    let instructions = &snapshot.file().instructions;
    let known = |at: usize| instructions.get(at).filter(|other| other.kind != Kind::Unknown);
    let before = (0..index).rev().find_map(known);
    let other = before.or_else(|| (index..instructions.len()).filter(|at| *at != index).find_map(known));
    other.is_some_and(|other| starts_lower(&snapshot[other.keyword]))
}

fn starts_lower(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The words in capitals in lower case.
fn cased(text: &str, lower: bool) -> String {
    if !lower {
        return text.to_owned();
    }
    let is_keyword = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let cased = |word: &str| if is_keyword(word) { word.to_ascii_lowercase() } else { word.to_owned() };
    text.split(' ').map(cased).collect::<Vec<_>>().join(" ")
}
