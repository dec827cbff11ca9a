//! Insert a layer that downloads the Go modules in front of the source: module files first, `go mod download`, then the rest.
//!
//! The layer saves downloads only: the standard library is still compiled on every source change. Cache mounts save that too.
//!
//! Long because finding the place, choosing the files and writing the layer share what they know of the stage.
mod mounts;

use super::fix::Fix;
use super::lines;
use super::module_files::{
    ModuleFiles, download_folder, is_plain, is_workspace_off, known_files, missing_files, unknown_files,
};
use super::private_modules::{Access, lacking_access, sets_up_access};
use crate::analysis::copy::CopyFact;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::module_layer::{self, LateDownload, late_download};
use crate::analysis::path::{is_below, relative};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::model::word::Word;
use crate::project::paths;
use crate::settings::DependencyLayer;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// More folders than this are many lines: somebody has to want them.
const MANY: usize = 8;
/// What the action is called.
pub const TITLE: &str = "download the modules before the source is copied";

/// What the layer is made of.
struct Layer<'s, 'l> {
    snapshot: &'s Snapshot,
    late: &'l LateDownload<'s>,
    /// The instruction in front of or behind which the layer is put.
    anchor: usize,
    workdir: String,
    files: Vec<ModuleFiles>,
    /// Where `go mod download` runs.
    folder: String,
    /// Instructions between the source and the command that belong in front of the source.
    moved: Vec<usize>,
    sure: bool,
    workspace: bool,
    /// What private modules need besides.
    access: Option<Access>,
}

/// How the module files get to the download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    /// COPY
    Copied,
    /// Bind mounts: no layer holds them.
    Bound,
}

/// [`fixes`] for what comes too late in `stage`.
pub fn stage_fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    late_download(snapshot, stage).map(|late| fixes(snapshot, &late)).unwrap_or_default()
}

/// The ways to put a download layer in front of the source, the preferred one first; empty where none is sure to work.
pub fn fixes(snapshot: &Snapshot, late: &LateDownload) -> Vec<Fix> {
    let Some(layer) = layer(snapshot, late, true) else { return Vec::new() };
    let plain = (!late.cached).then(|| layer.plain()).flatten();
    let cached = layer.cached();
    let stage_has_caches =
        snapshot.stage(late.stage).runs.iter().flat_map(|run| &run.mounts).any(|mount| mount.kind() == "cache");
    let setting = snapshot.settings().actions.dependency_layer;
    let cache_first = match setting {
        DependencyLayer::Auto => stage_has_caches,
        DependencyLayer::Plain => false,
        DependencyLayer::Cache | DependencyLayer::Bind => true,
    };
    let bound = layer.bound().filter(|_| setting == DependencyLayer::Bind);
    let ways = if cache_first { [bound, cached, plain] } else { [bound, plain, cached] };
    ways.into_iter().flatten().chain(alone(snapshot, late)).collect()
}

/// The modules of one member of a workspace, where nothing needs the others.
fn alone(snapshot: &Snapshot, late: &LateDownload) -> Option<Fix> {
    let source = late.module.as_ref()?;
    let facts = snapshot.facts();
    let work = facts.work_for(source.module).filter(|_| !is_workspace_off(late.command))?;
    let members: Vec<&str> =
        work.module_dirs().flatten().filter_map(|dir| Some(facts.module_at(&dir)?.go_mod.path())).collect();
    let module = &source.module.go_mod;
    let is_published =
        |path: &str| !members.contains(&path) || module.replaces.iter().any(|replace| replace.path.text == path);
    let stays = |go: &GoCommand| go.folder().is(|folder| *folder == source.folder);
    let layer = layer(snapshot, late, false)?;
    let commands = layer.heirs().into_iter().flat_map(|stage| &snapshot.stage(stage).go);
    let fits = { commands }.all(stays) && module.requires.iter().all(|require| is_published(&require.path.text));
    let title = format!("{TITLE}, without the workspace (GOWORK=off)");
    if fits { Fix::unsafe_(title, layer.edits(Files::Copied, &[])) } else { None }
}

