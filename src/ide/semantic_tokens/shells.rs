//! Which instructions a POSIX shell reads, by what the text says.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::{known::Known, shell_comment};
use crate::knowledge::base_images::base_image;
use crate::knowledge::distros::Distro;
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::syntax::shell::is_posix;

/// Calls `visit` with every instruction, the number of its stage and whether a POSIX shell reads its commands.
pub(super) fn each(snapshot: &Snapshot, mut visit: impl FnMut(&Instruction, usize, bool)) {
    let file = snapshot.file();
    let said = snapshot.text().contains("hadolint");
    // Behind the last instruction of each stage.
    let mut ends: Vec<bool> = Vec::with_capacity(file.stages.len());
    let mut posix = true;
    for instruction in &file.instructions {
        if instruction.kind == Kind::From
            && let Some(stage) = file.stages.get(ends.len())
        {
            posix = start(snapshot, stage, said, &ends);
            ends.push(posix);
        }
        if instruction.kind == Kind::Shell
            && let Some(words) = instruction.command().and_then(|command| command.exec())
        {
            posix = is_posix(&words.iter().map(|word| word.value.clone()).collect::<Vec<_>>());
        }
        if let Some(end) = ends.last_mut() {
            *end = posix;
        }
        visit(instruction, ends.len().saturating_sub(1), posix);
    }
}

fn start(snapshot: &Snapshot, stage: &Stage, said: bool, ends: &[bool]) -> bool {
    if said && let Known::Known(shell) = shell_comment::of_stage(snapshot, stage) {
        return is_posix(&shell);
    }
    if let Base::Stage(parent) = stage.base {
        return ends.get(parent).copied().unwrap_or(true);
    }
    if said && let Known::Known(shell) = snapshot.shell_of_images() {
        return is_posix(shell);
    }
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return true };
    let image = from.image.as_ref().and_then(|image| image.literal(snapshot.text()));
    let Some(image) = image.map(|image| ImageRef::parse(&image)) else { return true };
    base_image(&image.repository, image.tag.as_deref()).is_none_or(|base| base.distro != Some(Distro::Windows))
}
