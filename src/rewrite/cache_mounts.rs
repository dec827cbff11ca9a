//! Cache mounts for what go downloads and compiles, where the user of each command keeps it.
//!
//! What lies in a cache mount is in no layer: where something else than the mounted commands may want it, nothing is changed.
mod clean;
mod family;
mod runners;

pub use family::Family;

use super::fix::Fix;
use super::lines;
use super::module_files::is_plain;
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches::{self, Folders};
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::stage::RunFact;
use crate::knowledge::cgo_modules::cgo_module;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// Longer lines than this are broken behind the mounts.
const WIDTH: usize = 100;

/// The ways to mount caches on the Go commands of `stage`: for modules and build results in all stages that share their base
/// with it, and for the build results of this stage alone.
pub fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let family = Family::of(snapshot, stage);
    let both = all_caches(&family);
    let builds = || Some((build_caches(&family, stage)?, false));
    let mut found: Vec<Fix> = Vec::new();
    for (edits, modules) in both.into_iter().chain(builds()).filter(|(edits, _)| !edits.is_empty()) {
        let takes_away = modules && family.takes_modules_out();
        let title = match modules {
            true => "mount caches for modules and build results",
            false if found.is_empty() => "mount a cache for build results",
            false => "mount a cache for build results only",
        };
        found.extend(if takes_away { Fix::unsafe_(title, edits) } else { Fix::safe(title, edits) });
    }
    if found.len() > 1 && found[0].edits == found[1].edits {
        found.pop();
    }
    found
}

/// A cache for modules and one for build results on every command of the family; the flag tells whether modules are among
/// them.
fn all_caches(family: &Family) -> Option<(Vec<Edit>, bool)> {
    let modules = module_mount(family)?;
    let mut edits = Vec::new();
    let mut has_modules = false;
    for stage in &family.stages {
        for run in &family.snapshot.stage(stage).runs {
            let mut wanted = Wanted::of(family, stage, run)?;
            let lacks = { wanted.commands.iter() }.any(|(go, folders)| {
                let folder = folders.modules.as_deref().unwrap_or_default();
                go.downloads() && !wanted.is_vendored(go) && !wanted.has(go, folder)
            });
            if lacks {
                wanted.add(&modules.0, &modules.1, true)?;
                has_modules = true;
            }
            wanted.add_builds(family, stage);
            edits.extend(wanted.edits()?);
        }
    }
    Some((edits, has_modules))
}

/// A cache for the build results of `stage`.
fn build_caches(family: &Family, stage: &Stage) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for run in &family.snapshot.stage(stage).runs {
        let mut wanted = Wanted::of(family, stage, run)?;
        wanted.add_builds(family, stage);
        edits.extend(wanted.edits()?);
    }
    Some(edits)
}

/// The one mount of modules that all commands of the family can share, with its target; `None` where they can't, or where
/// modules are wanted elsewhere.
fn module_mount(family: &Family) -> Option<(String, String)> {
    let snapshot = family.snapshot;
    let mut shared: Option<(String, String)> = None;
    let mut existing: Option<String> = None;
    for (stage, go) in family.commands().filter(|(_, go)| go.downloads()) {
        let folder = go_caches::folders(snapshot, stage, go).modules?;
        let owner = go_caches::owner(snapshot, stage, go)?;
        if !owner.is_empty() && writes_beside(go, &folder) {
            return None;
        }
        let holding = go.mounts.iter().find(|mount| go_caches::holds(snapshot, go, mount, &folder) != Answer::No);
        if let Some(mount) = holding {
            existing.get_or_insert(reusable(snapshot, mount)?);
        }
        match &shared {
            Some(known) if *known != (folder.clone(), owner.clone()) => return None,
            _ => shared = Some((folder, owner)),
        }
    }
    let (folder, owner) = shared?;
    let used =
        family.is_copied(&folder) || family.starts_go() || family.names_elsewhere(&folder) || family.runs_others();
    if used || family.is_filled(&folder) || names_module_cache(snapshot) || !is_plain(&folder) {
        return None;
    }
    let mount = existing.unwrap_or_else(|| format!("--mount=type=cache,target={folder}{owner}"));
    Some((mount, folder))
}

/// The folders around a mount belong to root: a user can't write the checksums of tools there, nor their programs.
fn writes_beside(go: &GoCommand, modules: &str) -> bool {
    let below_home = !is_below(modules, "/go");
    !go.is_of_module() && go.verb != "mod download"
        || go.verb == "install" && below_home && go.variable("GOBIN").is_none()
}

/// A mount as it is written, if it means the same on another RUN.
fn reusable(snapshot: &Snapshot, mount: &Mount) -> Option<String> {
    let text = &snapshot[mount.span];
    let fits = !text.contains(['$', '\n', '"', '\'']) && mount.target().is_some_and(|target| target.starts_with('/'));
    fits.then(|| text.to_owned())
}

/// A program keeps the path of its module's folder, and looks for a library there.
fn names_module_cache(snapshot: &Snapshot) -> bool {
    let requires = snapshot.facts().modules.iter().flat_map(|module| &module.go_mod.requires);
    { requires }.any(|require| cgo_module(&require.path.text).is_some_and(|row| row.notes.contains("rpath")))
}

/// What one RUN gets.
struct Wanted<'s> {
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    run: &'s RunFact,
    commands: Vec<(&'s GoCommand, Folders)>,
    mounts: Vec<String>,
    targets: Vec<clean::Target>,
}

