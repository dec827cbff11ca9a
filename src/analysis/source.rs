//! Where files of an image come from: the copies and bind mounts of a stage, joined with the project.
use super::copy::{CopyFact, CopyFrom, CopySource};
use super::go::GoCommand;
use super::known::Known;
use super::path::{base, in_context, is_below, is_go_file, relative, resolve};
use super::snapshot::Snapshot;
use super::stage::StageAnalysis;
use crate::knowledge::go_words;
use crate::model::mount::Mount;
use crate::model::stage::{Base, Stage, find_stage};
use crate::project::build_tags::Build;
use crate::project::files::Kind;
use crate::project::packages::{Module, Package};
use crate::project::paths;
use crate::project::walk::CgoNeed;

/// The module that a Go command works on.
#[derive(Clone, Debug)]
pub struct SourceModule<'s> {
    /// The module in the build context.
    pub module: &'s Module,
    /// The folder of its go.mod in the image.
    pub folder: String,
    /// The folder of the command, relative to the build context.
    pub cwd: String,
}

/// The same without the facts that it is in.
#[derive(Clone, Debug)]
pub(super) struct ModulePlace {
    /// The number of the module in the facts.
    module: usize,
    folder: String,
    cwd: String,
}

/// What can be said of the origin of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This path of the build context, brought by that copy; `None` for a bind mount.
    Context(String, Option<usize>),
    /// No copy brings it.
    Nowhere,
    /// Nobody can tell.
    Unknown,
}

/// Stages that are built on one another; no build has more, and those further down are left out.
const MAX_CHAIN: usize = 32;

/// The stages that `stage` is built on, the first one first, itself last. Their instructions are in the order of the text.
pub fn chain<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Vec<&'s Stage> {
    let mut chain = vec![stage];
    while let Base::Stage(parent) = chain[chain.len() - 1].base
        && chain.len() < MAX_CHAIN
    {
        chain.push(&snapshot.file().stages[parent]);
    }
    chain.reverse();
    chain
}

/// What the stages of the chain of `stage` mean.
pub fn analyses<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Vec<&'s StageAnalysis> {
    chain(snapshot, stage).into_iter().map(|stage| snapshot.stage(stage)).collect()
}

/// Stages that copy from one another go at most this deep.
const MAX_DEPTH: u32 = 8;

/// Where the file `path` of the image comes from, as instruction `before` with its `mounts` sees it.
pub fn origin(snapshot: &Snapshot, stage: &Stage, before: usize, mounts: &[Mount], path: &str) -> Origin {
    if mounts.is_empty() {
        return origin_at(snapshot, stage, before, path, 0);
    }
    let workdir = super::stage::state_before(snapshot, stage, before).workdir;
    with_mounts(snapshot, stage, before, mounts, &workdir, path)
}

/// Where the file `path` of the image comes from, as `command` of `stage` or of a stage below it sees it.
pub fn seen_by(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, path: &str) -> Origin {
    with_mounts(snapshot, stage, command.instruction, &command.mounts, &command.state.workdir, path)
}

fn with_mounts(
    snapshot: &Snapshot,
    stage: &Stage,
    before: usize,
    mounts: &[Mount],
    workdir: &Known<String>,
    path: &str,
) -> Origin {
    for mount in mounts.iter().filter(|mount| mount.kind() == "bind") {
        match through_mount(snapshot, stage, workdir, mount, path) {
            Origin::Nowhere => {}
            found => return found,
        }
    }
    origin_at(snapshot, stage, before, path, 0)
}

fn origin_at(snapshot: &Snapshot, stage: &Stage, before: usize, path: &str, depth: u32) -> Origin {
    if snapshot.facts().context.is_none() || depth > MAX_DEPTH {
        return Origin::Unknown;
    }
    let stages = analyses(snapshot, stage);
    let copies = stages.iter().rev().flat_map(|stage| stage.copies.iter().rev());
    for copy in copies.filter(|copy| copy.instruction < before) {
        match through_copy(snapshot, copy, path, depth) {
            Origin::Nowhere => {}
            found => return found,
        }
    }
    Origin::Nowhere
}

fn through_mount(snapshot: &Snapshot, stage: &Stage, workdir: &Known<String>, mount: &Mount, path: &str) -> Origin {
    let (Some(target), Some(workdir)) = (mount.target(), workdir.as_ref()) else { return Origin::Nowhere };
    let target = resolve(workdir, target);
    let Some(rest) = relative(path, &target) else { return Origin::Nowhere };
    let source = mount.source().unwrap_or_default();
    if [target.as_str(), source].iter().any(|text| text.contains('$')) {
        return Origin::Unknown;
    }
    match mount.from() {
        None => in_the_context(snapshot, &paths::join(&in_context(source), rest), None),
        Some(name) => match find_stage(&snapshot.file().stages, stage.index, name, true) {
            Some(other) => in_stage(snapshot, other, &resolve(&resolve("/", source), rest), 0),
            None => Origin::Unknown,
        },
    }
}

