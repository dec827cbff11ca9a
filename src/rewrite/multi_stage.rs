//! Split a stage that compiles and ships into one that compiles and one that ships.
//!
//! The old stage keeps what builds the program. What only matters when it runs moves behind a new FROM: the program and the
//! files that it reads are copied, ENV is carried as far as the program may read it, the rest is moved as written.
pub(super) mod assets;
pub(super) mod base;
mod carry;
mod production;
mod program;
mod start;

use super::fix::Fix;
use super::lines;
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

use assets::Assets;
use base::{Base, Request};
use carry::{Carried, Taken};
use program::{Outputs, Program};
use start::Start;

/// The conversions of `stage`, the plain one first, then the production form; empty where it must not be split.
pub fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let Some(plan) = Plan::new(snapshot, stage) else { return Vec::new() };
    let production = production::fix(&plan);
    plan.fix().into_iter().chain(production).filter(|fix| plan.works(fix)).collect()
}

/// All that is decided before a line is written.
struct Plan<'s> {
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    start: Start,
    program: Program<'s>,
    outputs: Outputs<'s>,
    /// The commands that build what is shipped.
    commands: Vec<GoCommand>,
    assets: Assets,
    base: Base,
    carried: Carried,
    /// Where containers start.
    workdir: String,
    /// Paths stay as they are: something is named from WORKDIR.
    keeps_paths: bool,
    /// The name of the stage that builds.
    build: String,
}

impl<'s> Plan<'s> {
    fn new(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<Self> {
        let start = startable(snapshot, stage)?;
        let shell = start.needs_shell(snapshot);
        let program = program::find(snapshot, stage, &start)?;
        let workdir = start::workdir(snapshot, stage)?;
        let outputs = program::outputs(snapshot, stage);
        let commands = commands(snapshot, stage, &program, &outputs);
        if commands.iter().any(is_refused) {
            return None;
        }
        let carried = carry::carry(snapshot, stage);
        let named = named_paths(snapshot, stage, &start);
        let assets = assets::find(snapshot, stage, &commands, &workdir, &named);
        let assets = assets.without(snapshot, stage, &workdir, &program, &carried.gone);
        let tools = tools(snapshot, &start, &program, &outputs);
        let time_zones = assets.time_zones || carried.sets_zone();
        let request =
            Request { commands: commands.clone(), shell, script: program.script.is_some(), tools, time_zones };
        let base = base::choose(snapshot, stage, &request)?;
        let keeps_paths = shell || program.script.is_some() || carried.relative || !assets.paths.is_empty();
        let build = build_name(snapshot, stage)?;
        let plan = Self {
            snapshot,
            stage,
            start,
            program,
            outputs,
            commands,
            assets,
            base,
            carried,
            workdir,
            keeps_paths,
            build,
        };
        Some(plan)
    }

    /// Where the program lies in the final image.
    fn place(&self) -> String {
        let written_absolute = self.program.written.starts_with('/');
        if (self.keeps_paths || written_absolute) && self.program.go_run.is_none() {
            return self.program.path.clone();
        }
        root_place(&self.program.path)
    }

    /// As ENTRYPOINT or CMD name it there.
    fn named(&self) -> String {
        if self.keeps_paths && self.program.go_run.is_none() { self.program.written.clone() } else { self.place() }
    }

    fn keyword(&self, kind: Kind, arguments: &str) -> String {
        lines::line(self.snapshot, self.stage.from, kind, arguments)
    }

    fn copy(&self, from: &str, to: &str) -> String {
        self.keyword(Kind::Copy, &format!("--from={} {from} {to}", self.build))
    }

    /// The lines that bring files.
    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.keeps_paths && self.workdir != "/" {
            found.push(self.keyword(Kind::Workdir, &self.workdir));
        }
        if !self.base.packages.is_empty()
            && let Some(manager) = self.base.state.package_manager().as_ref()
        {
            found.extend(
                super::packages::install_command(*manager, &self.base.packages)
                    .map(|run| self.keyword(Kind::Run, &run)),
            );
        }
        if self.base.image == "scratch" {
            found.push(self.copy("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/"));
            if self.assets.time_zones || self.carried.sets_zone() {
                found.push(self.copy("/usr/share/zoneinfo", "/usr/share/zoneinfo"));
            }
        }
        found.push(self.copy(&self.program.path, &self.place()));
        found.extend(self.other_programs());
        found.extend(self.program.script.iter().map(|script| self.copy(script, script)));
        for path in &self.assets.paths {
            let from = resolve(&self.workdir, path);
            let is_written = self.assets.written.contains(path) && self.user_number().is_some();
            found.push(if is_written {
                self.owned_copy(&from, &format!("./{path}"))
            } else {
                self.copy(&from, &format!("./{path}"))
            });
        }
        found.extend(self.assets.absolute.iter().map(|path| self.copy(path, path)));
        if self.assets.env_file {
            found
                .push("# .env is not copied: give its values to the container (docker run --env-file .env)".to_owned());
        }
        found
    }

