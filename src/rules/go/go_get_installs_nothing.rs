//! `go get` outside a module, which has installed nothing since Go 1.18.
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::is_refused;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    findings.extend(go.iter().filter(|go| go.verb == "get").find_map(|go| finding(snapshot, stage, go)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, get: &GoCommand) -> Option<Finding> {
    let toolchain = get.state.go.as_ref()?.as_ref()?;
    let version = *toolchain.version.as_ref()?;
    let names_tool = !get.packages.is_empty() && get.packages.iter().all(|package| is_remote(&package.prefix));
    let off = get.variable("GO111MODULE").is_some_and(|value| !value.is(|value| value == "on"));
    if version < GoVersion::minor(1, 18) || !names_tool || off || get.command.conditional || get.command.broken {
        return None;
    }
    // An ENV that is being typed may switch modules off.
    if may_be_in_module(snapshot, stage, get) || is_refused(snapshot, stage, &[Kind::Env]) {
        return None;
    }
    let message = format!("Go {version} installs nothing by `go get`, and stops outside a module: use go install");
    Some(Finding::new(get.verb_span, message).fix(fix(get)))
}

fn is_remote(package: &str) -> bool {
    package.split('/').next().is_some_and(|host| host.contains('.') && !host.starts_with('.'))
}

/// True when a go.mod may lie in the folder or above it.
fn may_be_in_module(snapshot: &Snapshot, stage: &Stage, get: &GoCommand) -> bool {
    let Some(folder) = get.folder().as_ref().cloned() else { return true };
    let stages = source::analyses(snapshot, stage);
    let before = |index: usize| index < get.instruction;
    let reaches = |to: &String| is_below(&folder, to) || is_below(to, &folder);
    let mut copies = stages.iter().flat_map(|stage| &stage.copies).filter(|copy| before(copy.instruction));
    let copied = copies.any(|copy| copy.destination.as_ref().is_none_or(reaches) || copy.from == CopyFrom::Unknown);
    let made = stages.iter().flat_map(|stage| &stage.go).any(|go| go.verb == "mod init" || go.verb.starts_with("work"));
    let mounted = get.mounts.iter().any(|mount| mount.kind() == "bind");
    copied || made || mounted || get.state.files.opened_by().is_some()
}

/// `go install` wants a version.
fn fix(get: &GoCommand) -> Option<Fix> {
    if get.flags.iter().any(|flag| flag.span != get.span && !matches!(flag.name.as_str(), "-v" | "-x" | "-u")) {
        return None;
    }
    let mut edits = vec![Edit::replace(get.verb_span, "install")];
    edits.extend(get.flags.iter().filter(|flag| flag.name == "-u").map(|flag| Edit::delete(with_blank(flag.span))));
    for package in get.packages.iter().filter(|package| !package.prefix.contains('@')) {
        package.value.as_ref()?;
        edits.push(Edit::insert(package.span.end, "@latest"));
    }
    Fix::unsafe_("use go install", edits)
}

/// The flag and the blank behind it.
fn with_blank(flag: crate::text::span::Span) -> crate::text::span::Span {
    crate::text::span::Span::new(flag.start, flag.end + 1)
}
