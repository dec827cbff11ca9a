//! What other stages take: programs that are cross-compiled, and files that are the same on all platforms.
use super::{Group, command, is_for_target, is_on_builder, takes};
use crate::analysis::copy::{CopyFrom, CopySource};
use crate::analysis::go::{GoCommand, program_name};
use crate::analysis::known::Known;
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::knowledge::go_calls::is_asset_path;
use crate::model::stage::{Base, Stage, find_stage};

/// True when the stages outside `group` take programs that it builds, and nothing else that may depend on a platform; and nothing
/// in the group runs or changes what was built.
pub fn are_all(snapshot: &Snapshot, group: &Group) -> bool {
    let Some(programs) = programs(snapshot, group) else { return false };
    if group.stages.iter().any(|stage| runs_one(snapshot, stage, &programs)) {
        return false;
    }
    let others = || snapshot.linked(group.root).filter(|stage| !group.contains(stage.index));
    let mut shipped = false;
    for stage in others() {
        if mounts(snapshot, stage, group) {
            return false;
        }
        if !takes(snapshot, stage, group) {
            continue;
        }
        let root = &snapshot.file().stages[stage.root];
        if !is_for_target(snapshot, root) && !is_on_builder(snapshot, root) && root.base != Base::Scratch {
            return false;
        }
        for (from, source) in taken(snapshot, stage, group) {
            match kind(snapshot, &snapshot.file().stages[from], source, &programs, group) {
                Product::Program => shipped = true,
                Product::Data => {}
                Product::Unknown => return false,
            }
        }
    }
    shipped
}

enum Product {
    Program,
    Data,
    Unknown,
}

fn taken<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    group: &'s Group,
) -> impl Iterator<Item = (usize, &'s CopySource)> {
    let copies = snapshot.stage(stage).copies.iter();
    copies.flat_map(|copy| {
        let from = match copy.from {
            CopyFrom::Stage(from) if group.contains(from) => Some(from),
            _ => None,
        };
        from.into_iter().flat_map(|from| copy.sources.iter().map(move |source| (from, source)))
    })
}

/// True when a stage of `group` gets programs from an image or a stage of the target's platform, which the builder can't run: what is
/// copied to where programs lie, or mounted.
pub fn has_tools(snapshot: &Snapshot, group: &Group) -> bool {
    let is_foreign = |stage: usize| {
        let root = &snapshot.file().stages[snapshot.file().stages[stage].root];
        !group.contains(stage) && !is_on_builder(snapshot, root)
    };
    let is_plain = |path: &String| {
        let system = ["/bin", "/go/bin", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/root/go/bin"];
        path != "/" && !system.iter().any(|folder| is_below(path, folder))
    };
    group.stages.iter().any(|stage| {
        let analysis = snapshot.stage(stage);
        let mut copies = analysis.copies.iter().filter(|copy| match &copy.from {
            CopyFrom::Context => false,
            CopyFrom::Stage(from) => is_foreign(*from),
            CopyFrom::Image(_) | CopyFrom::Unknown => true,
        });
        let mut mounts = analysis.runs.iter().flat_map(|run| &run.mounts).filter_map(|mount| mount.from());
        let stages = &snapshot.file().stages;
        copies.any(|copy| !copy.destination.as_ref().is_some_and(is_plain))
            || mounts.any(|name| find_stage(stages, stage.index, name, true).is_none_or(is_foreign))
    })
}

/// True when a RUN of `stage` mounts a stage of `group`: it may run programs of it.
fn mounts(snapshot: &Snapshot, stage: &Stage, group: &Group) -> bool {
    let mut names = snapshot.stage(stage).runs.iter().flat_map(|run| &run.mounts).filter_map(|mount| mount.from());
    names.any(|name| {
        find_stage(&snapshot.file().stages, stage.index, name, true).is_some_and(|from| group.contains(from))
    })
}

/// Where the commands of `group` write: files, and folders for all that is in them. `None` where that can't be told.
fn programs(snapshot: &Snapshot, group: &Group) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (stage, command) in &group.builds {
        found.extend(written(snapshot, stage, command)?);
    }
    Some(found)
}

fn written(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Vec<String>> {
    let folder = command.folder();
    if command.verb == "install" {
        return Some(vec![command::install_folder(command)?]);
    }
    if let Some(flag) = command.flag("-o") {
        return Some(vec![resolve(folder.as_ref()?, flag.value.as_ref()?)]);
    }
    let several = command.packages.iter().any(|package| package.prefix.contains("...")) || command.packages.len() > 1;
    if several {
        return Some(Vec::new());
    }
    let module = source::module_of(snapshot, stage, command);
    let path = module.and_then(|module| module.module.import_path(&module.cwd));
    command.outputs(path.as_deref())
}

/// True when a command of `stage` starts one of `programs`, or reads into it as only the tools of one platform can.
fn runs_one(snapshot: &Snapshot, stage: &Stage, programs: &[String]) -> bool {
    const OF_ONE_PLATFORM: [&str; 4] = ["strip", "objcopy", "patchelf", "ldd"];
    let commands = &snapshot.stage(stage).commands;
    commands.iter().any(|command| {
        let is_program = |path: &String| !matches!(base(path), "go" | "") && base(path) == command.name;
        OF_ONE_PLATFORM.contains(&command.name.as_str()) || programs.iter().any(is_program)
    })
}

fn kind(snapshot: &Snapshot, from: &Stage, source: &CopySource, programs: &[String], group: &Group) -> Product {
    let Known::Known(path) = &source.path else { return Product::Unknown };
    if path == "/" || is_tool(path, group, snapshot) {
        return Product::Unknown;
    }
    if programs.iter().any(|program| is_below(program, path) || is_below(path, program)) {
        return Product::Program;
    }
    let plain = ["/etc", "/usr/share", "/usr/local/share"].iter().any(|folder| is_below(path, folder));
    let from_context = || matches!(source::origin(snapshot, from, usize::MAX, &[], path), Origin::Context(..));
    let asset = || is_asset_path(base(path));
    if plain || from_context() || asset() { Product::Data } else { Product::Unknown }
}

/// True for a tool that was installed for the builder, and for a folder that holds one.
fn is_tool(path: &str, group: &Group, snapshot: &Snapshot) -> bool {
    let go = group.stages.iter().flat_map(|stage| &snapshot.stage(stage).go);
    let mut tools = go.filter(|go| go.verb == "install" && !go.is_of_module());
    tools.any(|go| match command::install_folder(go) {
        None => true,
        Some(folder) if is_below(&folder, path) => true,
        Some(folder) if is_below(path, &folder) => {
            let name = |arg: &crate::analysis::invocation::Arg| program_name(&arg.prefix, None);
            go.packages.iter().any(|package| name(package).is_none_or(|name| name == base(path)))
        }
        Some(_) => false,
    })
}
