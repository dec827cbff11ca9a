//! Keywords in another case than most of the file.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["ConsistentInstructionCasing", "CASING_INSTRUCTION"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let (mut lower, mut upper) = (0, 0);
    for instruction in keywords(snapshot) {
        let written = &snapshot[instruction.keyword];
        lower += usize::from(is_lower(written));
        upper += usize::from(is_upper(written));
    }
    let to_lower = lower > upper;
    for instruction in keywords(snapshot) {
        let written = &snapshot[instruction.keyword];
        if if to_lower { is_lower(written) } else { is_upper(written) } {
            continue;
        }
        let (case, right) =
            if to_lower { ("lower", written.to_ascii_lowercase()) } else { ("upper", written.to_ascii_uppercase()) };
        let message = format!("`{written}` is not in {case} case like the rest of the file");
        let fix = Fix::safe(format!("write {right}"), vec![Edit::replace(instruction.keyword, right)]);
        findings.push(Finding::new(instruction.keyword, message).fix(fix));
    }
}

/// The instructions whose keywords BuildKit compares: those from the first FROM on. One over two lines is left alone.
fn keywords(snapshot: &Snapshot) -> impl Iterator<Item = &Instruction> {
    let file = snapshot.file();
    let first = file.stages.first().map_or(file.instructions.len(), |stage| stage.from);
    let known = |instruction: &&Instruction| {
        instruction.kind != Kind::Unknown
            && snapshot[instruction.keyword].bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    file.instructions[first..].iter().map(AsRef::as_ref).filter(known)
}

fn is_lower(keyword: &str) -> bool {
    keyword.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_upper(keyword: &str) -> bool {
    keyword.bytes().all(|byte| byte.is_ascii_uppercase())
}
