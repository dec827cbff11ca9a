//! Directives, and the rules that comments name.
use super::Hover;
use crate::analysis::snapshot::Snapshot;
use crate::ide::markdown::{code, item, paragraphs};
use crate::knowledge::texts;
use crate::model::dockerfile::Directive;
use crate::rules::{self, levels, suppress};
use crate::settings::Settings;
use crate::text::span::Span;

/// The answer for a directive, its value, or a rule that it names.
pub fn directive(snapshot: &Snapshot, directive: &Directive, offset: u32) -> Option<Hover> {
    let name = &snapshot[directive.name];
    let doc = texts::directive(name)?;
    if directive.value.touches(offset) && !directive.value.is_empty() {
        if name.eq_ignore_ascii_case("check") {
            let names = suppress::check_names(snapshot.text(), directive.value);
            if let Some(found) = named(snapshot, &names, offset) {
                return Some(found);
            }
        }
        let value = &snapshot[directive.value];
        if let Some(meaning) = texts::value(&name.to_ascii_lowercase(), value) {
            let title = if value.contains('`') { format!("`` {value} ``") } else { format!("`{value}`") };
            return Hover::of(directive.value, paragraphs(&[&title, meaning]));
        }
    }
    let link = format!("[Reference]({})", doc.link);
    let form = code("dockerfile", doc.form);
    Hover::of(directive.span, paragraphs(&[&form, doc.meaning, doc.notes, &link]))
}

/// The answer for a rule that the comment names.
pub fn rule(snapshot: &Snapshot, comment: Span, offset: u32) -> Option<Hover> {
    named(snapshot, &suppress::names_in(snapshot.text(), comment), offset)
}

fn named(snapshot: &Snapshot, names: &[Span], offset: u32) -> Option<Hover> {
    let span = *names.iter().find(|span| span.touches(offset))?;
    Hover::of(span, rule_text(&snapshot[span], snapshot.settings()))
}

/// What the rule of this name or code says, and at which level it reports; empty for a name that is not known.
fn rule_text(name: &str, settings: &Settings) -> String {
    if name.eq_ignore_ascii_case("all") {
        return "All rules.".to_owned();
    }
    let Some(entry) = rules::find(name) else { return String::new() };
    let level = levels::of_rule(entry, settings).map_or("off", |level| level.word());
    let title = format!("**{}** ({level})", entry.name);
    let also = if entry.name == rules::SHELLCHECK { String::new() } else { entry.rule.aliases.join(", ") };
    let link = match entry.url_of(name) {
        Some(url) => format!("[Page]({url})"),
        None => String::new(),
    };
    paragraphs(&[&title, &entry.summary(), item("also", &also).trim_end(), &link])
}
