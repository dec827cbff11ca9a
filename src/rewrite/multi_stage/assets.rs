//! Files beside the program that it reads when it runs.
use super::program::Program;
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::path::{base, is_below, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::knowledge::go_calls::{CallKind, go_call, is_asset_path};
use crate::knowledge::secret_files::is_private;
use crate::model::stage::Stage;
use crate::project::build_tags::Build;
use crate::project::packages::Package;
use crate::project::paths;
use crate::project::walk::Target;

/// What the program reads.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// Paths relative to WORKDIR, sorted.
    pub paths: Vec<String>,
    /// Paths elsewhere, which arguments or ENV name.
    pub absolute: Vec<String>,
    /// Those of `paths` that it may write.
    pub written: Vec<String>,
    /// `.env` is there, and read.
    pub env_file: bool,
    /// Time zones are looked up.
    pub time_zones: bool,
}

/// What the programs that `commands` build read in `workdir`; `arguments` are what they are started with.
pub fn find(snapshot: &Snapshot, stage: &Stage, commands: &[GoCommand], workdir: &str, arguments: &[String]) -> Assets {
    let mut assets = Assets::default();
    let known = commands.iter().filter_map(|command| packages(snapshot, stage, command)).collect::<Vec<_>>();
    if known.is_empty() {
        assets.paths.extend(copied(snapshot, stage, workdir));
    }
    for (packages, build) in &known {
        for package in packages {
            assets.package(snapshot, stage, workdir, package, build);
        }
    }
    for argument in arguments {
        let path = argument.rsplit('=').next().unwrap_or(argument);
        if path.starts_with('-')
            || !named_by_copy(snapshot, stage, workdir, path)
            || is_below(workdir, &resolve(workdir, path))
        {
            continue;
        }
        match relative(&resolve(workdir, path), workdir) {
            Some(_) if path.starts_with('/') => assets.absolute.push(resolve("/", path)),
            Some(_) => assets.add(snapshot, stage, workdir, path),
            None => assets.absolute.push(resolve(workdir, path)),
        }
    }
    let tops: Vec<String> = assets.paths.iter().map(|path| resolve(workdir, path)).collect();
    assets.absolute.retain(|path| !tops.iter().any(|top| is_below(path, top)));
    assets.paths.sort();
    assets.paths.dedup();
    assets.absolute.sort();
    assets.absolute.dedup();
    assets
}

/// The project's packages that `command` builds its programs of.
fn packages<'s>(snapshot: &'s Snapshot, stage: &Stage, command: &GoCommand) -> Option<(Vec<&'s Package>, Build)> {
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, false)?;
    let dirs = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = dirs.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let own = walk.reached.iter().filter_map(|reached| match &reached.target {
        Target::Dir(dir) => snapshot.facts().package_at(dir),
        _ => None,
    });
    Some((own.collect(), build))
}

impl Assets {
    /// Leaves out what the program itself is, and what an instruction of `moved` brings to the final stage.
    pub fn without(
        mut self,
        snapshot: &Snapshot,
        stage: &Stage,
        workdir: &str,
        program: &Program,
        moved: &[usize],
    ) -> Self {
        let copies = &snapshot.stage(stage).copies;
        let is_moved = |path: &str| {
            let mut brings = copies
                .iter()
                .rev()
                .filter(|copy| copy.sources.iter().any(|source| copy.target(source).is(|to| to == path)));
            brings.next().is_some_and(|copy| moved.contains(&copy.instruction))
        };
        let is_program = |path: &str| program.path == path || program.script.as_deref() == Some(path);
        self.paths.retain(|path| {
            let full = resolve(workdir, path);
            !is_moved(&full) && !is_program(&full)
        });
        self.absolute.retain(|path| !is_moved(path) && !is_program(path));
        self
    }

