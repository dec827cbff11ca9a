//! A source that .dockerignore keeps out of the build.
use crate::analysis::copy::{CopyFrom, CopySource};
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::files::Kind;
use crate::project::ignore::{Dockerignore, Line};
use crate::project::paths;
use crate::rewrite::ignore_file::{Needed, let_through};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["CopyIgnoredFile"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    let Some(ignore) = facts.ignore.as_ref().filter(|_| facts.context.is_some()) else { return };
    let copies = snapshot.stage(stage).copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let sources = copies.flat_map(|copy| &copy.sources).filter(|source| !source.remote);
    findings.extend(sources.filter_map(|source| finding(facts, ignore, source)));
}

fn finding(facts: &Facts, ignore: &Dockerignore, source: &CopySource) -> Option<Finding> {
    let path = source.path.as_ref()?;
    let (message, line) = if path.is_empty() {
        let line = all_of_it(ignore)?;
        ("the ignore file keeps out the whole context, so nothing is copied".to_owned(), line)
    } else if source.is_glob() {
        let found = facts.glob(path).filter(|found| !found.is_empty())?;
        let line = ignore.decider(found[0])?;
        if !found.iter().all(|path| is_kept_out(facts, ignore, path)) {
            return None;
        }
        (format!("the ignore file keeps out all that `{path}` matches, so nothing is copied"), line)
    } else {
        let line = ignore.decider(path).filter(|_| is_kept_out(facts, ignore, path))?;
        (format!("`{path}` is kept out of the build by the ignore file"), line)
    };
    let mut finding = Finding::new(source.span, message);
    // Only a plain path has to be there.
    if path.is_empty() || source.is_glob() {
        finding = finding.at_level(Severity::Warning);
    }
    let file = facts.ignore_path.clone()?;
    let needed = if source.is_glob() { Needed::Pattern(path) } else { Needed::Path(path) };
    let fix = let_through(facts, needed).filter(|_| !path.is_empty());
    Some(finding.because_of(file, line.number, format!("`{}` matches it", line.pattern)).fix(fix))
}

/// The line that excludes everything, when none lets anything through.
fn all_of_it(ignore: &Dockerignore) -> Option<&Line> {
    let all = |line: &&Line| matches!(line.pattern.as_str(), "*" | "**" | "**/*");
    let lines = ignore.lines();
    lines.iter().find(all).filter(|_| !lines.iter().any(|line| line.negated))
}

/// True when neither `path` nor anything below it gets to the builder.
pub(super) fn is_kept_out(facts: &Facts, ignore: &Dockerignore, path: &str) -> bool {
    if !ignore.excludes(path) {
        return false;
    }
    if !ignore.lines().iter().any(|line| line.negated) {
        return true;
    }
    match facts.paths.kind(path) {
        Some(Kind::File) => true,
        Some(Kind::Directory) => {
            let mut below = facts.paths.iter().filter(|(other, _)| paths::strip(other, path).is_some());
            facts.paths.is_complete_below(path) && below.all(|(other, _)| ignore.excludes(other))
        }
        // What is not there yet may be a folder, of which a part is let through.
        _ => false,
    }
}