impl<'s> Wanted<'s> {
    /// `None` for a RUN with Go commands that nobody can read.
    fn of(family: &'s Family, stage: &'s Stage, run: &'s RunFact) -> Option<Self> {
        let snapshot = family.snapshot;
        let go = family.commands().map(|(_, go)| go).filter(|go| go.instruction == run.instruction);
        let commands: Vec<_> = go.map(|go| (go, go_caches::folders(snapshot, stage, go))).collect();
        let readable =
            commands.iter().all(|(go, _)| !go.command.broken) && !snapshot.file().is_refused(run.instruction);
        let wanted = Self { snapshot, stage, run, commands, mounts: Vec::new(), targets: Vec::new() };
        (wanted.commands.is_empty() || readable).then_some(wanted)
    }

    fn is_vendored(&self, go: &GoCommand) -> bool {
        let module = source::module_of(self.snapshot, self.stage, go);
        go.is_of_module() && go.compiles() && source::uses_vendor(self.snapshot, module.as_ref(), go)
    }

    /// A mount holds `folder`, or may hold it.
    fn has(&self, go: &GoCommand, folder: &str) -> bool {
        self.run.mounts.iter().any(|mount| go_caches::holds(self.snapshot, go, mount, folder) != Answer::No)
    }

    /// Mounts of build results for the commands that lack one, as far as they are known.
    fn add_builds(&mut self, family: &Family, stage: &Stage) {
        let lacking: Vec<(&GoCommand, String)> = { self.commands.iter() }
            .filter(|(go, _)| go.compiles())
            .filter_map(|(go, folders)| Some((*go, folders.builds.clone()?)))
            .filter(|(go, folder)| !self.has(go, folder) && !family.may_want(stage, go, folder))
            .collect();
        for (go, folder) in lacking {
            if let Some(owner) = go_caches::owner(self.snapshot, stage, go).filter(|_| is_plain(&folder)) {
                let same = family.existing(stage, &folder, &owner);
                let mount = same.unwrap_or_else(|| format!("--mount=type=cache,target={folder}{owner}"));
                let _ = self.add(&mount, &folder, false);
            }
        }
    }

    /// `None` where nothing may be mounted there: programs are written into it, other mounts are in the way.
    fn add(&mut self, mount: &str, target: &str, modules: bool) -> Option<()> {
        let is_around = |path: &str| is_below(path, target);
        let hides = |go: &GoCommand| {
            let bin = match (go.command.env.known("GOBIN"), go.command.env.known("GOPATH")) {
                (Some(bin), _) => Some(bin.to_owned()),
                (None, gopath) => gopath.map(|gopath| resolve(gopath, "bin")),
            };
            let installs = go.verb == "install" && bin.is_some_and(|bin| is_around(&bin));
            let writes = go.outputs(None).unwrap_or_default().iter().any(|output| is_around(output));
            installs || writes || go.folder().is(|folder| is_around(folder))
        };
        let in_the_way = |mount: &Mount| {
            let go = self.commands[0].0;
            match go_caches::target(self.snapshot, go, mount) {
                Known::Known(other) if mount.kind() == "cache" => is_around(&other) && other != target,
                Known::Known(other) => is_around(&other) || is_below(target, &other),
                Known::Unknown => !matches!(mount.kind(), "secret" | "ssh"),
            }
        };
        if target == "/" || self.commands.iter().any(|(go, _)| hides(go)) || self.run.mounts.iter().any(in_the_way) {
            return None;
        }
        if !self.mounts.iter().any(|known| known == mount) {
            self.mounts.push(mount.to_owned());
            self.targets.push(clean::Target { folder: target.to_owned(), modules });
        }
        Some(())
    }

    /// The mounts, and without the commands that would empty them; `None` where that can't be done.
    fn edits(self) -> Option<Vec<Edit>> {
        if self.mounts.is_empty() {
            return Some(Vec::new());
        }
        let mut edits = clean::edits(self.snapshot, self.stage, self.run, &self.targets)?;
        let mounts: Vec<&str> = self.mounts.iter().map(String::as_str).collect();
        edits.push(insert(self.snapshot, self.run.instruction, &mounts));
        Some(edits)
    }
}

/// Puts `mounts` in front of what RUN `index` runs and of the flags that it has; a line that becomes long is broken.
pub fn insert(snapshot: &Snapshot, index: usize, mounts: &[&str]) -> Edit {
    let instruction = &snapshot.file().instructions[index];
    let rest = &snapshot[Span::new(instruction.keyword.end, instruction.span.end)];
    let first_line = rest.trim_start().lines().next().unwrap_or_default();
    insert_in_front_of(snapshot, index, mounts, first_line.len())
}

/// The same where the text behind the mounts will have `width` bytes in its first line.
pub fn insert_in_front_of(snapshot: &Snapshot, index: usize, mounts: &[&str], width: usize) -> Edit {
    let instruction = &snapshot.file().instructions[index];
    let rest = &snapshot[Span::new(instruction.keyword.end, instruction.span.end)];
    let escape = char::from(snapshot.file().escape);
    let indent = lines::indent(snapshot, index);
    let broken = format!(" {escape}{}{indent}    ", lines::eol(snapshot));
    let one_line = mounts.join(" ");
    let before = indent.len() + "RUN ".len() + one_line.len();
    let text = if before + 2 <= WIDTH { one_line } else { mounts.join(&broken) };
    let behind = rest.trim_start();
    if behind.starts_with(escape) {
        return Edit::insert(instruction.keyword.end, format!(" {text}"));
    }
    let at = instruction.span.end - behind.len() as u32;
    let fits = mounts.len() == 1 && before.saturating_add(width) < WIDTH;
    let glue = if behind.starts_with("<<") || fits { " " } else { &broken };
    Edit::insert(at, format!("{text}{glue}"))
}
