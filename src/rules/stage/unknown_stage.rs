//! A line that means a stage by a name or number that no earlier stage has.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::image_names::is_local;
use crate::model::image::is_valid_reference;
use crate::model::stage::{Base, Stage};
use crate::model::value::is_stage_name;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::{Source, called, from, place, sources};
use crate::rules::unfinished::may_be_called_anything;
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3022"],
    check: Check::Stage(check),
};

/// So many names are compared with a mistyped one.
const MAX_NAMES: usize = 200;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    findings.extend(of_from(snapshot, stage));
    let stages = &snapshot.file().stages;
    let unknown = sources(snapshot, stage).filter(|source| source.stage(stages).is_none());
    findings.extend(unknown.filter_map(|source| of_source(snapshot, stage, &source)));
}

fn of_from(snapshot: &Snapshot, stage: &Stage) -> Option<Finding> {
    let word = from(snapshot, stage)?.image.as_ref().filter(|_| stage.base == Base::Image)?;
    let name = word.literal(snapshot.text()).filter(|name| may_be_stage(name))?;
    let later = snapshot.file().stages[stage.index + 1..].iter();
    if let Some(later) = later.into_iter().find(|later| later.name.as_deref() == Some(&*name)) {
        let message = format!("{} stands further down: here `{name}` is an image that has to exist", called(later));
        return Some(Finding::new(word.span, message).because(place(snapshot, later), "the stage"));
    }
    mistyped(snapshot, stage, &name, word.span)
}

fn of_source(snapshot: &Snapshot, stage: &Stage, source: &Source) -> Option<Finding> {
    let stages = &snapshot.file().stages;
    if let Some(number) = source.number() {
        let count = stages.len();
        let stages = if count == 1 { "one stage, number 0".to_owned() } else { format!("stages 0 to {}", count - 1) };
        let message = format!("there is no stage {number}: the file has {stages}");
        return Some(Finding::new(source.span, message).at_level(Severity::Error));
    }
    if let Ok(number) = source.name.parse::<usize>() {
        let message = "a mount takes the name of a stage, not its number";
        let name = stages[..stage.index].get(number).and_then(|stage| stage.name.as_ref());
        let fix = name
            .filter(|name| is_stage_name(name))
            .and_then(|name| Fix::safe(format!("use {name}"), vec![Edit::replace(source.span, name.as_str())]));
        return Some(Finding::new(source.span, message).at_level(Severity::Error).fix(fix));
    }
    may_be_stage(&source.name).then(|| mistyped(snapshot, stage, &source.name, source.span)).flatten()
}

/// True for one word that is no official image: a stage, or what only this builder knows.
fn may_be_stage(name: &str) -> bool {
    !name.contains([':', '@', '/']) && is_valid_reference(&name.to_ascii_lowercase()) && is_local(name)
}

fn mistyped(snapshot: &Snapshot, stage: &Stage, name: &str, span: Span) -> Option<Finding> {
    let earlier = snapshot.file().stages[..stage.index].iter().rev().take(MAX_NAMES);
    let letters = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
    let names = earlier.filter_map(|stage| stage.name.as_deref());
    let other = nearest(name, names)?;
    // A FROM that is not finished may get this very name.
    if may_be_called_anything(snapshot, stage) {
        return None;
    }
    // base1 and base2 differ on purpose.
    if letters(other).eq_ignore_ascii_case(&letters(name)) {
        return None;
    }
    let message = format!("no stage is called `{name}`: did you mean `{other}`?");
    let plain = !snapshot[span].contains(['"', '\'', '\n']) && is_stage_name(other);
    let fix = plain.then(|| Fix::unsafe_(format!("use {other}"), vec![Edit::replace(span, other)])).flatten();
    let finding = Finding::new(span, message).fix(fix);
    Some(if is_valid_reference(name) { finding } else { finding.at_level(Severity::Error) })
}
