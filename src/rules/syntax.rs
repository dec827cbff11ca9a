//! The model's problems as findings, by one table. Their pages lie in `syntax/`.
use super::rule::{Check, Default, Finding, Rule, Severity};
use crate::analysis::snapshot::Snapshot;
use crate::model::problem::{Problem, ProblemKind};

/// What all syntax rules have in common.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(nothing) };

fn nothing(_: &Snapshot, _: &mut Vec<Finding>) {}

/// The findings of the syntax rule `name`.
pub fn findings(snapshot: &Snapshot, name: &str) -> Vec<Finding> {
    let problems = snapshot.file().problems.iter();
    problems.filter(|problem| rule_of(&problem.kind) == name).map(|problem| finding(snapshot, problem)).collect()
}

fn rule_of(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::UnknownInstruction => "unknown-instruction",
        _ => "invalid-syntax",
    }
}

fn finding(_: &Snapshot, problem: &Problem) -> Finding {
    Finding::new(problem.span, format!("{:?}", problem.kind))
}
