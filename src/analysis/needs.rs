//! The paths that a Dockerfile expects in its build context: what project::context looks for.
use super::copy::CopyFrom;
use super::go::GoCommand;
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
        stage.go.iter().for_each(|go| packages(go, &mut needs.packages));
    }
    needs
}

/// The packages of `go`, as far as they are seen from the folder in which the source lies.
fn packages(go: &GoCommand, packages: &mut Vec<String>) {
    if !matches!(go.verb.as_str(), "build" | "install") || !go.is_of_module() || go.flag("-C").is_some() {
        return;
    }
    // Behind `cd` a path is relative to a folder that the context may know under another name.
    if go.command.cwd != go.state.workdir {
        return;
    }
    if go.packages.is_empty() {
        packages.push(".".to_owned());
    }
    packages.extend(go.packages.iter().filter_map(|package| package.value.as_ref().cloned()));
}
