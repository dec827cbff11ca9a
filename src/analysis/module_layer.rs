//! In which order a stage gets its module files, its modules and its source.
use super::copy::{CopyFact, CopyFrom, CopySource};
use super::go::GoCommand;
use super::path::{base, is_below, is_go_file, resolve};
use super::snapshot::Snapshot;
use super::source::{self, SourceModule, chain};
use super::stage::StageAnalysis;
use crate::knowledge::base_images::base_image;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::{Body, Kind};
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::project::files::Kind as FileKind;
use crate::project::packages::Module;
use crate::project::paths;

/// Source that is in the image before its modules are.
#[derive(Clone, Debug)]
pub struct LateDownload<'s> {
    /// The stage of the command.
    pub stage: &'s Stage,
    /// The first copy that brings source.
    pub copy: &'s CopyFact,
    /// The copies in front of it that bring module files alone.
    pub narrow: Vec<&'s CopyFact>,
    /// The command that has to download the modules.
    pub command: &'s GoCommand,
    /// The module, when the project is known.
    pub module: Option<SourceModule<'s>>,
    /// The modules land in a cache mount, and are not lost with the layer.
    pub cached: bool,
}

/// What a command finds when it needs the modules.
enum Order<'s> {
    /// It has nothing to do with what was copied.
    Unrelated,
    /// The modules are there, need no download, or nobody can tell.
    Fine,
    /// The source is there already.
    Late(LateDownload<'s>),
}

/// Commands of one stage that are looked at; more are no build but an attack.
const MAX_COMMANDS: usize = 64;

/// The first command of `stage` that downloads modules, if source was copied in front of it.
/// `None` where the order is right, where nothing has to be downloaded, and where that can't be told.
pub fn late_download<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<LateDownload<'s>> {
    let stages = source::analyses(snapshot, stage);
    let unsure = snapshot.facts().vendor_around || !is_go_image(snapshot, stage);
    if unsure || stages.iter().any(|stage| uses_other_tools(stage)) {
        return None;
    }
    let copies: Vec<&CopyFact> = stages.iter().flat_map(|stage| &stage.copies).collect();
    let commands = stages.iter().flat_map(|stage| &stage.go).filter(|go| resolves_modules(go));
    for command in commands.take(MAX_COMMANDS) {
        match order(snapshot, stage, &copies, command) {
            Order::Unrelated => {}
            Order::Fine => return None,
            Order::Late(late) => return stage.instructions.contains(&command.instruction).then_some(late),
        }
    }
    None
}

fn order<'s>(snapshot: &'s Snapshot, stage: &'s Stage, copies: &[&'s CopyFact], command: &'s GoCommand) -> Order<'s> {
    if has_bind_mount(&command.mounts) || is_off(snapshot, stage, command) || brings_modules(copies, command) {
        return Order::Fine;
    }
    let before = |copy: &&&CopyFact| copy.instruction < command.instruction && copy.from == CopyFrom::Context;
    let copies: Vec<&CopyFact> = copies.iter().filter(before).copied().collect();
    let module = source::module_of(snapshot, stage, command);
    if copies.is_empty() {
        return Order::Unrelated;
    }
    if snapshot.facts().context.is_some() && module.is_none() {
        return Order::Fine;
    }
    let mut narrow: Vec<&CopyFact> = copies.iter().filter(|copy| is_narrow(snapshot, copy)).copied().collect();
    let only = narrow.is_empty() && brings_folders(&copies, command) == 1;
    let first = copies.iter().find(|copy| match &module {
        Some(module) => {
            !narrow.iter().any(|narrow| std::ptr::eq(*narrow, **copy)) && brings_source(snapshot, copy, module)
        }
        None => may_bring_source(copy, command, only),
    });
    let Some(copy) = first.copied() else {
        return if narrow.is_empty() && module.is_none() { Order::Unrelated } else { Order::Fine };
    };
    narrow.retain(|narrow| narrow.instruction < copy.instruction);
    let nothing = module.as_ref().is_some_and(|module| !has_something_to_download(snapshot, module, command));
    if nothing
        || is_half_typed(snapshot, stage, narrow.first(), copy)
        || may_download_between(snapshot, stage, &narrow, copy)
    {
        return Order::Fine;
    }
    let cached = command.mounts.iter().any(|mount| holds_modules(mount, command));
    Order::Late(LateDownload { stage, copy, narrow, command, module, cached })
}

