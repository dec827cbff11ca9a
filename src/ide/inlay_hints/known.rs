//! What is known where it is not written: values of variables, numbers of stages, folders and users.
use std::collections::BTreeSet;

use super::Hint;
use crate::analysis::env::{Env, Origin};
use crate::analysis::known::Known;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::with_settings;
use crate::analysis::state::ImageState;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::model::word::{Expansion, Part, Word};
use crate::model::words::words;
use crate::settings::HintUse;
use crate::text::span::Span;

/// Longer values hide the line that they are shown in, in characters.
const MAX_VALUE: usize = 40;
/// A value is obvious where so few lines or less are between it and its use.
const NEAR: usize = 3;

/// The hints of the instructions that touch `within`, in the order of the text, as the settings want them.
pub fn known(snapshot: &Snapshot, within: Span) -> Vec<Hint> {
    let wanted = &snapshot.settings().inlay_hints;
    if [wanted.values, wanted.stages, wanted.folders, wanted.users].iter().all(|hint| *hint == HintUse::Off) {
        return Vec::new();
    }
    let line_ends = snapshot.text().match_indices('\n').map(|(at, _)| at as u32).collect();
    let mut hints = Hints { snapshot, line_ends, found: Vec::new() };
    let touches = |span: Span| span.start <= within.end && within.start <= span.end;
    let file = snapshot.file();
    let first = file.stages.first().map_or(file.instructions.len(), |stage| stage.from);
    for instruction in file.instructions[..first].iter().filter(|instruction| touches(instruction.span)) {
        hints.values(instruction, snapshot.globals());
    }
    let numbered = numbered(snapshot);
    for stage in file.stages.iter().filter(|stage| touches(stage.span)) {
        let mut visit = |_: usize, instruction: &Instruction, state: &ImageState| {
            if !touches(instruction.span) {
                return;
            }
            if instruction.kind == Kind::From {
                hints.values(instruction, snapshot.globals());
                hints.beginning(stage, instruction, state, numbered.contains(&stage.index));
            } else {
                hints.values(instruction, &state.env);
                hints.folder(instruction, state);
                hints.number(stage, instruction);
            }
        };
        with_settings(snapshot, stage, &mut visit);
    }
    hints.found.sort_by_key(|hint| hint.offset);
    hints.found
}

/// The stages without a name that a COPY names by their number.
fn numbered(snapshot: &Snapshot) -> BTreeSet<usize> {
    let (file, mut found) = (snapshot.file(), BTreeSet::new());
    for stage in &file.stages {
        let numbers = file.stage_instructions(stage).filter_map(|(_, one)| from_number(snapshot, one));
        found.extend(numbers.map(|(number, _)| number).filter(|number| *number < stage.index));
    }
    found.retain(|number| file.stages[*number].name.is_none());
    found
}

/// The number behind `COPY --from=`, and where it stands.
fn from_number(snapshot: &Snapshot, instruction: &Instruction) -> Option<(usize, Span)> {
    if instruction.kind != Kind::Copy {
        return None;
    }
    let value = instruction.flag(snapshot.text(), "from")?.value.as_ref()?;
    Some((value.literal(snapshot.text())?.parse().ok()?, value.span))
}

struct Hints<'s> {
    snapshot: &'s Snapshot,
    line_ends: Vec<u32>,
    found: Vec<Hint>,
}

