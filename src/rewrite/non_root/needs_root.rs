//! Whether a container must start as root, or becomes another user by itself.
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::root_uses::{RootUse, names, needs_root as listed};
use crate::model::stage::Stage;
use crate::rewrite::shipped::{self, Code};

/// True when the Dockerfile gives a reason for root: what it starts, copies and installs, its variables. A script may do
/// anything.
pub fn needs_root(snapshot: &Snapshot, stage: &Stage) -> bool {
    let analysis = snapshot.stage(stage);
    let starts = shipped::start_words(snapshot, stage).is_some_and(|(_, words)| {
        let first = words.first().map(String::as_str).unwrap_or_default();
        is_script(first) || words.iter().any(|word| listed(RootUse::Program, base(word)))
    });
    let end = &analysis.end;
    starts
        || end.files.names().any(|path| listed(RootUse::Program, base(path)) || is_script(path))
        || end.packages.names().any(|name| listed(RootUse::Package, name))
        || end.env.iter().any(|(name, _)| listed(RootUse::Variable, name))
        || source::chain(snapshot, stage).iter().any(|stage| {
            let text = &snapshot[stage.span];
            names(RootUse::Text).any(|part| text.contains(part))
        })
}

/// True for what is started by a script, by its name.
fn is_script(path: &str) -> bool {
    let name = base(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("sh" | "bash")) || name.contains("entrypoint") || name.contains('$')
}

/// True when a package of the program is known to talk to the kernel, to devices or to a container runtime.
pub fn imports_need_root(code: &Code) -> bool {
    code.imports.iter().any(|path| listed(RootUse::Import, path))
}