    /// Who the program runs as, when it is not root.
    fn user_number(&self) -> Option<String> {
        match self.user() {
            Some(user) => Some(user).filter(|user| user != "0"),
            None => (self.base.state.is_root() == Answer::No).then(|| "65532:65532".to_owned()),
        }
    }

    /// What the program writes belongs to it.
    fn owned_copy(&self, from: &str, to: &str) -> String {
        let owner = self.user_number().unwrap_or_else(|| "65532:65532".to_owned());
        self.keyword(Kind::Copy, &format!("--from={} --chown={owner} {from} {to}", self.build))
    }

    /// Programs that are built beside the one that is started keep their places.
    fn other_programs(&self) -> Vec<String> {
        let others = self.outputs.known.iter().filter(|(path, _)| *path != self.program.path);
        let copied = others.filter(|(path, command)| {
            !is_temporary(path) && program::surely_writes(self.snapshot, self.stage, command)
        });
        let mut lines: Vec<String> = copied.map(|(path, _)| self.copy(path, path)).collect();
        lines.dedup();
        lines
    }

    /// USER of the final image; `None` where the image's own will do.
    fn user(&self) -> Option<String> {
        let (_, user) = self.carried.user.as_ref()?;
        let is_root = matches!(user.split(':').next(), Some("root" | "0"));
        Some(if is_root {
            user.replace("root", "0")
        } else if carry::is_name(user) {
            "65532:65532".to_owned()
        } else {
            user.clone()
        })
    }

    fn final_stage(&self, user: Option<&str>, start: &[Taken]) -> Vec<String> {
        let name = self.final_name();
        let alias = name.map(|name| format!(" {} {name}", self.as_word())).unwrap_or_default();
        let mut found = vec![self.keyword(Kind::From, &format!("{}{alias}", self.base.image))];
        found.extend(self.files());
        let mut last = None;
        let mut take = |found: &mut Vec<String>, from: Option<usize>, text: &str| {
            let both = last.zip(from);
            if both.is_some_and(|(last, from)| self.carried.are_apart(self.snapshot, last, from)) {
                found.push(String::new());
            }
            found.push(text.to_owned());
            last = from;
        };
        self.carried.copies.iter().for_each(|line| take(&mut found, Some(line.from), &line.text));
        self.owned_volumes().for_each(|path| take(&mut found, None, &self.owned_copy(path, path)));
        let check = self.healthcheck();
        self.carried.settings.iter().chain(&check).for_each(|line| take(&mut found, Some(line.from), &line.text));
        if let Some(user) = user {
            let from = self.carried.user.as_ref().map(|(from, _)| *from);
            let moved = from.filter(|from| self.carried.gone.contains(from));
            let comments = moved.map(|from| carry::comments(self.snapshot, from)).unwrap_or_default();
            take(&mut found, from, &(comments + &self.keyword(Kind::User, user)));
        }
        for line in start {
            take(&mut found, Some(line.from), &line.text);
        }
        found
    }

