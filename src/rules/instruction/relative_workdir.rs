//! The first WORKDIR of a stage is relative to what the base image has.
use crate::analysis::known::Known;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::knowledge::distros::Distro;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::model::word::{Part, Word};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::may_be_called_anything;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["WorkdirRelativePath", "DL3000", "WORKDIR_IS_NOT_ABSOLUTE"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let workdir = |(_, instruction): &(usize, &Instruction)| instruction.kind == Kind::Workdir;
    let Some((index, first)) = snapshot.file().stage_instructions(stage).find(workdir) else { return };
    let Some(word) = first.value().filter(|word| word.flaw.is_none()) else { return };
    let start = &snapshot.stage(stage).start;
    let windows = snapshot.file().escape == b'`' || start.distro().is(|distro| *distro == Distro::Windows);
    if windows || set_below(snapshot, stage) || !is_relative(snapshot, stage, index, word) {
        return;
    }
    let message = match start.workdir.as_ref() {
        Some(folder) => format!("the path is relative to {folder}, the working directory of the base image"),
        None => "the path is relative to a working directory that only the base image knows".to_owned(),
    };
    findings.push(Finding::new(word.span, message).fix(absolute(snapshot, word, &start.workdir)));
}

/// True when a stage below this one has a WORKDIR, or may have: the name of the base holds variables.
fn set_below(snapshot: &Snapshot, stage: &Stage) -> bool {
    let file = snapshot.file();
    let mut stage = stage;
    while let Base::Stage(parent) = stage.base {
        stage = &file.stages[parent];
        if file.stage_instructions(stage).any(|(_, instruction)| instruction.kind == Kind::Workdir) {
            return true;
        }
    }
    let Body::From(from) = &file.instructions[stage.from].body else { return true };
    let Some(image) = &from.image else { return true };
    // What has a tag or a folder in front of its variable is no stage.
    let name = snapshot[image.span].split('$').next().unwrap_or_default();
    let variable = image.literal(snapshot.text()).is_none() && !name.contains([':', '/']);
    let named = file.stages[..stage.index].iter().any(|other| other.name.is_some());
    variable && (named || may_be_called_anything(snapshot, stage))
}

fn is_relative(snapshot: &Snapshot, stage: &Stage, index: usize, word: &Word) -> bool {
    let text = snapshot.text();
    match word.parts.first().map(|part| (part, part.text(text))) {
        Some((_, Some(start))) => !start.is_empty() && !is_absolute(start),
        Some((Part::Variable(_), _)) => {
            let value = state_before(snapshot, stage, index).env.expand(text, word);
            value.is(|path| !path.is_empty() && !is_absolute(path))
        }
        _ => false,
    }
}

/// True also for paths of Windows: which system is built for is not always known.
fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

fn absolute(snapshot: &Snapshot, word: &Word, workdir: &Known<String>) -> Option<Fix> {
    let path = word.literal(snapshot.text())?;
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    if !plain || snapshot[word.span] != *path {
        return None;
    }
    let path = resolve(workdir.as_ref().map_or("/", String::as_str), &path);
    let (title, edits) = (format!("write {path}"), vec![Edit::replace(word.span, path)]);
    if workdir.as_ref().is_some() { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
}
