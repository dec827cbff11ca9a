//! What the steps of a stage write, told only where every step is one that we know.
use super::copy::{CopyFact, CopyFrom, CopySource};
use super::go::{GoCommand, program_name};
use super::invocation::{Arg, Invocation};
use super::path::{base, is_below, relative, resolve};
use super::snapshot::Snapshot;
use super::source::{self, Origin, SourceModule};
use super::stage::{RunFact, StageAnalysis};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::syntax::shell::{Redirect, RedirectKind};

/// Commands of one chain of stages that are looked at: no build has more, and of what has more nothing is said.
const MAX_COMMANDS: usize = 256;

/// What a chain of stages writes besides what its packages and the module cache hold.
#[derive(Clone, Debug, Default)]
pub struct Written<'s> {
    /// The programs that Go builds, where their names are known, with the command.
    pub programs: Vec<(String, &'s GoCommand)>,
    /// Files and folders that are there; those around them too.
    paths: Vec<String>,
    /// Folders that anything may be in.
    trees: Vec<String>,
    copies: Vec<&'s CopyFact>,
    /// A WORKDIR is half typed: relative paths may lie anywhere.
    lost: bool,
}

/// What the steps of `stage` and of those that it is built on write; `None` when one of them may write anything, or no program
/// is built.
pub fn of<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<Written<'s>> {
    let chain = source::chain(snapshot, stage);
    let root = snapshot.stage(chain[0]);
    root.start.image()?;
    let mut written = Written::default();
    let mut left = MAX_COMMANDS;
    for stage in chain {
        let analysis = snapshot.stage(stage);
        left = left.checked_sub(analysis.commands.len() + analysis.copies.len())?;
        written.folders(snapshot, stage, analysis)?;
        for run in &analysis.runs {
            written.redirects(snapshot, run)?;
        }
        for command in &analysis.commands {
            match analysis.go.iter().find(|go| go.span == command.span) {
                Some(go) => written.go(snapshot, stage, go)?,
                None => written.command(snapshot, command)?,
            }
        }
        written.copies(analysis);
    }
    (!written.programs.is_empty()).then_some(written)
}

impl<'s> Written<'s> {
    /// True when nothing that the steps write is at `path`, around it or below it.
    pub fn lacks(&self, snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
        let programs = self.programs.iter().map(|(program, _)| program);
        let there = programs.chain(&self.paths).any(|known| is_below(known, path));
        let around = |tree: &String| is_below(path, tree) || is_below(tree, path);
        !there
            && !self.trees.iter().any(around)
            && !self.copies.iter().any(|copy| may_bring(snapshot, stage, copy, path))
    }

    fn folders(&mut self, snapshot: &Snapshot, stage: &Stage, analysis: &StageAnalysis) -> Option<()> {
        let mut onbuild = false;
        for (_, instruction) in snapshot.file().stage_instructions(stage) {
            onbuild |= instruction.kind == Kind::Onbuild;
            if instruction.kind == Kind::Workdir {
                self.lost |= instruction.value().is_none();
                let path = instruction.value().and_then(|path| path.literal(snapshot.text()));
                self.paths.extend(path.filter(|path| path.starts_with('/')).map(|path| resolve("/", &path)));
            }
        }
        self.paths.push(analysis.start.workdir.as_ref()?.clone());
        self.paths.push(analysis.end.workdir.as_ref()?.clone());
        (!onbuild).then_some(())
    }

    fn redirects(&mut self, snapshot: &Snapshot, run: &RunFact) -> Option<()> {
        let Some(script) = &run.script else {
            // The exec form, or a shell that we can't read.
            return snapshot.file().instructions[run.instruction].command()?.exec().map(|_| ());
        };
        if script.broken || script.foreign {
            return None;
        }
        let of_commands = script.commands.iter().flat_map(|command| &command.redirects);
        for redirect in of_commands.chain(script.groups.iter().flat_map(|group| &group.redirects)) {
            self.redirect(redirect)?;
        }
        Some(())
    }

    /// Notes the file that a redirect writes; `None` when nobody can tell.
    fn redirect(&mut self, redirect: &Redirect) -> Option<()> {
        let name = || redirect.target.as_ref()?.literal();
        match redirect.kind {
            RedirectKind::Read | RedirectKind::Heredoc | RedirectKind::HereString => Some(()),
            RedirectKind::Duplicate => name()?.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-').then_some(()),
            RedirectKind::Write | RedirectKind::Append => {
                let path = name().filter(|path| path.starts_with('/'))?;
                self.paths.push(resolve("/", path));
                Some(())
            }
        }
    }

    fn copies(&mut self, analysis: &'s StageAnalysis) {
        for copy in &analysis.copies {
            self.paths.extend(copy.destination.as_ref().cloned());
            self.paths.extend(copy.sources.iter().filter_map(|source| copy.target(source).as_ref().cloned()));
            self.copies.push(copy);
        }
    }

