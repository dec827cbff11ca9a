//! A file with secrets is copied into the image.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::secret_files::holds_secrets;
use crate::model::stage::Stage;
use crate::rewrite::ignore_file::keep_out;
use crate::rules::commands::ships;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if !ships(snapshot, stage) {
        return;
    }
    for copy in snapshot.stage(stage).copies.iter().filter(|copy| copy.from == CopyFrom::Context) {
        findings.extend(finding(snapshot, copy));
    }
}

fn finding(snapshot: &Snapshot, copy: &CopyFact) -> Option<Finding> {
    let facts = snapshot.facts();
    copy.sources.iter().filter(|source| !source.remote).find_map(|source| {
        let path = source.path.as_ref()?;
        if holds_secrets(base(path)) && facts.arrives(path) != Some(false) {
            let message = format!("`{path}` is stored in the image for all who can pull it");
            return Some(Finding::new(source.span, message));
        }
        // The context as a whole: what lies at its top.
        let all = path.is_empty() && facts.context.is_some();
        let found = all.then(|| facts.paths.children(""))??;
        let (name, _) = found.iter().find(|(name, _)| holds_secrets(name) && facts.arrives(name) == Some(true))?;
        let message = format!(
            "`{name}` is copied along, and stored in the image for all who can pull it: name it in .dockerignore"
        );
        Some(Finding::new(source.span, message).fix(keep_out(facts, name)))
    })
}
