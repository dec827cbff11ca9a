//! `FROM x as y`
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["FromAsCasing"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let Some(span) = from.r#as else { return };
    let keyword = match &snapshot[instruction.keyword] {
        "FROM" => "AS",
        "from" => "as",
        _ => return,
    };
    if &snapshot[span] != keyword {
        let message = format!("`{}` is not written like `{}`", &snapshot[span], &snapshot[instruction.keyword]);
        let fix = Fix::safe(format!("write {keyword}"), vec![Edit::replace(span, keyword)]);
        findings.push(Finding::new(span, message).fix(fix));
    }
}
