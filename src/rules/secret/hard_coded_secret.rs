//! Tokens and private keys, known by their format, anywhere in an instruction.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::secrets::{is_for_browsers, secrets_in};
use crate::model::instruction::Instruction;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.2.0", aliases: &[], check: Check::Stage(check) };

/// Google's keys are ids on web pages: what a variable is called tells which.
const GOOGLE: &str = "AIza";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // The first stage speaks for what stands in front of it.
    let first = if stage.index == 0 { 0 } else { stage.instructions.start };
    for instruction in &snapshot.file().instructions[first..stage.instructions.end] {
        of_instruction(snapshot, instruction, findings);
    }
}

fn of_instruction(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let text = &snapshot[instruction.span];
    for secret in secrets_in(text) {
        let name = text[..secret.start].rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
        if text[secret.start..].starts_with(GOOGLE) && is_for_browsers(name) {
            continue;
        }
        let start = instruction.span.start;
        let span = Span::new(start + secret.start as u32, start + secret.end as u32);
        let message = format!("a {} is written here: everybody who has this file or the image has it", secret.what);
        findings.push(Finding::new(span, message));
    }
}
