//! Run the Go commands of a stage as root, and switch to its user behind them: go then keeps its caches where it likes.
//!
//! Written only where the order of USER decides nothing else: neither who owns what is used later, nor what a command does.
use super::cache_mounts::Family;
use super::fix::Fix;
use super::lines;
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Base, Stage};

/// Verbs that do the same as root, and leave programs that everybody may run.
const PLAIN_VERBS: [&str; 8] = ["build", "env", "install", "list", "mod download", "mod verify", "version", "vet"];

/// Other commands that do the same as root, and make nothing.
const PLAIN_COMMANDS: [&str; 7] = ["cat", "cd", "echo", "export", "ls", "set", "true"];

/// Words that depend on who it is.
const OWN: [&str; 7] = ["~", "HOME", "USER", "whoami", "sudo", "gosu", "su-exec"];

/// Moves the USER of `stage` behind its last Go command; `None` where no user builds, or that may change something else.
pub fn fix(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let file = snapshot.file();
    let analysis = snapshot.stage(stage);
    let mut builds = analysis.go.iter().filter(|go| go.state.is_root() == Answer::No);
    let first = builds.next()?.instruction;
    let last = builds.next_back().map_or(first, |go| go.instruction);
    let is_user = |index: &usize| file.instructions[*index].kind == Kind::User;
    let user = stage.instructions.clone().filter(|index| *index < first).rfind(is_user)?;
    let block = lines::block(snapshot, user);
    let moved: Vec<String> = snapshot[block].lines().map(|line| line.trim().to_owned()).collect();
    let fits = |index: usize| fits(snapshot, stage, index);
    let stays = state_before(snapshot, stage, user).is_root() == Answer::Yes
        && !file.is_refused(user)
        && !moved.iter().any(|line| line.ends_with(char::from(file.escape)))
        && (user + 1..=last).all(fits)
        && !depends_on_order(snapshot, stage, last);
    if !stays || analysis.go.iter().any(|go| refuses_other_owner(snapshot, stage, go)) {
        return None;
    }
    let mut edits = lines::delete(snapshot, &[user]);
    edits.push(lines::insert_after(snapshot, last, &moved));
    Fix::unsafe_("run the build as root, and switch to the user behind it", edits)
}

/// True when instruction `index` does the same for root as for another user.
fn fits(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let instruction = &snapshot.file().instructions[index];
    let plain = match instruction.kind {
        // COPY and ADD write as root; the metadata of the image is nobody's.
        Kind::Add | Kind::Arg | Kind::Cmd | Kind::Copy | Kind::Entrypoint | Kind::Env => true,
        Kind::Expose | Kind::Healthcheck | Kind::Label | Kind::Shell | Kind::Stopsignal => true,
        Kind::Workdir => !keeps_owner(snapshot, stage, index),
        Kind::Run => is_plain_run(snapshot, stage, index),
        _ => false,
    };
    plain && !snapshot.file().is_refused(index)
}

/// The folder that WORKDIR `index` makes belongs to the user: that counts where a container may start, or that folder is copied.
fn keeps_owner(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let file = snapshot.file();
    let starts = |instruction: &Instruction| matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint);
    let ships = stage.index + 1 == file.stages.len() || file.stage_instructions(stage).any(|(_, it)| starts(it));
    let Some(folder) = state_before(snapshot, stage, index + 1).workdir.as_ref().cloned() else { return true };
    let holds = |source: &CopySource| source.path.as_ref().is_none_or(|path| is_below(&folder, path));
    let copied = snapshot.linked(stage).any(|other| {
        let copies = &snapshot.stage(other).copies;
        copies.iter().any(|copy| copy.from == CopyFrom::Stage(stage.index) && copy.sources.iter().any(holds))
    });
    ships || copied
}

fn is_plain_run(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let analysis = snapshot.stage(stage);
    let text = &snapshot[snapshot.file().instructions[index].arguments];
    let Some(run) = analysis.runs.iter().find(|run| run.instruction == index) else { return false };
    let mut commands = analysis.commands.iter().filter(|command| command.instruction == index).peekable();
    let go = |span| analysis.go.iter().find(|go| go.span == span);
    let known = commands.peek().is_some();
    let plain = commands.all(|command| match go(command.span) {
        Some(go) => PLAIN_VERBS.contains(&go.verb.as_str()) && go.command.env.known("GOPATH").is_some(),
        None => PLAIN_COMMANDS.contains(&command.name.as_str()),
    });
    known && plain && run.mounts.is_empty() && !text.contains('>') && !OWN.iter().any(|word| text.contains(word))
}

