//! An instruction that the escape character above it makes a part of another.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Instruction;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::swallowed::{Swallowed, swallowed};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for (index, instruction) in snapshot.file().stage_instructions(stage) {
        findings.extend(finding(snapshot, index, instruction));
    }
}

fn finding(snapshot: &Snapshot, index: usize, instruction: &Instruction) -> Option<Finding> {
    let Swallowed { keyword, above } = swallowed(snapshot, index)?;
    let found = report(snapshot, instruction, keyword, above);
    Some(if snapshot.file().is_refused(index) { found.at_level(Severity::Error) } else { found })
}

fn report(snapshot: &Snapshot, instruction: &Instruction, keyword: Span, above: Span) -> Finding {
    let (outer, inner) = (instruction.kind.keyword(), &snapshot[keyword]);
    let message = format!("this {inner} is a part of the {outer} above, which goes on until here");
    let escape = char::from(snapshot.file().escape);
    let kept = snapshot[above].trim_end_matches(escape).trim_end();
    let end = Span::new(above.start + kept.len() as u32, above.end);
    let fix = (!end.is_empty()).then(|| Fix::unsafe_(format!("end the {outer} above"), vec![Edit::delete(end)]));
    Finding::new(keyword, message).because(end, "continued here").fix(fix.flatten())
}
