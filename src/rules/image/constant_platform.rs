//! `FROM --platform=linux/amd64`
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::image_platforms::architecture;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["FromPlatformFlagConstDisallowed", "DL3029"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let text = snapshot.text();
    let Some(flag) = instruction.flag(text, "platform") else { return };
    let Some(value) = &flag.value else { return };
    let Some(platform) = value.literal(text).filter(|platform| !platform.is_empty()) else { return };
    let Body::From(from) = &instruction.body else { return };
    let stage = from.name.map_or(String::new(), |name| snapshot[name].to_ascii_lowercase());
    let file = snapshot.path().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().to_lowercase());
    // Who puts the platform into a name means it.
    let named = |part: &str| stage.contains(part) || file.as_ref().is_some_and(|file| file.contains(part));
    if platform.split('/').take(2).any(|part| named(part) || named(architecture(part))) {
        return;
    }
    let message = format!("the stage is always built for {platform}, whatever platform is asked for");
    let fix = Fix::unsafe_("drop --platform", vec![Edit::delete(with_blanks(text, flag.span))]);
    findings.push(Finding::new(flag.span, message).fix(fix));
}

/// `span` with the blanks behind it on its line.
pub(super) fn with_blanks(text: &str, span: Span) -> Span {
    let rest = &text[span.end as usize..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Span::new(span.start, span.end + blanks as u32)
}
