//! Modules that go.mod or go.work takes from a folder, and that are not in the image when Go looks for them.
use std::path::PathBuf;

use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::path::{base, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin, SourceModule};
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::go_mod::{GoMod, Replace, Word};
use crate::project::packages::Module;
use crate::project::paths;
use crate::rewrite::ignore_file::let_first_through;
use crate::rewrite::{lines, module_files};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

/// A folder that Go looks into.
pub struct Local<'s> {
    /// `go.mod replaces example.com/x by ../x`
    pub what: String,
    /// The file that names it, relative to the context, and the line.
    pub file: String,
    /// The folder as that file writes it.
    pub word: &'s Word,
    /// The folder in the context; `None` outside it.
    dir: Option<String>,
    /// The folder in the image.
    to: String,
}

/// Why a folder is not there.
#[derive(PartialEq, Eq)]
enum Fault {
    Outside,
    Ignored,
    NotCopied,
}

/// The first module outside the build context that go.work lists and that nothing brings, as `command` of `stage` sees it.
pub fn outside_of_work<'s>(snapshot: &'s Snapshot, stage: &'s Stage, command: &GoCommand) -> Option<Local<'s>> {
    let module = source::module_of(snapshot, stage, command).filter(|_| reads_modules(command))?;
    if source::uses_vendor(snapshot, Some(&module), command) {
        return None;
    }
    let mut of_work = locals(snapshot, stage, command, &module).into_iter().filter(is_of_work);
    of_work.find(|local| fault(snapshot, stage, command, local) == Some(Fault::Outside))
}

fn is_of_work(local: &Local) -> bool {
    base(&local.file) == "go.work"
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if !may_have_locals(snapshot.facts()) || !module_layer::is_golang_image(snapshot, stage) {
        return;
    }
    let commands = snapshot.stage(stage).go.iter().take(MAX_COMMANDS).filter(|go| reads_modules(go));
    findings.extend({ commands }.find_map(|command| finding(snapshot, stage, command)));
}

/// Most projects have neither a workspace nor a local replacement.
fn may_have_locals(facts: &Facts) -> bool {
    let replaces = |module: &Module| module.go_mod.replaces.iter().any(Replace::is_local);
    facts.context.is_some() && (facts.work.is_some() || facts.modules.iter().any(replaces))
}

/// True for a command that stops when a module is missing, in an image whose files are known.
fn reads_modules(go: &GoCommand) -> bool {
    let known = go.state.files.opened_by().is_none() && !go.command.conditional && !go.command.broken;
    known && go.is_of_module() && go.downloads() && go.flag("-modfile").is_none()
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    let module = source::module_of(snapshot, stage, command)?;
    if source::uses_vendor(snapshot, Some(&module), command) {
        return None;
    }
    let missing: Vec<(Local, Fault)> = locals(snapshot, stage, command, &module)
        .into_iter()
        .filter_map(|local| fault(snapshot, stage, command, &local).map(|fault| (local, fault)))
        // work-file-outside-context says it where go.work is copied.
        .filter(|(local, fault)| !(is_of_work(local) && *fault == Fault::Outside))
        .collect();
    let (local, fault) = missing.first()?;
    let why = match fault {
        Fault::Outside => "which lies outside the build context",
        Fault::Ignored => "which .dockerignore keeps out of the build",
        Fault::NotCopied => "which is not in the image here",
    };
    let more = if missing.len() > 1 { format!(" (and {} more)", missing.len() - 1) } else { String::new() };
    let finding = Finding::new(command.verb_span, format!("{}, {why}{more}", local.what));
    let place: PathBuf = snapshot.facts().context.as_ref()?.dir.join(&local.file);
    let finding = finding.because_of(place, local.word.line, "Go reads it from there");
    let ignored = || {
        let dir = local.dir.as_ref().filter(|_| *fault == Fault::Ignored)?;
        let_first_through(snapshot.facts(), [dir, &paths::join(dir, "go.mod")])
    };
    Some(finding.fix(fix(snapshot, command, &missing).or_else(ignored)))
}

