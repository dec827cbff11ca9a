//! Secrets in ARG and ENV, which end in the image or in its history.
use std::collections::BTreeMap;

use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::secrets::{is_harmless_value, is_secret_name, secrets_in};
use crate::model::instruction::{Instruction, Kind, Pair};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["SecretsUsedInArgOrEnv", "DL3064"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let mut reported: BTreeMap<String, usize> = BTreeMap::new();
    for instruction in &snapshot.file().instructions {
        if !matches!(instruction.kind, Kind::Arg | Kind::Env) {
            continue;
        }
        for pair in instruction.pairs() {
            let Some(found) = judge(snapshot, instruction, pair) else { continue };
            let again = same_secret(snapshot, pair, &found).into_iter().find_map(|name| reported.get(&name).copied());
            if let Some(first) = again {
                also(&mut findings[first], pair.span, instruction.kind);
            } else {
                reported.insert(found.name.clone(), findings.len());
                findings.push(found.finding);
            }
        }
    }
}

struct Found {
    name: String,
    finding: Finding,
}

fn judge(snapshot: &Snapshot, instruction: &Instruction, pair: &Pair) -> Option<Found> {
    let text = snapshot.text();
    let name = pair.name.literal(text)?.into_owned();
    let value = pair.value.as_ref().map(|value| value.literal(text));
    let literal = value.as_ref().and_then(|value| value.as_deref());
    // A token that its format gives away is hard-coded-secret's.
    if !is_secret_name(&name) || literal.is_some_and(|value| !secrets_in(value).is_empty()) {
        return None;
    }
    let is_arg = instruction.kind == Kind::Arg;
    let harmless = match literal {
        Some("") => !is_arg,
        Some(literal) => is_harmless_value(literal),
        None => false,
    };
    if harmless || value.is_some() && literal.is_none() && is_empty(snapshot, instruction, pair) {
        return None;
    }
    let message = if is_arg {
        format!("`{name}` as a build argument stays in the history of the image")
    } else {
        format!("`{name}` is stored in the image for all who can pull it")
    };
    Some(Found { name, finding: Finding::new(pair.name.span, message) })
}

/// True when nothing but variables is in the value, and none of them has one.
fn is_empty(snapshot: &Snapshot, instruction: &Instruction, pair: &Pair) -> bool {
    let stages = &snapshot.file().stages;
    let Some(stage) = stages.iter().find(|stage| stage.span.contains(instruction.span)) else { return false };
    let Some(value) = &pair.value else { return false };
    snapshot.stage(stage).end.env.expand(snapshot.text(), value) == Known::Known(String::new())
}

/// The names under which this secret may have been reported: its own, and those that its value takes it from.
fn same_secret(snapshot: &Snapshot, pair: &Pair, found: &Found) -> Vec<String> {
    let mut names = vec![found.name.clone()];
    let expansions = pair.value.iter().flat_map(|value| value.expansions());
    names.extend(expansions.map(|expansion| snapshot[expansion.name].to_owned()));
    names
}

fn also(finding: &mut Finding, span: Span, kind: Kind) {
    let message = if kind == Kind::Env { "and here it is stored in the image" } else { "here too" };
    if finding.related.len() < 4 {
        *finding = finding.clone().because(span, message);
    }
}