fn through_copy(snapshot: &Snapshot, copy: &CopyFact, path: &str, depth: u32) -> Origin {
    let Some(destination) = copy.destination.as_ref() else { return Origin::Nowhere };
    if !is_below(path, destination) {
        return Origin::Nowhere;
    }
    for source in copy.sources.iter().rev() {
        match through_source(snapshot, copy, source, destination, path, depth) {
            Origin::Nowhere => {}
            found => return found,
        }
    }
    Origin::Nowhere
}

fn through_source(
    snapshot: &Snapshot,
    copy: &CopyFact,
    source: &CopySource,
    destination: &str,
    path: &str,
    depth: u32,
) -> Origin {
    let Some(from) = source.path.as_ref() else { return Origin::Unknown };
    let Some(rest) = relative(path, destination) else { return Origin::Nowhere };
    match copy.from {
        // Images bring tools, not the project.
        CopyFrom::Image(_) => Origin::Nowhere,
        CopyFrom::Unknown => Origin::Unknown,
        CopyFrom::Stage(other) if base(from) == base(path) && (rest.is_empty() || rest == base(path)) => {
            in_stage(snapshot, other, from, depth)
        }
        CopyFrom::Stage(other) => in_stage(snapshot, other, &resolve(from, rest), depth),
        CopyFrom::Context if source.remote || is_archive(snapshot, copy, from) => Origin::Unknown,
        CopyFrom::Context => from_context(snapshot, copy, from, rest),
    }
}

fn in_stage(snapshot: &Snapshot, stage: usize, path: &str, depth: u32) -> Origin {
    origin_at(snapshot, &snapshot.file().stages[stage], usize::MAX, path, depth + 1)
}

fn from_context(snapshot: &Snapshot, copy: &CopyFact, from: &str, rest: &str) -> Origin {
    let facts = snapshot.facts();
    let Some(matches) = facts.glob(from) else { return Origin::Unknown };
    for found in matches {
        let is_file = matches!(facts.paths.kind(found), Some(Kind::File));
        let origin = match is_file {
            // A file lands in a folder, or gets a new name.
            true if rest == base(found) || (rest.is_empty() && !copy.into_folder) => {
                in_the_context(snapshot, found, Some(copy.instruction))
            }
            true => Origin::Nowhere,
            false => in_the_context(snapshot, &paths::join(found, rest), Some(copy.instruction)),
        };
        if origin != Origin::Nowhere {
            return origin;
        }
    }
    if paths::clean(from).is_empty() {
        return in_the_context(snapshot, rest, Some(copy.instruction));
    }
    Origin::Nowhere
}

fn in_the_context(snapshot: &Snapshot, path: &str, copy: Option<usize>) -> Origin {
    match snapshot.facts().arrives(path) {
        Some(true) => Origin::Context(path.to_owned(), copy),
        Some(false) => Origin::Nowhere,
        None => Origin::Unknown,
    }
}

/// ADD unpacks archives: what is in them is not known.
fn is_archive(snapshot: &Snapshot, copy: &CopyFact, path: &str) -> bool {
    let is_add = snapshot.file().instructions[copy.instruction].kind == crate::model::instruction::Kind::Add;
    is_add && [".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".txz", ".tbz2"].iter().any(|end| path.ends_with(end))
}

/// The module that `command` of `stage` works on; `None` when it can't be told, or there is none in the context.
pub fn module_of<'s>(snapshot: &'s Snapshot, stage: &'s Stage, command: &GoCommand) -> Option<SourceModule<'s>> {
    snapshot.facts().context.as_ref()?;
    let commands = &snapshot.stage(stage).go;
    // Many rules ask for those of the stage itself.
    let Some(index) = commands.iter().position(|own| std::ptr::eq(own, command)) else {
        return find_module(snapshot, stage, command);
    };
    let ModulePlace { module, folder, cwd } = snapshot.modules(stage)[index].clone()?;
    Some(SourceModule { module: &snapshot.facts().modules[module], folder, cwd })
}

/// On which modules the Go commands of `stage` work, in their order.
pub(super) fn places(snapshot: &Snapshot, stage: &Stage) -> Vec<Option<ModulePlace>> {
    let number = |module| snapshot.facts().modules.iter().position(|other| std::ptr::eq(other, module));
    let place =
        |found: SourceModule| Some(ModulePlace { module: number(found.module)?, folder: found.folder, cwd: found.cwd });
    let commands = snapshot.stage(stage).go.iter();
    commands.map(|command| find_module(snapshot, stage, command).and_then(place)).collect()
}

fn find_module<'s>(snapshot: &'s Snapshot, stage: &Stage, command: &GoCommand) -> Option<SourceModule<'s>> {
    if command.flag("-modfile").is_some() || is_gopath_mode(command) || is_rewritten(snapshot, stage, command) {
        return None;
    }
    let cwd = command.folder().as_ref()?.clone();
    if let Some((folder, dir)) = nearest(snapshot, stage, command, &cwd, "go.mod") {
        let module = snapshot.facts().module_at(&dir?)?;
        let cwd = paths::join(&module.dir, relative(&cwd, &folder)?);
        return Some(SourceModule { module, folder, cwd });
    }
    // Beside a go.work the packages tell which of its modules is meant.
    let (root, dir) = nearest(snapshot, stage, command, &cwd, "go.work")?;
    let (dir, cwd) = (dir?, relative(&cwd, &root)?);
    let cwd = paths::join(&dir, cwd);
    let package = command.packages.first().and_then(|package| package.value.as_ref())?;
    let module = snapshot.facts().module_for(&paths::join_inside(&cwd, package.trim_end_matches("..."))?)?;
    Some(SourceModule { module, folder: resolve(&root, paths::strip(&module.dir, &dir)?), cwd })
}