    fn healthcheck(&self) -> Option<Taken> {
        if let Some(check) = &self.start.healthcheck {
            let text = carry::started(self.snapshot, check, &self.program, &self.named());
            return Some(Taken { from: check.index, text });
        }
        let checks = self.snapshot.file().stage_instructions(self.stage).filter(|(_, i)| i.kind == Kind::Healthcheck);
        checks.last().map(|(from, _)| Taken { from, text: carry::block(self.snapshot, from) })
    }

    /// A name that people may build by stays with what ships.
    fn final_name(&self) -> Option<&'s str> {
        let Body::From(from) = &self.snapshot.file().instructions[self.stage.from].body else { return None };
        from.name.map(|span| &self.snapshot[span]).filter(|name| !name.eq_ignore_ascii_case(&self.build))
    }

    fn as_word(&self) -> &'static str {
        let keyword = self.keyword(Kind::From, "");
        if keyword.starts_with('f') { "as" } else { "AS" }
    }

    /// The name behind the first FROM.
    fn name_edit(&self) -> Option<Edit> {
        let Body::From(from) = &self.snapshot.file().instructions[self.stage.from].body else { return None };
        match from.name {
            Some(span) if self.snapshot[span].eq_ignore_ascii_case(&self.build) => None,
            Some(span) => Some(Edit::replace(span, self.build.clone())),
            None => Some(Edit::insert(from.image.as_ref()?.span.end, format!(" {} {}", self.as_word(), self.build))),
        }
    }

    /// Builds without cgo, so that the program needs no library.
    fn cgo_edits(&self) -> Vec<Edit> {
        if !self.base.cgo_off || self.program.go_run.is_some() {
            return Vec::new();
        }
        let written_by_shell = |command: &GoCommand| {
            let instruction = &self.snapshot.file().instructions[command.instruction];
            instruction.command().is_some_and(|command| command.exec().is_none())
        };
        if self.commands.iter().all(written_by_shell) {
            return self.commands.iter().map(|command| Edit::insert(command.span.start, "CGO_ENABLED=0 ")).collect();
        }
        let first = self.commands.iter().map(|command| command.instruction).min();
        let env = [self.keyword(Kind::Env, "CGO_ENABLED=0")];
        first.map(|index| lines::insert_before(self.snapshot, index, &env)).into_iter().collect()
    }

    /// What the old stage still has to do: `go run` becomes a build, volumes get their folder.
    fn last_build_lines(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(run) = &self.program.go_run {
            let prefix = if self.base.cgo_off { "CGO_ENABLED=0 " } else { "" };
            found.push(self.keyword(Kind::Run, &format!("{prefix}go build -o {} {}", self.program.path, run.package)));
        }
        if self.owned_volumes().next().is_some() {
            let folders: Vec<&str> = self.owned_volumes().collect();
            found.push(self.keyword(Kind::Run, &format!("mkdir -p {}", folders.join(" "))));
        }
        found
    }

    /// Volumes that must belong to the user: where nobody made the folder, root would own it.
    fn owned_volumes(&self) -> impl Iterator<Item = &str> {
        let is_user = |index: usize| self.snapshot.file().instructions[index].kind == Kind::User;
        let stays = self.stage.instructions.clone().any(|index| is_user(index) && !self.carried.gone.contains(&index));
        let other_user = self.snapshot.stage(self.stage).start.is_root() == Answer::Yes && self.user_number().is_some();
        self.carried.volumes.iter().map(String::as_str).filter(move |path| other_user && *path != "/" && !stays)
    }

    /// The edits of the split, with `final_stage` behind what is left.
    fn edits(&self, final_stage: &[String]) -> Vec<Edit> {
        let text = self.snapshot.text();
        let mut deleted = lines::delete(self.snapshot, &self.carried.gone);
        let mut end = text.trim_end().len() as u32;
        while let Some(last) = deleted.last().filter(|edit| edit.span.end >= end && edit.span.start < end) {
            end = text[..last.span.start as usize].trim_end().len() as u32;
            deleted.pop();
        }
        let eol = lines::eol(self.snapshot);
        let mut tail = String::new();
        for line in self.last_build_lines().iter().chain([&String::new()]).chain(final_stage) {
            tail.push_str(eol);
            tail.push_str(line);
        }
        tail.push_str(eol);
        let mut edits: Vec<Edit> = self.name_edit().into_iter().chain(deleted).collect();
        edits.push(Edit::replace(Span::new(end, text.len() as u32), tail));
        edits
    }

    fn title(&self) -> String {
        let packages = self.base.packages.iter().filter(|name| *name != "ca-certificates");
        let packages: Vec<&str> = packages.map(String::as_str).collect();
        let with = if packages.is_empty() { String::new() } else { format!(" with {}", packages.join(" ")) };
        format!("convert to multi-stage on {}{with}", self.base.image)
    }

    fn fix(&self) -> Option<Fix> {
        let start = carry::starting_lines(self.snapshot, &self.start, &self.program, &self.named());
        let mut edits = self.cgo_edits();
        edits.extend(self.edits(&self.final_stage(self.user().as_deref(), &start)));
        Fix::unsafe_(self.title(), edits)
    }

    /// Looks at the result: no new problem, one stage more, and the last one ships what the first one builds.
    fn works(&self, fix: &Fix) -> bool {
        let after = self.snapshot.with_edits(&fix.here());
        let stages = &after.file().stages;
        let clean = after.file().problems.len() <= self.snapshot.file().problems.len();
        let Some(last) = stages.last().filter(|last| last.index == self.stage.index + 1) else { return false };
        let shell = after.stage(last).end.has_shell();
        let needs_shell = Start::read(&after, last).is_none_or(|start| start.needs_shell(&after));
        clean && !(needs_shell && shell == Answer::No)
    }
}