/// `workspace` is false for a layer that does without go.work.
fn layer<'s, 'l>(snapshot: &'s Snapshot, late: &'l LateDownload<'s>, workspace: bool) -> Option<Layer<'s, 'l>> {
    let anchor = late.narrow.last().map_or(late.copy.instruction, |copy| copy.instruction);
    let stage = snapshot.file().stage_of(anchor)?;
    let mut workdir = state_before(snapshot, stage, anchor).workdir.as_ref()?.clone();
    let (files, folder) = match &late.module {
        Some(module) if !workspace => (known_files(snapshot, module, false)?, module.folder.clone()),
        Some(module) => {
            let workspace = !is_workspace_off(late.command);
            (known_files(snapshot, module, workspace)?, download_folder(snapshot, module, late.command)?)
        }
        None => unknown_files(late)?,
    };
    let files = if late.narrow.is_empty() { files } else { missing_files(late, files) };
    if files.iter().any(|files| !is_plain(&files.from) || !is_plain(&files.to)) {
        return None;
    }
    let mut moved = moved(snapshot, late)?;
    if let Some(index) = entered(snapshot, late, &folder) {
        moved.push(index);
        workdir.clone_from(&folder);
    }
    let access = lacking_access(snapshot, stage, late.command, late.module.as_ref(), anchor);
    let known = late.module.is_some() && access.is_none();
    let sure = known && files.len() <= MANY && !installs_between(snapshot, late);
    Some(Layer { snapshot, late, anchor, workdir, files, folder, moved, sure, workspace, access })
}

/// Variables that decide how modules are downloaded.
const NETWORK: [&str; 12] = [
    "GOPROXY",
    "GOPRIVATE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "GOINSECURE",
    "GOFLAGS",
    "GOWORK",
    "GO111MODULE",
    "GOTOOLCHAIN",
    "GOMODCACHE",
    "GOPATH",
];

/// What stands between the source and the command and belongs in front of the source; `None` when that can't be told:
/// credentials are set up there.
fn moved(snapshot: &Snapshot, late: &LateDownload) -> Option<Vec<usize>> {
    let file = snapshot.file();
    let mut moved = Vec::new();
    if late.stage.instructions.contains(&late.copy.instruction) {
        for index in late.copy.instruction + 1..=late.command.instruction {
            let instruction = &file.instructions[index];
            match instruction.kind {
                Kind::Env | Kind::Arg if sets_network(snapshot, instruction) => moved.push(index),
                Kind::Run if prepares_access(snapshot, late.stage, index) => return None,
                Kind::Run if only_downloads(snapshot, late.stage, index) => moved.push(index),
                Kind::Copy if is_repeated(snapshot, late, index) => moved.push(index),
                _ => {}
            }
        }
    }
    Some(moved)
}

/// A WORKDIR right behind the source that enters the folder of the module: in front of the source it saves a `cd`.
fn entered(snapshot: &Snapshot, late: &LateDownload, folder: &str) -> Option<usize> {
    let file = snapshot.file();
    let index = late.copy.instruction + 1;
    let next = file.instructions.get(index).filter(|next| next.kind == Kind::Workdir)?;
    let is_absolute = |word: &Word| word.raw(snapshot.text()).starts_with(['/', '$']);
    let destination = file.instructions[late.copy.instruction].copy()?.destination.as_ref()?;
    let stage = file.stage_of(index).filter(|_| late.narrow.is_empty())?;
    let enters = state_before(snapshot, stage, index + 1).workdir.is(|workdir| workdir == folder);
    (enters && is_absolute(destination) && is_absolute(next.value()?)).then_some(index)
}

fn sets_network(snapshot: &Snapshot, instruction: &Instruction) -> bool {
    let mut names = instruction.pairs().iter().map(|pair| pair.name.raw(snapshot.text()));
    names.any(|name| NETWORK.contains(&name))
}

