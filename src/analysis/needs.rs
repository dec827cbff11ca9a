//! The paths that a Dockerfile expects in its build context: what project::context looks for.
use super::copy::{CopyFact, CopyFrom};
use super::go::GoCommand;
use super::known::Known;
use super::path::{is_below, is_go_file, relative};
use super::snapshot::Snapshot;
use crate::project::context::Needs;

/// What `snapshot` needs from its context: the literal sources of COPY, ADD and bind mounts, and the packages that are built.
pub fn needs(snapshot: &Snapshot) -> Needs {
    let mut needs = Needs::default();
    for stage in snapshot.stages() {
        for copy in stage.copies.iter().filter(|copy| copy.from == CopyFrom::Context) {
            let literal = copy.sources.iter().filter(|source| !source.remote);
            needs.sources.extend(literal.filter_map(|source| source.path.as_ref().cloned()));
        }
        for mount in stage.runs.iter().flat_map(|run| &run.mounts) {
            if mount.kind() == "bind" && mount.from().is_none() {
                needs.sources.extend(mount.source().filter(|source| !source.contains('$')).map(str::to_owned));
            }
        }
        for go in &stage.go {
            packages(go, &stage.copies, &mut needs.packages);
        }
    }
    needs
}

/// The packages of `go`, as they are seen from the folder that was copied.
fn packages(go: &GoCommand, copies: &[CopyFact], packages: &mut Vec<String>) {
    if !go.builds() || !go.is_of_module() {
        return;
    }
    let Known::Known(folder) = go.folder() else { return };
    let covers = |copy: &&CopyFact| {
        copy.from == CopyFrom::Context
            && copy.instruction < go.instruction
            && copy.destination.is(|to| is_below(&folder, to))
            && (copy.is_broad() || copy.destination.is(|to| *to == folder))
    };
    let Some(copy) = copies.iter().rev().find(covers) else {
        return;
    };
    let inside = copy.destination.as_ref().and_then(|to| relative(&folder, to)).unwrap_or_default();
    let here = |argument: &str| match argument {
        _ if inside.is_empty() || !(argument.starts_with('.') || is_go_file(argument)) => argument.to_owned(),
        _ => format!("./{inside}/{}", argument.trim_start_matches("./")),
    };
    if go.packages.is_empty() {
        packages.push(here("."));
    }
    packages.extend(go.packages.iter().filter_map(|package| package.value.as_ref()).map(|package| here(package)));
}
