//! The digest behind the tag of an image, so that every build takes the same one.
use std::borrow::Cow;

use super::fix::Fix;
use super::image_tag;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::parent;
use crate::model::image::ImageRef;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage, find_stage};
use crate::model::word::Word;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// What pins the images that the instruction `index` of `stage` names, or renews their digests, where the registry says which.
pub fn fix(snapshot: &Snapshot, stage: &Stage, index: usize) -> Option<Fix> {
    let (word, written) = named(snapshot, stage, index)?;
    let raw = word.raw(snapshot.text());
    let image = ImageRef::parse(&written);
    let Some(old) = image.digest else {
        let digest = &snapshot.published().image(&written)?.digest;
        let quotes = raw.bytes().rev().take_while(|byte| matches!(byte, b'"' | b'\'')).count();
        let edit = Edit::insert(word.span.end - quotes as u32, format!("@{digest}"));
        return Fix::unsafe_(format!("pin {written} to its digest"), vec![edit]);
    };
    let tagged = format!("{}:{}", image.repository, image.tag?);
    let digest = &snapshot.published().image(&tagged)?.digest;
    let at = word.span.start + raw.rfind(&*old)? as u32;
    let edit = Edit::replace(Span::new(at, at + old.len() as u32), digest.clone());
    (*digest != old).then(|| Fix::unsafe_(format!("renew the digest of {tagged}"), vec![edit]))?
}

/// The image that an instruction names without a variable: in FROM, or in `--from` of COPY.
fn named<'s>(snapshot: &'s Snapshot, stage: &Stage, index: usize) -> Option<(&'s Word, Cow<'s, str>)> {
    let text = snapshot.text();
    if index == stage.from {
        let word = image_tag::word(snapshot, stage).filter(|_| stage.base == Base::Image)?;
        return parent(snapshot, stage).is_none().then_some((word, word.literal(text)?));
    }
    let instruction = &snapshot.file().instructions[index];
    let word = instruction.flag(text, "from").filter(|_| instruction.kind == Kind::Copy)?.value.as_ref()?;
    let name = word.literal(text)?;
    find_stage(&snapshot.file().stages, stage.index, &name, true).is_none().then_some((word, name))
}
