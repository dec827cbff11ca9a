//! The mounts of a download layer: module files that are bound, caches that every later Go command shares.
use super::{Files, Layer, TITLE};
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches::{self, Folders};
use crate::analysis::known::Answer;
use crate::analysis::path::relative;
use crate::analysis::stage::RunFact;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::cache_mounts::{self, Family};
use crate::rewrite::fix::Fix;
use crate::rewrite::module_files::{ModuleFiles, is_plain};
use crate::text::edit::Edit;

impl Layer<'_, '_> {
    /// With cache mounts on the download and on every later Go command; `None` where something would miss the modules.
    pub(super) fn cached(&self) -> Option<Fix> {
        self.mounted(Files::Copied, "with cache mounts")
    }

    /// The same with the module files in bind mounts; `None` where a file may not be there, for nothing can be bound then.
    pub(super) fn bound(&self) -> Option<Fix> {
        let is_there = |files: &ModuleFiles| files.names.iter().all(|name| is_plain(name));
        let bindable = !self.files.is_empty() && self.files.iter().all(is_there);
        if bindable { self.mounted(Files::Bound, "with bind and cache mounts") } else { None }
    }

    fn mounted(&self, files: Files, how: &str) -> Option<Fix> {
        let folders = go_caches::folders(self.snapshot, self.late.stage, self.late.command);
        let modules = self.cache_mount(&folders.modules.clone()?)?;
        let build = self.cache_mount(folders.builds.as_ref()?)?;
        if self.is_used_elsewhere(&folders) {
            return None;
        }
        let mut edits = self.edits(files, std::slice::from_ref(&modules));
        for stage in self.heirs() {
            for run in &self.snapshot.stage(stage).runs {
                edits.extend(self.add_mounts(stage, run, &modules, &build));
            }
        }
        self.fix(format!("{TITLE}, {how}"), edits)
    }

    /// The bind mounts of the module files, seen from `workdir`.
    pub(super) fn binds(&self, workdir: &str, folder_moves: bool) -> Vec<String> {
        let mut binds = Vec::new();
        for files in &self.files {
            let to = if folder_moves { workdir } else { files.to.as_str() };
            for name in &files.names {
                let target = paths::join(relative(to, workdir).unwrap_or(to), name);
                binds.push(format!("--mount=type=bind,source={},target={target}", paths::join(&files.from, name)));
            }
        }
        binds
    }

    /// The stage and those built on it.
    pub(super) fn heirs(&self) -> Vec<&Stage> {
        Family::heirs(self.snapshot, self.late.stage).stages
    }

    /// A mount that the command has already, or a new one.
    fn cache_mount(&self, folder: &str) -> Option<String> {
        let Layer { snapshot, late, .. } = self;
        let held = |mount: &&Mount| go_caches::holds(snapshot, late.command, mount, folder) == Answer::Yes;
        if let Some(mount) = late.command.mounts.iter().find(held) {
            return Some(snapshot[mount.span].to_owned());
        }
        let owner = go_caches::owner(snapshot, late.stage, late.command)?;
        is_plain(folder).then(|| format!("--mount=type=cache,target={folder}{owner}"))
    }

    fn add_mounts(&self, stage: &Stage, run: &RunFact, modules: &str, build: &str) -> Option<Edit> {
        if self.moved.contains(&run.instruction) || run.instruction <= self.anchor {
            return None;
        }
        let mut commands = self.snapshot.stage(stage).go.iter().filter(|go| go.instruction == run.instruction);
        let has = |go: &GoCommand, folder: Option<String>| {
            let folder = folder.unwrap_or_default();
            run.mounts.iter().any(|mount| go_caches::holds(self.snapshot, go, mount, &folder) != Answer::No)
        };
        let folders = |go: &GoCommand| go_caches::folders(self.snapshot, stage, go);
        let mut wanted = Vec::new();
        if commands.clone().any(|go| go.downloads() && !has(go, folders(go).modules)) {
            wanted.push(modules);
            // What was pruned from the cache is downloaded again.
            wanted.extend(self.access.iter().map(|access| access.mount.as_str()));
        }
        if commands.any(|go| go.compiles() && !has(go, folders(go).builds)) {
            wanted.push(build);
        }
        (!wanted.is_empty()).then(|| cache_mounts::insert(self.snapshot, run.instruction, &wanted))
    }

    /// Modules are copied out of the stage, run from it, or wanted by a command that we can't give a mount.
    fn is_used_elsewhere(&self, folders: &Folders) -> bool {
        let family = Family::heirs(self.snapshot, self.late.stage);
        let same = |stage: &Stage, go: &GoCommand| {
            go.state.user == self.late.command.state.user && go_caches::folders(self.snapshot, stage, go) == *folders
        };
        let differs = family.commands().any(|(stage, go)| go.downloads() && !same(stage, go));
        let is_copied = folders.modules.as_ref().is_none_or(|folder| family.is_copied(folder));
        is_copied || family.starts_go() || family.runs_others_behind(self.anchor) || differs
    }
}