    /// Notes what a command that is not Go's writes; `None` for one that may write anything.
    fn command(&mut self, snapshot: &Snapshot, command: &Invocation) -> Option<()> {
        let by_path = snapshot[command.name_span].contains('/');
        if command.broken || command.name.is_empty() || by_path {
            return None;
        }
        let operands: Vec<&Arg> = command.args.iter().filter(|arg| !arg.prefix.starts_with('-')).collect();
        match command.name.as_str() {
            "mkdir" | "touch" => {
                for path in operands {
                    let path = self.place(command.cwd.as_ref()?, path.value.as_ref()?)?;
                    self.paths.push(path);
                }
            }
            "cp" | "mv" | "ln" => {
                let (to, from) = operands.split_last()?;
                if command.args.iter().any(|arg| arg.prefix.starts_with("-t") || arg.prefix.starts_with("--target")) {
                    return None;
                }
                let to = self.place(command.cwd.as_ref()?, to.value.as_ref()?)?;
                self.trees.extend(from.iter().map(|_| to.clone()));
            }
            "git" => {
                let verb = operands.first()?.value.as_ref()?;
                let reads = ["config", "describe", "rev-parse", "log", "status", "tag", "rev-list", "branch", "diff"];
                return reads.contains(&verb.as_str()).then_some(());
            }
            "upx" | "strip" if command.args.iter().any(|arg| arg.prefix.starts_with("-o")) => return None,
            "apk" | "dnf" | "microdnf" | "yum" if command.args.iter().any(|arg| is_other_root(&arg.prefix)) => {
                return None;
            }
            name => {
                // A path that is named was there, or is made.
                let named = operands.iter().filter_map(|arg| arg.value.as_ref()).filter(|path| path.starts_with('/'));
                self.paths.extend(named.map(|path| resolve("/", path)));
                return HARMLESS.contains(&name).then_some(());
            }
        }
        Some(())
    }

    fn go(&mut self, snapshot: &'s Snapshot, stage: &'s Stage, go: &'s GoCommand) -> Option<()> {
        if go.command.broken {
            return None;
        }
        match go.verb.as_str() {
            "build" | "install" => self.build(snapshot, stage, go),
            "test" => {
                const FILES: [&str; 3] = ["-c", "-o", "-trace"];
                let writes = |name: &str| FILES.contains(&name) || name.ends_with("profile");
                (!go.flags.iter().any(|flag| writes(&flag.name))).then_some(())
            }
            "mod download" | "mod verify" | "mod tidy" | "mod edit" | "mod init" | "mod graph" | "work sync"
            | "env" | "version" | "vet" | "list" | "clean" | "get" | "fmt" | "help" => Some(()),
            _ => None,
        }
    }

    fn build(&mut self, snapshot: &'s Snapshot, stage: &'s Stage, go: &'s GoCommand) -> Option<()> {
        let modes = |mode: &String| matches!(mode.as_str(), "exe" | "pie" | "default");
        let program = go.flag("-buildmode").is_none_or(|flag| flag.value.is(modes));
        let program = program && !is_for_windows(go);
        let names = || match (program, self.lost) {
            (false, _) => None,
            (true, false) => names(snapshot, stage, go),
            (true, true) => named(go),
        };
        if go.verb == "install" {
            let folder = install_folder(go)?;
            let names = if is_cross(go) { None } else { names() };
            return self.into(go, &folder, names);
        }
        let folder = go.folder().as_ref()?.clone();
        let Some(out) = go.flag("-o") else {
            let folder = self.place(&folder, "")?;
            let names = names();
            let one = names.as_ref().is_none_or(|names| names.len() == 1);
            return if one { self.into(go, &folder, names) } else { Some(()) };
        };
        let written = out.value.as_ref()?;
        let to = self.place(&folder, written)?;
        if written.ends_with('/') || matches!(written.as_str(), "." | "..") {
            let names = names();
            return self.into(go, &to, names);
        }
        // A folder that is there already gets the program under its own name.
        self.trees.push(to.clone());
        self.programs.push((to, go));
        Some(())
    }

    /// `path` seen from `folder`.
    fn place(&self, folder: &str, path: &str) -> Option<String> {
        (path.starts_with('/') || !self.lost).then(|| resolve(folder, path))
    }

    /// Programs of these names in `folder`; without names, anything.
    #[allow(clippy::unnecessary_wraps, reason = "it ends what else may fail")]
    fn into(&mut self, go: &'s GoCommand, folder: &str, names: Option<Vec<String>>) -> Option<()> {
        match names {
            Some(names) => self.programs.extend(names.iter().map(|name| (resolve(folder, name), go))),
            None => self.trees.push(folder.to_owned()),
        }
        Some(())
    }
}

/// True for an option that makes a package manager fill another folder.
fn is_other_root(option: &str) -> bool {
    option.starts_with("-p") || option.starts_with("--root") || option.starts_with("--installroot")
}

