//! The smallest Dockerfile that still has an instruction, in a file beside the whole one.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::rewrite::fix::{Applicability, Fix};
use crate::rewrite::slice;
use crate::text::edit::FileEdit;
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

/// Whoever keeps more slices than these names them himself.
const MAX_SLICES: u32 = 9;

fn offers(snapshot: &Snapshot, selection: Span) -> Vec<Fix> {
    chosen(snapshot, selection).and_then(|index| fix(snapshot, index)).into_iter().collect()
}

/// The one instruction that is selected, of those that do something.
fn chosen(snapshot: &Snapshot, selection: Span) -> Option<usize> {
    let file = snapshot.file();
    let index = file.instruction_at(selection.start)?;
    let instruction = &file.instructions[index];
    let acts = matches!(
        instruction.kind,
        Kind::Run | Kind::Copy | Kind::Add | Kind::Workdir | Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck
    );
    (acts && instruction.span.contains(selection)).then_some(index)
}

fn fix(snapshot: &Snapshot, index: usize) -> Option<Fix> {
    let text = slice::slice(snapshot, index).filter(|text| text.trim_end() != snapshot.text().trim_end())?;
    let path = snapshot.path()?;
    let name = free_name(snapshot, path.file_name()?.to_str()?)?;
    let start = snapshot.file().instructions[index].span.start as usize;
    let line = snapshot.text()[..start].matches('\n').count() + 1;
    Some(Fix {
        title: format!("minimal reproduction of line {line}: {name}"),
        edits: vec![FileEdit::Create(path.with_file_name(name), text)],
        applicability: Applicability::Unsafe,
    })
}

/// `Dockerfile.slice`, or with a number where that is there already.
fn free_name(snapshot: &Snapshot, own: &str) -> Option<String> {
    let folder = snapshot.facts().dockerfile.as_deref().and_then(|path| path.strip_suffix(own));
    let is_there =
        |name: &String| folder.is_some_and(|folder| snapshot.facts().exists(&format!("{folder}{name}")) == Some(true));
    let first = format!("{own}.slice");
    let names = std::iter::once(first.clone()).chain((2..=MAX_SLICES).map(|number| format!("{first}{number}")));
    names.into_iter().find(|name| !is_there(name))
}
