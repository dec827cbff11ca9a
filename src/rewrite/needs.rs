//! What the programs of a stage need of C.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::{CgoModule, Phase, cgo_module};
use crate::knowledge::distros::PackageManager;
use crate::model::stage::Stage;
use crate::project::walk::CgoNeed;

/// What Go commands need of C, taken together.
#[derive(Clone, Debug)]
pub struct Needs {
    /// Do they need cgo?
    pub cgo: Answer,
    /// The modules because of which they do, without repetition.
    pub modules: Vec<&'static CgoModule>,
}

/// What `commands` of `stage` need.
pub fn of(snapshot: &Snapshot, stage: &Stage, commands: &[&GoCommand]) -> Needs {
    let mut needs = Needs { cgo: Answer::No, modules: Vec::new() };
    for command in commands {
        needs.add(&of_command(snapshot, stage, command));
    }
    needs
}

fn of_command(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Needs {
    let race = command.flag("-race").is_some_and(|flag| flag.value.is(|value| value == "true"));
    let mode = command.flag("-buildmode").and_then(|flag| flag.value.as_ref());
    let shared = mode.is_some_and(|mode| matches!(mode.as_str(), "plugin" | "shared" | "c-shared" | "c-archive"));
    let cgo = match source::cgo_need(snapshot, stage, command) {
        _ if race || shared => Answer::Yes,
        CgoNeed::Yes { .. } => Answer::Yes,
        CgoNeed::No => Answer::No,
        CgoNeed::Unknown => Answer::Unknown,
    };
    Needs { cgo, modules: modules(snapshot, stage, command).unwrap_or_default() }
}

/// The modules that need cgo among those that `command` builds.
fn modules(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Vec<&'static CgoModule>> {
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, true)?;
    let packages = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let tags: Vec<&str> = build.tags.iter().map(String::as_str).collect();
    let foreign = walk.reached.iter().filter(|reached| module.module.dir_of(&reached.import_path).is_none());
    Some(foreign.filter_map(|reached| cgo_module(&reached.import_path)).filter(|row| row.needs_cgo(&tags)).collect())
}

impl Needs {
    fn add(&mut self, other: &Needs) {
        self.cgo = match (self.cgo, other.cgo) {
            (Answer::Yes, _) | (_, Answer::Yes) => Answer::Yes,
            (Answer::Unknown, _) | (_, Answer::Unknown) => Answer::Unknown,
            _ => Answer::No,
        };
        for module in &other.modules {
            if !self.modules.iter().any(|known| known.module == module.module) {
                self.modules.push(module);
            }
        }
    }

    /// The packages of all modules, without repetition.
    pub fn packages(&self, manager: PackageManager, phase: Phase, t64: bool) -> Vec<&'static str> {
        let mut packages: Vec<&'static str> = Vec::new();
        for package in self.modules.iter().flat_map(|module| module.packages(manager, phase, t64)) {
            if !packages.contains(package) {
                packages.push(package);
            }
        }
        packages
    }

    /// True when a module is C++.
    pub fn cpp(&self) -> bool {
        self.packages(PackageManager::Apt, Phase::Build, false).contains(&"g++")
    }
}
