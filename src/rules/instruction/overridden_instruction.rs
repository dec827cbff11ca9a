//! A CMD, ENTRYPOINT or HEALTHCHECK that a later one of its stage replaces.
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity, Tag};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["MultipleInstructionsDisallowed", "DL3012", "DL4003", "DL4004", "MULTIPLE_INSTRUCTIONS"],
    check: Check::Stage(check),
};

const KINDS: [(Kind, &[&str]); 3] = [
    (Kind::Cmd, &["MultipleInstructionsDisallowed", "DL4003", "MULTIPLE_INSTRUCTIONS"]),
    (Kind::Entrypoint, &["MultipleInstructionsDisallowed", "DL4004", "MULTIPLE_INSTRUCTIONS"]),
    (Kind::Healthcheck, &["MultipleInstructionsDisallowed", "DL3012", "MULTIPLE_INSTRUCTIONS"]),
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut after: [Option<&Instruction>; 3] = [None; 3];
    let (file, from) = (snapshot.file(), findings.len());
    for index in stage.instructions.clone().skip(1).rev() {
        let instruction = &file.instructions[index];
        let Some(at) = KINDS.iter().position(|(kind, _)| *kind == instruction.kind) else { continue };
        if let Some(later) = after[at] {
            findings.push(finding(snapshot, index, later, KINDS[at].1));
        } else if !is_of_healthcheck(snapshot, index) {
            after[at] = Some(instruction);
        }
    }
    findings[from..].reverse();
}

/// True for what may be the CMD of the HEALTHCHECK above, whose line has lost its end.
fn is_of_healthcheck(snapshot: &Snapshot, index: usize) -> bool {
    let file = snapshot.file();
    let above = index - 1;
    let is = |index: usize, kind: Kind| file.instructions[index].kind == kind;
    is(index, Kind::Cmd) && is(above, Kind::Healthcheck) && file.is_refused(above)
}

fn finding(snapshot: &Snapshot, index: usize, later: &Instruction, aliases: &'static [&'static str]) -> Finding {
    let keyword = later.kind.keyword();
    let message = format!("this {keyword} has no effect: the last one of a stage counts");
    let span = snapshot.file().instructions[index].span;
    let fix = Fix::safe(format!("remove this {keyword}"), lines::delete(snapshot, &[index]));
    let mut finding = Finding::new(span, message).because(later.span, "the one that counts").fix(fix);
    finding.tag = Some(Tag::Unnecessary);
    // `CMD []` takes away what the base image sets, and is often written for good measure.
    let clears = snapshot.file().instructions[index].command().and_then(Command::exec).is_some_and(<[_]>::is_empty);
    if clears {
        finding.severity = Some(Severity::Hint);
    }
    finding.aliases = Some(aliases);
    finding
}
