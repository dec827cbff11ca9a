//! Which Go versions the modules of a stage ask for.
use super::go::GoCommand;
use super::snapshot::Snapshot;
use super::source::{self, SourceModule};
use crate::knowledge::golang_tags::GoVersion;
use crate::model::stage::Stage;
use crate::project::paths;

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

/// What the modules that are built in an image ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The least version: the newest `go` line.
    pub least: GoVersion,
    /// The version that a `toolchain` line suggests, where that is newer.
    pub wish: GoVersion,
}

/// The Go commands of the stages that are built on `stage`, itself included: they run the same toolchain.
pub fn commands<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> impl Iterator<Item = (&'s Stage, &'s GoCommand)> {
    let is_heir = move |heir: &&Stage| heir.root == stage.index;
    let stages = snapshot.linked(stage).filter(is_heir);
    stages.flat_map(|heir| snapshot.stage(heir).go.iter().map(move |go| (heir, go))).take(MAX_COMMANDS)
}

/// The version that the go.mod in question, or its workspace, asks for.
pub fn needed(snapshot: &Snapshot, source: &SourceModule, command: &GoCommand) -> Option<GoVersion> {
    let workspace_off = command.variable("GOWORK").is_some();
    let facts = snapshot.facts();
    match facts.work_for(source.module) {
        Some(work) if !workspace_off && facts.arrives(&paths::join(&work.dir, "go.work")) == Some(true) => {
            facts.required_go(source.module)
        }
        _ => source.module.go_mod.go_version(),
    }
}

/// What is built with the toolchain of `stage`, an image; `None` when nothing is, or that can't be told.
pub fn wanted(snapshot: &Snapshot, stage: &Stage) -> Option<Wanted> {
    let commands = commands(snapshot, stage).filter(|(_, go)| go.is_of_module() && go.command.name == "go");
    let all = commands.filter_map(|(heir, command)| {
        let module = source::module_of(snapshot, heir, command)?;
        let least = needed(snapshot, &module, command)?;
        let toolchain = module.module.go_mod.toolchain.as_ref().and_then(|word| GoVersion::parse(&word.text));
        Some(Wanted { least, wish: toolchain.map_or(least, |wish| wish.max(least)) })
    });
    all.reduce(|one, other| Wanted { least: one.least.max(other.least), wish: one.wish.max(other.wish) })
}

/// True when an image of version `image` is older than `need`: a tag without a patch release floats to the newest one.
pub fn is_older(image: GoVersion, need: GoVersion) -> bool {
    if image.patch.is_none() && image.pre.is_none() {
        (image.major, image.minor) < (need.major, need.minor)
    } else {
        image < need
    }
}
