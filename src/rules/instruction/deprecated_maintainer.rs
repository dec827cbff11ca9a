//! MAINTAINER, which a label replaced.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::logical;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rules::labels;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity, Tag};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["MaintainerDeprecated", "DL4000", "DEPRECATED_MAINTAINER"],
    check: Check::Stage(check),
};

/// The label that the OCI image specification has for it.
const LABEL: &str = "org.opencontainers.image.authors";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let found = || snapshot.file().stage_instructions(stage);
    for (index, instruction) in found().filter(|(_, instruction)| instruction.kind == Kind::Maintainer) {
        let message = format!("MAINTAINER is deprecated: {LABEL} is the label for it");
        let labelled = found().any(|(_, other)| has_label(snapshot, other));
        let fix = if labelled { None } else { to_label(snapshot, index, instruction) };
        let mut finding = Finding::new(instruction.span, message).fix(fix);
        finding.tag = Some(Tag::Deprecated);
        findings.push(finding);
    }
}

fn has_label(snapshot: &Snapshot, instruction: &Instruction) -> bool {
    let names = |pair| labels::name(snapshot.text(), pair).is_none_or(|name| name == LABEL);
    instruction.kind == Kind::Label && instruction.pairs().iter().any(names)
}

/// BuildKit takes all of the line as it is, quotes too, which nobody means to see in a name.
fn to_label(snapshot: &Snapshot, index: usize, instruction: &Instruction) -> Option<Fix> {
    let escape = char::from(snapshot.file().escape);
    let written = logical(snapshot.text(), instruction.arguments, snapshot.file().escape);
    let unquoted = ['"', '\''].into_iter().find_map(|quote| {
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    });
    let name = unquoted.unwrap_or(&written).trim();
    if name.is_empty() {
        return None;
    }
    let mut value = String::with_capacity(name.len());
    for character in name.chars() {
        if character == '"' || character == '$' || character == escape {
            value.push(escape);
        }
        value.push(character);
    }
    let line = lines::line(snapshot, index, Kind::Label, &format!("{LABEL}=\"{value}\""));
    Fix::safe(format!("write LABEL {LABEL}"), vec![lines::replace(snapshot, index, line)])
}
