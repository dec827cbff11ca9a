//! `FROM golang`: no tag, no digest.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::image_names::{is_local, is_rolling};
use crate::model::image::{ImageRef, is_valid_reference};
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::may_be_called_anything;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3006"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let Some(word) = &from.image else { return };
    let stages = &snapshot.file().stages;
    let span = |stage: &Stage| snapshot.file().instructions[stage.from].span;
    let at = stages.partition_point(|stage| span(stage).start < instruction.span.start);
    let is_this = |stage: &&Stage| span(stage) == instruction.span && stage.base == Base::Image;
    let Some(stage) = stages.get(at).filter(is_this) else { return };
    // A variable is there to be set from outside: what it holds then, nobody can tell.
    let Some(reference) = word.literal(snapshot.text()) else { return };
    let image = ImageRef::parse(&reference);
    let pinned = image.tag.is_some() || image.digest.is_some();
    if pinned || !is_valid_reference(&reference) || is_rolling(&image.repository) || is_local(&image.repository) {
        return;
    }
    if !image.repository.contains('/') && may_be_called_anything(snapshot, stage) {
        return;
    }
    let message = format!("`{reference}` has no tag, so every build takes what is the latest at that time");
    let version = || go_version(snapshot).filter(|_| normalized_repository(&image.repository) == "golang");
    let fix = (!snapshot[word.span].contains(['"', '\''])).then(version).flatten().and_then(|version| {
        Fix::unsafe_(format!("use {reference}:{version}"), vec![Edit::insert(word.span.end, format!(":{version}"))])
    });
    findings.push(Finding::new(word.span, message).fix(fix));
}

/// The Go release that the project's only module asks for: a tag of the golang image.
pub(super) fn go_version(snapshot: &Snapshot) -> Option<String> {
    let [module] = snapshot.facts().modules.as_slice() else { return None };
    let version = snapshot.facts().required_go(module)?;
    Some(format!("{}.{}", version.major, version.minor))
}