/// Commands that write no file, or only files of the system, of their own, or those that are there.
pub const HARMLESS: &[&str] = &[
    ":",
    "[",
    "[[",
    "addgroup",
    "adduser",
    "apk",
    "apt",
    "apt-cache",
    "apt-get",
    "awk",
    "basename",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "command",
    "cut",
    "date",
    "deluser",
    "diff",
    "dirname",
    "dnf",
    "echo",
    "egrep",
    "env",
    "exit",
    "export",
    "false",
    "fgrep",
    "file",
    "getent",
    "gofmt",
    "golangci-lint",
    "gosec",
    "gotestsum",
    "govulncheck",
    "grep",
    "groupadd",
    "head",
    "hostname",
    "id",
    "ldd",
    "local",
    "ls",
    "md5sum",
    "microdnf",
    "nproc",
    "printf",
    "pwd",
    "read",
    "readlink",
    "realpath",
    "return",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "set",
    "setcap",
    "sha256sum",
    "shift",
    "sleep",
    "sort",
    "stat",
    "staticcheck",
    "strip",
    "sync",
    "tail",
    "test",
    "tr",
    "trap",
    "true",
    "umask",
    "uname",
    "uniq",
    "unset",
    "update-ca-certificates",
    "upx",
    "useradd",
    "usermod",
    "wait",
    "wc",
    "which",
    "whoami",
    "xx-apk",
    "xx-apt",
    "xx-apt-get",
    "xx-info",
    "xx-verify",
    "yum",
];

/// The names that the programs of a build get; `None` when they can't be told.
fn names(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> Option<Vec<String>> {
    if let Some(names) = named(go) {
        return Some(names);
    }
    let module = source::module_of(snapshot, stage, go)?;
    if go.packages.iter().any(|package| package.value.as_ref().is_none_or(|package| package.contains(".."))) {
        return main_names(snapshot, &module, go);
    }
    let import_path = module.module.import_path(&module.cwd)?;
    Some(vec![program_name(".", Some(&import_path))?])
}

/// The names that the packages of the command line tell by themselves.
fn named(go: &GoCommand) -> Option<Vec<String>> {
    let is_plain = |package: &String| !matches!(package.as_str(), "." | "./") && !package.contains("..");
    let plain = !go.packages.is_empty() && go.packages.iter().all(|package| package.value.is(is_plain));
    plain.then(|| go.packages.iter().map(|package| program_name(package.value.as_ref()?, None)).collect())?
}

/// The same for patterns such as `./...`.
fn main_names(snapshot: &Snapshot, source: &SourceModule, go: &GoCommand) -> Option<Vec<String>> {
    let facts = snapshot.facts();
    let build = source::build_of(go, true)?;
    let mut names = Vec::new();
    for dir in source::packages_of(snapshot, source, go, &build)? {
        let package = facts.module_for(&dir)?.packages.get(&dir)?;
        if package.is_main(&build) {
            names.push(program_name(".", Some(&source.module.import_path(&dir)?))?);
        }
    }
    Some(names)
}

/// True where names may get `.exe`.
fn is_for_windows(go: &GoCommand) -> bool {
    go.variable("GOOS").is_some_and(|value| value.as_ref().is_none_or(|goos| goos == "windows"))
}

fn is_cross(go: &GoCommand) -> bool {
    go.variable("GOOS").is_some() || go.variable("GOARCH").is_some()
}

/// Where `go install` puts programs; for another platform a folder below it.
fn install_folder(go: &GoCommand) -> Option<String> {
    match (go.variable("GOBIN"), go.variable("GOPATH")) {
        (Some(folder), _) => folder.as_ref().cloned(),
        (None, Some(folder)) => Some(resolve(folder.as_ref()?, "bin")),
        (None, None) => None,
    }
}

/// True unless it is certain that a copy puts nothing at `path`.
fn may_bring(snapshot: &Snapshot, stage: &Stage, copy: &CopyFact, path: &str) -> bool {
    let Some(to) = copy.destination.as_ref() else { return true };
    if is_below(to, path) {
        return true;
    }
    let Some(rest) = relative(path, to) else { return false };
    let from_context = copy.from == CopyFrom::Context && !copy.sources.iter().any(|source| source.remote);
    if !from_context || copy.sources.iter().any(CopySource::may_be_archive) {
        return true;
    }
    let made = |source: &CopySource| may_be_made(snapshot, source, rest);
    copy.sources.iter().any(made) || source::origin(snapshot, stage, usize::MAX, &[], path) != Origin::Nowhere
}

/// True when git ignores what would be copied: then it may be made before the build.
fn may_be_made(snapshot: &Snapshot, source: &CopySource, rest: &str) -> bool {
    let Some(from) = source.path.as_ref() else { return true };
    let ignored = |path: &str| snapshot.facts().is_git_ignored(path) != Some(false);
    if source.is_glob() {
        return ignored(&paths::join(paths::parent(from), rest));
    }
    let (first, _) = rest.split_once('/').unwrap_or((rest, ""));
    ignored(&paths::join(from, rest)) || (base(from) == first && ignored(from))
}
