//! `FROM --platform=$TARGETPLATFORM`
use crate::analysis::snapshot::Snapshot;
use crate::model::dockerfile::Dockerfile;
use crate::model::instruction::{Instruction, Kind};
use crate::model::word::Part;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["RedundantTargetPlatform", "DL3065"],
    check: Check::Instruction(Kind::From, check),
};

const NAME: &str = "TARGETPLATFORM";

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let text = snapshot.text();
    let Some(flag) = instruction.flag(text, "platform") else { return };
    let Some([Part::Variable(variable)]) = flag.value.as_ref().map(|value| value.parts.as_slice()) else { return };
    if variable.operator.is_some() || &text[variable.name.range()] != NAME || is_set_here(text, snapshot.file()) {
        return;
    }
    let span = super::constant_platform::with_blanks(text, flag.span);
    let fix = Fix::safe("drop --platform", vec![Edit::delete(span)]);
    findings.push(Finding::new(flag.span, "the target platform is what FROM takes without the flag").fix(fix));
}

/// `ARG TARGETPLATFORM=linux/amd64`: a value of its own.
fn is_set_here(text: &str, file: &Dockerfile) -> bool {
    let mut pairs = file.global_args().flat_map(|index| file.instructions[index].pairs());
    pairs.any(|pair| pair.value.is_some() && pair.name.literal(text).as_deref() == Some(NAME))
}