/// A COPY in front of the source is not finished: it may be the one that brings go.mod, or what the last of `narrow` lacks.
fn is_half_typed(snapshot: &Snapshot, stage: &Stage, narrow: Option<&&CopyFact>, copy: &CopyFact) -> bool {
    let file = snapshot.file();
    let between = narrow.map_or(0, |narrow| narrow.instruction)..copy.instruction;
    let unfinished = |index: usize| {
        let brings = matches!(file.instructions[index].kind, Kind::Copy | Kind::Add);
        brings && between.contains(&index) && file.is_refused(index)
    };
    chain(snapshot, stage).iter().any(|stage| stage.instructions.clone().any(unfinished))
}

/// True for commands that need the modules of the folder they run in.
fn resolves_modules(go: &GoCommand) -> bool {
    let local_get = go.verb == "get"
        && go.packages.iter().all(|package| package.prefix.starts_with('.') && !package.prefix.contains('@'));
    (go.is_of_module() || local_get) && go.downloads() && go.flag("-modfile").is_none()
}

/// Modules are off, or taken from vendor/ by a flag.
fn is_off(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> bool {
    let by_folder =
        go.variable("GO111MODULE").is_none() && version(go).is_some_and(|version| version < GoVersion::minor(1, 16));
    // A WORKDIR that is half typed may lead there.
    let file = snapshot.file();
    let moves = |index: usize| file.instructions[index].kind == Kind::Workdir && file.is_refused(index);
    let may_move = || chain(snapshot, stage).iter().any(|stage| stage.instructions.clone().any(moves));
    let in_gopath = by_folder && (go.command.cwd.is(|cwd| is_below(cwd, "/go/src")) || may_move());
    in_gopath || source::is_gopath_mode(go) || source::uses_vendor_flag(go)
}

fn version(go: &GoCommand) -> Option<GoVersion> {
    go.state.go.as_ref()?.as_ref()?.version.as_ref().copied()
}

/// Dependency managers of the time before modules, or a go.mod that is made in the image.
fn uses_other_tools(stage: &StageAnalysis) -> bool {
    stage.commands.iter().any(|command| matches!(command.name.as_str(), "dep" | "glide" | "govendor" | "godep"))
        || stage.go.iter().any(|go| go.verb == "mod init")
}

/// An image that we know, or one of Go with a version that we don't; images of a project may hold its modules already.
fn is_go_image(snapshot: &Snapshot, stage: &Stage) -> bool {
    let root = chain(snapshot, stage)[0];
    snapshot.stage(root).start.image().is_some() || is_golang_image(snapshot, stage)
}

/// True when the stage starts from an image that has Go, also `golang:$VERSION` with a version that is not known.
pub fn is_golang_image(snapshot: &Snapshot, stage: &Stage) -> bool {
    let root = chain(snapshot, stage)[0];
    if let Some(image) = snapshot.stage(root).start.image() {
        return image.go == Some(true);
    }
    let Body::From(from) = &snapshot.file().instructions[root.from].body else { return false };
    let written = from.image.as_ref().map_or("", |image| image.raw(snapshot.text()));
    let (name, rest) = written.split_at(written.find('$').unwrap_or(written.len()));
    let Some((repository, tag)) = name.rsplit_once(':') else { return false };
    !rest.is_empty() && !tag.contains('/') && base_image(repository, None).is_some_and(|image| image.go == Some(true))
}

/// A bind mount of the context: the source is not in a layer at all.
fn has_bind_mount(mounts: &[Mount]) -> bool {
    mounts.iter().any(|mount| mount.kind() == "bind" && mount.from().is_none())
}

/// `COPY --from=deps /go/pkg /go/pkg`: another stage or image downloads.
fn brings_modules(copies: &[&CopyFact], command: &GoCommand) -> bool {
    let cache = module_cache(command);
    let mut others =
        copies.iter().filter(|copy| !matches!(copy.from, CopyFrom::Context) && copy.instruction < command.instruction);
    others.any(|copy| {
        let Some(to) = copy.destination.as_ref() else { return true };
        let Some(cache) = &cache else { return is_below(to, "/go") };
        is_below(to, cache) || (to != "/" && is_below(cache, to) && !copy.into_folder)
    })
}

/// The folder of the module cache, as `command` sees it.
pub fn module_cache(command: &GoCommand) -> Option<String> {
    let env = &command.command.env;
    if let Some(cache) = command.variable("GOMODCACHE") {
        return cache.as_ref().cloned();
    }
    if let Some(gopath) = env.known("GOPATH") {
        return Some(resolve(gopath.split(':').next()?, "pkg/mod"));
    }
    Some(resolve(&home(command)?, "go/pkg/mod"))
}

fn home(command: &GoCommand) -> Option<String> {
    match command.command.env.known("HOME") {
        Some(home) => Some(home.to_owned()),
        None => (command.state.is_root() == super::known::Answer::Yes).then(|| "/root".to_owned()),
    }
}

/// True for a cache mount that the modules land in; targets with variables are believed.
pub fn holds_modules(mount: &Mount, command: &GoCommand) -> bool {
    let Some(target) = mount.target().filter(|_| mount.kind() == "cache") else { return false };
    target.contains('$') && !target.contains("go-build")
        || module_cache(command).is_some_and(|cache| is_below(&cache, &resolve("/", target)))
}

/// Copies of module files, perhaps with other single files, but without source.
pub fn is_narrow(snapshot: &Snapshot, copy: &CopyFact) -> bool {
    copy.from == CopyFrom::Context
        && copy.sources.iter().any(is_module_file)
        && !copy.sources.iter().any(|source| holds_source(snapshot, source))
}

fn is_module_file(source: &CopySource) -> bool {
    source.path.is(|path| {
        let name = base(path);
        name.starts_with("go.") || matches!(name, "go*" | "go?mod" | "*.mod" | "go[.]mod")
    })
}

fn holds_source(snapshot: &Snapshot, source: &CopySource) -> bool {
    let Some(path) = source.path.as_ref() else { return true };
    if path.is_empty() || base(path) == "*" || is_go_file(path) {
        return true;
    }
    match snapshot.facts().glob(path) {
        Some(found) => found.iter().any(|found| {
            let facts = snapshot.facts();
            let below = |module: &Module| module.packages.keys().any(|dir| paths::strip(dir, found).is_some());
            facts.paths.kind(found) != Some(FileKind::File) && facts.modules.iter().any(below)
        }),
        None => false,
    }
}

/// With the project: a copy that is not narrow brings packages of the module, or the module as a whole.
fn brings_source(snapshot: &Snapshot, copy: &CopyFact, module: &SourceModule) -> bool {
    if !reaches(copy, &module.folder) {
        return false;
    }
    copy.sources.iter().any(|source| {
        let Some(path) = source.path.as_ref().filter(|_| !source.remote) else { return false };
        if path.is_empty() {
            return true;
        }
        let found = snapshot.facts().glob(path).unwrap_or_default();
        found.iter().any(|found| is_source_of(snapshot, found, module))
    })
}

/// True when `path` of the context is source of the module, and not another module that it needs for the download.
fn is_source_of(snapshot: &Snapshot, path: &str, module: &SourceModule) -> bool {
    let facts = snapshot.facts();
    let module = module.module;
    if facts.paths.kind(path) == Some(FileKind::File) {
        return is_go_file(path) && paths::strip(path, &module.dir).is_some();
    }
    if paths::strip(&module.dir, path).is_some() {
        return true;
    }
    let replaced = facts.local_replaces(module).into_iter().filter_map(|(_, dir)| dir);
    let members = facts.work_for(module).into_iter().flat_map(|work| work.module_dirs().flatten());
    let mut needed = replaced.chain(members).filter(|dir| *dir != module.dir);
    let is_needed = needed.any(|dir| paths::strip(&dir, path).is_some() || paths::strip(path, &dir).is_some());
    !is_needed && module.packages.keys().any(|dir| paths::strip(dir, path).is_some())
}

fn reaches(copy: &CopyFact, folder: &str) -> bool {
    copy.destination.is(|to| is_below(folder, to) || is_below(to, folder))
}

/// Without the project: the copy brings all of the context, Go files, or, as the `only` one, what must be the module.
fn may_bring_source(copy: &CopyFact, command: &GoCommand, only: bool) -> bool {
    let Some(folder) = command.folder().as_ref().cloned() else { return false };
    let has_go_files = copy.sources.iter().any(|source| source.path.is(|path| is_go_file(path)));
    let is_all = copy.is_broad() && copy.destination.is(|to| is_below(&folder, to));
    let is_module = only && copy.sources.len() == 1 && brings_folder(copy, &folder);
    reaches(copy, &folder) && (is_all || has_go_files || is_module)
}

/// How many copies bring folders to where the command runs.
fn brings_folders(copies: &[&CopyFact], command: &GoCommand) -> usize {
    let Some(folder) = command.folder().as_ref().cloned() else { return 0 };
    copies.iter().filter(|copy| copy.is_broad() || brings_folder(copy, &folder)).count()
}

fn brings_folder(copy: &CopyFact, folder: &str) -> bool {
    let is_folder = |path: &String| !base(path).contains('.') && !matches!(base(path), "Makefile" | "vendor");
    copy.destination.is(|to| is_below(folder, to)) && copy.sources.iter().any(|source| source.path.is(is_folder))
}

/// False when go.mod requires nothing, or vendor/ has it all.
pub fn has_something_to_download(snapshot: &Snapshot, source: &SourceModule, command: &GoCommand) -> bool {
    let facts = snapshot.facts();
    if source::uses_vendor(snapshot, Some(source), command) {
        return false;
    }
    let work = facts.work_for(source.module);
    let members =
        work.into_iter().flat_map(|work| work.module_dirs().flatten()).filter_map(|dir| facts.module_at(&dir));
    members.chain([source.module]).any(|module| {
        let local: Vec<&str> = facts.local_replaces(module).into_iter().map(|(path, _)| path).collect();
        let own = |path: &str| local.contains(&path) || facts.modules.iter().any(|other| other.go_mod.path() == path);
        module.go_mod.requires.iter().any(|require| !own(&require.path.text))
    })
}

/// Between the module files and the source something runs that may download them: make, a script.
fn may_download_between(snapshot: &Snapshot, stage: &Stage, narrow: &[&CopyFact], copy: &CopyFact) -> bool {
    let Some(first) = narrow.first() else { return false };
    let between = |index: usize| first.instruction < index && index < copy.instruction;
    // Lines that are not finished, or that nobody knows: the download may be there.
    if (first.instruction + 1..copy.instruction).any(|index| {
        let kind = snapshot.file().instructions[index].kind;
        matches!(kind, Kind::Run | Kind::Unknown) && snapshot.file().is_refused(index)
    }) {
        return true;
    }
    let written_path = |span| snapshot[span].contains('/') && !snapshot[span].contains("/bin/");
    source::analyses(snapshot, stage).iter().any(|stage| {
        stage.commands.iter().any(|command| {
            let unknown =
                command.name.is_empty() || taint(&command.name) == Taint::All || written_path(command.name_span);
            between(command.instruction) && unknown && super::install::read(command).is_none()
        }) || stage.go.iter().any(|go| between(go.instruction) && go.downloads())
            || stage.runs.iter().any(|run| {
                between(run.instruction) && run.script.as_ref().is_none_or(|script| script.broken || script.foreign)
            })
    })
}
