//! `COPY --from=build / /`
use crate::analysis::copy::CopyFrom;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::base_images::base_image;
use crate::knowledge::distros::Distro;
use crate::model::image::ImageRef;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3067"],
    check: Check::Stage(check),
};

/// Images are made to be copied whole too: `tonistiigi/xx` holds nothing but scripts.
fn holds_a_system(snapshot: &Snapshot, from: &CopyFrom) -> bool {
    let distro = match from {
        CopyFrom::Stage(index) => snapshot.stage(&snapshot.file().stages[*index]).start.distro(),
        CopyFrom::Image(reference) => {
            let image = ImageRef::parse(reference);
            let row = image.digest.is_none().then(|| base_image(&image.repository, image.tag.as_deref())).flatten();
            row.and_then(|row| row.distro).into()
        }
        _ => Known::Unknown,
    };
    distro.is(|distro| *distro != Distro::None)
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for copy in &snapshot.stage(stage).copies {
        let whole = copy.sources.iter().find(|source| source.path.is(|path| path == "/"));
        let whole = whole.filter(|_| copy.destination.is(|path| path == "/"));
        if let Some(source) = whole.filter(|_| holds_a_system(snapshot, &copy.from)) {
            let message =
                "the whole file system is copied into one layer, and nothing of the image's settings comes with it";
            findings.push(Finding::new(source.span, message));
        }
    }
}