    fn package(&mut self, snapshot: &Snapshot, stage: &Stage, workdir: &str, package: &Package, build: &Build) {
        for file in package.selected(build) {
            let calls = file.source.mentions.iter().filter_map(|mention| Some((go_call(&mention.name)?, mention)));
            for (kind, mention) in calls {
                match kind {
                    CallKind::TimeZone => self.time_zones = true,
                    CallKind::File if mention.name == "os.OpenFile" => {
                        let before = self.paths.len();
                        mention.literals.iter().take(1).for_each(|path| self.add(snapshot, stage, workdir, path));
                        self.written.extend_from_slice(&self.paths[before..]);
                    }
                    CallKind::File | CallKind::Files | CallKind::Directory => {
                        mention.literals.iter().for_each(|path| self.add(snapshot, stage, workdir, path));
                    }
                    _ => {}
                }
            }
            let embedded = |path: &str| {
                file.source.embeds.iter().any(|(pattern, _)| {
                    let inside = paths::join(&package.dir, pattern.trim_start_matches("all:"));
                    paths::strip(&paths::clean(path), &inside).is_some()
                })
            };
            for path in file.source.asset_paths.iter().filter(|path| !embedded(path)) {
                self.add(snapshot, stage, workdir, path);
            }
            self.env_file |= file.source.imports.iter().any(|import| import.path.contains("joho/godotenv"))
                && snapshot.facts().exists(".env") == Some(true);
        }
    }

    /// Adds what `path` names when it comes from the build context.
    fn add(&mut self, snapshot: &Snapshot, stage: &Stage, workdir: &str, path: &str) {
        let literal = path.split(['*', '?', '[']).next().unwrap_or(path);
        let literal =
            if literal.len() < path.len() { literal.rsplit_once('/').map_or("", |(folder, _)| folder) } else { path };
        let full = resolve(workdir, literal);
        let is_outside = path.starts_with('/') || path.starts_with('~') || path.contains(['$', ' ', '%']);
        let Some(inside) = relative(&full, workdir).filter(|inside| !inside.is_empty() && !is_outside) else { return };
        if inside == ".env" {
            self.env_file |= snapshot.facts().exists(".env") == Some(true);
            return;
        }
        // A folder of such files comes as a whole, of others only what is named.
        let top = inside.split('/').next().unwrap_or(inside);
        let is_whole = is_asset_path(top) && !holds_keys(snapshot, stage, &resolve(workdir, top));
        let top = if is_whole { top } else { inside };
        let is_there = |path: &str| {
            let origin = source::origin(snapshot, stage, usize::MAX, &[], &resolve(workdir, path));
            matches!(origin, Origin::Context(..)) || named_by_copy(snapshot, stage, workdir, path)
        };
        let is_go = std::path::Path::new(inside).extension().is_some_and(|extension| extension == "go");
        if is_there(inside) && !is_go {
            self.paths.push(top.to_owned());
        }
    }
}

/// A folder of the context has a file in it that is not for all who can pull the image.
fn holds_keys(snapshot: &Snapshot, stage: &Stage, folder: &str) -> bool {
    let Origin::Context(path, _) = source::origin(snapshot, stage, usize::MAX, &[], folder) else { return false };
    snapshot.facts().paths.children(&path).is_some_and(|found| found.iter().any(|(name, _)| is_private(name)))
}

/// Without the project: what COPY names, when its name says what it is.
fn copied(snapshot: &Snapshot, stage: &Stage, workdir: &str) -> Vec<String> {
    let copies = snapshot.stage(stage).copies.iter().filter(|copy| copy.from != CopyFrom::Unknown);
    let mut found = Vec::new();
    for copy in copies {
        for source in &copy.sources {
            let Known::Known(path) = &source.path else { continue };
            let Known::Known(target) = copy.target(source) else { continue };
            let inside = relative(&target, workdir).filter(|inside| !inside.is_empty());
            if let Some(inside) = inside.filter(|_| is_asset_path(base(path)) && base(path) != ".env") {
                found.push(inside.split('/').next().unwrap_or(inside).to_owned());
            }
        }
    }
    found
}

/// A COPY brings exactly this path.
fn named_by_copy(snapshot: &Snapshot, stage: &Stage, workdir: &str, path: &str) -> bool {
    let full = resolve(workdir, path);
    let copies = &snapshot.stage(stage).copies;
    let exact =
        copies.iter().any(|copy| copy.sources.iter().any(|source| copy.target(source).is(|target| *target == full)));
    exact || matches!(source::origin(snapshot, stage, usize::MAX, &[], &full), Origin::Context(..))
}
