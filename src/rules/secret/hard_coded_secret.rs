//! Tokens and private keys, known by their format, anywhere in an instruction.
use crate::analysis::invocation::Arg;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::secrets::{is_for_browsers, is_password, secrets_in};
use crate::model::instruction::Instruction;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Google's keys are ids on web pages: what a variable is called tells which.
const GOOGLE: &str = "AIza";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // The first stage speaks for what stands in front of it.
    let first = if stage.index == 0 { 0 } else { stage.instructions.start };
    for instruction in &snapshot.file().instructions[first..stage.instructions.end] {
        of_instruction(snapshot, instruction, findings);
    }
    for arg in snapshot.stage(stage).commands.iter().flat_map(|command| &command.args) {
        let Some(what) = credential(arg) else { continue };
        let message = format!("{what} is written here: everybody who has this file or the image has it");
        findings.push(Finding::new(arg.span, message));
    }
}

/// A password in a URL, or an authorization header, that is known by where it stands.
fn credential(arg: &Arg) -> Option<&'static str> {
    let text = arg.prefix.as_str();
    if !text.contains(':') {
        return None;
    }
    let in_url = || {
        let (_, rest) = text.split_once("http://").or_else(|| text.split_once("https://"))?;
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        is_password(password).then_some("a password")
    };
    let in_header = || {
        let (_, value) = text.split_once("uthorization: ").or_else(|| text.split_once("PRIVATE-TOKEN: "))?;
        let token = value.rsplit(' ').next().filter(|token| token.len() >= 16)?;
        is_password(token).then_some("an access token")
    };
    let found =
        if text.contains("://") { in_url() } else { None }.or_else(|| text.contains(": ").then(in_header)?)?;
    // A variable in it is where the secret comes from; a format that says what it is says more.
    (arg.value.is(|value| value == text) && secrets_in(text).is_empty()).then_some(found)
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
