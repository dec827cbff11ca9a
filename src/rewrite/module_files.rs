//! The files that `go mod download` needs: where they lie in the context, and where they belong in the image.
use crate::analysis::copy::CopyFact;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::module_layer::LateDownload;
use crate::analysis::path::{is_go_file, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::SourceModule;
use crate::project::paths;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// One folder with module files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFiles {
    /// Relative to the context.
    pub from: String,
    /// In the image.
    pub to: String,
    /// File names, globs where it is not known whether the file exists.
    pub names: Vec<&'static str>,
}

/// True for a path that needs no quoting and has no wildcards.
pub fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte))
}

/// The module files of the project; `None` when one of them lies outside the context or is not there.
/// `workspace` is false where go.work does not count.
pub fn known_files(snapshot: &Snapshot, source: &SourceModule, workspace: bool) -> Option<Vec<ModuleFiles>> {
    let facts = snapshot.facts();
    let module = source.module;
    let place = |dir: &str| container(source, dir);
    let mut files = Vec::new();
    let mut dirs = vec![module.dir.clone()];
    if let Some(work) = facts.work_for(module).filter(|_| workspace) {
        let name = paths::join(&work.dir, "go.work");
        if facts.arrives(&name)? {
            let mut names = vec!["go.work"];
            names.extend(facts.arrives(&format!("{name}.sum"))?.then_some("go.work.sum"));
            files.push(ModuleFiles { from: work.dir.clone(), to: place(&work.dir)?, names });
            dirs = work.module_dirs().collect::<Option<Vec<String>>>()?;
        }
    }
    let mut replaced = Vec::new();
    for dir in &dirs {
        for (_, target) in facts.local_replaces(facts.module_at(dir)?) {
            replaced.push(target?);
        }
    }
    dirs.extend(replaced);
    for dir in dirs {
        if files.iter().any(|files: &ModuleFiles| files.from == dir && files.names.contains(&"go.mod")) {
            continue;
        }
        if !facts.arrives(&paths::join(&dir, "go.mod"))? {
            return None;
        }
        let mut names = vec!["go.mod"];
        names.extend(facts.arrives(&paths::join(&dir, "go.sum"))?.then_some("go.sum"));
        match files.iter_mut().find(|files| files.from == dir) {
            Some(together) => together.names.splice(0..0, names).for_each(drop),
            None => files.push(ModuleFiles { to: place(&dir)?, from: dir, names }),
        }
    }
    Some(files)
}

/// True where the command does without go.work.
pub fn is_workspace_off(command: &GoCommand) -> bool {
    command.variable("GOWORK").is_some_and(|value| value.is(|value| value == "off"))
}

/// Where a folder of the context lies in the image, when the module keeps its place among its neighbours.
fn container(source: &SourceModule, dir: &str) -> Option<String> {
    let mut up = String::new();
    let mut above = source.module.dir.as_str();
    loop {
        if let Some(rest) = paths::strip(dir, above) {
            let depth = source.folder.split('/').filter(|part| !part.is_empty()).count();
            return (up.len() / 3 <= depth).then(|| resolve(&resolve(&source.folder, &up), rest));
        }
        up.push_str("../");
        above = paths::parent(above);
    }
}

/// Where `go mod download` runs: the folder of go.work, or that of go.mod.
pub fn download_folder(snapshot: &Snapshot, source: &SourceModule, command: &GoCommand) -> Option<String> {
    let facts = snapshot.facts();
    match facts.work_for(source.module).filter(|_| !is_workspace_off(command)) {
        Some(work) if facts.arrives(&paths::join(&work.dir, "go.work"))? => container(source, &work.dir),
        _ => Some(source.folder.clone()),
    }
}

/// Without the project: the source's root is the module's, where the command runs.
pub fn unknown_files(late: &LateDownload) -> Option<(Vec<ModuleFiles>, String)> {
    let folder = late.command.folder().as_ref()?.clone();
    if !late.narrow.is_empty() {
        return Some((Vec::new(), folder));
    }
    let [source] = late.copy.sources.as_slice() else { return None };
    let path = source.path.as_ref()?;
    // Beside a file at the root lies go.mod; of a file further down nobody knows it.
    let from = if is_go_file(path) { paths::parent(path) } else { path.trim_end_matches('*').trim_end_matches('/') };
    if is_go_file(path) && !from.is_empty() {
        return None;
    }
    let (from, names) = (from.to_owned(), vec!["go.mod", "go.su[m]"]);
    (late.copy.destination == Known::Known(folder.clone()))
        .then(|| (vec![ModuleFiles { from, to: folder.clone(), names }], folder))
}

/// The module files that no copy in front of the source brings yet.
pub fn missing_files(late: &LateDownload, files: Vec<ModuleFiles>) -> Vec<ModuleFiles> {
    let is_there = |path: &str| {
        late.narrow.iter().flat_map(|copy| &copy.sources).any(|source| {
            source.path.is(|known| {
                known == path
                    || known.contains(['*', '?', '['])
                        && paths::parent(known) == paths::parent(path)
                        && !path.contains(".work")
            })
        })
    };
    let missing = |mut files: ModuleFiles| {
        files.names.retain(|name| !is_there(&paths::join(&files.from, name)));
        (!files.names.is_empty()).then_some(files)
    };
    files.into_iter().filter_map(missing).collect()
}

/// Adds `path` of the context to the sources of `copy`; its destination becomes a folder if it is none.
pub fn add_source(snapshot: &Snapshot, copy: &CopyFact, path: &str) -> Option<Vec<Edit>> {
    let instruction = &snapshot.file().instructions[copy.instruction];
    let body = instruction.copy()?;
    let (last, destination) = (body.sources.last()?, body.destination.as_ref()?);
    if !is_plain(path) || body.sources.len() != copy.sources.len() {
        return None;
    }
    let (glue, quote) = if body.json { (", ", "\"") } else { (" ", "") };
    let dot = if snapshot[last.span].trim_start_matches('"').starts_with("./") { "./" } else { "" };
    let mut edits = vec![Edit::insert(last.span.end, format!("{glue}{quote}{dot}{path}{quote}"))];
    let end = destination.span.end - quote.len() as u32;
    let start = destination.span.start + quote.len() as u32;
    let written = &snapshot[Span::new(start, end)];
    // Builders before BuildKit want the slash where there are several sources.
    match written.strip_suffix("go.mod").filter(|_| !copy.into_folder) {
        Some("") => edits.push(Edit::replace(Span::new(start, end), "./")),
        Some(folder) => edits.push(Edit::replace(Span::new(start, end), folder)),
        None if !written.ends_with('/') => edits.push(Edit::insert(end, "/")),
        None => {}
    }
    Some(edits)
}
