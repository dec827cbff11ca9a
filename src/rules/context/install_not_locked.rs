//! The project has a lock file, and the install may leave it aside.
use super::dependencies_after_source::is_for_work;
use crate::analysis::dependencies::{Install, installs};
use crate::analysis::path::{base, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{Origin, chain};
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::run_script::{flag_behind, replace_word};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() {
        return;
    }
    let mut loose = installs(snapshot.stage(stage)).filter(|install| !install.is_locked());
    findings.extend(loose.find_map(|install| finding(snapshot, stage, &install)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, install: &Install) -> Option<Finding> {
    let downloads = !install.tool.builds || install.tool.name == "cargo" || install.words.first() == Some(&"restore");
    if !install.named.is_empty() && install.tool.name != "dotnet" || !downloads {
        return None;
    }
    let lock = install.tool.locks.iter().find_map(|name| {
        match install.origin(snapshot, stage, &resolve(&install.folder, name)) {
            Origin::Context(path, _) => Some(path),
            _ => None,
        }
    })?;
    if may_be_configured(snapshot, stage, install, paths::parent(&lock)) || is_for_work(snapshot, stage) {
        return None;
    }
    let name = base(&lock);
    let title = install.title(snapshot);
    let message = format!("`{title}` may install other versions than {name} says");
    let span = install.verb.map_or(install.command.name_span, |verb| install.command.name_span.cover(verb));
    Some(Finding::new(span, message).fix(fix(snapshot, install, paths::parent(&lock))))
}

/// True when a file of the project, or a command, may say that the lock file counts.
fn may_be_configured(snapshot: &Snapshot, stage: &Stage, install: &Install, dir: &str) -> bool {
    let there = |name: &str| snapshot.facts().exists(&paths::join(dir, name)) != Some(false);
    let file = match install.tool.name {
        "npm" | "pnpm" => there(".npmrc"),
        "bundler" => there(".bundle"),
        "bun" => there("bunfig.toml"),
        "yarn" => there(".yarnrc"),
        "cargo" => there(".cargo"),
        "dotnet" => there("Directory.Build.props"),
        _ => false,
    };
    let program = &install.command.name;
    let configures = |name: &str, args: &[crate::analysis::invocation::Arg]| {
        name == program && args.iter().any(|arg| matches!(arg.prefix.as_str(), "config" | "set"))
    };
    let mut commands = chain(snapshot, stage).into_iter().flat_map(|stage| &snapshot.stage(stage).commands);
    file || commands.any(|command| configures(&command.name, &command.args))
}

/// Not for sure: where the lock file is older than the manifest, the build stops.
fn fix(snapshot: &Snapshot, install: &Install, dir: &str) -> Option<Fix> {
    let mut want = install.tool.want?;
    let is_berry =
        install.tool.name == "yarn" && snapshot.facts().exists(&paths::join(dir, ".yarnrc.yml")) == Some(true);
    if is_berry {
        want = "--immutable";
    }
    let instruction = install.command.instruction;
    let edit = match install.verb {
        Some(verb) if !want.starts_with('-') => replace_word(snapshot, verb, install.words.first()?, want)?,
        Some(verb) => flag_behind(snapshot, instruction, verb, want),
        None => flag_behind(snapshot, instruction, install.command.name_span, want),
    };
    let title = if want.starts_with('-') { format!("add {want}") } else { format!("use {} {want}", install.tool.name) };
    Fix::unsafe_(title, vec![edit])
}
