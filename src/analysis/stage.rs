//! What a stage means: its instructions folded into image states, with the commands and copies that were seen on the way.
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::copy::{self, CopyFact, CopyFrom};
use super::env::Origin;
use super::go::{self, GoCommand};
use super::install::{self, Install};
use super::invocation::{self, Invocation, Shell};
use super::known::Known;
use super::package_command::{self, PackageCommand};
use super::path::{is_below, resolve};
use super::shell_body::{self, ShellBody};
use super::snapshot::Snapshot;
use super::start::start;
use super::state::ImageState;
use super::unset::Use;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::distros::PackageManager;
use crate::model::command::Command;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::{Mount, parse_mount};
use crate::model::stage::Stage;
use crate::syntax::shell::{Script, is_posix};
use crate::text::span::Span;

/// One stage, interpreted. What it inherits from an earlier stage is in `start`, not in the lists.
#[derive(Clone, Debug)]
pub struct StageAnalysis {
    /// The image behind FROM.
    pub start: ImageState,
    /// The image behind the last instruction.
    pub end: ImageState,
    /// Its RUNs.
    pub runs: Vec<RunFact>,
    /// The commands of its RUNs, in order.
    pub commands: Vec<Invocation>,
    /// Its COPYs and ADDs.
    pub copies: Vec<CopyFact>,
    /// COPY and ADD without a destination yet: what they copy is known.
    pub half_copies: Vec<CopyFact>,
    /// Its Go commands.
    pub go: Vec<GoCommand>,
    /// Its package installations.
    pub installs: Vec<Install>,
    /// Its texts for a shell that ShellCheck knows.
    pub bodies: Vec<ShellBody>,
    /// What it tells package managers, those of languages too.
    pub packages: Vec<PackageCommand>,
    /// What it uses and nothing sets; found when somebody asks.
    pub(super) unset: OnceLock<Vec<Use>>,
    checkpoints: Vec<Checkpoint>,
}

/// The fold in front of an instruction, so that nobody needs to start at FROM again.
#[derive(Clone, Debug)]
struct Checkpoint {
    before: usize,
    state: ImageState,
    groups: BTreeMap<String, Vec<String>>,
}

/// So many instructions are between two checkpoints.
const BETWEEN_CHECKPOINTS: usize = 32;

impl StageAnalysis {
    /// The RUN that is instruction `index`; `None` where that is another instruction, or one that could not be read.
    pub fn run_of(&self, index: usize) -> Option<&RunFact> {
        let at = self.runs.binary_search_by_key(&index, |run| run.instruction).ok()?;
        self.runs.get(at)
    }

    /// The commands of the RUN that is instruction `index`.
    pub fn commands_of(&self, index: usize) -> &[Invocation] {
        let start = self.commands.partition_point(|command| command.instruction < index);
        let end = self.commands.partition_point(|command| command.instruction <= index);
        &self.commands[start..end]
    }
}

/// One RUN.
#[derive(Clone, Debug)]
pub struct RunFact {
    /// The instruction's index.
    pub instruction: usize,
    /// Its shell text, parsed; `None` for the exec form and for shells that are not POSIX.
    pub script: Option<Arc<Script>>,
    /// Where that text starts in the file: spans of the script are relative to it.
    pub offset: u32,
    /// Its mounts.
    pub mounts: Vec<Mount>,
}

/// Interprets `stage`.
pub fn analyse(snapshot: &Snapshot, stage: &Stage) -> StageAnalysis {
    let mut fold = Fold::new(snapshot, stage, start(snapshot, stage));
    for (index, instruction) in snapshot.file().stage_instructions(stage) {
        if index > stage.from && (index - stage.from).is_multiple_of(BETWEEN_CHECKPOINTS) {
            let (state, groups) = (fold.state.clone(), fold.groups.clone());
            fold.out.checkpoints.push(Checkpoint { before: index, state, groups });
        }
        fold.step(index, instruction);
    }
    fold.finish()
}

/// The image in front of instruction `index` of `stage`.
pub fn state_before(snapshot: &Snapshot, stage: &Stage, index: usize) -> ImageState {
    let analysis = snapshot.stage(stage);
    let next = analysis.checkpoints.partition_point(|checkpoint| checkpoint.before <= index);
    let checkpoint = next.checked_sub(1).and_then(|last| analysis.checkpoints.get(last));
    let (from, state) = checkpoint.map_or((stage.from, &analysis.start), |found| (found.before, &found.state));
    let mut fold = Fold::new(snapshot, stage, state.clone());
    fold.groups = checkpoint.map(|found| found.groups.clone()).unwrap_or_default();
    for at in from..index.min(stage.instructions.end) {
        fold.step(at, &snapshot.file().instructions[at]);
    }
    fold.state
}

