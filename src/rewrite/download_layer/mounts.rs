//! The mounts of a download layer: module files that are bound, caches that every later Go command shares.
use super::{Files, Layer, TITLE};
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::module_layer;
use crate::analysis::path::{is_below, relative, resolve};
use crate::analysis::stage::RunFact;
use crate::knowledge::commands::{Taint, taint};
use crate::model::instruction::Kind;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::fix::Fix;
use crate::rewrite::module_files::{ModuleFiles, is_plain};
use crate::text::edit::Edit;
use crate::text::span::Span;

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
        let modules = self.cache_mount(&module_layer::module_cache(self.late.command)?, true)?;
        let build = self.cache_mount(&module_layer::build_cache(self.late.command)?, false)?;
        if self.is_used_elsewhere() {
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
        let is_heir = |stage: &&Stage| {
            let chain = crate::analysis::source::chain(self.snapshot, stage);
            chain.iter().any(|stage| stage.index == self.late.stage.index)
        };
        self.snapshot.linked(self.late.stage).filter(is_heir).collect()
    }

    /// A mount that the command has already, or a new one.
    fn cache_mount(&self, target: &str, modules: bool) -> Option<String> {
        let fits = |mount: &&Mount| {
            let here = mount.target().is_some_and(|known| resolve("/", known) == target);
            mount.kind() == "cache" && (here || (modules && module_layer::holds_modules(mount, self.late.command)))
        };
        if let Some(mount) = self.late.command.mounts.iter().find(fits) {
            return Some(self.snapshot[mount.span].to_owned());
        }
        let owner = match self.late.command.state.is_root() {
            Answer::Yes => String::new(),
            _ => owner(self.late.command.state.user.as_ref()?)?,
        };
        is_plain(target).then(|| format!("--mount=type=cache,target={target}{owner}"))
    }

    fn add_mounts(&self, stage: &Stage, run: &RunFact, modules: &str, build: &str) -> Option<Edit> {
        if self.moved.contains(&run.instruction) || run.instruction <= self.anchor {
            return None;
        }
        let mut commands = self.snapshot.stage(stage).go.iter().filter(|go| go.instruction == run.instruction);
        let mut wanted = Vec::new();
        if commands.clone().any(|go| go.downloads() && !run.mounts.iter().any(|m| module_layer::holds_modules(m, go))) {
            wanted.push(modules);
            // What was pruned from the cache is downloaded again.
            wanted.extend(self.access.iter().map(|access| access.mount.as_str()));
        }
        let has_build = |go: &GoCommand| {
            let cache = module_layer::build_cache(go);
            let holds = |mount: &Mount| {
                let target = mount.target().unwrap_or_default();
                mount.kind() == "cache"
                    && (target.contains('$') || cache.as_ref().is_some_and(|c| is_below(c, &resolve("/", target))))
            };
            run.mounts.iter().any(holds)
        };
        if commands.any(|go| go.compiles() && !has_build(go)) {
            wanted.push(build);
        }
        if wanted.is_empty() {
            return None;
        }
        let instruction = &self.snapshot.file().instructions[run.instruction];
        let rest = &self.snapshot[Span::new(instruction.keyword.end, instruction.span.end)];
        let escape = char::from(self.snapshot.file().escape);
        if rest.trim_start().starts_with(escape) {
            return Some(Edit::insert(instruction.keyword.end, format!(" {}", wanted.join(" "))));
        }
        let at = instruction.span.end - rest.trim_start().len() as u32;
        let is_heredoc = rest.trim_start().starts_with("<<");
        let joint = self.joint(run.instruction);
        let glue = if is_heredoc { " " } else { joint.as_str() };
        Some(Edit::insert(at, format!("{}{glue}", wanted.join(" "))))
    }

    /// Modules are copied out of the stage, run from it, or wanted by a command that we can't give a mount.
    fn is_used_elsewhere(&self) -> bool {
        let Some(cache) = module_layer::module_cache(self.late.command) else { return true };
        let heirs = self.heirs();
        let is_heir = |index: usize| heirs.iter().any(|stage| stage.index == index);
        let linked = self.snapshot.linked(self.late.stage).flat_map(|stage| &self.snapshot.stage(stage).copies);
        let copied = { linked }.any(|copy| {
            matches!(copy.from, CopyFrom::Stage(from) if is_heir(from))
                && copy.sources.iter().any(|source| {
                    source
                        .path
                        .as_ref()
                        .is_none_or(|path| is_below(path, &cache) || (is_below(&cache, path) && path != "/"))
                })
        });
        let file = self.snapshot.file();
        let starts_go = heirs.iter().any(|stage| {
            file.stage_instructions(stage).any(|(_, instruction)| {
                let text = &self.snapshot[instruction.span];
                matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint)
                    && ["go\"", "go run", "go test", "air", "dlv", "make", "reflex", "CompileDaemon"]
                        .iter()
                        .any(|word| text.contains(word))
            })
        });
        let unknown = heirs.iter().any(|stage| {
            self.snapshot.stage(stage).commands.iter().any(|command| {
                command.instruction > self.anchor
                    && (command.name.is_empty() || taint(&command.name) == Taint::All)
                    && crate::analysis::install::read(command).is_none()
            })
        });
        let others = heirs.iter().flat_map(|stage| &self.snapshot.stage(stage).go);
        let same = |go: &GoCommand| {
            go.state.user == self.late.command.state.user
                && module_layer::module_cache(go).as_ref() == Some(&cache)
                && module_layer::build_cache(go) == module_layer::build_cache(self.late.command)
        };
        let differs = others.filter(|go| go.downloads()).any(|go| !same(go));
        copied || starts_go || unknown || differs
    }
}

/// The options that make `user` the owner of a cache mount; `None` when only the name is known.
pub fn owner(user: &str) -> Option<String> {
    let (uid, gid) = user.split_once(':').unwrap_or((user, user));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(uid) && is_number(gid)).then(|| format!(",uid={uid},gid={gid}"))
}
