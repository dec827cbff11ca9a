//! `EXPOSE 80/TCP`: protocols are written in lower case.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["ExposeProtoCasing"],
    check: Check::Instruction(Kind::Expose, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::Words(words) = &instruction.body else { return };
    for word in words {
        let written = &snapshot[word.span];
        let Some(slash) = written.rfind('/') else { continue };
        let protocol = &written[slash + 1..];
        let lower = protocol.to_ascii_lowercase();
        if *protocol == lower || !matches!(lower.as_str(), "tcp" | "udp" | "sctp") {
            continue;
        }
        let span = Span::new(word.span.end - protocol.len() as u32, word.span.end);
        let message = format!("protocols are written in lower case: `{lower}`");
        let fix = Fix::safe(format!("write {lower}"), vec![Edit::replace(span, lower)]);
        findings.push(Finding::new(span, message).fix(fix));
    }
}
