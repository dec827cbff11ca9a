//! Print the Go environment in front of a RUN, to see what a build is made with.
use super::fix::Fix;
use super::lines;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;

/// `RUN go version && go env` in front of the RUN of `command`; `None` where it stands there, or no shell would run it.
pub fn fix(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Fix> {
    if command.state.has_shell() == Answer::No {
        return None;
    }
    let go = &snapshot[command.command.name_span];
    let is_plain = !go.is_empty() && go.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let text = format!("{go} version && {}{go} env", assignments(snapshot, command));
    let above = command.instruction.checked_sub(1).filter(|above| stage.instructions.contains(above))?;
    let is_there = snapshot[snapshot.file().instructions[above].arguments].trim() == text;
    let line = lines::line(snapshot, command.instruction, Kind::Run, &text);
    let edit = lines::insert_before(snapshot, command.instruction, &[line]);
    if is_plain && !is_there {
        Fix::unsafe_("print the Go environment in front of it (docker build --progress=plain)", vec![edit])
    } else {
        None
    }
}

/// `CGO_ENABLED=0 GOOS=linux `: what stands in front of the command counts for it.
fn assignments(snapshot: &Snapshot, command: &GoCommand) -> String {
    let words = command.command.assignments.iter().map(|(_, span)| &snapshot[*span]);
    let plain = words.filter(|word| !word.contains(['\n', '\r', '#', '"', '\'', '`', '(', '\\']));
    plain.flat_map(|word| [word, " "]).collect()
}
