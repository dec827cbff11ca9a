//! `FROM alpine:latest`.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::image_names::{is_local, is_rolling};
use crate::model::image::{ImageRef, is_valid_reference};
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::word::{Part, Word};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3007"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let Some(word) = &from.image else { return };
    let Some(reference) = word.literal(snapshot.text()) else {
        findings.extend(of_variable(snapshot, word));
        return;
    };
    let image = ImageRef::parse(&reference);
    let latest = image.tag.as_deref() == Some("latest") && image.digest.is_none();
    if !latest || !is_valid_reference(&reference) || is_rolling(&image.repository) || is_local(&image.repository) {
        return;
    }
    // Quotes and continuations may stand in the word.
    let plain = snapshot[word.span].ends_with("latest");
    let tag = Span::new(word.span.end - "latest".len() as u32, word.span.end);
    let span = if plain { tag } else { word.span };
    let message = format!("`{reference}` is another image after every release");
    let version = || super::untagged_image::go_version(snapshot);
    let golang = plain && normalized_repository(&image.repository) == "golang";
    let fix = golang.then(version).flatten().and_then(|version| {
        Fix::unsafe_(format!("use {}:{version}", image.repository), vec![Edit::replace(tag, version)])
    });
    findings.push(Finding::new(span, message).fix(fix));
}

/// `registry/busybox-${ARCH}:latest`: whatever the variable holds, the tag stands there. Of an image that is a variable
/// altogether nobody can tell.
fn of_variable(snapshot: &Snapshot, word: &Word) -> Option<Finding> {
    let text = snapshot.text();
    let written = &snapshot[word.span];
    let repository =
        written.strip_suffix(":latest").filter(|_| matches!(word.parts.last(), Some(Part::Text { .. })))?;
    let mut texts = word.parts.iter().filter_map(|part| part.text(text));
    let named = texts.any(|part| part.trim_end_matches(":latest").bytes().any(|byte| byte.is_ascii_alphanumeric()));
    let plain = !written.contains(['"', '\'', '\n', '@']);
    if !named || !plain || is_rolling(repository) {
        return None;
    }
    let tag = Span::new(word.span.end - "latest".len() as u32, word.span.end);
    Some(Finding::new(tag, format!("`{written}` is another image after every release")))
}
