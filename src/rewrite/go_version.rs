//! Another Go version for an image: the tag in FROM or in the ARG that gives it, or a toolchain that Go fetches by itself.
use super::fix::Fix;
use super::lines;
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::golang_tags::{GoVersion, bump_golang_tag, latest_patch, supported_minors};
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::model::word::{Part, Word};
use crate::text::edit::Edit;
use crate::text::span::Span;

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
    let word = image_word(snapshot, stage)?;
    let reference = snapshot.stage(stage).start.reference.as_ref()?;
    let image = ImageRef::parse(reference);
    let old = image.tag?;
    let new = bump_golang_tag(&old, need)?;
    let raw = word.raw(snapshot.text());
    let written_here = word.literal(snapshot.text()).is_some() || raw.ends_with(&format!(":{old}"));
    let edits = if written_here {
        let at = word.span.start + raw.rfind(&old)? as u32;
        let mut edits = vec![Edit::replace(Span::new(at, at + old.len() as u32), new.clone())];
        edits.extend(digest_edit(raw, word.span));
        edits
    } else {
        let undigested = reference.split('@').next()?;
        let wanted = format!("{}{new}", undigested.strip_suffix(&old)?);
        through_args(snapshot, word, &wanted)?
    };
    if image.digest.is_some() {
        let title = format!("use {}:{new}, without the digest of the old image", image.repository);
        return Some(Bump { edits, title, same: false });
    }
    let suffix = |tag: &str| tag.split_once('-').map(|(_, suffix)| suffix.to_owned());
    let title = format!("use {}:{new}", image.repository);
    Some(Bump { edits, title, same: suffix(&old) == suffix(&new) })
}

fn image_word<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s Word> {
    match &snapshot.file().instructions[stage.from].body {
        Body::From(from) => from.image.as_ref(),
        _ => None,
    }
}

/// Deletes `@sha256:…` from what is written at `span`.
fn digest_edit(written: &str, span: Span) -> Option<Edit> {
    let digest = written.find('@')?;
    let end = written.len() - written[digest..].bytes().rev().take_while(|byte| matches!(byte, b'"' | b'\'')).count();
    Some(Edit::delete(Span::new(span.start + digest as u32, span.start + end as u32)))
}

/// Other defaults for the global ARGs that `word` names, with which it means `wanted`; `None` where the text around them says
/// otherwise, or a digest is no constant.
fn through_args(snapshot: &Snapshot, word: &Word, wanted: &str) -> Option<Vec<Edit>> {
    let text = snapshot.text();
    let mut edits: Vec<Edit> = Vec::new();
    let mut left = wanted;
    let mut parts = word.parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Text { span, cooked: None } => {
                let written = &snapshot[*span];
                let before = written.split('@').next()?;
                left = left.strip_prefix(before)?;
                if before.len() < written.len() {
                    edits.extend(digest_edit(written, *span));
                    if parts.next().is_some() {
                        return None;
                    }
                }
            }
            Part::Variable(variable) if variable.operator.is_none() => {
                // The value ends where the text behind it begins.
                let end = match parts.peek() {
                    None => left.len(),
                    Some(Part::Text { span, .. }) => match snapshot[*span].split('@').next()? {
                        "" => left.len(),
                        behind => left.rfind(behind)?,
                    },
                    Some(Part::Variable(_)) => return None,
                };
                edits.extend(default_edit(snapshot, &text[variable.name.range()], &left[..end])?);
                left = &left[end..];
            }
            _ => return None,
        }
    }
    left.is_empty().then_some(edits)
}

/// Gives the global ARG `name` the default `value`, where it has another one; a digest in it goes.
fn default_edit(snapshot: &Snapshot, name: &str, value: &str) -> Option<Vec<Edit>> {
    let text = snapshot.text();
    let pairs = snapshot.file().global_args().flat_map(|index| snapshot.file().instructions[index].pairs());
    let old = pairs.filter(|pair| pair.name.raw(text) == name).last()?.value.as_ref()?;
    let literal = old.literal(text)?;
    let before = literal.split('@').next()?;
    if before == value {
        return Some(Vec::new());
    }
    let raw = old.raw(text);
    if raw.trim_matches(['"', '\'']) != literal || value.is_empty() {
        return None;
    }
    // Only what differs is replaced: a repository in front stays as it is.
    let same = before.bytes().zip(value.bytes()).take_while(|(one, other)| one == other).count();
    let kept = before[..same].rfind([':', '/']).map_or(0, |at| at + 1);
    let start = old.span.start + raw.find(before)? as u32;
    let span = Span::new(start + kept as u32, start + before.len() as u32);
    let mut edits = vec![Edit::replace(span, &value[kept..])];
    edits.extend(digest_edit(raw, old.span));
    Some(edits)
}

/// True when the global ARG instruction `index` gives a part of the image that `stage` starts from.
pub fn comes_from(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let text = snapshot.text();
    let names = |part: &Part| match part {
        Part::Variable(variable) => {
            let name = &text[variable.name.range()];
            snapshot.file().instructions[index].pairs().iter().any(|pair| pair.name.raw(text) == name)
        }
        Part::Text { .. } => false,
    };
    image_word(snapshot, stage).is_some_and(|word| word.parts.iter().any(names))
}
