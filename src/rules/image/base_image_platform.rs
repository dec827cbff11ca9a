//! A platform that this image does not have, by what its registry says.
use crate::analysis::known::Known;
use crate::analysis::published;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::image_platforms::{has_platform, is_among};
use crate::model::image::ImageRef;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// More are not listed in a message.
const MAX_LISTED: usize = 8;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(image) = published::of_stage(snapshot, stage).filter(|image| !image.platforms.is_empty()) else { return };
    let Some(reference) = snapshot.stage(stage).start.reference.as_deref() else { return };
    let instruction = &snapshot.file().instructions[stage.from];
    let flag = instruction.flag(snapshot.text(), "platform").and_then(|flag| flag.value.as_ref());
    let Some(value) = flag else { return };
    let Known::Known(platform) = snapshot.globals().expand(snapshot.text(), value) else { return };
    // platform-not-in-image speaks of images that never had it.
    let never = has_platform(&ImageRef::parse(reference).repository, &platform) == Some(false);
    if never || is_among(image.platforms.iter().map(String::as_str), &platform) != Some(false) {
        return;
    }
    let written = reference.split('@').next().unwrap_or(reference);
    let mut listed = image.platforms[..image.platforms.len().min(MAX_LISTED)].join(", ");
    if image.platforms.len() > MAX_LISTED {
        listed.push_str(" and others");
    }
    findings
        .push(Finding::new(value.span, format!("`{written}` has no image for {platform}: its registry has {listed}")));
}