fn prepares_access(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let mut commands = snapshot.stage(stage).commands.iter().filter(|command| command.instruction == index);
    commands.any(|command| sets_up_access(&snapshot[command.span], &command.name))
}

/// A RUN that does nothing but `go mod download`, in the folder that is right in front of the source too.
fn only_downloads(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let stage = snapshot.stage(stage);
    let mut commands = stage.commands.iter().filter(|command| command.instruction == index);
    let download = |go: &&GoCommand| go.instruction == index && go.verb == "mod download" && go.packages.is_empty();
    commands.next().is_some()
        && commands.next().is_none()
        && stage.go.iter().any(|go| download(&go) && go.flag("-C").is_none())
}

/// Module files that are copied once more behind the source.
fn is_repeated(snapshot: &Snapshot, late: &LateDownload, index: usize) -> bool {
    let copies = &snapshot.stage(late.stage).copies;
    let Some(copy) = copies.iter().find(|copy| copy.instruction == index) else { return false };
    let module_file = |path: &String| matches!(path.rsplit('/').next(), Some("go.mod" | "go.sum" | "go.*"));
    module_layer::is_narrow(snapshot, copy) && copy.sources.iter().all(|source| source.path.is(module_file))
}

/// Packages, git perhaps, are installed between the source and the command.
fn installs_between(snapshot: &Snapshot, late: &LateDownload) -> bool {
    let installs = &snapshot.stage(late.stage).installs;
    installs
        .iter()
        .any(|install| late.copy.instruction < install.instruction && install.instruction <= late.command.instruction)
}

impl Layer<'_, '_> {
    fn like(&self) -> usize {
        self.late.copy.instruction
    }

