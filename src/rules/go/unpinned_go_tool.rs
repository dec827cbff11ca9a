//! `go install …@latest`: another program with every build.
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::Arg;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::model::stage::Stage;
use crate::rules::commands::{is_wide, wants_each};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3062"],
    check: Check::Stage(check),
};

/// Queries that mean another version tomorrow. Source: go.dev/ref/mod#version-queries; branch names as people use them.
const MOVING: [&str; 6] = ["latest", "upgrade", "patch", "master", "main", "HEAD"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let mut moving: Vec<Moving> = Vec::new();
    for command in &analysis.go {
        let wide = command.verb == "get" && is_wide(snapshot);
        if !wide && !matches!(command.verb.as_str(), "install" | "run") {
            continue;
        }
        // What stands behind the package of `go run` is the program's own.
        let packages =
            if command.verb == "run" { command.packages.get(..1) } else { Some(command.packages.as_slice()) };
        for arg in packages.unwrap_or_default() {
            let instruction = command.instruction;
            if let Some(query) = query(arg) {
                moving.push(Moving { instruction, arg, query });
            } else if wide {
                let newest = arg.is(&arg.prefix) && is_remote(&arg.prefix) && !arg.prefix.contains('@');
                moving.extend(newest.then_some(Moving { instruction, arg, query: "upgrade" }));
            } else if has_no_module(analysis, command, arg) {
                let message = format!(
                    "`go {}` needs a version here: outside a module there is no go.mod that has one",
                    command.verb
                );
                findings.push(Finding::new(arg.span, message).at_level(Severity::Error));
                return;
            }
        }
    }
    let each = wants_each(snapshot);
    let groups = moving.chunk_by(|one, next| !each || one.instruction == next.instruction);
    findings.extend(groups.filter_map(|group| report(snapshot, group)));
}

fn report(snapshot: &Snapshot, group: &[Moving]) -> Option<Finding> {
    let first = group.first()?;
    let what = if first.is_written() { format!("`@{}`", first.query) } else { "`go get` without a version".to_owned() };
    let message = format!("{what} is another version with every build that does not come from the cache");
    let others = group.iter().skip(1).take(3);
    let finding = Finding::new(first.arg.span, message);
    let finding = others.fold(finding, |finding, other| finding.because(other.arg.span, "here too"));
    Some(finding.fix(pin(snapshot, group)))
}

/// A package whose version moves.
struct Moving<'a> {
    instruction: usize,
    arg: &'a Arg,
    /// What is behind the `@`, or meant without one.
    query: &'a str,
}

impl Moving<'_> {
    fn is_written(&self) -> bool {
        self.arg.prefix.contains('@')
    }
}

/// The moving version of a package that is not local; a variable is there to be set from outside.
fn query(arg: &Arg) -> Option<&str> {
    let (path, query) = arg.value.as_ref().filter(|value| **value == arg.prefix)?.split_once('@')?;
    (is_remote(path) && MOVING.contains(&query)).then_some(query)
}

/// True for an import path with a host.
fn is_remote(path: &str) -> bool {
    let host = path.split('/').next().unwrap_or_default();
    host.contains('.') && !host.starts_with('.') && path.contains('/')
}

/// True for a package without a version where no go.mod can be: nothing has been copied, fetched or made.
fn has_no_module(analysis: &StageAnalysis, command: &GoCommand, arg: &Arg) -> bool {
    let remote = arg.value.is(|path| is_remote(path) && !path.contains('@'));
    let files = &command.state.files;
    let empty = files.names().next().is_none() && files.opened_by().is_none() && command.mounts.is_empty();
    let made = analysis.go.iter().any(|other| other.verb.starts_with("mod ") && other.span.start < command.span.start);
    // Before Go 1.16, it was fetched into GOPATH; a tag without a version is newer.
    let modern = match &command.state.go {
        Known::Known(Some(go)) => go.version.as_ref().is_none_or(|version| (version.major, version.minor) >= (1, 16)),
        _ => false,
    };
    let plain = command.variable("GO111MODULE").is_none() && command.flag("-C").is_none() && !command.command.broken;
    remote && empty && !made && modern && plain && !command.command.conditional
}

/// The versions that go.mod has, for those packages whose modules it requires.
fn pin(snapshot: &Snapshot, moving: &[Moving]) -> Option<Fix> {
    let mut edits = Vec::new();
    let mut title = String::new();
    for Moving { arg, query, .. } in moving {
        let Some((path, _)) = arg.value.as_ref().and_then(|value| value.split_once('@')) else { continue };
        let (Some(version), Some(span)) = (required(snapshot, path), query_span(snapshot, arg, query)) else {
            continue;
        };
        if title.is_empty() {
            title = format!("take the version of go.mod: {version}");
        }
        edits.push(Edit::replace(span, version));
    }
    Fix::unsafe_(title, edits).filter(|fix| !fix.here().is_empty())
}

/// The version that the modules of the project require of the package's module; `None` when they don't agree.
fn required<'s>(snapshot: &'s Snapshot, package: &str) -> Option<&'s str> {
    let mut versions = snapshot.facts().modules.iter().filter_map(|module| {
        let requires = module.go_mod.requires.iter();
        let has = |path: &str| package.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let found = requires.filter(|require| has(&require.path.text)).max_by_key(|require| require.path.text.len())?;
        Some(found.version.text.as_str())
    });
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)
}

/// Where the query is written, when it is written here.
fn query_span(snapshot: &Snapshot, arg: &Arg, query: &str) -> Option<Span> {
    let text = &snapshot[arg.span];
    let at = text.find(&format!("@{query}"))? as u32 + 1;
    let start = arg.span.start + at;
    Some(Span::new(start, start + query.len() as u32))
}
