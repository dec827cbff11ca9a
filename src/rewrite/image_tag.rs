//! Another tag for an image: in FROM, or in the defaults of the ARGs that give it.
use crate::analysis::snapshot::Snapshot;
use crate::model::image::ImageRef;
use crate::model::instruction::Body;
use crate::model::stage::{Base, Stage};
use crate::model::word::{Part, Word};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The stages whose image is named where `selection` is: in their FROM, or in an ARG that gives a part of it.
pub fn touched(snapshot: &Snapshot, selection: Span) -> impl Iterator<Item = &Stage> {
    let file = snapshot.file();
    let is_at = move |index: usize| {
        let span = file.instructions[index].span;
        span.start <= selection.end && selection.start <= span.end
    };
    let arguments: Vec<usize> = file.global_args().filter(|index| is_at(*index)).collect();
    let from_argument = move |stage: &Stage| arguments.iter().any(|index| comes_from(snapshot, stage, *index));
    let images = file.stages.iter().filter(|stage| stage.base == Base::Image);
    images.filter(move |stage| is_at(stage.from) || from_argument(stage))
}

/// True when the global ARG instruction `index` gives a part of the image that `stage` starts from.
fn comes_from(snapshot: &Snapshot, stage: &Stage, index: usize) -> bool {
    let text = snapshot.text();
    let names = |part: &Part| match part {
        Part::Variable(variable) => {
            let name = &text[variable.name.range()];
            snapshot.file().instructions[index].pairs().iter().any(|pair| pair.name.raw(text) == name)
        }
        Part::Text { .. } => false,
    };
    word(snapshot, stage).is_some_and(|word| word.parts.iter().any(names))
}

/// Gives the image of `stage` the tag `new`, where its tag is written; a digest, which is that of the old image, goes.
pub fn replace(snapshot: &Snapshot, stage: &Stage, new: &str) -> Option<Vec<Edit>> {
    let word = word(snapshot, stage)?;
    let reference = snapshot.stage(stage).start.reference.as_ref()?;
    let old = ImageRef::parse(reference).tag?;
    let raw = word.raw(snapshot.text());
    let written_here = word.literal(snapshot.text()).is_some() || raw.ends_with(&format!(":{old}"));
    if !written_here {
        let undigested = reference.split('@').next()?;
        let wanted = format!("{}{new}", undigested.strip_suffix(&*old)?);
        return through_args(snapshot, word, &wanted);
    }
    let named = raw.split('@').next()?;
    let at = word.span.start + named.rfind(&*old)? as u32;
    let mut edits = vec![Edit::replace(Span::new(at, at + old.len() as u32), new)];
    edits.extend(digest_edit(raw, word.span));
    Some(edits)
}

/// The image as FROM writes it.
pub fn word<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s Word> {
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
