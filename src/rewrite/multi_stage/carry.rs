//! What the final stage takes over from the old one, and what the old one loses.
use super::program::Program;
use super::start::{Form, Line, Start, array};
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::knowledge::go_words::{EnvKind, go_env};
use crate::model::instruction::{Instruction, Kind, Pair};
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::text::span::Span;

/// A line of the final stage that comes from the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The instruction that it comes from.
    pub from: usize,
    /// It with its comments, as the final stage writes it.
    pub text: String,
}

/// Lines of the final stage, and instructions that leave the old one.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// COPY and ADD behind the last RUN.
    pub copies: Vec<Taken>,
    /// ARG, ENV, LABEL, EXPOSE, VOLUME, STOPSIGNAL, in this order.
    pub settings: Vec<Taken>,
    /// Instructions that the old stage loses.
    pub gone: Vec<usize>,
    /// The last USER and its value.
    pub user: Option<(usize, String)>,
    /// Folders that VOLUME names.
    pub volumes: Vec<String>,
    /// One of the copies goes to a path relative to WORKDIR.
    pub relative: bool,
}

/// Looks through the instructions of `stage`.
pub fn carry(snapshot: &Snapshot, stage: &Stage) -> Carried {
    let mut carried = Carried::default();
    let last_run = last(snapshot, stage, |kind| kind == Kind::Run);
    for copy in snapshot.stage(stage).copies.iter().filter(|copy| copy.instruction > last_run) {
        carried.copy(snapshot, copy);
    }
    let stays = |index: usize| !carried.gone.contains(&index);
    let last_step = snapshot
        .file()
        .stage_instructions(stage)
        .filter(|(index, instruction)| matches!(instruction.kind, Kind::Run | Kind::Copy | Kind::Add) && stays(*index))
        .map(|(index, _)| index)
        .last()
        .unwrap_or(stage.from);
    carried.environment(snapshot, stage, last_step);
    carried.local_time(snapshot, stage);
    for kind in [Kind::Label, Kind::Maintainer, Kind::Expose, Kind::Volume, Kind::Stopsignal] {
        carried.moved(snapshot, stage, kind);
    }
    for (index, instruction) in snapshot.file().stage_instructions(stage) {
        match instruction.kind {
            Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck => carried.gone.push(index),
            Kind::User => {
                carried.user = instruction.value().map(|word| (index, word.raw(snapshot.text()).to_owned()));
                if index > last_run {
                    carried.gone.push(index);
                }
            }
            Kind::Workdir if index > last_step => carried.gone.push(index),
            _ => {}
        }
    }
    carried
}

fn last(snapshot: &Snapshot, stage: &Stage, wanted: impl Fn(Kind) -> bool) -> usize {
    let instructions = snapshot.file().stage_instructions(stage);
    instructions.filter(|(_, i)| wanted(i.kind)).map(|(index, _)| index).last().unwrap_or(stage.from)
}

impl Carried {
    /// True when the time zone is set.
    pub fn sets_zone(&self) -> bool {
        self.settings.iter().any(|line| line.text.contains("TZ="))
    }

    fn copy(&mut self, snapshot: &Snapshot, copy: &CopyFact) {
        let instruction = &snapshot.file().instructions[copy.instruction];
        if copy.is_broad() || copy.from == CopyFrom::Unknown {
            return;
        }
        let Some(written) = instruction.copy().and_then(|copy| copy.destination.as_ref()) else { return };
        self.relative |= !written.raw(snapshot.text()).trim_start_matches('"').starts_with('/');
        let mut text = block(snapshot, copy.instruction);
        if let Some(owner) = copy.chown.map(|span| &snapshot[span]).filter(|owner| is_name(owner)) {
            text = text.replace(&format!("--chown={owner}"), "--chown=65532:65532");
        }
        self.copies.push(Taken { from: copy.instruction, text });
        self.gone.push(copy.instruction);
    }

