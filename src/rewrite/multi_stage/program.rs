//! What a stage builds, and which of it the container starts.
use super::start::{self, Start};
use crate::analysis::go::{self, GoCommand, program_name};
use crate::analysis::invocation::{self, Invocation};
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{base, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::commands::{Taint, taint};
use crate::model::command::JsonString;
use crate::model::stage::Stage;
use crate::text::span::Span;

/// What the container starts.
#[derive(Clone, Debug)]
pub struct Program<'s> {
    /// Where it lies in the old stage.
    pub path: String,
    /// As ENTRYPOINT or CMD name it.
    pub written: String,
    /// The command that builds it, when that is known.
    pub command: Option<&'s GoCommand>,
    /// A script starts it, and lies there.
    pub script: Option<String>,
    /// `go run` is replaced: the package and the arguments behind it.
    pub go_run: Option<GoRun>,
}

/// `go run PACKAGE ARGUMENTS`.
#[derive(Clone, Debug)]
pub struct GoRun {
    /// The command.
    pub command: GoCommand,
    /// Flags and package, as `go build` takes them.
    pub package: String,
    /// What the program gets.
    pub arguments: Vec<String>,
}

/// The programs that a stage builds.
#[derive(Clone, Debug, Default)]
pub struct Outputs<'s> {
    /// Absolute paths, with the command that wrote each.
    pub known: Vec<(String, &'s GoCommand)>,
    /// False when there may be more: make, scripts, variables.
    pub complete: bool,
}

/// Where `go run`'s program is written.
const RUN_OUTPUT: &str = "/out/app";

/// Programs that start a container only to compile again and again.
const DEVELOPMENT: [&str; 12] =
    ["go", "air", "reflex", "dlv", "gow", "CompileDaemon", "realize", "modd", "fresh", "wgo", "nodemon", "watchexec"];

/// Programs that start another one, named by their arguments.
const LAUNCHERS: [&str; 6] = ["tini", "dumb-init", "gosu", "su-exec", "catatonit", "env"];

/// The program that `start` starts; `None` where it can't be told, or where the container needs the Go toolchain.
pub fn find<'s>(snapshot: &'s Snapshot, stage: &Stage, start: &Start) -> Option<Program<'s>> {
    let outputs = outputs(snapshot, stage);
    if let Some(program) = go_run(snapshot, stage, start) {
        return Some(program);
    }
    let programs = started(snapshot, start);
    let is_output = |name: &String| locate(snapshot, stage, &outputs, name).is_some();
    if programs.iter().any(|name| DEVELOPMENT.contains(&base(name)) && !is_output(name)) {
        return None;
    }
    if let Some(found) = programs.iter().find_map(|name| program(snapshot, stage, &outputs, name)) {
        return Some(found);
    }
    script(snapshot, stage, &outputs, &programs)
}

/// What is started, and behind launchers what they start.
fn started(snapshot: &Snapshot, start: &Start) -> Vec<String> {
    let lines = [&start.entrypoint, &start.cmd];
    if lines.into_iter().flatten().any(|line| line.script(snapshot).is_some()) {
        return lines.into_iter().flatten().flat_map(|line| line.programs(snapshot)).collect();
    }
    let words = start.words();
    let launched = words.first().is_some_and(|name| LAUNCHERS.contains(&base(name)));
    if launched { words } else { words.into_iter().take(1).collect() }
}

fn program<'s>(snapshot: &Snapshot, stage: &Stage, outputs: &Outputs<'s>, name: &str) -> Option<Program<'s>> {
    let (path, command) = locate(snapshot, stage, outputs, name)?;
    Some(Program { path, written: name.to_owned(), command, script: None, go_run: None })
}

/// Where `name` lies: one of the outputs, or, when not all of them are known, what it must be.
fn locate<'s>(
    snapshot: &Snapshot,
    stage: &Stage,
    outputs: &Outputs<'s>,
    name: &str,
) -> Option<(String, Option<&'s GoCommand>)> {
    if !name.contains('/') {
        let path = snapshot.stage(stage).end.env.known("PATH")?;
        let in_path = |file: &str| path.split(':').any(|folder| resolve(folder, name) == file);
        return outputs
            .known
            .iter()
            .find(|(file, _)| in_path(file))
            .map(|(file, command)| (file.clone(), Some(*command)));
    }
    let path = resolve(&start::workdir(snapshot, stage)?, name);
    if let Some((_, command)) = outputs.known.iter().find(|(file, _)| *file == path) {
        return Some((path, Some(*command)));
    }
    (!outputs.complete && is_built(snapshot, stage, &path)).then_some((path, None))
}

