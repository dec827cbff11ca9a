//! Programs that one stage builds and another starts: how they are linked.
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::Answer;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::links_libc;
use crate::knowledge::go_calls::{CallKind, go_call};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::go_source::Mention;
use crate::project::paths;
use crate::project::walk::{CgoNeed, Target};

/// Copies of one stage, and commands of one, that are looked at.
const MAX_LOOKED_AT: usize = 64;

/// Why a program is dynamic.
pub struct Reason {
    /// The imports from the main package to what needs the C library.
    pub chain: Vec<String>,
    /// A package needs cgo: switching it off is no remedy.
    pub needs_cgo: Answer,
}

/// What `stage` copies from other stages, if it starts something: a stage that starts nothing may be there to be exported.
pub fn copied<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
) -> impl Iterator<Item = (&'s CopySource, &'s Stage, &'s GoCommand)> {
    let mut instructions = snapshot.file().stage_instructions(stage);
    let starts = instructions.any(|(_, instruction)| matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint));
    let analysis = snapshot.stage(stage);
    let copies = analysis.copies.iter().chain(&analysis.half_copies).filter(move |_| starts);
    let sources = copies.flat_map(|copy| copy.sources.iter().map(move |source| (copy, source)));
    sources.filter_map(|(copy, source)| built(snapshot, copy, source)).take(MAX_LOOKED_AT)
}

/// The stage that a source comes from, and the command that writes it.
fn built<'s>(
    snapshot: &'s Snapshot,
    copy: &CopyFact,
    source: &'s CopySource,
) -> Option<(&'s CopySource, &'s Stage, &'s GoCommand)> {
    let CopyFrom::Stage(from) = copy.from else { return None };
    let builder = &snapshot.file().stages[from];
    Some((source, builder, builds(snapshot, builder, source.path.as_ref()?)?))
}

/// The last Go command in the chain of `builder` that writes `path`, or something in the folder `path`.
fn builds<'s>(snapshot: &'s Snapshot, builder: &'s Stage, path: &str) -> Option<&'s GoCommand> {
    source::chain(snapshot, builder).into_iter().rev().find_map(|stage| {
        let mut commands = snapshot.stage(stage).go.iter().rev().filter(|go| go.is_of_module()).take(MAX_LOOKED_AT);
        commands.find(|command| {
            let module =
                source::module_of(snapshot, stage, command).map(|source| source.module.go_mod.path().to_owned());
            let outputs = command.outputs(module.as_deref()).unwrap_or_default();
            outputs.iter().any(|output| is_below(output, path))
        })
    })
}

/// Libraries that are copied along.
pub fn has_own_loader(snapshot: &Snapshot, stage: &Stage) -> bool {
    let copies = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let is_library = |path: &String| path.contains("/lib") || path.contains("ld-") || path.contains(".so");
    copies.flat_map(|copy| &copy.sources).any(|source| source.path.as_ref().is_none_or(is_library))
}

/// Why what `command` builds needs the C library of its image; `None` when it does not, or that can't be told.
pub fn dynamic(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Reason> {
    if command.cgo() != Answer::Yes || command.command.env.get("CC").is_some() || command.command.name != "go" {
        return None;
    }
    let stage = source::chain(snapshot, stage).into_iter().find(|s| s.instructions.contains(&command.instruction))?;
    let need = source::cgo_need(snapshot, stage, command);
    if let CgoNeed::Yes { chain, .. } = need {
        let is_dynamic = command.linkage(Answer::Yes) == Linkage::Dynamic;
        return is_dynamic.then_some(Reason { chain, needs_cgo: Answer::Yes });
    }
    if command.linkage(Answer::No) != Linkage::Dynamic {
        return None;
    }
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, true)?;
    let packages = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let found = walk.reached.iter().position(|reached| links_libc(&reached.import_path))?;
    let needs_cgo = if matches!(need, CgoNeed::No) { Answer::No } else { Answer::Unknown };
    Some(Reason { chain: walk.chain(found), needs_cgo })
}

/// What a program is made of.
pub struct Uses<'s> {
    /// The functions that its module's own packages use and that tell what it needs.
    pub calls: Vec<(CallKind, &'s Mention)>,
    /// The import paths of all its packages.
    pub imports: Vec<String>,
}

/// What `command` of `builder` builds; `None` when that can't be told.
pub fn uses<'s>(snapshot: &'s Snapshot, builder: &'s Stage, command: &GoCommand) -> Option<Uses<'s>> {
    let stage = source::chain(snapshot, builder).into_iter().find(|s| s.instructions.contains(&command.instruction))?;
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, true)?;
    let packages = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let mut calls = Vec::new();
    for reached in &walk.reached {
        let Target::Dir(dir) = &reached.target else { continue };
        // Vendored modules are looked into as well; what they can do is not what the program does.
        let own = paths::strip(dir, &paths::join(&module.module.dir, "vendor")).is_none();
        let Some(package) = snapshot.facts().package_at(dir).filter(|_| own) else { continue };
        let mentions = package.selected(&build).flat_map(|file| &file.source.mentions);
        calls.extend(mentions.filter_map(|mention| Some((go_call(&mention.name)?, mention))));
    }
    let imports = walk.reached.into_iter().map(|reached| reached.import_path).collect();
    Some(Uses { calls, imports })
}
