//! Bring the Go version of an image in line with go.mod, and with what is kept up.
use super::action::Action;
use crate::analysis::go_version::{is_older, wanted};
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::golang_tags::{GoVersion, supported_minors};
use crate::model::stage::Stage;
use crate::rewrite::fix::Fix;
use crate::rewrite::{go_version, image_tag};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    let mut stages = image_tag::touched(snapshot, selection);
    stages.find_map(|stage| Some(of_stage(snapshot, stage)).filter(|fixes| !fixes.is_empty())).unwrap_or_default()
}

fn of_stage(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let Some(image) = version(snapshot, stage) else { return Vec::new() };
    let wanted = wanted(snapshot, stage);
    let behind = wanted.filter(|wanted| is_older(image, wanted.wish));
    let mut fixes: Vec<Fix> = Vec::new();
    let mut offer = |fix: Option<Fix>| fixes.extend(fix);
    if let Some(wanted) = behind {
        offer(go_version::bump(snapshot, stage, wanted.least));
        offer(go_version::bump(snapshot, stage, wanted.wish));
    }
    if (image.major, image.minor) < supported_minors()[0] {
        offer(go_version::look_at(snapshot, stage, go_version::supported(wanted.map(|wanted| wanted.wish))));
        offer(go_version::look_at(snapshot, stage, go_version::newest()));
    }
    // A toolchain is fetched since Go 1.21.
    if behind.is_some() && image >= GoVersion::minor(1, 21) {
        offer(go_version::fetch_toolchain(snapshot, stage));
    }
    let mut titles: Vec<String> = Vec::new();
    fixes.retain(|fix| {
        !titles.contains(&fix.title) && {
            titles.push(fix.title.clone());
            true
        }
    });
    fixes
}

/// The Go version of an official image.
fn version(snapshot: &Snapshot, stage: &Stage) -> Option<GoVersion> {
    let start = &snapshot.stage(stage).start;
    let official = start.image().is_some_and(|image| image.repository == "golang");
    match &start.go {
        Known::Known(Some(go)) if official => go.version.as_ref().copied(),
        _ => None,
    }
}
