//! A C compiler is installed, and every program is built without cgo.
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::install::Install;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::packages::package_provides;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage, find_stage};
use crate::rewrite::package_words;
use crate::rules::commands::ships;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::started::is_for_developers;
use crate::rules::unfinished::is_refused;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// What a package brings that only a C compiler uses.
const TOOLCHAIN: [&str; 3] = ["c-compiler", "c++-compiler", "libc-headers"];

/// Stages built on one that are looked at; where there are more, nobody can tell.
const MAX_HEIRS: usize = 16;

/// Commands that compile no C, nor start anything that may.
const HARMLESS: [&str; 47] = [
    "[",
    "addgroup",
    "adduser",
    "apk",
    "apt",
    "apt-get",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "date",
    "dnf",
    "echo",
    "export",
    "false",
    "find",
    "git",
    "go",
    "groupadd",
    "gunzip",
    "gzip",
    "ln",
    "ls",
    "microdnf",
    "mkdir",
    "mktemp",
    "mv",
    "printf",
    "pwd",
    "rm",
    "sed",
    "set",
    "sha256sum",
    "sleep",
    "tar",
    "tdnf",
    "tee",
    "test",
    "touch",
    "true",
    "unzip",
    "update-ca-certificates",
    "upx",
    "wget",
    "yum",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let Some((package, span)) = analysis.installs.iter().find_map(compiler) else { return };
    let Some(heirs) = heirs(snapshot, stage) else { return };
    let Some(build) = heirs.iter().flat_map(|heir| &snapshot.stage(heir).go).find(|go| is_build(go)) else { return };
    let kept = |heir: &&Stage| {
        let is_typed = || is_refused(snapshot, heir, &[Kind::Run, Kind::Env, Kind::Unknown]);
        ships(snapshot, heir) || is_for_developers(snapshot, heir) || is_typed() || !is_plain(snapshot.stage(heir))
    };
    if heirs.iter().any(kept) || may_be_taken(snapshot, stage) || is_taken(snapshot, stage, &heirs) {
        return;
    }
    let off = build.command.env.get("CGO_ENABLED").and_then(|variable| variable.span).unwrap_or(build.span);
    let message = format!("nothing uses `{package}`: every program here is built without cgo");
    findings.push(Finding::new(span, message).because(off, "cgo is off").fixed_later(stage, remove));
}

/// A package with a C compiler that is installed to stay.
fn compiler(install: &Install) -> Option<(&str, Span)> {
    let is_compiler = |package: &str| package_provides(install.manager, package).contains(&"c-compiler");
    let found = install.packages.iter().find(|(package, _)| !install.removes && is_compiler(package))?;
    Some((&found.0, found.1))
}

/// `stage` and all that is built on it.
fn heirs<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<Vec<&'s Stage>> {
    let is_heir = |other: &&Stage| source::chain(snapshot, other).iter().any(|below| below.index == stage.index);
    let later = snapshot.linked(stage).filter(|other| other.root == stage.root && other.index >= stage.index);
    let later: Vec<&Stage> = later.take(MAX_HEIRS + 1).collect();
    (later.len() <= MAX_HEIRS).then(|| later.into_iter().filter(is_heir).collect())
}

fn is_build(go: &GoCommand) -> bool {
    go.builds() && go.is_of_module()
}

/// True when nothing in a stage compiles C, or may.
fn is_plain(analysis: &StageAnalysis) -> bool {
    let off = |go: &GoCommand| go.command.env.known("CGO_ENABLED") == Some("0");
    let go = |go: &GoCommand| match go.verb.as_str() {
        "build" | "install" | "test" | "vet" | "get" => off(go) && go.flag("-race").is_none(),
        verb => verb.starts_with("mod ") || matches!(verb, "version" | "env" | "list" | "clean" | "fmt" | "work sync"),
    };
    let understood = { analysis.runs.iter() }.all(|run| {
        run.script.as_ref().is_none_or(|script| !script.broken && !script.foreign && !script.commands.is_empty())
    });
    let plain = |name: &str| HARMLESS.contains(&name);
    // A command that is no Go command that we could read is one that we don't know.
    let read = analysis.commands.iter().filter(|command| command.name == "go").count() == analysis.go.len();
    understood
        && read
        && analysis.commands.iter().all(|command| plain(&command.name) && !command.broken)
        && analysis.go.iter().all(go)
        && analysis.installs.iter().all(|install| !install.removes)
}

/// True when a FROM has no image yet, or a copy of a stage that has to do with this one is being typed: it may take anything.
fn may_be_taken(snapshot: &Snapshot, stage: &Stage) -> bool {
    snapshot.file().stages[stage.index..].iter().any(|later| later.base == Base::Missing)
        || snapshot.linked(stage).any(|other| other.root != stage.root && is_refused(snapshot, other, &[Kind::Copy]))
}

/// True when another stage takes a part of the system, which may be the compiler.
fn is_taken(snapshot: &Snapshot, stage: &Stage, heirs: &[&Stage]) -> bool {
    let is_heir = |index: usize| heirs.iter().any(|heir| heir.index == index);
    let is_system =
        |path: &String| ["/usr/bin", "/usr/lib", "/lib"].iter().any(|it| is_below(it, path) || is_below(path, it));
    // What names no stage may name one of them, when it has got its name.
    let nameless = heirs.iter().any(|heir| snapshot.file().has_no_name(heir));
    let group = |stage: &Stage| snapshot.links().group(stage.index);
    let others = snapshot.file().stages.iter().filter(|other| nameless || group(other) == group(stage));
    { others }.any(|other| {
        let analysis = snapshot.stage(other);
        let mut copies = analysis.copies.iter().filter(|copy| match copy.from {
            CopyFrom::Stage(from) => is_heir(from),
            CopyFrom::Context => false,
            CopyFrom::Image(_) | CopyFrom::Unknown => nameless && other.index > stage.index,
        });
        let mut mounts = analysis.runs.iter().flat_map(|run| &run.mounts).filter_map(|mount| mount.from());
        copies.any(|copy| copy.sources.iter().any(|source| source.path.as_ref().is_none_or(is_system)))
            || mounts.any(|name| find_stage(&snapshot.file().stages, other.index, name, true).is_some_and(is_heir))
    })
}

fn remove(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let useless = |install: &Install, package: &str| {
        let tools = package_provides(install.manager, package);
        tools.iter().any(|tool| TOOLCHAIN.contains(tool))
    };
    let edits = package_words::remove(snapshot, stage, useless);
    edits.and_then(|edits| Fix::unsafe_("remove the C compiler", edits)).into_iter().collect()
}
