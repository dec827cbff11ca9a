//! What the programs of a stage need of C.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::cgo_modules::{CgoModule, Phase};
use crate::knowledge::distros::PackageManager;

/// What Go commands need of C, taken together.
#[derive(Clone, Debug)]
pub struct Needs {
    /// Do they need cgo?
    pub cgo: Answer,
    /// The modules because of which they do, without repetition.
    pub modules: Vec<&'static CgoModule>,
}

/// What `commands` need.
pub fn of(snapshot: &Snapshot, commands: &[&GoCommand]) -> Needs {
    let mut needs = Needs { cgo: Answer::No, modules: Vec::new() };
    for command in commands {
        needs.add(&of_command(snapshot, command));
    }
    needs
}

fn of_command(_snapshot: &Snapshot, command: &GoCommand) -> Needs {
    let race = command.flag("-race").is_some_and(|flag| flag.value.is(|value| value == "true"));
    let mode = command.flag("-buildmode").and_then(|flag| flag.value.as_ref());
    let shared = mode.is_some_and(|mode| matches!(mode.as_str(), "plugin" | "shared" | "c-shared" | "c-archive"));
    let cgo = if race || shared { Answer::Yes } else { Answer::Unknown };
    Needs { cgo, modules: Vec::new() }
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