    /// The workdir, and whether it has to be written: `/` and GOPATH are no place for a module.
    fn new_workdir(&self) -> Option<&'static str> {
        let is_bad = matches!(self.workdir.as_str(), "/" | "/go");
        let moves_all = self.folder == self.workdir && !self.names_old_folder();
        (is_bad && moves_all && self.late.narrow.is_empty()).then_some("/src")
    }

    /// Absolute paths below the old folder, or copies elsewhere in the stage, would point to nothing.
    fn names_old_folder(&self) -> bool {
        let file = self.snapshot.file();
        let workdir = &self.workdir;
        let destination_is_cwd = |copy: &CopyFact| {
            let written = file.instructions[copy.instruction].copy().and_then(|copy| copy.destination.as_ref());
            written.is_some_and(|word| !word.raw(self.snapshot.text()).starts_with(['/', '$']))
        };
        let linked = self.snapshot.linked(self.late.stage).flat_map(|stage| &self.snapshot.stage(stage).copies);
        let copied_from = { linked }.any(|copy| {
            copy.from == crate::analysis::copy::CopyFrom::Stage(self.late.stage.index)
                && copy.sources.iter().any(|source| source.path.is(|path| is_project_path(path, workdir)))
        });
        let is_last = file.stages.len() == self.late.stage.index + 1;
        let starts = file.stage_instructions(self.late.stage).any(|(_, instruction)| {
            matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint)
                && self.snapshot[instruction.span].contains(&format!("{}/", workdir.trim_end_matches('/')))
        });
        !destination_is_cwd(self.late.copy) || copied_from || (is_last && starts)
    }

    /// The COPY lines of the module files.
    fn copies(&self, workdir: &str, folder_moves: bool) -> Vec<String> {
        let flags = self.copy_flags();
        let mut lines_out = Vec::new();
        for files in &self.files {
            let sources: Vec<String> = files.names.iter().map(|name| paths::join(&files.from, name)).collect();
            let to = if folder_moves { workdir } else { files.to.as_str() };
            let to = self.written(to, workdir);
            let arguments: Vec<&str> =
                flags.iter().copied().chain(sources.iter().map(String::as_str)).chain([&*to]).collect();
            lines_out.push(lines::line(self.snapshot, self.like(), Kind::Copy, &arguments.join(" ")));
        }
        lines_out
    }

    /// Owner and mode as the source has them.
    fn copy_flags(&self) -> Vec<&str> {
        let instruction = &self.snapshot.file().instructions[self.like()];
        let kept =
            instruction.flags.iter().filter(|flag| matches!(&self.snapshot[flag.name], "chown" | "chmod" | "link"));
        kept.map(|flag| &self.snapshot[flag.span]).collect()
    }

    /// A folder as a destination, seen from `workdir`.
    fn written(&self, to: &str, workdir: &str) -> String {
        match relative(to, workdir) {
            Some("") => return "./".to_owned(),
            Some(rest) if workdir != "/" => return format!("./{rest}/"),
            _ => {}
        }
        let destination =
            self.snapshot.file().instructions[self.like()].copy().and_then(|copy| copy.destination.as_ref());
        let raw = destination.map_or("", |word| word.raw(self.snapshot.text())).trim_end_matches('/');
        let same = self.late.copy.destination == Known::Known(to.to_owned());
        if same && raw.starts_with(['$', '/']) { format!("{raw}/") } else { format!("{}/", to.trim_end_matches('/')) }
    }

    /// The RUN with `mounts` in front of the command; a RUN that is moved keeps its own flags.
    fn run(&self, workdir: &str, folder_moves: bool, mounts: &[String]) -> String {
        let mut flags: Vec<&str> = self.access_mounts();
        flags.extend(mounts.iter().map(String::as_str));
        let glue = if flags.len() > 2 { self.joint(self.like()) } else { " ".to_owned() };
        let flags: String = flags.into_iter().flat_map(|flag| [flag, &glue]).collect();
        let mut words = Vec::new();
        if !folder_moves && self.folder != workdir {
            words.extend(["cd", &self.folder, "&&"]);
        }
        let command = &self.late.command.command;
        let named = command.assignments.iter().filter(|(name, _)| NETWORK.contains(&name.as_str()));
        words.extend(named.map(|(_, span)| &self.snapshot[*span]));
        words.extend(self.access.iter().flat_map(|access| &access.words).map(String::as_str));
        words.push("go mod download");
        words.extend(self.moved_download().and_then(|go| go.flag("-x")).map(|_| "-x"));
        lines::line(self.snapshot, self.like(), Kind::Run, &format!("{flags}{}", words.join(" ")))
    }

    /// What goes on with instruction `index` in the next line.
    fn joint(&self, index: usize) -> String {
        let escape = char::from(self.snapshot.file().escape);
        format!(" {escape}{}{}    ", lines::eol(self.snapshot), lines::indent(self.snapshot, index))
    }

    fn moved_download(&self) -> Option<&GoCommand> {
        let stage = self.snapshot.stage(self.late.stage);
        stage.go.iter().find(|go| go.verb == "mod download" && self.moved.contains(&go.instruction))
    }

    /// Secrets and agents that the command needs, the download needs too.
    fn access_mounts(&self) -> Vec<&str> {
        let mounts = self.late.command.mounts.iter();
        let access = mounts.filter(|mount| matches!(mount.kind(), "secret" | "ssh"));
        let new = self.access.iter().map(|access| access.mount.as_str());
        access.map(|mount| &self.snapshot[mount.span]).chain(new).collect()
    }

    /// What is moved of these kinds: ENV, ARG and WORKDIR as they are written, of the others their comments.
    fn moved_lines(&self, kinds: &[Kind]) -> Vec<String> {
        let file = self.snapshot.file();
        let mut lines_out = Vec::new();
        for &index in self.moved.iter().filter(|&&index| kinds.contains(&file.instructions[index].kind)) {
            let instruction = &file.instructions[index];
            let block = lines::block(self.snapshot, index);
            let comments = &self.snapshot[Span::new(block.start, instruction.span.start)];
            lines_out.extend(comments.lines().map(str::trim).filter(|line| line.starts_with('#')).map(str::to_owned));
            if matches!(instruction.kind, Kind::Env | Kind::Arg | Kind::Workdir) {
                lines_out.push(self.snapshot[instruction.span].to_owned());
            }
        }
        lines_out
    }

    fn edits(&self, files: Files, mounts: &[String]) -> Vec<Edit> {
        let new_workdir = self.new_workdir();
        let workdir = new_workdir.unwrap_or(&self.workdir);
        let folder_moves = new_workdir.is_some();
        let mut text = Vec::new();
        text.extend(new_workdir.map(|path| lines::line(self.snapshot, self.like(), Kind::Workdir, path)));
        text.extend(self.moved_lines(&[Kind::Workdir]));
        text.extend(self.access.iter().flat_map(|access| access.before.iter().cloned()));
        text.extend((!self.workspace).then(|| lines::line(self.snapshot, self.like(), Kind::Env, "GOWORK=off")));
        text.extend(self.moved_lines(&[Kind::Copy, Kind::Add]));
        let (copies, mut all) = match files {
            Files::Copied => (self.copies(workdir, folder_moves), Vec::new()),
            Files::Bound => (Vec::new(), self.binds(workdir, folder_moves)),
        };
        all.extend_from_slice(mounts);
        text.extend(copies);
        text.extend(self.moved_lines(&[Kind::Env, Kind::Arg]));
        text.extend(self.moved_lines(&[Kind::Run]));
        text.push(self.run(workdir, folder_moves, &all));
        let mut edits = lines::delete(self.snapshot, &self.moved);
        edits.push(if self.late.narrow.is_empty() {
            if self.stands_alone() {
                text.push(String::new());
            }
            lines::insert_before(self.snapshot, self.anchor, &text)
        } else {
            lines::insert_after(self.snapshot, self.anchor, &text)
        });
        edits
    }

    /// The source has a paragraph of its own, with a comment: so gets the layer.
    fn stands_alone(&self) -> bool {
        let block = lines::block(self.snapshot, self.anchor);
        let above = self.snapshot.text()[..block.start as usize].trim_end_matches([' ', '\t']);
        let blank = above.ends_with("\n\n") || above.ends_with("\n\r\n");
        blank && self.snapshot.text()[block.start as usize..].trim_start().starts_with('#')
    }

    fn plain(&self) -> Option<Fix> {
        self.fix(TITLE, self.edits(Files::Copied, &[]))
    }

    fn fix(&self, title: impl Into<String>, edits: Vec<Edit>) -> Option<Fix> {
        let mut title = title.into();
        if let Some(access) = &self.access {
            title = format!("{title}, {}", access.how);
        }
        let same_places = self.new_workdir().is_none();
        if self.sure && same_places { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
    }
}

/// The folders that a golang image has below /go, and those of the system, are no part of the project.
fn is_project_path(path: &str, workdir: &str) -> bool {
    let system = ["/go/bin", "/go/pkg", "/usr", "/etc", "/lib", "/tmp", "/root", "/home", "/var", "/bin", "/out"];
    is_below(path, workdir) && !system.iter().any(|folder| is_below(path, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_line_ends_and_paragraphs() {
        let text = "from golang:1.25\r\nworkdir /src\r\n\r\n# all\r\ncopy . .\r\nrun go build .";
        let snapshot = Snapshot::of_text(text);
        let late = module_layer::late_download(&snapshot, &snapshot.file().stages[0]).unwrap();
        let fixes = fixes(&snapshot, &late);
        let plain = fixes[0].here().apply(text);
        assert_eq!(plain, text.replace("# all", "copy go.mod go.su[m] ./\r\nrun go mod download\r\n\r\n# all"));
        let cached = fixes[1].here().apply(text);
        assert!(cached.ends_with("/root/.cache/go-build \\\r\n    go build ."), "{cached:?}");
    }
}
