//! `AS scratch`
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["ReservedStageName", "DL3063"],
    check: Check::Instruction(Kind::From, check),
};

/// What the names mean to BuildKit. Source: `reservedStageNames` of BuildKit v0.32.2.
const RESERVED: [(&str, &str); 2] = [("scratch", "the empty image"), ("context", "the build context")];

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let Some(name) = from.name else { return };
    let reserved = RESERVED.iter().find(|(reserved, _)| snapshot[name].eq_ignore_ascii_case(reserved));
    if let Some((reserved, meaning)) = reserved {
        let message = format!("`{reserved}` means {meaning}: a stage of that name hides it");
        findings.push(Finding::new(name, message));
    }
}
