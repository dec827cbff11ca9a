//! STOPSIGNAL with a signal that can't stop a program in its own way.
use crate::analysis::snapshot::Snapshot;
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
    let value = value.trim();
    let name = value.get(..3).filter(|start| start.eq_ignore_ascii_case("SIG")).map_or(value, |_| &value[3..]);
    let is = |signal: &str| name.eq_ignore_ascii_case(signal);
    // The numbers of signal(7), Linux man-pages 6.9; 32 and 33 belong to the C library.
    let message = match value.parse::<i64>() {
        Ok(0) => return,
        _ if is("KILL") || value == "9" => KILL.to_owned(),
        _ if is("STOP") || value == "19" => STOP.to_owned(),
        Ok(1..=31 | 34..=64) | Err(_) => return,
        Ok(number) => format!("Linux has no signal {number}: the container can't be stopped by it"),
    };
    findings.push(Finding::new(word.span, message));
}

const KILL: &str = "SIGKILL ends the program at once: it can't finish its work when the container is stopped";
const STOP: &str = "SIGSTOP only halts the program: the container is killed when the time to stop is over";