    /// ENV that the program may read, with the ARGs that are used in it.
    fn environment(&mut self, snapshot: &Snapshot, stage: &Stage, last_step: usize) {
        for (index, instruction) in snapshot.file().stage_instructions(stage) {
            if instruction.kind != Kind::Env {
                continue;
            }
            let pairs: Vec<&Pair> =
                instruction.pairs().iter().filter(|pair| is_for_program(snapshot, stage, index, pair)).collect();
            if pairs.is_empty() {
                continue;
            }
            let whole = pairs.len() == instruction.pairs().len();
            for pair in &pairs {
                self.arguments(snapshot, stage, index, std::slice::from_ref(*pair));
            }
            let text = if whole && index > last_step {
                self.gone.push(index);
                block(snapshot, index)
            } else if whole {
                snapshot[instruction.span].to_owned()
            } else {
                let words: Vec<&str> = pairs.iter().map(|pair| &snapshot[pair.span]).collect();
                lines::line(snapshot, index, Kind::Env, &words.join(" "))
            };
            self.settings.push(Taken { from: index, text });
        }
    }

    /// A time zone that was made the system's becomes a variable.
    fn local_time(&mut self, snapshot: &Snapshot, stage: &Stage) {
        let commands =
            snapshot.stage(stage).commands.iter().filter(|command| matches!(command.name.as_str(), "cp" | "ln"));
        for command in commands.filter(|command| command.args.last().is_some_and(|arg| arg.is("/etc/localtime"))) {
            let zone = command.args.iter().find_map(|arg| arg.value.as_ref()?.strip_prefix("/usr/share/zoneinfo/"));
            if let Some(zone) = zone.filter(|_| !self.sets_zone()) {
                let text = lines::line(snapshot, command.instruction, Kind::Env, &format!("TZ={zone}"));
                self.settings.push(Taken { from: command.instruction, text });
            }
        }
    }

    /// Instructions of one kind leave the old stage.
    fn moved(&mut self, snapshot: &Snapshot, stage: &Stage, kind: Kind) {
        for (index, instruction) in snapshot.file().stage_instructions(stage) {
            if instruction.kind != kind {
                continue;
            }
            self.arguments(snapshot, stage, index, instruction.pairs());
            if kind == Kind::Volume {
                self.volumes.extend(volumes(snapshot, stage, index, instruction));
            }
            self.settings.push(Taken { from: index, text: block(snapshot, index) });
            self.gone.push(index);
        }
    }

    /// Repeats the ARGs that `pairs` use.
    fn arguments(&mut self, snapshot: &Snapshot, stage: &Stage, index: usize, pairs: &[Pair]) {
        let words = pairs.iter().flat_map(|pair| [Some(&pair.name), pair.value.as_ref()]).flatten();
        for expansion in words.flat_map(|word| word.expansions()) {
            let name = &snapshot[expansion.name];
            let Some((declared, pair)) = argument(snapshot, stage, index, name) else { continue };
            let text = lines::line(snapshot, declared, Kind::Arg, &snapshot[pair.span]);
            let line = Taken { from: declared, text };
            if !self.settings.contains(&line) {
                self.settings.push(line);
            }
        }
    }
}

/// The ARG of `stage` that declares `name` in front of instruction `index`.
fn argument<'s>(snapshot: &'s Snapshot, stage: &Stage, index: usize, name: &str) -> Option<(usize, &'s Pair)> {
    let before = snapshot.file().stage_instructions(stage).filter(|(at, i)| *at < index && i.kind == Kind::Arg);
    let pairs = before.flat_map(|(at, instruction)| instruction.pairs().iter().map(move |pair| (at, pair)));
    pairs.filter(|(_, pair)| pair.name.raw(snapshot.text()) == name).last()
}

/// False for what the build alone reads, and for what is made of it.
fn is_for_program(snapshot: &Snapshot, stage: &Stage, index: usize, pair: &Pair) -> bool {
    let Some(name) = pair.name.literal(snapshot.text()) else { return false };
    let go_reads = go_env(&name).is_some_and(|env| env.kind != EnvKind::Program) && name != "GODEBUG";
    if go_reads || name.starts_with("CGO_") || matches!(&*name, "DEBIAN_FRONTEND" | "GO111MODULE" | "GOPATH" | "GOROOT")
    {
        return false;
    }
    let Some(value) = &pair.value else { return false };
    let raw = value.raw(snapshot.text());
    if name == "PATH" && (raw.contains("/go") || raw.contains("GOPATH") || raw.contains("GOROOT")) {
        return false;
    }
    let before = state_before(snapshot, stage, index);
    value.expansions().iter().all(|expansion| {
        let used = &snapshot[expansion.name];
        let origin = before.env.get(used).map(|variable| variable.origin);
        match origin {
            Some(Origin::Image) => used == "PATH",
            Some(Origin::Env) => go_env(used).is_none(),
            _ => true,
        }
    })
}

