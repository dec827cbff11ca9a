//! A relative destination where no WORKDIR says what it is relative to.
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base as State;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::rules::commands::wants_each;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;
use crate::rules::unfinished::{first_refused, may_set_workdir};
use crate::rules::variables::MAX_PLACES;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3045"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let start = &snapshot.stage(stage).start;
    let each = wants_each(snapshot);
    // Of an image that we don't know the folder is not known either.
    if start.base == State::Scratch || !each && !start.workdir.is(|folder| folder == "/") {
        return;
    }
    let file = snapshot.file();
    let parent = match stage.base {
        Base::Stage(parent) => effective(snapshot, &file.stages[parent], Kind::Workdir),
        _ => None,
    };
    if parent.is_some() || may_set_workdir(snapshot, stage) {
        return;
    }
    let own = &file.instructions[stage.instructions.clone()];
    let before = own.iter().take_while(|instruction| instruction.kind != Kind::Workdir);
    // The first place, which alone is reported, may be in a line that is being typed.
    let half_typed = first_refused(snapshot, stage, &[Kind::Copy, Kind::Add]).filter(|_| !each);
    let mut places = before.filter_map(|instruction| relative(snapshot, instruction));
    let message = match &start.workdir {
        Known::Known(folder) if folder == "/" => "no WORKDIR is set, so this is relative to `/`".to_owned(),
        Known::Known(folder) => format!("no WORKDIR is set, so this is relative to `{folder}` of the base image"),
        Known::Unknown => "no WORKDIR is set, so this is relative to the folder of the base image".to_owned(),
    };
    if each {
        findings.extend(places.map(|place| Finding::new(place, message.clone())));
        return;
    }
    let typed = |place: &Span| half_typed.is_none_or(|refused| place.start < file.instructions[refused].span.start);
    let Some(first) = places.next().filter(typed) else { return };
    let mut finding = Finding::new(first, message);
    for place in places.take(MAX_PLACES) {
        finding = finding.because(place, "and this");
    }
    findings.push(finding);
}

fn relative(snapshot: &Snapshot, instruction: &Instruction) -> Option<Span> {
    let destination = instruction.copy()?.destination.as_ref()?;
    let first = snapshot[destination.span].trim_start_matches(['"', '\'']);
    let drive = first.as_bytes().get(1) == Some(&b':');
    (!first.is_empty() && !first.starts_with(['/', '\\', '$', '<']) && !drive).then_some(destination.span)
}
