//! A source that the build context does not have.
use super::copy_source_ignored::is_kept_out;
use crate::analysis::copy::{CopyFrom, CopySource};
use crate::analysis::path::{base, in_context};
use crate::analysis::snapshot::Snapshot;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::ignore::Dockerignore;
use crate::project::paths;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    if facts.context.is_none() {
        return;
    }
    let analysis = snapshot.stage(stage);
    let copies = analysis.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let sources = copies.flat_map(|copy| &copy.sources).filter(|source| !source.remote && !source.is_glob());
    findings.extend(sources.filter_map(|source| of_copy(snapshot, facts, source)));
    for mount in analysis.runs.iter().flat_map(|run| &run.mounts) {
        findings.extend(of_mount(snapshot, facts, mount));
    }
}

fn of_copy(snapshot: &Snapshot, facts: &Facts, source: &CopySource) -> Option<Finding> {
    finding(snapshot, facts, source.path.as_ref()?, source.span)
}

fn of_mount(snapshot: &Snapshot, facts: &Facts, mount: &Mount) -> Option<Finding> {
    if mount.kind() != "bind" || mount.from().is_some() {
        return None;
    }
    let option = mount.options.iter().find(|option| matches!(option.key.as_str(), "source" | "src"))?;
    let (path, span) = option.value.as_ref().filter(|(path, _)| !path.contains('$'))?;
    finding(snapshot, facts, &in_context(path), *span)
}

fn finding(snapshot: &Snapshot, facts: &Facts, path: &str, span: Span) -> Option<Finding> {
    // A file that git ignores is made before the build; a path above the context is another matter.
    let unsure = snapshot[span].contains(['\\', '$']) || snapshot[span].contains("..") || path.contains("{{");
    if unsure || facts.exists(path) != Some(false) || facts.is_git_ignored(path) != Some(false) {
        return None;
    }
    let other = similar(facts, path);
    if other.is_none() && !is_source(path) {
        return None;
    }
    let Some(other) = other else {
        return Some(Finding::new(span, format!("`{path}` is not in the build context")));
    };
    let message = format!("`{path}` is not in the build context: did you mean `{other}`?");
    let written = snapshot[span].ends_with(path);
    let at = Span::new(span.end - if written { path.len() as u32 } else { 0 }, span.end);
    let fix = written.then(|| Fix::unsafe_(format!("use {other}"), vec![Edit::replace(at, other)])).flatten();
    Some(Finding::new(span, message).fix(fix))
}

/// The path of the same folder whose name is a typing mistake away, or differs in the case of letters.
fn similar(facts: &Facts, path: &str) -> Option<String> {
    let dir = paths::parent(path);
    let names = facts.paths.children(dir)?;
    // What the ignore file keeps out can't be meant.
    let is_there = |name: &&str| {
        let kept_out = |ignore: &Dockerignore| is_kept_out(facts, ignore, &paths::join(dir, name));
        !facts.ignore.as_ref().is_some_and(kept_out)
    };
    // Few names are near, so the ignore file is asked last.
    let near = names.iter().map(|(name, _)| *name).filter(|name| nearest(base(path), [*name]).is_some());
    let other = nearest(base(path), near.filter(is_there))?;
    Some(paths::join(dir, other))
}

/// Files that people write or keep with the source: nothing makes them shortly before the build.
fn is_source(path: &str) -> bool {
    const NAMES: &str = "go.mod go.sum main.go package.json package-lock.json yarn.lock pnpm-lock.yaml requirements.txt \
                         pyproject.toml poetry.lock uv.lock Cargo.toml Cargo.lock Gemfile Gemfile.lock composer.json \
                         composer.lock pom.xml build.gradle";
    NAMES.split(' ').any(|name| name == base(path))
}