/// Merges two sets of edits of the same text; `None` when they overlap.
fn merged(first: &EditSet, second: Vec<Edit>) -> Option<Vec<Edit>> {
    let edits: Vec<Edit> = first.edits().iter().cloned().chain(second).collect();
    EditSet::new(edits.clone()).map(|_| edits)
}

/// How a stage that may be split starts.
fn startable(snapshot: &Snapshot, stage: &Stage) -> Option<Start> {
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    let has = |kind| snapshot.file().stage_instructions(stage).any(|(_, instruction)| instruction.kind == kind);
    if !is_last || has(Kind::Onbuild) || base::is_refused(&snapshot.stage(stage).end) || is_split(snapshot, stage) {
        return None;
    }
    let start = Start::read(snapshot, stage)?;
    (!has(Kind::Shell) || !start.needs_shell(snapshot)).then_some(start)
}

/// The commands that build what is shipped: the program's own, or all when it is not known which.
fn commands(snapshot: &Snapshot, stage: &Stage, program: &Program, outputs: &Outputs) -> Vec<GoCommand> {
    if let Some(run) = &program.go_run {
        return vec![run.command.clone()];
    }
    let all = snapshot.stage(stage).go.iter().filter(|go| go.builds() && go.is_of_module());
    let mut found: Vec<&GoCommand> = match program.command {
        Some(command) => vec![command],
        None => all.collect(),
    };
    for (path, command) in &outputs.known {
        if !is_temporary(path) && !found.iter().any(|known| known.span == command.span) {
            found.push(command);
        }
    }
    found.into_iter().cloned().collect()
}

/// Below a cache, or where nothing is kept.
fn is_temporary(path: &str) -> bool {
    path.starts_with("/tmp/") || path.starts_with("/root/.cache/")
}