fn volumes(snapshot: &Snapshot, stage: &Stage, index: usize, instruction: &Instruction) -> Vec<String> {
    let crate::model::instruction::Body::Words(words) = &instruction.body else { return Vec::new() };
    let env = state_before(snapshot, stage, index).env;
    words
        .iter()
        .filter_map(|word| env.expand(snapshot.text(), word).as_ref().cloned())
        .filter(|path| path.starts_with('/'))
        .collect()
}

/// An instruction with its comments, as written.
pub fn block(snapshot: &Snapshot, index: usize) -> String {
    let text = &snapshot[lines::block(snapshot, index)];
    text.trim_start_matches([' ', '\t']).trim_end().to_owned()
}

impl Carried {
    /// True when a blank line stands between two instructions of the old stage, and nothing that stays there.
    pub fn are_apart(&self, snapshot: &Snapshot, before: usize, after: usize) -> bool {
        let instructions = &snapshot.file().instructions;
        let blank = |index: usize| {
            let between = Span::new(instructions[index].span.end, instructions[index + 1].span.start);
            let mut lines = snapshot[between].split('\n').skip(1).peekable();
            // The last one is the indentation of what follows.
            std::iter::from_fn(|| lines.next().filter(|_| lines.peek().is_some())).any(|line| line.trim().is_empty())
        };
        let leaves = |index: usize| self.gone.contains(&index);
        before < after && (before + 1..after).all(leaves) && (before..after).any(blank)
    }
}

/// The comments of an instruction, as written, with what leads to it.
pub fn comments(snapshot: &Snapshot, index: usize) -> String {
    let mut block = block(snapshot, index);
    block.truncate(block.len() - snapshot[snapshot.file().instructions[index].span].trim_end().len());
    block
}

/// True for a user that is a name, and not root.
pub fn is_name(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim_matches(['"', '\'']);
    !name.is_empty() && name != "root" && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// `line` as the final stage writes it: the program at `place`, without a shell where none is needed.
pub fn started(snapshot: &Snapshot, line: &Line, program: &Program, place: &str) -> String {
    let instruction = &snapshot.file().instructions[line.index];
    let comments = comments(snapshot, line.index);
    let head = &snapshot.text()[instruction.span.start as usize..line.span.start as usize];
    let command = match &line.form {
        Form::Shell => return block(snapshot, line.index),
        Form::Exec(words) => {
            let Some(word) = words.iter().find(|word| word.value == program.written) else {
                return block(snapshot, line.index);
            };
            let (start, end) = (word.span.start as usize, word.span.end as usize);
            let text = snapshot.text();
            let name = serde_json::Value::from(place).to_string();
            [&text[line.span.start as usize..start], &name, &text[end..line.span.end as usize]].concat()
        }
        Form::Plain(words) => {
            let named = |word: &String| if *word == program.written { place.to_owned() } else { word.clone() };
            array(&words.iter().map(named).collect::<Vec<_>>())
        }
    };
    format!("{comments}{head}{command}")
}

/// The lines that start the program, `go run` replaced.
pub fn starting_lines(snapshot: &Snapshot, start: &Start, program: &Program, place: &str) -> Vec<Taken> {
    if let Some(run) = &program.go_run {
        let Some(line) = start.entrypoint.as_ref().or(start.cmd.as_ref()) else { return Vec::new() };
        let words: Vec<String> = std::iter::once(place.to_owned()).chain(run.arguments.iter().cloned()).collect();
        let kind = snapshot.file().instructions[line.index].kind;
        return vec![Taken { from: line.index, text: lines::line(snapshot, line.index, kind, &array(&words)) }];
    }
    let both = [&start.entrypoint, &start.cmd];
    let taken = |line: &Line| Taken { from: line.index, text: started(snapshot, line, program, place) };
    both.into_iter().flatten().map(taken).collect()
}