/// May a command that we can't look into have built this? Not what the image brings, and not what is copied.
fn is_built(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let analysis = snapshot.stage(stage);
    let of_system = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"].iter().any(|folder| path.starts_with(folder));
    let known_command = analysis.start.has_command(base(path)) == Answer::Yes || start::is_shell(path);
    let from_project = matches!(source::origin(snapshot, stage, usize::MAX, &[], path), source::Origin::Context(..));
    let has_toolchain = analysis.start.image().and_then(|image| image.go) == Some(true);
    let builds = analysis.go.iter().any(|go| go.builds() && go.is_of_module());
    let may_build =
        builds || (has_toolchain && analysis.commands.iter().any(|command| taint(&command.name) == Taint::All));
    let of_image = known_command || (of_system && !builds);
    let of_project = from_project || is_copied_script(snapshot, stage, path);
    may_build && !of_image && !of_project
}

/// A file that is copied as such is no output.
fn is_copied_script(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let script = std::path::Path::new(path).extension().is_some_and(|extension| extension == "sh");
    let copies = &snapshot.stage(stage).copies;
    let named =
        copies.iter().any(|copy| copy.sources.iter().any(|source| copy.target(source).is(|target| target == path)));
    script || (named && !copies.iter().any(|copy| copy.destination.is(|to| to == path) && copy.is_broad()))
}

/// A script of the project is started: it may start any of the outputs.
fn script<'s>(snapshot: &Snapshot, stage: &Stage, outputs: &Outputs<'s>, programs: &[String]) -> Option<Program<'s>> {
    let first = programs.first()?;
    if !first.contains('/') {
        return None;
    }
    let path = resolve(&start::workdir(snapshot, stage)?, first);
    let (output, command) = outputs.known.first()?;
    is_copied_script(snapshot, stage, &path).then(|| Program {
        path: output.clone(),
        written: output.clone(),
        command: Some(*command),
        script: Some(path),
        go_run: None,
    })
}

/// `CMD ["go", "run", "."]`
fn go_run<'s>(snapshot: &Snapshot, stage: &Stage, start: &Start) -> Option<Program<'s>> {
    let words = start.words();
    let json: Vec<JsonString> =
        words.iter().map(|word| JsonString { span: Span::at(0), value: word.clone() }).collect();
    let state = &snapshot.stage(stage).end;
    let index = start.entrypoint.as_ref().or(start.cmd.as_ref())?.index;
    let command = invocation::of_exec(&json, &state.env, &state.workdir, index)?;
    let mut go = go::read(&command, state, &[]).filter(|go| go.verb == "run" && words[1] == "run")?;
    let values: Vec<String> = go.packages.iter().map(|arg| arg.prefix.clone()).collect();
    let files = values.iter().take_while(|value| is_go_file(value)).count().max(1);
    let (package, arguments) = values.split_at_checked(files)?;
    let flags = words.get(2..words.len() - values.len())?;
    let parts: Vec<&str> = flags.iter().chain(package).map(String::as_str).collect();
    go.packages.truncate(files);
    let is_simple = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./_-=,".contains(&byte));
    parts.iter().all(is_simple).then(|| Program {
        path: RUN_OUTPUT.to_owned(),
        written: String::new(),
        command: None,
        script: None,
        go_run: Some(GoRun { command: go, package: parts.join(" "), arguments: arguments.to_vec() }),
    })
}

fn is_go_file(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "go")
}

