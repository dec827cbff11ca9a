//! Commands that install what a project depends on, and in which order a stage gets manifests, packages and source. Go
//! has [`super::module_layer`].
use super::copy::{CopyFact, CopyFrom};
use super::invocation::{Arg, Invocation};
use super::path::{base, is_below, relative, resolve};
use super::snapshot::Snapshot;
use super::source::{self, Origin, chain};
use super::stage::{RunFact, StageAnalysis};
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::dependency_tools::{Operands, Tool, tools};
use crate::knowledge::image_names::is_local;
use crate::knowledge::table::glob;
use crate::model::image::ImageRef;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::files::Kind;
use crate::project::paths;
use crate::text::span::Span;

/// A command that installs what a project depends on.
#[derive(Clone, Debug)]
pub struct Install<'s> {
    /// Whose.
    pub tool: &'static Tool,
    /// The command.
    pub command: &'s Invocation,
    /// Its RUN.
    pub run: &'s RunFact,
    /// Where the word stands that makes it install; `None` where there is none: `yarn` alone.
    pub verb: Option<Span>,
    /// The folder in the image that it works in.
    pub folder: String,
    /// The manifests that it names, as absolute paths; empty where it looks for them itself.
    pub named: Vec<String>,
    /// Its flags as they are written, without values behind `=`, sorted.
    pub flags: Vec<&'s str>,
    /// Its words, the verb among them, in order.
    pub words: Vec<&'s str>,
}

/// A file of the context that is in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Where it is in the image.
    pub image: String,
    /// Where it is in the context.
    pub path: String,
    /// The copy that brought it; `None` for a bind mount.
    pub copy: Option<usize>,
}

/// Source that is in the image before what it depends on.
#[derive(Clone, Debug)]
pub struct LateInstall<'s> {
    /// The command that comes too late.
    pub install: Install<'s>,
    /// The copy that brings the manifests together with source.
    pub copy: &'s CopyFact,
    /// The manifests.
    pub manifests: Vec<Arrived>,
    /// The packages are kept by a cache mount.
    pub cached: bool,
}

/// Installs of one stage that are looked at; more are no build but an attack.
const MAX_INSTALLS: usize = 16;
/// Files that are looked at for one that is source.
const MAX_FILES: usize = 2_000;

/// The installs of `stage`, those of unclear scripts left out.
pub fn installs(analysis: &StageAnalysis) -> impl Iterator<Item = Install<'_>> {
    let named = analysis.commands.iter().filter(|command| !program_tools(command).1.is_empty());
    let clear = named.filter(|command| !command.broken && !command.in_substitution && !command.conditional);
    clear.filter_map(|command| read(analysis, command)).take(MAX_INSTALLS)
}

/// The tools that a command may be, and the index of its first own argument: `python -m pip` has some in front.
fn program_tools(command: &Invocation) -> (usize, &'static [&'static Tool]) {
    if !command.name.starts_with("python") {
        return (0, tools(&command.name));
    }
    match command.args.iter().position(|arg| arg.is("-m")) {
        Some(at) if command.args.get(at + 1).is_some_and(|module| module.is("pip")) => (at + 2, tools("pip")),
        _ => (0, &[]),
    }
}

fn read<'s>(analysis: &'s StageAnalysis, command: &'s Invocation) -> Option<Install<'s>> {
    let at = analysis.runs.binary_search_by_key(&command.instruction, |run| run.instruction).ok()?;
    let (first, tools) = program_tools(command);
    tools.iter().find_map(|tool| read_as(tool, &analysis.runs[at], command, first))
}

fn read_as<'s>(tool: &'static Tool, run: &'s RunFact, command: &'s Invocation, first: usize) -> Option<Install<'s>> {
    let cwd = command.cwd.as_ref()?;
    let mut found = Install {
        tool,
        command,
        run,
        verb: None,
        folder: cwd.clone(),
        named: Vec::new(),
        flags: Vec::new(),
        words: Vec::new(),
    };
    let mut words = Vec::new();
    let mut args = command.args[first..].iter();
    while let Some(arg) = args.next() {
        let word = arg.prefix.as_str();
        if word.len() < 2 || !word.starts_with('-') {
            arg.value.as_ref()?;
            words.push(arg);
            continue;
        }
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        if tool.other.contains(&flag) {
            return None;
        }
        found.flags.push(flag);
        let (folder, file) = (tool.folder.contains(&flag), tool.file.contains(&flag));
        let value = match value {
            None if folder || file || tool.values.contains(&flag) => args.next()?.value.as_ref().map(String::as_str),
            // What stands behind `=` may hold a variable.
            Some(_) if arg.value.as_ref().is_none() => None,
            value => value,
        };
        if folder {
            found.folder = resolve(cwd, value?);
        } else if file {
            found.named.push(resolve(cwd, value?));
        }
    }
    found.flags.sort_unstable();
    found.set_words(&words)?;
    Some(found)
}

