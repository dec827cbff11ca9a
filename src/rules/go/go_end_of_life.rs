//! The Go release of the image gets no fixes any more.
use crate::analysis::go_version::wanted;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::base_images::base_image;
use crate::knowledge::golang_tags::{GoVersion, golang_image_version, supported_minors, tags_as_of};
use crate::model::image::ImageRef;
use crate::model::stage::Stage;
use crate::model::word::Word;
use crate::rewrite::go_version;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::from;
use crate::rules::started::is_for_developers;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some((word, version)) = ended(snapshot, stage) else { return };
    if is_for_developers(snapshot, stage) || !is_official(snapshot, word) {
        return;
    }
    let [(_, older), (major, newer)] = supported_minors();
    let (from, day) = (GoVersion::minor(version.major, version.minor), tags_as_of());
    let message =
        format!("Go {from} gets no security fixes any more: as of {day} only {major}.{older} and {major}.{newer} do");
    findings.push(Finding::new(word.span, message).fixed_later(stage, fixes));
}

/// The image of a stage, and its version, when that is one of the past; a version that comes from an argument is the builder's.
fn ended<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<(&'s Word, GoVersion)> {
    let word = from(snapshot, stage)?.image.as_ref()?;
    let version = golang_image_version(ImageRef::parse(&written(snapshot, word)?).tag.as_deref()?)?;
    let [oldest, _] = supported_minors();
    ((version.major, version.minor) < oldest).then_some((word, version))
}

fn written(snapshot: &Snapshot, word: &Word) -> Option<String> {
    let literal = word.literal(snapshot.text())?;
    literal.contains("golang").then(|| literal.into_owned())
}

fn is_official(snapshot: &Snapshot, word: &Word) -> bool {
    let image = written(snapshot, word).map(|reference| ImageRef::parse(&reference));
    let row = image.and_then(|image| base_image(&image.repository, image.tag.as_deref()));
    row.is_some_and(|row| row.repository == "golang")
}

/// The next release that is kept up, or the one that go.mod asks for.
fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let least = wanted(snapshot, stage).map(|wanted| wanted.least);
    go_version::look_at(snapshot, stage, go_version::supported(least)).into_iter().collect()
}
