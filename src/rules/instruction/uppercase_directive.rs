//! `# Syntax=…`: parser directives are written in lower case.
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["CASING_DIRECTIVE"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for directive in &snapshot.file().directives {
        let written = &snapshot[directive.name];
        if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let lower = written.to_ascii_lowercase();
            let message = format!("directives are written in lower case: `{lower}`");
            let fix = Fix::safe(format!("write {lower}"), vec![Edit::replace(directive.name, lower)]);
            findings.push(Finding::new(directive.name, message).fix(fix));
        }
    }
}