/// The folders that `command` needs: those of the workspace, and those that required modules are replaced by.
fn locals<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    command: &GoCommand,
    source: &SourceModule<'s>,
) -> Vec<Local<'s>> {
    let facts = snapshot.facts();
    let module = source.module;
    let is_used = |replace: &&Replace| replace.is_local() && is_required(&module.go_mod, replace);
    let replaced = module.go_mod.replaces.iter().filter(is_used).map(|replace| Local {
        what: format!("go.mod replaces {} by {}", replace.path.text, replace.target.text),
        file: paths::join(&module.dir, "go.mod"),
        word: &replace.target,
        dir: paths::join_inside(&module.dir, &replace.target.text).filter(|_| !replace.target.text.starts_with('/')),
        to: resolve(&source.folder, &replace.target.text),
    });
    let mut found: Vec<Local> = replaced.collect();
    if let Some(work) = facts.work_for(module).filter(|_| reads_work(command))
        && let Some(folder) = source::folder_of(snapshot, stage, command, &paths::join(&work.dir, "go.work"))
    {
        found.extend(work.file.uses.iter().map(|word| Local {
            what: format!("go.work uses {}", word.text),
            file: paths::join(&work.dir, "go.work"),
            word,
            dir: paths::join_inside(&work.dir, &word.text).filter(|_| !word.text.starts_with('/')),
            to: resolve(&folder, &word.text),
        }));
    }
    found
}

/// Go reads the go.mod of a replacement when its module is required, in the version that is replaced.
fn is_required(go_mod: &GoMod, replace: &Replace) -> bool {
    let version = replace.version.as_ref().map(|version| &version.text);
    let fits = |wanted: &String| version.is_none_or(|version| version == wanted);
    go_mod.requires.iter().any(|require| require.path.text == replace.path.text && fits(&require.version.text))
}

/// Workspaces came with Go 1.18; GOWORK switches them off, or names another.
fn reads_work(command: &GoCommand) -> bool {
    let go = command.state.go.as_ref().and_then(|go| go.as_ref()?.version.as_ref());
    command.variable("GOWORK").is_none() && go.is_some_and(|version| *version >= GoVersion::minor(1, 18))
}

fn fault(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, local: &Local) -> Option<Fault> {
    let facts = snapshot.facts();
    let go_mod = resolve(&local.to, "go.mod");
    let brought = source::seen_by(snapshot, stage, command, &go_mod) != Origin::Nowhere;
    if brought || source::may_come_from_image(snapshot, stage, command, &go_mod) {
        return None;
    }
    let Some(dir) = &local.dir else {
        let absolute = local.word.text.starts_with('/');
        return Some(if absolute { Fault::NotCopied } else { Fault::Outside });
    };
    let inside = paths::join(dir, "go.mod");
    // What is not there may be fetched or made before the build: a submodule, generated code.
    if facts.exists(&inside) != Some(true) {
        return None;
    }
    Some(if facts.is_ignored(&inside)? { Fault::Ignored } else { Fault::NotCopied })
}

/// Copies what is missing in front of the command: for a download the module files are enough.
fn fix(snapshot: &Snapshot, command: &GoCommand, missing: &[(Local, Fault)]) -> Option<Fix> {
    let facts = snapshot.facts();
    let mut copies = Vec::new();
    for (local, fault) in missing {
        let dir = local.dir.as_ref().filter(|_| *fault == Fault::NotCopied)?;
        let to = written(command.state.workdir.as_ref()?, &local.to);
        if !module_files::is_plain(dir) || !module_files::is_plain(&to) {
            return None;
        }
        let files = if command.verb == "mod download" {
            let sum = paths::join(dir, "go.sum");
            let sum = if facts.arrives(&sum)? { format!(" {sum}") } else { String::new() };
            format!("{}{sum}", paths::join(dir, "go.mod"))
        } else {
            dir.clone()
        };
        copies.push(lines::line(snapshot, command.instruction, Kind::Copy, &format!("{files} {to}")));
    }
    let title = if command.verb == "mod download" { "copy its go.mod first" } else { "copy it first" };
    Fix::safe(title, vec![lines::insert_before(snapshot, command.instruction, &copies)])
}

/// A folder as a destination.
fn written(workdir: &str, to: &str) -> String {
    match relative(to, workdir) {
        Some("") => "./".to_owned(),
        Some(rest) if workdir != "/" => format!("./{rest}/"),
        _ => format!("{to}/"),
    }
}