/// Hands on each instruction of `stage` with the image in front of it, of which variables, folder and user are right: what RUN
/// and COPY leave behind is not followed.
pub fn with_settings(snapshot: &Snapshot, stage: &Stage, visit: &mut dyn FnMut(usize, &Instruction, &ImageState)) {
    let mut fold = Fold::new(snapshot, stage, snapshot.stage(stage).start.clone());
    for (at, instruction) in snapshot.file().stage_instructions(stage) {
        visit(at, instruction, &fold.state);
        if matches!(instruction.kind, Kind::Arg | Kind::Env | Kind::Workdir | Kind::User) {
            fold.step(at, instruction);
        }
    }
}

/// Walks the instructions of one stage.
struct Fold<'s> {
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    state: ImageState,
    groups: BTreeMap<String, Vec<String>>,
    out: StageAnalysis,
}

impl<'s> Fold<'s> {
    fn new(snapshot: &'s Snapshot, stage: &'s Stage, start: ImageState) -> Self {
        let out = StageAnalysis {
            start: start.clone(),
            end: start.clone(),
            runs: Vec::new(),
            commands: Vec::new(),
            copies: Vec::new(),
            half_copies: Vec::new(),
            go: Vec::new(),
            installs: Vec::new(),
            bodies: Vec::new(),
            packages: Vec::new(),
            unset: OnceLock::new(),
            checkpoints: Vec::new(),
        };
        Self { snapshot, stage, state: start, groups: BTreeMap::new(), out }
    }

    fn finish(mut self) -> StageAnalysis {
        self.out.end = self.state;
        // It stays for as long as the text does.
        let StageAnalysis { runs, commands, copies, go, installs, bodies, packages, .. } = &mut self.out;
        runs.shrink_to_fit();
        commands.shrink_to_fit();
        copies.shrink_to_fit();
        go.shrink_to_fit();
        installs.shrink_to_fit();
        bodies.shrink_to_fit();
        packages.shrink_to_fit();
        self.out
    }

    fn step(&mut self, index: usize, instruction: &Instruction) {
        let text = self.snapshot.text();
        self.out.bodies.extend(shell_body::read(self.snapshot, index, instruction, &self.state));
        match instruction.kind {
            // Half typed: what was there before still holds.
            Kind::Workdir | Kind::User if instruction.value().is_none() => {}
            Kind::Copy | Kind::Add if instruction.copy().is_some_and(|copy| copy.destination.is_none()) => {
                let file = self.snapshot.file();
                self.out.half_copies.extend(copy::read(text, file, self.stage, index, instruction, &self.state));
                self.state.files.open(instruction.span);
            }
            Kind::Arg => self.arg(index, instruction),
            Kind::Env => self.env(index, instruction),
            Kind::Workdir => {
                let path = instruction.value().map_or(Known::Unknown, |word| self.state.env.expand(text, word));
                self.state.workdir = match (path, &self.state.workdir) {
                    (Known::Known(path), _) if path.starts_with('/') => Known::Known(resolve("/", &path)),
                    (Known::Known(path), Known::Known(workdir)) => Known::Known(resolve(workdir, &path)),
                    _ => Known::Unknown,
                };
            }
            Kind::User => {
                self.state.user = instruction.value().map_or(Known::Unknown, |word| self.state.env.expand(text, word));
            }
            Kind::Shell => {
                self.state.shell = match &instruction.body {
                    Body::Command(Command::Exec(words)) => {
                        Known::Known(words.iter().map(|word| word.value.clone()).collect())
                    }
                    _ => Known::Unknown,
                };
            }
            Kind::Copy | Kind::Add => self.copy(index, instruction),
            Kind::Run => self.run(index, instruction),
            _ => {}
        }
    }

    fn arg(&mut self, index: usize, instruction: &Instruction) {
        let text = self.snapshot.text();
        if self.snapshot.file().is_refused(index) {
            self.state.env.open();
        }
        for pair in instruction.pairs() {
            let Some(name) = pair.name.literal(text) else { continue };
            let value = match (&pair.value, self.snapshot.globals().get(&name)) {
                (Some(value), _) => self.state.env.expand(text, value),
                (None, Some(global)) => global.value.clone(),
                (None, None) => Known::Unknown,
            };
            self.state.env.set(&name, value, Origin::Arg, Some(pair.span));
        }
    }