/// Programs that are no programs for Linux, or that load others at run time.
fn is_refused(command: &GoCommand) -> bool {
    let mode = command.flag("-buildmode").map(|flag| flag.value.as_ref().map_or("?", String::as_str));
    let foreign = command
        .variable("GOOS")
        .is_some_and(|goos| goos.as_ref().is_some_and(|goos| !goos.is_empty() && goos != "linux"));
    foreign || mode.is_some_and(|mode| !matches!(mode, "exe" | "default" | "pie"))
}

/// True when the stage already takes programs from another one and builds none itself.
fn is_split(snapshot: &Snapshot, stage: &Stage) -> bool {
    let analysis = snapshot.stage(stage);
    let builds = analysis.go.iter().any(|go| go.compiles() && go.is_of_module());
    let runs_go = snapshot.file().stage_instructions(stage).any(|(_, i)| {
        matches!(i.kind, Kind::Cmd | Kind::Entrypoint)
            && snapshot[i.span].contains("go")
            && snapshot[i.span].contains("run")
    });
    !builds && !runs_go && analysis.commands.iter().all(|command| command.name != "make")
}

/// Programs other than the project's that start it or check its health.
fn tools(snapshot: &Snapshot, start: &Start, program: &Program, outputs: &Outputs) -> Vec<String> {
    const BUILTIN: [&str; 12] =
        ["exit", "test", "[", "true", "false", "echo", "exec", "cd", "sh", "ash", "set", "export"];
    let lines = [&start.entrypoint, &start.cmd, &start.healthcheck];
    let mut found: Vec<String> = Vec::new();
    for name in lines.into_iter().flatten().flat_map(|line| line.programs(snapshot)) {
        let base = crate::analysis::path::base(&name).to_owned();
        let own = name == program.written
            || program.script.as_ref().is_some_and(|script| script.ends_with(&base))
            || outputs.known.iter().any(|(path, _)| crate::analysis::path::base(path) == base)
            || program.go_run.is_some();
        let is_argument = start.cmd.as_ref().is_some_and(|_| start.entrypoint.is_some())
            && start.cmd.as_ref().is_some_and(|cmd| cmd.words().first() == Some(&name));
        if !own && !is_argument && !BUILTIN.contains(&base.as_str()) && !found.contains(&base) {
            found.push(base);
        }
    }
    found
}

/// What may be a path: the words that start the program, and the values of ENV.
fn named_paths(snapshot: &Snapshot, stage: &Stage, start: &Start) -> Vec<String> {
    let env = snapshot.stage(stage).end.env.iter().filter(|(_, variable)| variable.origin == Origin::Env);
    let values = env.filter_map(|(_, variable)| variable.value.as_ref().cloned());
    start.words().into_iter().chain(values).collect()
}

/// A name for the stage that builds: its own when that says so, else the first free one.
fn build_name(snapshot: &Snapshot, stage: &Stage) -> Option<String> {
    const NAMES: [&str; 4] = ["build", "builder", "go-build", "go-builder"];
    if let Some(name) = &stage.name
        && (name.contains("build") || name.contains("compile"))
    {
        return Some(name.clone());
    }
    let is_free = |name: &&&str| !snapshot.file().stages.iter().any(|stage| stage.name.as_deref() == Some(**name));
    NAMES.iter().find(is_free).map(|name| (*name).to_owned())
}

/// `/name`, or below /usr/local/bin where a folder of the system has that name.
pub(super) fn root_place(path: &str) -> String {
    const FOLDERS: [&str; 20] = [
        "bin", "boot", "busybox", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run",
        "sbin", "srv", "sys", "tmp", "usr", "var",
    ];
    let name = crate::analysis::path::base(path);
    if FOLDERS.contains(&name) { format!("/usr/local/bin/{name}") } else { format!("/{name}") }
}