/// The programs that the commands of `stage` write.
pub fn outputs<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Outputs<'s> {
    let analysis = snapshot.stage(stage);
    let mut outputs = Outputs { known: Vec::new(), complete: true };
    for command in analysis.go.iter().filter(|go| go.builds() && go.is_of_module()) {
        match written(snapshot, stage, command) {
            Some(paths) => outputs.known.extend(paths.into_iter().map(|path| (path, command))),
            None => outputs.complete = false,
        }
    }
    for command in &analysis.commands {
        match (command.name.as_str(), taint(&command.name)) {
            ("cp" | "mv" | "install" | "ln", _) => moved(command, &mut outputs),
            ("", _) | (_, Taint::All | Taint::Files) => outputs.complete = false,
            _ => {}
        }
    }
    outputs
}

/// `cp main /usr/local/bin/app` makes another name of it.
fn moved(command: &Invocation, outputs: &mut Outputs) {
    let words: Vec<&str> =
        command.args.iter().filter(|arg| !arg.prefix.starts_with('-')).map(|arg| arg.prefix.as_str()).collect();
    let literal = command.args.iter().all(|arg| arg.value.as_ref().is_some_and(|value| *value == arg.prefix));
    let ([from, to], Known::Known(cwd), true) = (words.as_slice(), &command.cwd, literal) else {
        outputs.complete = false;
        return;
    };
    let (from, into) = (resolve(cwd, from), resolve(cwd, to));
    let Some((_, go)) = outputs.known.iter().find(|(path, _)| *path == from).cloned() else { return };
    let is_folder = to.ends_with('/') || SYSTEM_FOLDERS.contains(&into.as_str());
    let path = if is_folder { resolve(&into, base(&from)) } else { into };
    if command.name == "mv" {
        outputs.known.retain(|(known, _)| *known != from);
    }
    outputs.known.push((path, go));
}

/// Folders that every image has.
const SYSTEM_FOLDERS: [&str; 8] =
    ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/go/bin", "/opt", "/tmp"];

/// Where `command` writes; `None` when that can't be told.
fn written(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Vec<String>> {
    let module = source::module_of(snapshot, stage, command);
    let import_path = module.as_ref().and_then(|source| source.module.import_path(&source.cwd));
    let out = command.flag("-o").and_then(|flag| flag.value.as_ref());
    let folder = command.folder().as_ref().cloned()?;
    let into = out.filter(|out| out.ends_with('/') || is_folder(snapshot, stage, &resolve(&folder, out)));
    if command.verb == "build"
        && let Some(into) = into
    {
        let into = resolve(&folder, into);
        return Some(names(snapshot, stage, command)?.iter().map(|name| resolve(&into, name)).collect());
    }
    command.outputs(import_path.as_deref())
}

/// True when `command` surely writes a program: its output is named, or its packages are known to be programs.
pub fn surely_writes(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let named = command.flag("-o").is_some_and(|flag| flag.value.is(|out| !out.ends_with('/')));
    let all_main = || {
        let source = source::module_of(snapshot, stage, command)?;
        let build = source::build_of(command, true)?;
        let dirs = source::packages_of(snapshot, &source, command, &build)?;
        let main = |dir: &String| snapshot.facts().package_at(dir).is_some_and(|package| package.is_main(&build));
        Some(dirs.iter().any(main))
    };
    named || all_main() == Some(true)
}

fn is_folder(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let analysis = snapshot.stage(stage);
    let makes = |command: &Invocation| {
        let cwd = command.cwd.as_ref().map_or("/", String::as_str);
        command.name == "mkdir" && command.args.iter().any(|arg| resolve(cwd, &arg.prefix) == path)
    };
    SYSTEM_FOLDERS.contains(&path)
        || analysis.end.workdir.is(|workdir| workdir == path)
        || analysis.go.iter().any(|go| go.command.cwd.is(|cwd| cwd == path))
        || analysis.commands.iter().any(makes)
}

/// The names that the programs of `command` get by default.
fn names(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Vec<String>> {
    let module = source::module_of(snapshot, stage, command);
    if let Some(source) = &module {
        let build = source::build_of(command, true)?;
        let dirs = source::packages_of(snapshot, source, command, &build)?;
        let main = |dir: &&String| snapshot.facts().package_at(dir).is_some_and(|package| package.is_main(&build));
        let paths = dirs.iter().filter(main).map(|dir| source.module.import_path(dir));
        return paths.map(|path| program_name(&path?, None)).collect();
    }
    command.packages.iter().map(|package| program_name(package.value.as_ref()?, None)).collect()
}
