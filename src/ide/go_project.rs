//! What a Go command does in the project at hand: its module, its programs, and whether they need cgo and why.
use super::markdown::item;
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, SourceModule};
use crate::model::stage::Stage;
use crate::project::build_tags::Build;
use crate::project::packages::Module;
use crate::project::walk::CgoNeed;
use crate::rules::linked;

/// So many packages are listed.
const MAX_LISTED: usize = 8;

/// What is known of `command` of `stage`, as a list; empty where nothing is.
pub fn text(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> String {
    let folder = command.folder().as_ref().map_or_else(String::new, |folder| format!("`{folder}`"));
    let mut lines = item("folder", &folder);
    if command.is_of_module() {
        let module = source::module_of(snapshot, stage, command);
        if let Some(module) = &module {
            lines.push_str(&item("module", &module_text(snapshot, module.module)));
            lines.push_str(&item("packages", &packages(snapshot, module, command)));
        }
        let outputs = command.outputs(module.map(|module| module.module.go_mod.path().to_owned()).as_deref());
        lines.push_str(&item("writes", &list(outputs.unwrap_or_default().iter())));
    }
    if command.compiles() {
        lines.push_str(&item("cgo", &cgo(snapshot, stage, command)));
    }
    if lines.is_empty() { lines } else { format!("Here:\n{}", lines.trim_end()) }
}

/// The module's path, the Go that it wants, and where its dependencies are.
pub fn module_text(snapshot: &Snapshot, module: &Module) -> String {
    let path = module.go_mod.path();
    let go = snapshot.facts().required_go(module);
    let go = go.map_or_else(String::new, |version| format!(", wants Go {version}"));
    let from = if module.uses_vendor() { ", its dependencies in vendor/" } else { "" };
    format!("`{path}`{go}{from}")
}

/// The folders of the packages that it works on, programs marked.
fn packages(snapshot: &Snapshot, source: &SourceModule, command: &GoCommand) -> String {
    let facts = snapshot.facts();
    let named = || {
        let build = source::build_of(command, true)?;
        let dirs = source::packages_of(snapshot, source, command, &build)?;
        let is_main = |dir: &str| facts.package_at(dir).is_some_and(|package| package.is_main(&build));
        let shown = dirs.iter().map(|dir| {
            let name = if dir.is_empty() { "." } else { dir };
            format!("`{name}`{}", if is_main(dir) { " (a program)" } else { "" })
        });
        Some(cut(shown.collect()))
    };
    named().unwrap_or_default()
}

/// The first command behind `offset` that compiles the project, with its stage: what a variable set there is for. It is one of
/// `stage`, else of a stage that is built on it.
pub fn command_behind<'s>(snapshot: &'s Snapshot, stage: &'s Stage, offset: u32) -> Option<(&'s Stage, &'s GoCommand)> {
    let is_heir = |heir: &&Stage| source::chain(snapshot, heir).iter().any(|other| other.index == stage.index);
    let heirs = snapshot.linked(stage).filter(|other| other.index > stage.index).filter(is_heir);
    std::iter::once(stage).chain(heirs).find_map(|stage| {
        let mut commands = snapshot.stage(stage).go.iter().filter(|go| go.span.end > offset && go.compiles());
        commands.find(|go| go.is_of_module()).map(|go| (stage, go))
    })
}

/// The module that `command` of `stage` works on; without a command the only one of the project.
pub fn module<'s>(snapshot: &'s Snapshot, stage: &'s Stage, command: Option<&GoCommand>) -> Option<&'s Module> {
    match (command, snapshot.facts().modules.as_slice()) {
        (Some(command), _) => source::module_of(snapshot, stage, command).map(|source| source.module),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// Whether cgo is needed by what `command` of `stage` builds; without a command by the programs of the only module.
pub fn cgo_need(snapshot: &Snapshot, stage: &Stage, command: Option<&GoCommand>) -> CgoNeed {
    if let Some(command) = command {
        return source::cgo_need(snapshot, stage, command);
    }
    let Some(module) = module(snapshot, stage, None) else { return CgoNeed::Unknown };
    let build = Build::default();
    let dirs: Vec<&str> = module.main_packages(&build).map(|package| package.dir.as_str()).collect();
    if dirs.is_empty() { CgoNeed::Unknown } else { snapshot.facts().reaches_cgo(module, &dirs, &build) }
}

/// Whether cgo is needed, and through which imports; empty when that is not known.
pub fn cgo_text(need: &CgoNeed) -> String {
    match need {
        CgoNeed::Yes { chain, .. } => format!("needed: {}", imports(chain)),
        CgoNeed::No => "not needed".to_owned(),
        CgoNeed::Unknown => String::new(),
    }
}

/// What the variable `name` means for the first command of `stage` behind `offset` that compiles.
pub fn variable(snapshot: &Snapshot, stage: &Stage, name: &str, offset: u32) -> String {
    let Some((stage, command)) = command_behind(snapshot, stage, offset) else { return String::new() };
    match name {
        "CGO_ENABLED" => item("cgo here", &cgo(snapshot, stage, command)),
        "GOTOOLCHAIN" => {
            let module = source::module_of(snapshot, stage, command);
            item("module here", &module.map(|module| module_text(snapshot, module.module)).unwrap_or_default())
        }
        _ => String::new(),
    }
}

/// Whether cgo is on, whether the programs need it and why, and how they are linked.
fn cgo(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> String {
    let state = match command.cgo() {
        Answer::Yes => "on",
        Answer::No => "off",
        Answer::Unknown => "",
    };
    let need = source::cgo_need(snapshot, stage, command);
    let why = cgo_text(&need);
    let need = match need {
        CgoNeed::Yes { .. } => Answer::Yes,
        CgoNeed::No => Answer::No,
        CgoNeed::Unknown => Answer::Unknown,
    };
    let linked = match command.linkage(need) {
        _ if !command.builds() => "",
        Linkage::Static => "the program is static",
        // Cgo alone links nothing: a package has to use it.
        Linkage::Dynamic if linked::dynamic(snapshot, stage, command).is_some() => {
            "the program needs the C library of this image"
        }
        Linkage::Dynamic | Linkage::Unknown => "",
    };
    let parts = [state, &why, linked].map(str::to_owned);
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// `main` → `example.com/app/db` → `github.com/mattn/go-sqlite3`
fn imports(chain: &[String]) -> String {
    let named: Vec<String> = chain.iter().map(|path| format!("`{path}`")).collect();
    named.join(" → ")
}

fn list<'a>(items: impl Iterator<Item = &'a String>) -> String {
    cut(items.map(|item| format!("`{item}`")).collect())
}

fn cut(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(MAX_LISTED);
    items.truncate(MAX_LISTED);
    let items = items.join(", ");
    if more == 0 { items } else { format!("{items} and {more} more") }
}

/// The package that the argument at `offset` names.
pub fn package(
    snapshot: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    offset: u32,
) -> Option<(crate::text::span::Span, String)> {
    let argument = command.packages.iter().find(|package| package.span.touches(offset))?;
    let Known::Known(_) = &argument.value else { return None };
    let module = source::module_of(snapshot, stage, command).filter(|_| command.is_of_module())?;
    let alone = GoCommand { packages: vec![argument.clone()], ..command.clone() };
    let dirs = packages(snapshot, &module, &alone);
    let text = [item("module", &module_text(snapshot, module.module)), item("packages", &dirs)].concat();
    (!dirs.is_empty()).then(|| (argument.span, text.trim_end().to_owned()))
}
