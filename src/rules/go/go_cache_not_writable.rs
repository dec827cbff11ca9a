//! A Go command runs as a user who can't write to the folders that go needs.
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches::{self, Folders};
use crate::analysis::invocation::Invocation;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::{accounts, source};
use crate::knowledge::distros::Distro;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::{build_as_root, cache_mounts, lines};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::effective;
use crate::rules::unfinished;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Folders that everybody may write to: of the system, and GOPATH of the official images.
const OPEN: [&str; 5] = ["/tmp", "/var/tmp", "/dev", "/go", "/run"];

/// Commands that may make folders, or give them to somebody.
const GIVING: [&str; 15] = [
    "mkdir", "chown", "chmod", "chgrp", "install", "cp", "mv", "ln", "rsync", "tar", "unzip", "setfacl", "usermod",
    "touch", "tee",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    let mut users = go.iter().filter(|go| go.state.is_root() == Answer::No && may_know(snapshot, go));
    findings.extend(users.find_map(|go| finding(snapshot, stage, go)));
}

/// The image is one whose folders we know, and nothing came into it that we don't.
fn may_know(snapshot: &Snapshot, go: &GoCommand) -> bool {
    let state = &go.state;
    let described = state.distro().is(|distro| matches!(distro, Distro::Debian | Distro::Ubuntu | Distro::Alpine));
    let official = state.image().is_some_and(|image| image.env_complete) && !go.command.env.is_open();
    described && official && !state.is_tainted() && !go.command.broken && !snapshot.file().is_refused(go.instruction)
}

fn finding(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> Option<Finding> {
    let user = effective(snapshot, stage, Kind::User)?;
    let Folders { modules, builds } = go_caches::folders(snapshot, stage, go);
    let builds = builds.filter(|_| go.compiles()).filter(|folder| is_closed(snapshot, stage, go, folder));
    let downloads = go.verb == "mod download" || go.compiles() && !go.is_of_module();
    let modules = modules.filter(|_| downloads).filter(|folder| is_closed(snapshot, stage, go, folder));
    if builds.is_none() && modules.is_none() || unfinished::may_set_up(snapshot, stage, go.instruction) {
        return None;
    }
    let name = go.state.user.as_ref()?;
    let message = match (&builds, &modules) {
        (Some(folder), _) => format!("go stops: user {name} can't make its build cache {folder}"),
        (None, Some(folder)) => format!("go stops: user {name} can't make its module cache {folder}"),
        (None, None) => return None,
    };
    let place = Span::new(go.command.name_span.start, go.verb_span.end.max(go.command.name_span.end));
    let mut finding = Finding::new(place, message);
    if user.span.start < go.span.start {
        finding = finding.because(user.span, "only root can make that folder");
    }
    Some(finding.fixed_later(stage, fixes))
}

/// Nobody but root can write to `folder`, nor make it.
fn is_closed(snapshot: &Snapshot, stage: &Stage, go: &GoCommand, folder: &str) -> bool {
    let is_open = OPEN.iter().any(|open| is_below(folder, open)) && !is_gopath_elsewhere(go, folder);
    let mounted = go.mounts.iter().any(|mount| match go_caches::target(snapshot, go, mount) {
        Known::Known(target) => is_below(folder, &target) || is_below(&target, folder),
        Known::Unknown => !matches!(mount.kind(), "secret" | "ssh"),
    });
    let own_home = accounts::of(snapshot, stage, go).is_none_or(|account| {
        let holds = account.home.as_ref().is_none_or(|home| is_below(folder, &resolve("/", home)));
        account.may_have_home && holds
    });
    let stages = source::analyses(snapshot, stage);
    let mut before = stages.iter().flat_map(|stage| &stage.commands).filter(|c| c.span.start < go.span.start);
    let mut copies = stages.iter().flat_map(|stage| &stage.copies).filter(|copy| copy.instruction < go.instruction);
    let near = |path: &str| is_below(folder, path) && path != "/" || is_below(path, folder);
    let copied = copies.any(|copy| copy.destination.as_ref().is_none_or(|to| near(to)));
    !is_open && !mounted && !own_home && !copied && folder != "/" && !before.any(|command| may_give(command, folder))
}

/// /go is open in the images whose GOPATH it is.
fn is_gopath_elsewhere(go: &GoCommand, folder: &str) -> bool {
    is_below(folder, "/go")
        && !go
            .state
            .image()
            .is_some_and(|image| image.env.iter().any(|(name, value)| *name == "GOPATH" && *value == "/go"))
}

/// True for a command that may make `folder` or one around it writable.
fn may_give(command: &Invocation, folder: &str) -> bool {
    if !GIVING.contains(&command.name.as_str()) {
        return false;
    }
    command.args.iter().any(|arg| {
        let Some(value) = arg.value.as_ref() else { return true };
        let path = value.split(['*', '?', '[', '{']).next().unwrap_or_default();
        let path = match &command.cwd {
            _ if path.starts_with('/') => resolve("/", path),
            _ if value.starts_with('-') => return false,
            Known::Known(cwd) => resolve(cwd, path),
            Known::Unknown => return true,
        };
        let cut = path.len() < value.len() && value.contains(['*', '?', '[', '{']);
        is_below(folder, &path) || is_below(&path, folder) || cut && folder.starts_with(&path)
    })
}

/// Folders in /tmp, mounts that belong to the user, or a build as root.
fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let go = &snapshot.stage(stage).go;
    let closed = go.iter().filter(|go| go.state.is_root() == Answer::No && may_know(snapshot, go));
    let (mut builds, mut modules, mut first) = (false, false, None);
    for go in closed {
        let folders = go_caches::folders(snapshot, stage, go);
        let is_closed = |folder: Option<String>| folder.is_some_and(|folder| is_closed(snapshot, stage, go, &folder));
        let (no_builds, no_modules) = (is_closed(folders.builds), is_closed(folders.modules));
        if no_builds || no_modules {
            first.get_or_insert(go.instruction);
        }
        // What the command says itself overrules an ENV.
        let of_stage = |name: &str| go.command.env.known(name) == go.state.env.known(name);
        builds |= no_builds && of_stage("GOCACHE");
        modules |= no_modules && of_stage("GOMODCACHE");
    }
    let pairs: Vec<&str> = [(builds, "GOCACHE=/tmp/go-build"), (modules, "GOMODCACHE=/tmp/go-mod")]
        .into_iter()
        .filter_map(|(wanted, pair)| wanted.then_some(pair))
        .collect();
    let Some(first) = first else { return Vec::new() };
    let as_root = build_as_root::fix(snapshot, stage);
    if pairs.is_empty() {
        return as_root.into_iter().collect();
    }
    let env = lines::line(snapshot, first, Kind::Env, &pairs.join(" "));
    let title = format!("set {}", pairs.join(" and "));
    let set = Fix::safe(title, vec![lines::insert_before(snapshot, first, &[env])]);
    set.into_iter().chain(cache_mounts::fixes(snapshot, stage).into_iter().take(1)).chain(as_root).collect()
}
