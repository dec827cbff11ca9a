//! Names of labels that Docker's guidelines rule out.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::labels;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3048"],
    check: Check::Instruction(Kind::Label, check),
};

/// Docker's own. Source: docs.docker.com/engine/manage-resources/labels, read 2026-11-22.
const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];

/// What Docker asks the authors of extensions to write. Source: docs.docker.com/extensions/extensions-sdk, 2026-11-22.
const ASKED_FOR: [&str; 2] = ["com.docker.extension.", "com.docker.desktop.extension."];

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    for pair in instruction.pairs() {
        let Some(name) = labels::name(snapshot.text(), pair) else { continue };
        if let Some(what) = flaw(&name) {
            findings.push(Finding::new(pair.name.span, format!("the label `{name}` {what}")));
        }
    }
}

fn flaw(name: &str) -> Option<&'static str> {
    let asked_for = ASKED_FOR.iter().any(|start| name.starts_with(start));
    if !asked_for && RESERVED.iter().any(|start| name.starts_with(start)) {
        return Some("lies in a namespace that Docker reserves for itself");
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
        return Some("holds more than lower-case letters, digits, dots and dashes");
    }
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if !edge(name.as_bytes().first()) || !edge(name.as_bytes().last()) {
        return Some("begins or ends with a dot or a dash");
    }
    (name.contains("..") || name.contains("--")).then_some("has two dots or two dashes in a row")
}