/// The folder at or above `cwd` in which the file `name` lies, and the folder of the context that it comes from: `None`
/// when that can't be told.
fn nearest(
    snapshot: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    cwd: &str,
    name: &str,
) -> Option<(String, Option<String>)> {
    let mut folder = cwd.to_owned();
    loop {
        match seen_by(snapshot, stage, command, &resolve(&folder, name)) {
            Origin::Context(path, _) => return Some((folder, Some(paths::parent(&path).to_owned()))),
            Origin::Unknown => return Some((folder, None)),
            Origin::Nowhere if folder == "/" => return None,
            Origin::Nowhere => folder = resolve(&folder, ".."),
        }
    }
}

/// The folder at or above that of `command` in which the file `path` of the context lies; `None` when that can't be told, or
/// another file of this name is nearer.
pub fn folder_of(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, path: &str) -> Option<String> {
    let cwd = command.folder().as_ref()?.clone();
    let (folder, dir) = nearest(snapshot, stage, command, &cwd, base(path))?;
    (dir? == paths::parent(path)).then_some(folder)
}

/// True when a copy from an image, or from a context with a name, may bring the file `path` before `command` runs.
pub fn may_come_from_image(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, path: &str) -> bool {
    let mut copies = analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let brings = |copy: &CopyFact| copy.destination.as_ref().is_none_or(|to| is_below(path, to));
    copies.any(|copy| {
        let elsewhere = matches!(copy.from, CopyFrom::Image(_) | CopyFrom::Unknown);
        elsewhere && copy.instruction < command.instruction && brings(copy)
    })
}

/// The commands behind `from` in its stage `stage` and in the stages that are built on it, each with its stage.
pub fn later<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    from: &'s GoCommand,
) -> impl Iterator<Item = (&'s Stage, &'s GoCommand)> {
    let is_heir = move |heir: &&Stage| chain(snapshot, heir).iter().any(|other| other.index == stage.index);
    let heirs = snapshot.linked(stage).filter(is_heir);
    let commands = heirs.flat_map(|heir| snapshot.stage(heir).go.iter().map(move |go| (heir, go)));
    commands.filter(|(_, go)| go.span.start > from.span.start)
}

/// True when modules are switched off, or may be.
pub fn is_gopath_mode(command: &GoCommand) -> bool {
    command
        .variable("GO111MODULE")
        .is_some_and(|value| value.as_ref().is_none_or(|value| matches!(value.as_str(), "off" | "auto")))
}

/// True when a command in front of it writes or moves a go.mod.
fn is_rewritten(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let stages = analyses(snapshot, stage);
    let before = |span: crate::text::span::Span| span.start < command.span.start;
    let creates = |go: &GoCommand| matches!(go.verb.as_str(), "mod init" | "mod edit") && before(go.span);
    let writes = ["sed", "rm", "mv", "cp", "tee", "ln", "touch", "perl", "awk"];
    stages.iter().any(|stage| {
        stage.go.iter().any(creates)
            || stage.commands.iter().any(|run| {
                before(run.span)
                    && writes.contains(&run.name.as_str())
                    && run.args.iter().any(|arg| arg.prefix.ends_with("go.mod"))
            })
    })
}

/// What `command` builds for; GOOS and GOARCH that depend on the builder are taken for linux and amd64.
pub fn build_of(command: &GoCommand, cgo: bool) -> Option<Build> {
    let word = |name: &str, known: fn(&str) -> bool, default: &str| {
        let value = command.command.env.known(name).filter(|value| known(value));
        value.unwrap_or(default).to_owned()
    };
    let go = command.state.go.as_ref().and_then(|go| go.as_ref()?.version.as_ref());
    Some(Build {
        goos: word("GOOS", go_words::is_goos, "linux"),
        goarch: word("GOARCH", go_words::is_goarch, "amd64"),
        cgo,
        tags: command.tags()?,
        go_minor: go.map(|version| version.minor),
    })
}

