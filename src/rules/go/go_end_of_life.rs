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
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let mut seen: Vec<(u32, u32)> = Vec::new();
    for stage in &snapshot.file().stages {
        let Some((word, version)) = ended(snapshot, stage) else { continue };
        let minor = (version.major, version.minor);
        if seen.contains(&minor) || is_for_developers(snapshot, stage) || !is_official(snapshot, word) {
            continue;
        }
        seen.push(minor);
        let [(major, older), (_, newer)] = supported_minors();
        let message = format!(
            "Go {}.{} gets no security fixes any more: as of {} only {major}.{older} and {major}.{newer} do",
            minor.0,
            minor.1,
            tags_as_of()
        );
        findings.push(Finding::new(word.span, message).fixed_later(stage, fixes));
    }
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

/// Every stage of that release gets the next one that is kept up, or the one that go.mod asks for.
fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let Some((_, version)) = ended(snapshot, stage) else { return Vec::new() };
    let same = |other: &&Stage| {
        let found = ended(snapshot, other);
        found.is_some_and(|(word, other)| other.same_minor(version) && is_official(snapshot, word))
    };
    let stages: Vec<&Stage> = snapshot.file().stages.iter().filter(same).collect();
    let least = wanted(snapshot, stage).map(|wanted| wanted.least);
    go_version::bump_all(snapshot, &stages, go_version::supported(least)).into_iter().collect()
}