impl Hints<'_> {
    /// The number of the line that `offset` is in, from 1.
    fn line(&self, offset: u32) -> usize {
        self.line_ends.partition_point(|&end| end < offset) + 1
    }

    /// Where a value comes from.
    fn origin(&self, env: &Env, name: &str) -> String {
        let Some(variable) = env.get(name) else { return "the default that is written here".to_owned() };
        match (variable.origin, variable.span.map(|span| self.line(span.start))) {
            (Origin::Arg, Some(line)) => {
                format!("{name} by the ARG of line {line}; --build-arg may give another value")
            }
            (Origin::Env, Some(line)) => format!("{name} by the ENV of line {line}"),
            _ => format!("{name} is set by the base image"),
        }
    }

    fn add(&mut self, offset: u32, label: String, tooltip: String) {
        self.found.push(Hint { offset, label, tooltip });
    }

    /// The values of the variables that the builder puts into an instruction.
    fn values(&mut self, instruction: &Instruction, env: &Env) {
        let wanted = self.snapshot.settings().inlay_hints.values;
        // The folder says more.
        let absolute = |word: &&Word| word.raw(self.snapshot.text()).starts_with(['/', '$', '"']);
        if wanted == HintUse::Off || instruction.kind == Kind::Workdir && !instruction.value().iter().all(absolute) {
            return;
        }
        let mut shown: Vec<&str> = Vec::new();
        for word in words(instruction).into_iter().filter(|word| word.flaw.is_none()) {
            for part in &word.parts {
                let Part::Variable(expansion) = part else { continue };
                let name = &self.snapshot[expansion.name];
                let obvious = || shown.contains(&name) || env.get(name).is_none() || self.is_near(expansion, env);
                if wanted == HintUse::Auto && obvious() {
                    continue;
                }
                if let Some(value) = self.value(expansion, env) {
                    shown.push(name);
                    self.add(expansion.span.end, value, self.origin(env, name));
                }
            }
        }
    }

    /// What becomes of one expansion, if it is known, short and something.
    fn value(&self, expansion: &Expansion, env: &Env) -> Option<String> {
        let alone = Word { span: expansion.span, parts: vec![Part::Variable(Box::new(expansion.clone()))], flaw: None };
        let Known::Known(value) = env.expand(self.snapshot.text(), &alone) else { return None };
        let short = value.chars().count() <= MAX_VALUE && !value.contains(['\n', '\r']);
        (short && !value.trim().is_empty()).then_some(value)
    }

    /// True when the line that sets the variable is in sight.
    fn is_near(&self, expansion: &Expansion, env: &Env) -> bool {
        let Some(set) = env.get(&self.snapshot[expansion.name]).and_then(|variable| variable.span) else {
            return false;
        };
        let between = Span::new(set.end.min(expansion.span.start), expansion.span.start);
        self.snapshot[between].bytes().filter(|&byte| byte == b'\n').take(NEAR + 1).count() <= NEAR
    }

    /// The number, the folder and the user of a stage, behind its FROM.
    fn beginning(&mut self, stage: &Stage, from: &Instruction, state: &ImageState, used_by_number: bool) {
        let wanted = self.snapshot.settings().inlay_hints.clone();
        let mut labels = Vec::new();
        let number = wanted.stages == HintUse::All || wanted.stages == HintUse::Auto && used_by_number;
        if number {
            labels.push(format!("stage {}", stage.index));
        }
        let written = |hint: HintUse, value: &Known<String>, usual: &[&str]| {
            let value = value.as_ref().filter(|value| !value.is_empty() && value.chars().count() <= MAX_VALUE)?;
            let odd = value.starts_with('/') && value.contains('\\');
            let shown = hint == HintUse::All || hint == HintUse::Auto && !usual.contains(&value.as_str());
            (shown && !odd).then(|| value.clone())
        };
        // Go's images begin in their GOPATH, which is of no use.
        labels.extend(
            written(wanted.folders, &state.workdir, &["/", "/go", "C:\\"]).map(|folder| format!("in {folder}")),
        );
        labels.extend(
            written(wanted.users, &state.user, &["root", "0", "0:0", "root:root", "ContainerAdministrator"])
                .map(|user| format!("as {user}")),
        );
        if labels.is_empty() || self.snapshot.file().is_refused(stage.from) {
            return;
        }
        let text = &self.snapshot[from.span];
        let first = text.lines().next().unwrap_or_default().trim_end();
        let by = match stage.base {
            Base::Stage(_) => "what the stage begins with, from the stage that it is built on",
            _ => "what the stage begins with",
        };
        self.add(from.span.start + first.len() as u32, labels.join(", "), by.to_owned());
    }

    /// Where a relative WORKDIR leads to.
    fn folder(&mut self, instruction: &Instruction, before: &ImageState) {
        let wanted = self.snapshot.settings().inlay_hints.folders;
        let Some(value) = instruction.value().filter(|_| instruction.kind == Kind::Workdir && wanted != HintUse::Off)
        else {
            return;
        };
        let Known::Known(path) = before.env.expand(self.snapshot.text(), value) else { return };
        let Some(from) = before.workdir.as_ref().filter(|_| !path.starts_with('/') && !path.is_empty()) else { return };
        // Paths of Windows are other paths.
        if ![from, &path].iter().any(|path| path.contains(['\\', ':'])) {
            self.add(value.span.end, resolve(from, &path), format!("from {from}"));
        }
    }

    /// What a number behind `--from=` stands for.
    fn number(&mut self, stage: &Stage, instruction: &Instruction) {
        if self.snapshot.settings().inlay_hints.stages == HintUse::Off {
            return;
        }
        let Some((number, span)) = from_number(self.snapshot, instruction).filter(|(number, _)| *number < stage.index)
        else {
            return;
        };
        let file = self.snapshot.file();
        let Body::From(from) = &file.instructions[file.stages[number].from].body else { return };
        let Some(name) = from.name.or(from.image.as_ref().map(|image| image.span)) else { return };
        if name.len() as usize <= MAX_VALUE {
            let line = self.line(name.start);
            self.add(span.end, self.snapshot[name].to_owned(), format!("the stage of line {line}"));
        }
    }
}