    fn env(&mut self, index: usize, instruction: &Instruction) {
        let text = self.snapshot.text();
        if self.snapshot.file().is_refused(index) {
            self.state.env.open();
        }
        // All of them see what holds in front of the instruction.
        let before = &self.state.env;
        let set = instruction.pairs().iter().filter_map(|pair| {
            let Known::Known(name) = before.expand(text, &pair.name) else { return None };
            Some((name, before.expand(text, pair.value.as_ref()?), pair.span))
        });
        for (name, value, span) in set.collect::<Vec<_>>() {
            self.state.env.set(&name, value, Origin::Env, Some(span));
        }
    }

    fn copy(&mut self, index: usize, instruction: &Instruction) {
        let (text, file) = (self.snapshot.text(), self.snapshot.file());
        let Some(fact) = copy::read(text, file, self.stage, index, instruction, &self.state) else { return };
        for source in &fact.sources {
            match fact.target(source) {
                Known::Known(target) => {
                    if fact.from != CopyFrom::Context && brings_programs(&target, &fact, source) {
                        self.state.files.open(instruction.span);
                    }
                    self.go_toolchain(&target, &fact);
                    self.state.files.insert(&target, source.span);
                }
                Known::Unknown => self.state.files.open(instruction.span),
            }
        }
        let unpacks = instruction.kind == Kind::Add && fact.sources.iter().any(copy::CopySource::may_be_archive);
        if unpacks || fact.destination.is(|path| is_system(path)) && fact.is_broad() {
            self.state.files.open(instruction.span);
        }
        self.out.copies.push(fact);
    }

    /// `COPY --from=golang /usr/local/go /usr/local/go` brings the toolchain.
    fn go_toolchain(&mut self, target: &str, fact: &CopyFact) {
        if matches!(target, "/usr/local/go" | "/usr/local" | "/") && fact.from != CopyFrom::Context {
            self.state.go = Known::Unknown;
        }
    }

    fn run(&mut self, index: usize, instruction: &Instruction) {
        let text = self.snapshot.text();
        let mounts: Vec<Mount> = instruction
            .flags_named(text, "mount")
            .filter_map(|flag| flag.value.as_ref().map(|value| parse_mount(text, flag.span, value)))
            .collect();
        let Body::Command(command) = &instruction.body else { return };
        let (script, offset, commands) = self.commands(index, instruction, command);
        for (at, command) in commands.iter().enumerate() {
            self.out.go.extend(go::read(command, &self.state, &mounts));
            self.out.packages.extend(package_command::read(self.out.commands.len() + at, command));
            self.effects(command);
        }
        if script.as_ref().is_none_or(|script| script.broken || script.foreign) && command.exec().is_none() {
            self.open(instruction.span);
        }
        self.out.commands.extend(commands);
        self.out.runs.push(RunFact { instruction: index, script, offset, mounts });
    }

    fn commands(
        &self,
        index: usize,
        instruction: &Instruction,
        command: &Command,
    ) -> (Option<Arc<Script>>, u32, Vec<Invocation>) {
        match command {
            Command::Missing => (None, 0, Vec::new()),
            Command::Exec(words) => {
                let command = invocation::of_exec(words, &self.state.env, &self.state.workdir, index);
                (None, 0, command.into_iter().collect())
            }
            Command::Shell(span) => {
                let posix = self.state.shell.as_ref().is_none_or(|shell| is_posix(shell)) && !self.is_windows();
                if !posix {
                    return (None, 0, Vec::new());
                }
                let body = Span::new(span.start, instruction.span.end.max(span.end));
                let script = super::cache::script(&self.snapshot[body], self.snapshot.file().escape);
                let shell = Shell::new(self.state.env.clone(), self.state.workdir.clone());
                let commands = shell.run(&script, body.start, index);
                (Some(script), body.start, commands)
            }
        }
    }

    fn is_windows(&self) -> bool {
        self.state.distro().is(|distro| *distro == crate::knowledge::distros::Distro::Windows)
    }

    /// What a command leaves in the image.
    fn effects(&mut self, command: &Invocation) {
        if let Some(install) = install::read(command) {
            self.install(&install);
            self.out.installs.push(install);
            return;
        }
        let taint = if command.name.is_empty() || command.prefix_is_path(self.snapshot) {
            Taint::All
        } else {
            taint(&command.name)
        };
        match taint {
            Taint::None => {}
            Taint::Files => self.state.files.open(command.span),
            Taint::All => self.open(command.span),
        }
    }

