//! Stages and images where they are named: in FROM, in `--from` and in the mounts of RUN.
use super::image::{reference, state_text};
use super::{Here, Hover};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::{of_reference, parent};
use crate::ide::lines;
use crate::ide::markdown::paragraphs;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::{Base, Stage, find_stage};

/// So many lines that use a stage are listed.
const MAX_USES: usize = 8;

/// The answer for the image and the name of a FROM.
pub fn hover(here: &Here) -> Option<Hover> {
    let (Body::From(from), Some(stage)) = (&here.instruction.body, here.stage) else { return None };
    if let Some(name) = from.name.filter(|name| name.touches(here.offset)) {
        return Hover::of(name, text(here.snapshot, stage));
    }
    let image = from.image.as_ref().filter(|image| image.span.touches(here.offset))?;
    let markdown = match parent(here.snapshot, stage) {
        Some(parent) => text(here.snapshot, &here.snapshot.file().stages[parent]),
        None => reference(&here.snapshot[image.span], &here.snapshot.stage(stage).start, here.snapshot.published()),
    };
    Hover::of(image.span, markdown)
}

/// What `--from=name` or `from=name` of a mount means; `numbers` where stages may be named by number.
pub fn source(here: &Here, name: &str, numbers: bool) -> String {
    let (Some(own), false) = (here.stage, here.deferred || name.is_empty()) else { return String::new() };
    let stages = &here.snapshot.file().stages;
    match find_stage(stages, own.index, name, numbers) {
        Some(index) => text(here.snapshot, &stages[index]),
        None if name.contains('$') => String::new(),
        None => reference(name, &of_reference(name), here.snapshot.published()),
    }
}

/// What a stage is built on, where it is used, and what it ends with.
pub fn text(snapshot: &Snapshot, stage: &Stage) -> String {
    let number = match stage.name.as_deref() {
        Some(name) => format!("Stage **{name}**, number {}", stage.index),
        None => format!("Stage **{}**", stage.index),
    };
    let from = lines::quoted(snapshot, snapshot.file().instructions[stage.from].span);
    let built = format!("Begins on {from}{}", grown(snapshot, stage));
    let end = state_text("The image at its end:", &snapshot.stage(stage).end);
    paragraphs(&[&number, &built, &uses_text(snapshot, stage), &end])
}

/// Which image the stages in front begin with.
fn grown(snapshot: &Snapshot, stage: &Stage) -> String {
    if !matches!(stage.base, Base::Stage(_)) {
        return String::new();
    }
    let image = snapshot.stage(stage).start.reference.as_deref();
    image.map_or_else(String::new, |image| format!(", upon `{image}`"))
}

fn uses_text(snapshot: &Snapshot, stage: &Stage) -> String {
    let uses = uses(snapshot, stage);
    let last = stage.index + 1 == snapshot.file().stages.len();
    if uses.is_empty() {
        let words = if last { "What `docker build` makes." } else { "No line uses it: only `--target` builds it." };
        return words.to_owned();
    }
    let shown = uses
        .iter()
        .take(MAX_USES)
        .map(|index| format!("- {}", lines::quoted(snapshot, snapshot.file().instructions[*index].span)));
    let more = uses.len().saturating_sub(MAX_USES);
    let more = if more == 0 { String::new() } else { format!("\n- and {more} more") };
    format!("Used on\n{}{more}", shown.collect::<Vec<_>>().join("\n"))
}

/// The instructions that name the stage, in the order of the text.
fn uses(snapshot: &Snapshot, stage: &Stage) -> Vec<usize> {
    let stages = &snapshot.file().stages;
    let mut found = Vec::new();
    for other in &stages[stage.index + 1..] {
        if parent(snapshot, other) == Some(stage.index) {
            found.push(other.from);
        }
        // Not by what the copies mean: one without a destination yet names the stage as well.
        for (index, instruction) in snapshot.file().stage_instructions(other) {
            let value = instruction.flag(snapshot.text(), "from").and_then(|flag| flag.value.as_ref());
            let name = value.and_then(|value| value.literal(snapshot.text()));
            let is_it = |name: &str| find_stage(stages, other.index, name, true) == Some(stage.index);
            if instruction.kind == Kind::Copy && name.is_some_and(|name| is_it(&name)) {
                found.push(index);
            }
        }
        for run in &snapshot.stage(other).runs {
            let mut names = run.mounts.iter().filter_map(|mount| mount.from());
            if names.any(|name| find_stage(stages, other.index, name, false) == Some(stage.index)) {
                found.push(run.instruction);
            }
        }
    }
    found.sort_unstable();
    found
}
