//! STOPSIGNAL with a signal that no program can handle.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::signals::{self, Parsed};
use crate::model::instruction::{Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Instruction(Kind::Stopsignal, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Some(word) = instruction.value() else { return };
    let Some(value) = word.literal(snapshot.text()) else { return };
    let Parsed::Signal(signal) = signals::parse(value.trim()) else { return };
    if signal.catchable {
        return;
    }
    let message = match signal.name {
        "SIGKILL" => "SIGKILL ends the program at once: it can't finish its work when the container is stopped",
        _ => "SIGSTOP only halts the program: the container is killed when the time to stop is over",
    };
    findings.push(Finding::new(word.span, message));
}