/// The folders, relative to the context, of the packages that `command` builds or runs; `None` when they can't be told.
pub fn packages_of(
    snapshot: &Snapshot,
    source: &SourceModule,
    command: &GoCommand,
    build: &Build,
) -> Option<Vec<String>> {
    let facts = snapshot.facts();
    let mut arguments: Vec<&str> = Vec::new();
    for package in &command.packages {
        arguments.push(package.value.as_ref()?);
    }
    if arguments.is_empty() {
        arguments.push(".");
    }
    let mut found = Vec::new();
    for argument in &arguments {
        let inside = package_in_context(source, argument)?;
        let packages = facts.resolve_packages(&source.cwd, &inside, build)?;
        if packages.is_empty() || (is_go_file(argument) && !names_all_files(&packages, &arguments, build)) {
            return None;
        }
        found.extend(packages.iter().map(|package| package.dir.clone()));
        if command.verb == "run" {
            break; // The rest are the program's arguments.
        }
    }
    Some(found)
}

/// An argument as it is seen from the folder in the context: absolute paths are those of the image.
fn package_in_context(source: &SourceModule, argument: &str) -> Option<String> {
    if !argument.starts_with('/') {
        return Some(argument.to_owned());
    }
    let rest = relative(argument, &source.folder)?;
    let up =
        "../".repeat(paths::strip(&source.cwd, &source.module.dir)?.split('/').filter(|part| !part.is_empty()).count());
    Some(format!("./{up}{rest}"))
}

/// `go build a.go` leaves the other files of the package out.
fn names_all_files(packages: &[&Package], arguments: &[&str], build: &Build) -> bool {
    let named: Vec<&str> = arguments.iter().map(|argument| base(argument)).collect();
    packages.iter().all(|package| package.selected(build).all(|file| named.contains(&file.name.as_str())))
}

/// Whether what `command` builds needs cgo, and through which imports.
pub fn cgo_need(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> CgoNeed {
    let need = || {
        let source = module_of(snapshot, stage, command)?;
        let build = build_of(command, true)?;
        let packages = packages_of(snapshot, &source, command, &build)?;
        let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
        Some(snapshot.facts().reaches_cgo(source.module, &dirs, &build))
    };
    need().unwrap_or(CgoNeed::Unknown)
}

/// True when the dependencies of `command` come from vendor/.
pub fn uses_vendor(snapshot: &Snapshot, source: Option<&SourceModule>, command: &GoCommand) -> bool {
    let facts = snapshot.facts();
    if uses_vendor_flag(command) {
        return true;
    }
    if command.flag("-mod").is_some_and(|flag| flag.value.is(|mode| mode == "mod")) {
        return false;
    }
    let Some(module) = source.map(|source| source.module) else { return false };
    let root = facts.work_for(module).map_or(module.dir.as_str(), |work| work.dir.as_str());
    let listed = paths::join(&paths::join(root, "vendor"), "modules.txt");
    (module.uses_vendor() || root != module.dir) && facts.arrives(&listed) != Some(false)
}

/// True for `-mod=vendor`, and for a `-mod` that can't be told.
pub fn uses_vendor_flag(command: &GoCommand) -> bool {
    command.flag("-mod").is_some_and(|flag| flag.value.as_ref().is_none_or(|mode| mode == "vendor"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::analysis::needs::needs;
    use crate::project::{Memory, scan};

    #[test]
    fn the_module_is_that_of_the_facts() {
        let text = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build .\n";
        let snapshot = Snapshot::of_text(text);
        let module = |snapshot: &Snapshot| {
            let stage = &snapshot.file().stages[0];
            let found = module_of(snapshot, stage, &snapshot.stage(stage).go[0])?;
            Some((found.module.go_mod.path().to_owned(), found.folder))
        };
        let with = |snapshot: &Snapshot, go_mod: &str| {
            let files =
                Memory::new([("/p/Dockerfile", text), (go_mod, "module x\n"), ("/p/main.go", "package main\n")]);
            let facts = scan(&files, Path::new("/p/Dockerfile"), None, &needs(snapshot), None);
            assert!(facts.context.is_some() && !facts.modules.is_empty());
            snapshot.with(Arc::new(facts), Arc::default())
        };
        assert_eq!(module(&snapshot), None);
        let beside = with(&snapshot, "/p/go.mod");
        assert_eq!(module(&beside), Some(("x".to_owned(), "/src".to_owned())));
        assert_eq!(module(&beside.without_stages()), module(&beside));
        assert_eq!(module(&with(&beside, "/p/sub/go.mod")), None);
    }
}
