//! What the rules about shell commands have in common.
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::model::command::Command;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::settings::Preset;
use crate::syntax::shell::{self, Script};
use crate::text::span::Span;

/// Commands of a kind that a rule looks at in one stage: it ends on hostile input, and no real stage has as many.
pub const ENOUGH: usize = 64;

/// True when more was asked for than what is wrong for sure.
pub fn is_wide(snapshot: &Snapshot) -> bool {
    snapshot.settings().preset != Preset::Recommended
}

/// True where each place gets a finding of its own, as users of hadolint know it; elsewhere the first speaks for its stage.
pub fn wants_each(snapshot: &Snapshot) -> bool {
    snapshot.settings().preset == Preset::Hadolint
}

/// True for a stage that somebody starts: the last one, and those with a CMD or an ENTRYPOINT.
pub fn ships(snapshot: &Snapshot, stage: &Stage) -> bool {
    let starts = |kind: Kind| matches!(kind, Kind::Cmd | Kind::Entrypoint);
    let mut instructions = snapshot.file().stage_instructions(stage);
    stage.index + 1 == snapshot.file().stages.len() || instructions.any(|(_, instruction)| starts(instruction.kind))
}

/// The script of a RUN, when all of it was understood.
pub fn script_of(run: &RunFact) -> Option<&Script> {
    run.script.as_deref().filter(|script| !script.broken && !script.foreign)
}

/// A command as it is written, with its number in its script.
pub fn written<'r>(run: &'r RunFact, command: &Invocation) -> Option<(usize, &'r shell::Command)> {
    let same = |written: &shell::Command| written.name.is_some() && written.span.shift(run.offset) == command.span;
    run.script.as_ref()?.commands.iter().enumerate().find(|(_, written)| same(written))
}

/// Who the RUN, COPY or CMD at `index` runs as; unknown when a variable says so.
pub fn user_before(snapshot: &Snapshot, stage: &Stage, index: usize) -> Known<String> {
    let text = snapshot.text();
    let instructions = &snapshot.file().instructions[stage.instructions.start..index];
    match instructions.iter().rev().find(|instruction| instruction.kind == Kind::User) {
        Some(user) => user.value().and_then(|word| word.literal(text)).map(std::borrow::Cow::into_owned).into(),
        None => snapshot.stage(stage).start.user.clone(),
    }
}

/// True for root, by name or number.
pub fn is_root(user: &str) -> bool {
    matches!(user.split(':').next().unwrap_or_default(), "root" | "0" | "")
}

/// True when the one argument is a short cluster with `letter` in front of the first of `with_value`: `-qO-` has `q`.
pub fn has_letter(arg: &Arg, letter: char, with_value: &str) -> bool {
    let Some(cluster) = arg.prefix.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
    cluster.chars().take_while(|&found| found == letter || !with_value.contains(found)).any(|found| found == letter)
}

/// True when an instruction is one line of shell without flags and documents, so that it can be replaced as a whole.
pub fn is_plain(snapshot: &Snapshot, index: usize) -> bool {
    let instruction = &snapshot.file().instructions[index];
    let shell = matches!(&instruction.body, Body::Command(Command::Shell(_)));
    shell
        && instruction.flags.is_empty()
        && instruction.heredocs.is_empty()
        && !snapshot[instruction.span].contains('#')
}

/// Where the word stands that is `name` in front of a command: `sudo`.
pub fn word_span(run: &RunFact, command: &shell::Command, name: &str) -> Option<Span> {
    let found = command
        .words
        .iter()
        .find(|word| word.literal().is_some_and(|text| crate::analysis::path::base(text) == name))?;
    Some(found.span.shift(run.offset))
}