/// True when something behind instruction `last` runs as the user, or builds upon the stage.
fn depends_on_order(snapshot: &Snapshot, stage: &Stage, last: usize) -> bool {
    let file = snapshot.file();
    let behind = file.stage_instructions(stage).filter(|(index, _)| *index > last);
    let acts =
        |kind| matches!(kind, Kind::Run | Kind::User | Kind::Workdir | Kind::Volume | Kind::Onbuild | Kind::Unknown);
    let is_parent = |other: &Stage| {
        other.base == Base::Stage(stage.index) || crate::analysis::start::parent(snapshot, other) == Some(stage.index)
    };
    { behind }.any(|(index, instruction)| acts(instruction.kind) || file.is_refused(index))
        || snapshot.linked(stage).any(is_parent)
        || Family::heirs(snapshot, stage).starts_go()
}

/// Git reads no repository of somebody else, and go asks it for the revision: files that `--chown` gave to the user.
fn refuses_other_owner(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> bool {
    let given =
        |copy: &CopyFact| copy.chown.is_some() && copy.from == CopyFrom::Context && copy.instruction < go.instruction;
    let stamps = matches!(go.verb.as_str(), "build" | "install")
        && !go.flag("-buildvcs").is_some_and(|flag| flag.value.is(|value| value == "false"));
    stamps
        && go.state.has_command("git") != Answer::No
        && snapshot.facts().arrives(".git") != Some(false)
        && snapshot.stage(stage).copies.iter().any(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Option<String> {
        let snapshot = Snapshot::of_text(text);
        fix(&snapshot, &snapshot.file().stages[0]).map(|fix| fix.here().apply(text))
    }

    #[test]
    fn moves_the_user() {
        let text = "from golang:1.25\r\nworkdir /src\r\n  # why\r\n  user 1000\r\ncopy . .\r\nrun go mod download\r\nrun go build -o /tmp/app\r\ncmd /tmp/app\r\n";
        let expected = "from golang:1.25\r\nworkdir /src\r\ncopy . .\r\nrun go mod download\r\nrun go build -o /tmp/app\r\n# why\r\nuser 1000\r\ncmd /tmp/app\r\n";
        assert_eq!(fixed(text).as_deref(), Some(expected));
        assert_eq!(fixed(expected), None);
    }

    #[test]
    fn stays_where_the_order_counts() {
        for rest in [
            "USER 1000\nRUN go test ./...",
            "USER 1000\nWORKDIR /data\nRUN go build -o /tmp/app example.com/app",
            "USER 1000\nRUN go build -o /tmp/app .\nRUN /tmp/app --init",
            "USER 1000\nRUN go build -o /tmp/app .\nWORKDIR /data",
            "USER 1000\nRUN go build -o /tmp/app .\nUSER root",
            "USER 1000\nRUN mkdir /tmp/data && go build -o /tmp/app .",
            "USER 1000\nRUN go version > /tmp/version && go build -o /tmp/app .",
            "USER 1000\nRUN --mount=type=cache,target=/c,uid=1000 go build -o /tmp/app .",
            "USER 1000\nRUN go build -o $HOME/app .",
            "USER 1000\nCOPY --chown=1000 . .\nRUN go build .",
            "USER 1000\nRUN go build .\nFROM a\nRUN x",
            "USER 1000\nWORKDIR /app/data\nRUN go build -o /app/x .\nFROM scratch\nCOPY --from=a /app /app",
            "USER 1000\nRUN go build .\nCMD go run .",
            "USER 1000\nUSER 1001\nRUN go build .",
            "RUN go build .\nUSER 1000",
        ] {
            let text = format!("FROM golang:1.25 AS a\nWORKDIR /src\n{rest}\n");
            assert!(fixed(&text).is_none(), "{text}");
        }
    }
}
