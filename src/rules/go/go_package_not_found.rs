//! A package that the module does not have.
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::Arg;
use crate::analysis::path::{is_go_file, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin, SourceModule};
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::paths;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::nearest;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() || snapshot.facts().truncated {
        return;
    }
    let suspect =
        |go: &&GoCommand| is_looked_at(go) && go.packages.iter().any(|package| is_unknown(snapshot.facts(), package));
    for command in snapshot.stage(stage).go.iter().filter(suspect).take(MAX_COMMANDS) {
        let Some(module) = source::module_of(snapshot, stage, command) else { continue };
        findings
            .extend(command.packages.iter().find_map(|argument| finding(snapshot, stage, command, &module, argument)));
    }
}

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

/// No package of the project has such a path, whatever the folder of the command.
fn is_unknown(facts: &Facts, argument: &Arg) -> bool {
    let Some(path) = argument.value.as_ref().map(|path| paths::clean(path)) else { return false };
    let ends = |dir: &String| dir.strip_suffix(&*path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    !facts.modules.iter().flat_map(|module| module.packages.keys()).any(ends)
}

fn is_looked_at(go: &GoCommand) -> bool {
    let verb = matches!(go.verb.as_str(), "build" | "install" | "vet" | "test");
    let sure = go.state.files.opened_by().is_none() && !go.command.conditional && !go.command.broken;
    verb && sure && go.is_of_module() && go.flag("-overlay").is_none()
}

fn finding(
    snapshot: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    module: &SourceModule,
    argument: &Arg,
) -> Option<Finding> {
    let facts = snapshot.facts();
    let written =
        argument.value.as_ref().filter(|path| path.starts_with("./") && !path.contains("...") && !is_go_file(path))?;
    let dir = paths::join_inside(&module.cwd, written)?;
    // The folder may hold a module of its own, or source that git does not know.
    let inside = paths::strip(&dir, &module.module.dir).is_some();
    let own = facts.module_for(&dir).is_some_and(|of| of.dir == module.module.dir);
    let missing = module.module.complete && !module.module.packages.contains_key(&dir);
    if !inside || !own || !missing || facts.is_git_ignored(&dir)? || has_go_files(snapshot, &dir) {
        return None;
    }
    // Without even the folder around it, another folder is built from than the one that we know.
    if facts.exists(paths::parent(&dir)) != Some(true) {
        return None;
    }
    // Another copy may bring the folder from elsewhere.
    let there = resolve(command.folder().as_ref()?, written);
    match source::seen_by(snapshot, stage, command, &there) {
        Origin::Context(from, _) if from != dir => return None,
        Origin::Unknown => return None,
        _ if source::may_come_from_image(snapshot, stage, command, &there) => return None,
        _ => {}
    }
    let what = if facts.exists(&dir)? { "holds no Go package" } else { "is not in the module" };
    let finding = Finding::new(argument.span, format!("`{written}` {what}"));
    let build = source::build_of(command, true)?;
    let mains = module.module.main_packages(&build).map(|package| package.dir.as_str());
    let meant = nearest(&dir, mains);
    let fix = meant.and_then(|meant| {
        let plain = snapshot[argument.span] == *written;
        let to = format!("./{}", paths::strip(meant, &module.cwd)?);
        plain.then(|| Fix::unsafe_(format!("build {to}"), vec![Edit::replace(argument.span, to)]))?
    });
    Some(finding.because(command.verb_span, "go stops here").fix(fix))
}

/// Files that are there after all: assembly and tests count for something else.
fn has_go_files(snapshot: &Snapshot, dir: &str) -> bool {
    let names = snapshot.facts().paths.children(dir).unwrap_or_default();
    names.iter().any(|(name, _)| is_go_file(name))
}
