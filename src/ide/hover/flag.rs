//! Flags and their values.
use std::borrow::Cow;

use super::{Here, Hover, mount, stage, value};
use crate::analysis::env::Env;
use crate::ide::markdown::{code, item, paragraphs};
use crate::knowledge::instructions::{FlagDoc, ValueKind, flag_doc};
use crate::knowledge::texts;
use crate::model::instruction::{Flag, Kind};
use crate::model::word::Word;

/// The answer for a flag, for its value, or for an option of a mount.
pub fn hover(here: &Here) -> Option<Hover> {
    let flag = here.instruction.flags.iter().find(|flag| flag.span.touches(here.offset))?;
    if let Some(found) = mount::hover(here, flag) {
        return Some(found);
    }
    let name = &here.snapshot[flag.name];
    if let Some(found) = flag.value.as_ref().filter(|word| word.span.touches(here.offset) && !word.span.is_empty()) {
        let text = named(here, name, found);
        if !text.is_empty() {
            return Hover::of(found.span, text);
        }
    }
    let doc = flag_doc(here.instruction.kind.keyword(), &format!("--{name}"))?;
    Hover::of(flag.span, flag_text(doc, &said(here, doc, flag)))
}

/// What the value names, where that says more than the flag.
fn named(here: &Here, name: &str, value: &Word) -> String {
    match (here.instruction.kind, name) {
        (Kind::Copy, "from") => {
            let name = value.literal(here.snapshot.text()).unwrap_or_default();
            stage::source(here, &name, true)
        }
        _ => String::new(),
    }
}

/// What this value says, in other words.
fn said(here: &Here, doc: &FlagDoc, flag: &Flag) -> String {
    let Some(word) = &flag.value else { return String::new() };
    let env = here.state().map_or_else(Env::default, |state| state.env);
    let expanded = env.expand(here.snapshot.text(), word);
    let literal = word.literal(here.snapshot.text());
    let Some(text) = expanded.as_ref().filter(|_| doc.expands).cloned().or(literal.map(Cow::into_owned)) else {
        return String::new();
    };
    let place = doc.flag.trim_start_matches('-');
    match (place, doc.kind) {
        ("chmod", _) => value::mode_text(&text),
        ("chown", _) => value::owner_text(here, &text),
        (_, ValueKind::Duration) => value::duration_text(&text).map(|text| item("here", &text)).unwrap_or_default(),
        _ => texts::value(place, &text).map(|meaning| item(&format!("`{text}`"), meaning)).unwrap_or_default(),
    }
}

fn flag_text(doc: &FlagDoc, said: &str) -> String {
    let facts = [
        said.to_owned(),
        item("values", doc.values),
        item("default", doc.default),
        item("since", &mount::since(doc.since)),
        if doc.repeatable { "- may stand several times\n".to_owned() } else { String::new() },
        if doc.expands { "- variables are expanded\n".to_owned() } else { String::new() },
    ]
    .concat();
    let title = format!("**{} {}**", doc.instruction, doc.flag);
    let example = code("dockerfile", doc.example);
    paragraphs(&[&title, doc.meaning, facts.trim_end(), &example, &format!("[Reference]({})", doc.link)])
}