impl<'s> Install<'s> {
    /// Finds the verb among the words and judges the others.
    fn set_words(&mut self, args: &[&'s Arg]) -> Option<()> {
        let tool = self.tool;
        // `cargo +nightly build`
        let args = match args {
            [first, rest @ ..] if first.prefix.starts_with('+') => rest,
            all => all,
        };
        self.words = args.iter().map(|arg| arg.prefix.as_str()).collect();
        let is_verb = |word: &&str| tool.verbs.contains(word);
        let two = tool.verbs.iter().find_map(|verb| verb.split_once('+'));
        let (verb, rest): (_, &[&Arg]) = match (args, two) {
            _ if tool.any_word => (Some(args[self.words.iter().position(is_verb)?].span), &[]),
            ([first, second, rest @ ..], Some(two)) if (self.words[0], self.words[1]) == two => {
                (Some(first.span.cover(second.span)), rest)
            }
            ([], None) if tool.verbs.contains(&".") => (None, &[]),
            ([first, rest @ ..], None) if is_verb(&self.words[0]) => (Some(first.span), rest),
            _ => return None,
        };
        self.verb = verb;
        self.set_operands(rest)
    }

    fn set_operands(&mut self, rest: &[&Arg]) -> Option<()> {
        match self.tool.operands {
            Operands::Any => return Some(()),
            Operands::None if rest.is_empty() => return Some(()),
            Operands::None => return None,
            Operands::Packages => {
                let is_file = |word: &str| word.contains('/') || word.starts_with('.') || word.contains(".whl");
                let files = rest.iter().any(|arg| is_file(&arg.prefix));
                return (!files && !self.named.is_empty()).then_some(());
            }
            Operands::Projects => {}
        }
        for arg in rest {
            let path = resolve(&self.folder, arg.value.as_ref()?);
            if self.tool.is_manifest(base(&path)) {
                self.folder = resolve(&path, "..");
                self.named.push(path);
            } else if base(&path).contains('.') && *arg.value.as_ref()? != "." {
                return None; // A solution: several projects.
            } else {
                self.folder = path;
            }
        }
        (rest.len() < 2).then_some(())
    }

    /// The verb or flag that holds it to the lock file; `always` where it needs none.
    pub fn is_locked(&self) -> bool {
        let tool = self.tool;
        let says = |word: &&str| tool.locked.contains(word);
        tool.is_always_locked()
            || self.flags.iter().any(says)
            || self.words.first().is_some_and(says)
            || tool.env.iter().any(|name| self.command.env.get(name).is_some())
    }

    /// True when it fails without a lock file.
    pub fn is_strict(&self) -> bool {
        let says = |word: &&str| self.tool.strict.contains(word);
        self.flags.iter().any(says) || self.words.first().is_some_and(says)
    }

    /// True when it is told to leave the project's own scripts and code out.
    pub fn is_alone(&self) -> bool {
        !self.tool.alone.is_empty() && self.tool.alone.iter().all(|flag| self.flags.contains(flag))
    }

    /// Where the file `path` of the image comes from, as the command sees it.
    pub fn origin(&self, snapshot: &Snapshot, stage: &Stage, path: &str) -> Origin {
        // Other mounts hide nothing of the project.
        let binds: Vec<Mount> = self.run.mounts.iter().filter(|mount| mount.kind() == "bind").cloned().collect();
        source::origin(snapshot, stage, self.command.instruction, &binds, path)
    }

    /// The program and the verb as they are written: `npm ci`.
    pub fn title(&self, snapshot: &Snapshot) -> String {
        let name = &snapshot[self.command.name_span];
        let verb = self.verb.map_or("", |verb| &snapshot[verb]);
        let own = if name.starts_with("python") { "pip" } else { base(name.trim_matches('"')) };
        format!("{own} {}", verb.trim_matches('"')).trim_end().to_owned()
    }
}

/// The manifests that `install` of `stage` reads; `None` where that can't be told, or there are none in the context.
pub fn manifests(snapshot: &Snapshot, stage: &Stage, install: &Install) -> Option<Vec<Arrived>> {
    let mut wanted = install.named.clone();
    if wanted.is_empty() {
        for pattern in &install.tool.manifests {
            if pattern.contains('*') {
                wanted.extend(names_in(snapshot, stage, install, pattern));
            } else {
                wanted.push(resolve(&install.folder, pattern));
            }
        }
    }
    let mut found = Vec::new();
    for image in wanted {
        match install.origin(snapshot, stage, &image) {
            Origin::Context(path, copy) => found.push(Arrived { image, path, copy }),
            Origin::Unknown => return None,
            Origin::Nowhere if !install.named.is_empty() => return None,
            Origin::Nowhere => {}
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The files of the context that copies of whole folders bring to where `install` works, and whose names match `pattern`.
fn names_in(snapshot: &Snapshot, stage: &Stage, install: &Install, pattern: &str) -> Vec<String> {
    let mut found = Vec::new();
    for copy in source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies) {
        if copy.from != CopyFrom::Context || copy.instruction > install.command.instruction {
            continue;
        }
        for dir in
            copy.sources.iter().filter_map(|source| folder_in_context(copy, source.path.as_ref()?, &install.folder))
        {
            let names = snapshot.facts().paths.children(&dir).unwrap_or_default();
            let fits = names.into_iter().filter(|(name, kind)| *kind == Kind::File && glob(pattern, name));
            found.extend(fits.map(|(name, _)| resolve(&install.folder, name)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The folder of the context that `copy` of `source` makes of `folder`; `source` need not be a folder.
pub fn folder_in_context(copy: &CopyFact, source: &str, folder: &str) -> Option<String> {
    let rest = relative(folder, copy.destination.as_ref()?)?;
    Some(paths::join(if source == "*" { "" } else { source }, rest))
}

/// The first install of `stage` that comes behind the source, where nothing else has installed the same before.
pub fn late_install<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<LateInstall<'s>> {
    if snapshot.facts().context.is_none() || installs(snapshot.stage(stage)).next().is_none() {
        return None;
    }
    let mut seen: Vec<(&str, String)> = Vec::new();
    for other in chain(snapshot, stage) {
        for install in installs(snapshot.stage(other)) {
            let key = (install.tool.name, install.folder.clone());
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let own = other.index == stage.index;
            if let Some(late) = own.then(|| late(snapshot, stage, install)).flatten() {
                return Some(late);
            }
        }
    }
    None
}

fn late<'s>(snapshot: &'s Snapshot, stage: &'s Stage, install: Install<'s>) -> Option<LateInstall<'s>> {
    if !has_known_image(snapshot, stage, install.tool) {
        return None;
    }
    let manifests = manifests(snapshot, stage, &install)?;
    let index = manifests[0].copy?;
    let stages = source::analyses(snapshot, stage);
    let copy = stages.iter().flat_map(|stage| &stage.copies).find(|copy| copy.instruction == index)?;
    let together = manifests.iter().all(|manifest| manifest.copy == Some(index));
    if !together
        || !brings_whole_folder(snapshot.facts(), copy, &manifests[0].path)
        || !is_enough(snapshot.facts(), &install, &manifests)
        || may_be_installed(snapshot, stage, &stages, &install, copy, &manifests)
        || !brings_source(snapshot.facts(), copy, install.tool)
    {
        return None;
    }
    let cached = install.run.mounts.iter().any(|mount| mount.kind() == "cache");
    Some(LateInstall { install, copy, manifests, cached })
}

/// An image of our table, an official one, or one that is made for the tool: those of projects may hold anything.
pub fn has_known_image(snapshot: &Snapshot, stage: &Stage, tool: &Tool) -> bool {
    let start = &snapshot.stage(stage).start;
    let Some(reference) = start.reference.as_deref() else { return false };
    let repository = ImageRef::parse(reference).repository;
    let official = !is_local(&repository) && !normalized_repository(&repository).contains('/');
    start.image().is_some() || official || tool.images.iter().any(|pattern| glob(pattern, &repository))
}

/// True when `copy` brings the file `path` of the context with the folder that it lies in.
fn brings_whole_folder(facts: &Facts, copy: &CopyFact, path: &str) -> bool {
    let is_around = |source: &String| {
        let folder = facts.paths.kind(source) == Some(Kind::Directory);
        matches!(source.as_str(), "" | "*") || folder && paths::strip(path, source).is_some()
    };
    copy.from == CopyFrom::Context && copy.sources.iter().any(|source| source.path.is(is_around))
}

/// True when the manifests, and what lies beside them by custom, are all that the install needs.
fn is_enough(facts: &Facts, install: &Install, manifests: &[Arrived]) -> bool {
    let read: Option<Vec<_>> = manifests.iter().map(|manifest| facts.manifest(&manifest.path)).collect();
    let Some(read) = read else { return false };
    let needs_project = read.iter().any(|manifest| manifest.scripts || manifest.builds) && !install.is_alone();
    let local = read.iter().any(|manifest| manifest.local);
    let dir = paths::parent(&manifests[0].path);
    let part = |name: &&'static str| facts.exists(&paths::join(dir, name.trim_end_matches('/'))) != Some(false);
    let requires = read.iter().any(|manifest| manifest.requires || !manifest.includes.is_empty());
    requires && !local && !needs_project && !install.tool.parts.iter().any(part)
}

/// True when the packages may be there before the copy, or come from elsewhere.
fn may_be_installed(
    snapshot: &Snapshot,
    stage: &Stage,
    stages: &[&StageAnalysis],
    install: &Install,
    copy: &CopyFact,
    manifests: &[Arrived],
) -> bool {
    let brought = |other: &&CopyFact| {
        let near = |to: &String| to != "/" && (is_below(to, &install.folder) || is_below(&install.folder, to));
        let before = other.instruction < install.command.instruction;
        other.from != CopyFrom::Context && before && other.destination.as_ref().is_none_or(near)
    };
    if stages.iter().flat_map(|stage| &stage.copies).any(|copy| brought(&copy)) {
        return true;
    }
    let narrow = || source::origin(snapshot, stage, copy.instruction, &[], &manifests[0].image) != Origin::Nowhere;
    let mut before = stages.iter().flat_map(|stage| &stage.commands).filter(|c| c.instruction < copy.instruction);
    before.any(|command| {
        let (_, tools) = program_tools(command);
        let same = tools.iter().any(|tool| tool.name == install.tool.name);
        let fetches = same && (install.tool.builds || command.args.iter().any(|arg| arg.is("fetch")));
        fetches || tools.is_empty() && taint(&command.name) == Taint::All && narrow()
    })
}

/// True when something of what `copy` brings changes more often than the files that `tool` reads.
fn brings_source(facts: &Facts, copy: &CopyFact, tool: &Tool) -> bool {
    let sources: Vec<&str> =
        copy.sources.iter().filter_map(|source| source.path.as_ref()).map(String::as_str).collect();
    let is_below = |path: &str| sources.iter().any(|source| *source == "*" || paths::strip(path, source).is_some());
    let files =
        facts.paths.iter().filter(|(path, kind)| *kind == Kind::File && is_below(path) && is_source(path, tool));
    files.take(MAX_FILES).any(|(path, _)| facts.is_ignored(path) == Some(false))
}

/// False for what installs read, and for what no program is made of.
fn is_source(path: &str, tool: &Tool) -> bool {
    let name = paths::file_name(path);
    let read = tool.is_manifest(name) || tool.locks.contains(&name) || tool.beside.contains(&name);
    let prose = ["Dockerfile", "Containerfile", "README", "LICENSE", "docker-compose", "compose", "Makefile"];
    !read && !path.split('/').any(|part| part.starts_with('.')) && !prose.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(run: &str) -> Vec<String> {
        let snapshot = Snapshot::of_text(&format!("FROM node:22\nWORKDIR /app\nRUN {run}\n"));
        installs(snapshot.stage(&snapshot.file().stages[0]))
            .map(|install| {
                let locked = if install.is_locked() { " locked" } else { "" };
                format!("{} {}{}{locked}", install.title(&snapshot), install.folder, install.named.concat())
            })
            .collect()
    }

    #[test]
    fn reads_installs() {
        assert_eq!(read_all("npm ci --omit dev && cd web && yarn"), ["npm ci /app locked", "yarn /app/web"]);
        assert_eq!(read_all("npm --prefix=web i"), ["npm i /app/web"]);
        assert_eq!(read_all("CI=1 pnpm i"), ["pnpm i /app locked"]);
        assert_eq!(read_all("python3 -m pip install -U -r a/r.txt gunicorn"), ["pip install /app/app/a/r.txt locked"]);
        assert_eq!(read_all("uv pip install --system -r r.txt"), ["uv pip install /app/app/r.txt locked"]);
        assert_eq!(read_all("uv sync --frozen; ./mvnw -B clean package -DskipTests").len(), 2);
        assert_eq!(read_all("cargo +nightly build --release"), ["cargo build /app"]);
        assert_eq!(read_all("dotnet restore Api/Api.csproj"), ["dotnet restore /app/Api/app/Api/Api.csproj"]);
    }

    #[test]
    fn other_commands_are_none() {
        let others = "npm i -g pnpm; npm i express; npm run build; pip install .; pip install flask; yarn build; \
                      pip install -e . -r r.txt; cargo install ripgrep; dotnet restore All.sln; npm i $X; pnpm -r i";
        assert_eq!(read_all(others), [""; 0]);
        assert!(read_all("if x; then npm ci; fi").is_empty());
    }
}
