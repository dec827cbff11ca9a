//! A fixed platform that the image never had.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::image_platforms::has_platform;
use crate::model::image::ImageRef;
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::from;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["InvalidBaseImagePlatform"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let text = snapshot.text();
    let instruction = &snapshot.file().instructions[stage.from];
    let Some(value) = instruction.flag(text, "platform").and_then(|flag| flag.value.as_ref()) else { return };
    let Some(image) = from(snapshot, stage).and_then(|from| from.image.as_ref()) else { return };
    if stage.base != Base::Image {
        return;
    }
    let (Some(platform), Some(reference)) = (value.literal(text), image.literal(text)) else { return };
    let image = ImageRef::parse(&reference);
    if has_platform(&image.repository, &platform) == Some(false) {
        let message = format!("`{}` has no image for {platform}", image.name());
        findings.push(Finding::new(value.span, message));
    }
}
