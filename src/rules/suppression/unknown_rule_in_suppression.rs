//! An ignore comment of ours with a name that no rule has. The engine reports it, with the other things it knows of comments.
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// See the page.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::File(by_the_engine),
};

fn by_the_engine(_: &Snapshot, _: &mut Vec<Finding>) {}
