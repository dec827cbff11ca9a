//! Another Go version for an image: the tag in FROM or in the ARG that gives it, or a toolchain that Go fetches by itself.
use super::fix::Fix;
use super::{image_tag, lines};
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::golang_tags::{GoVersion, bump_golang_tag, latest_patch, supported_minors};
use crate::model::image::ImageRef;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::text::edit::Edit;

/// A tag that is replaced.
struct Bump {
    edits: Vec<Edit>,
    title: String,
    /// The variant and the suite stay, and no digest is lost.
    same: bool,
}

/// The least tag that is new enough for `need`, where it is written: in FROM or in the default of an ARG. Safe where nothing
/// but the version changes.
pub fn bump(snapshot: &Snapshot, stage: &Stage, need: GoVersion) -> Option<Fix> {
    let bump = of_stage(snapshot, stage, need)?;
    if bump.same { Fix::safe(bump.title, bump.edits) } else { Fix::unsafe_(bump.title, bump.edits) }
}

/// The same where nothing is broken: somebody has to look at it.
pub fn look_at(snapshot: &Snapshot, stage: &Stage, need: GoVersion) -> Option<Fix> {
    let bump = of_stage(snapshot, stage, need)?;
    Fix::unsafe_(bump.title, bump.edits)
}

/// The oldest release that gets security fixes, or `least` where that is newer: an exact tag gets its newest patch release.
pub fn supported(least: Option<GoVersion>) -> GoVersion {
    let oldest = newest_patch(supported_minors()[0]);
    least.filter(|least| !least.same_minor(oldest)).map_or(oldest, |least| least.max(oldest))
}

/// The newest release that we know of.
pub fn newest() -> GoVersion {
    newest_patch(supported_minors()[1])
}

fn newest_patch((major, minor): (u32, u32)) -> GoVersion {
    GoVersion { patch: latest_patch((major, minor)), ..GoVersion::minor(major, minor) }
}

/// `ENV GOTOOLCHAIN=auto` behind the FROM of `stage`, whose image says local: Go then fetches what go.mod asks for, in every
/// build that finds no cache.
pub fn fetch_toolchain(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let variable = snapshot.stage(stage).end.env.get("GOTOOLCHAIN")?;
    let of_image = variable.origin == Origin::Image && variable.value.is(|value| value == "local");
    let line = lines::line(snapshot, stage.from, Kind::Env, "GOTOOLCHAIN=auto");
    let edit = of_image.then(|| lines::insert_after(snapshot, stage.from, &[line]))?;
    Fix::unsafe_("let Go fetch the toolchain of go.mod in the build (GOTOOLCHAIN=auto)", vec![edit])
}

fn of_stage(snapshot: &Snapshot, stage: &Stage, need: GoVersion) -> Option<Bump> {
    let image = ImageRef::parse(snapshot.stage(stage).start.reference.as_ref()?);
    let old = image.tag?;
    let new = bump_golang_tag(&old, need)?;
    let edits = image_tag::replace(snapshot, stage, &new)?;
    if image.digest.is_some() {
        let title = format!("use {}:{new}, without the digest of the old image", image.repository);
        return Some(Bump { edits, title, same: false });
    }
    let suffix = |tag: &str| tag.split_once('-').map(|(_, suffix)| suffix.to_owned());
    let title = format!("use {}:{new}", image.repository);
    Some(Bump { edits, title, same: suffix(&old) == suffix(&new) })
}
