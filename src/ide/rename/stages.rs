//! Names of stages: what they may be, and who else has them.
use super::{Plan, What, line};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::parent;
use crate::ide::mentions::{self, Mention};
use crate::ide::occurrences::{Occurrence, Role, Target};
use crate::knowledge::fixed_names::reserved_stage_name;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::{Base, Stage};
use crate::model::word::{Part, Word};
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// The places of the stage `index`, one of which is `mention`.
pub fn plan(snapshot: &Snapshot, mention: &Mention<'_>, index: usize, offset: u32) -> Result<Option<Plan>, String> {
    let stage = &snapshot.file().stages[index];
    let Some(name) = stage.name.as_deref() else {
        // The keyword of its FROM stands for it.
        let number = mention.role == Role::Use;
        return if number { Err(format!("stage {index} has no name: `AS name` gives it one")) } else { Ok(None) };
    };
    let mut places = Vec::new();
    for found in mentions::of_stages(snapshot).into_iter().filter(|found| found.name == mention.name) {
        let written = &snapshot[found.span];
        if written.eq_ignore_ascii_case(name) {
            places.push(Occurrence::of(found, Target::Stage(index)));
        } else if written.parse::<usize>().is_err() {
            return Err(format!(
                "line {} names the stage in a way that can't be edited",
                line(snapshot, found.span.start)
            ));
        }
    }
    if let Some(other) = by_variable(snapshot, index, name) {
        return Err(format!("line {} may name the stage by a variable", line(snapshot, other.start)));
    }
    let here = places.iter().map(|place| place.span).find(|span| span.touches(offset));
    let here = here.ok_or_else(|| format!("the stage is named by its number here; its name is `{name}`"))?;
    Ok(Some(Plan { here, what: What::Stage(index), places }))
}

/// The image of a FROM whose variables may make the name of stage `index`: `FROM build-$TARGETARCH`.
fn by_variable(snapshot: &Snapshot, index: usize, name: &str) -> Option<Span> {
    let mut later = snapshot.file().stages[index + 1..].iter();
    later.find_map(|stage| from_variable(snapshot, stage, index, name))
}

/// The image of `stage` whose variables may make `name`, the name of the stage `index`.
pub fn from_variable(snapshot: &Snapshot, stage: &Stage, index: usize, name: &str) -> Option<Span> {
    let image = image(snapshot, stage).filter(|_| stage.base == Base::Image && stage.index > index)?;
    let variable = image.parts.iter().any(|part| matches!(part, Part::Variable(_)));
    let meant = || parent(snapshot, stage) == Some(index) || may_make(snapshot.text(), image, name);
    (variable && meant()).then_some(image.span)
}

fn image<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s Word> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    from.image.as_ref()
}

/// True when the text around the variables of `word` is that of `name`, and there is some.
fn may_make(text: &str, word: &Word, name: &str) -> bool {
    let pattern: String = word.parts.iter().map(|part| part.text(text).unwrap_or("*")).collect();
    pattern.chars().any(|character| character != '*') && crate::knowledge::glob(&pattern, name)
}

/// Whether the stage `index` may be called `new`.
pub fn check(snapshot: &Snapshot, index: usize, new: &str) -> Result<(), String> {
    let lower = new.to_ascii_lowercase();
    let letter = lower.starts_with(|first: char| first.is_ascii_lowercase());
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !letter || !lower.bytes().all(legal) {
        let rule = "it starts with a letter and holds letters, digits, `-`, `_` and `.`";
        return Err(format!("`{new}` can't be the name of a stage: {rule}"));
    }
    if let Some(meaning) = reserved_stage_name(&lower) {
        return Err(format!("`{new}` means {meaning}"));
    }
    let stages = &snapshot.file().stages;
    let taken = |stage: &&Stage| stage.index != index && stage.name.as_deref() == Some(&lower);
    if let Some(other) = stages.iter().find(taken) {
        return Err(format!("`{new}` is the name of the stage of line {}", line(snapshot, other.span.start)));
    }
    match snapshot.file().instructions.iter().find(|instruction| takes_image(snapshot, instruction, &lower)) {
        Some(other) => Err(format!("`{new}` is an image in line {}", line(snapshot, other.span.start))),
        None => Ok(()),
    }
}

/// True when the instruction names an image, or what else lies outside the file, of that name.
fn takes_image(snapshot: &Snapshot, instruction: &Instruction, name: &str) -> bool {
    let text = snapshot.text();
    let is = |word: &Word| word.literal(text).is_some_and(|word| word.eq_ignore_ascii_case(name));
    match (&instruction.body, instruction.kind) {
        (Body::From(from), _) => from.image.as_ref().is_some_and(is),
        (_, Kind::Copy) => instruction.flag(text, "from").and_then(|flag| flag.value.as_ref()).is_some_and(is),
        (_, Kind::Run) => instruction.flags_named(text, "mount").any(|flag| {
            let mount = flag.value.as_ref().map(|value| parse_mount(text, flag.span, value));
            mount.is_some_and(|mount| mount.from().is_some_and(|from| from.eq_ignore_ascii_case(name)))
        }),
        _ => false,
    }
}

/// A FROM finds a stage by its name in lower case alone.
pub fn edits(snapshot: &Snapshot, plan: &Plan, new: &str) -> Vec<Edit> {
    let edit = |place: &crate::ide::occurrences::Occurrence| {
        let from = snapshot.file().instructions[place.instruction].kind == Kind::From;
        let lower = from && place.role == Role::Use;
        Edit::replace(place.span, if lower { new.to_ascii_lowercase() } else { new.to_owned() })
    };
    plan.places.iter().map(edit).collect()
}

/// True when every line still names the stage that it named.
pub fn mean_the_same(snapshot: &Snapshot, edits: &EditSet) -> bool {
    let after = snapshot.with_edits(edits);
    let named = |snapshot: &Snapshot| -> Vec<(usize, Target, Role)> {
        let stage = |mention: Mention<'_>| match mention.name {
            mentions::Name::Stage(index) => Some((mention.instruction, Target::Stage(index), mention.role)),
            mentions::Name::Variable(_) => None,
        };
        mentions::of_stages(snapshot).into_iter().filter_map(stage).collect()
    };
    named(snapshot) == named(&after)
}