    fn open(&mut self, cause: Span) {
        self.state.packages.open(cause);
        self.state.files.open(cause);
    }

    fn install(&mut self, install: &Install) {
        if install.removes {
            for (name, _) in &install.packages {
                for member in self.groups.remove(name).unwrap_or_default() {
                    self.state.packages.remove(&member);
                }
                self.state.packages.remove(name);
            }
            return;
        }
        for (name, span) in &install.packages {
            if name.contains(['/', '*', '$']) {
                self.state.packages.open(*span);
            }
            self.state.packages.insert(name, *span);
        }
        if let Some(group) = &install.group {
            let members = install.packages.iter().map(|(name, _)| name.clone()).collect();
            self.groups.insert(group.clone(), members);
        }
        if install.open {
            self.state.packages.open(install.span);
        }
        let brings_go = install.packages.iter().any(|(name, _)| is_go_package(install.manager, name));
        if brings_go {
            self.state.go = Known::Unknown;
        }
    }
}

fn is_go_package(manager: PackageManager, name: &str) -> bool {
    crate::knowledge::packages::package_provides(manager, name).iter().any(|tool| matches!(*tool, "go" | "other-go"))
}

impl Invocation {
    /// True for a command that is named by a path that is not a system folder: a script of the project.
    fn prefix_is_path(&self, snapshot: &Snapshot) -> bool {
        let written = snapshot[self.name_span].trim_matches(['"', '\'']);
        written.contains('/')
            && !["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/go/bin/"]
                .iter()
                .any(|folder| written.starts_with(folder))
    }
}

/// A copy from elsewhere that may bring compilers, shells or libraries.
fn brings_programs(target: &str, fact: &CopyFact, source: &copy::CopySource) -> bool {
    let name = super::path::base(target);
    let whole_folder =
        fact.destination.is(|path| is_system(path)) && !fact.into_folder || source.path.is(|path| is_system(path));
    let shell_or_library =
        super::path::is_shell(name) || matches!(name, "gcc" | "cc" | "lib" | "lib64") || name.contains(".so");
    whole_folder || shell_or_library
}

/// A folder of the system: whatever is copied over it may bring programs.
fn is_system(path: &str) -> bool {
    matches!(
        path,
        "/" | "/usr"
            | "/usr/local"
            | "/bin"
            | "/sbin"
            | "/usr/bin"
            | "/usr/sbin"
            | "/usr/local/bin"
            | "/lib"
            | "/usr/lib"
            | "/lib64"
            | "/busybox"
            | "/opt"
    ) || is_below(path, "/lib")
        || is_below(path, "/usr/lib")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::known::Answer;

    #[test]
    fn follows_a_build() {
        let text = "ARG V=1.21\nFROM golang:${V}-alpine AS build\nWORKDIR /src\nENV CGO_ENABLED=0\nCOPY go.mod go.sum ./\nRUN apk add --no-cache --virtual .b gcc=1 musl-dev && cd api && GOOS=linux go build -ldflags=\"-s -w\" -o /out/app ./cmd/x && apk del .b\nFROM scratch\nCOPY --from=build /out/app /app\nCMD [\"/app\"]\n";
        let snapshot = Snapshot::of_text(text);
        let build = &snapshot.stages()[0];
        let go = &build.go[0];
        assert_eq!(go.verb, "build");
        assert_eq!(go.folder(), Known::Known("/src/api".to_owned()));
        assert_eq!(go.outputs(None), Some(vec!["/out/app".to_owned()]));
        assert_eq!(go.cgo(), Answer::No);
        assert_eq!(go.flag("-ldflags").unwrap().value, Known::Known("-s -w".to_owned()));
        assert_eq!(go.packages[0].prefix, "./cmd/x");
        assert_eq!(build.end.has_c_compiler(), Answer::No);
        assert_eq!(build.installs.len(), 2);
        let end = &snapshot.stages()[1];
        assert_eq!(end.end.has_shell(), Answer::No);
        assert_eq!(end.copies[0].from, CopyFrom::Stage(0));
    }

    #[test]
    fn unknown_commands_open_the_image() {
        let snapshot = Snapshot::of_text(
            "FROM golang:1.22-alpine\nRUN ./setup.sh\nFROM golang:1.22-alpine\nRUN mkdir /x\nFROM $X\n",
        );
        let answers: Vec<Answer> = snapshot.stages().iter().map(|stage| stage.end.has_c_compiler()).collect();
        assert_eq!(answers, [Answer::Unknown, Answer::No, Answer::Unknown]);
    }
}
