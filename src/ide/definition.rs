//! From a use to where it comes from: stages, variables, files of the context, and the steps that make files.
use std::path::PathBuf;

use super::mentions::stage_around;
use super::occurrences::{Role, around};
use super::produced;
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::path::{in_context, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::DEFAULT_PATH;
use crate::model::command::Command;
use crate::model::instruction::{Body, Healthcheck, Instruction, Kind};
use crate::model::mount::Mount;
use crate::model::stage::{Stage, find_stage};
use crate::model::value::is_address;
use crate::project::files::Kind as FileKind;
use crate::text::span::Span;

/// Files that one pattern leads to; more help nobody.
const MAX_FILES: usize = 32;

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A part of this file.
    Here(Span),
    /// Another file.
    There(PathBuf),
}

/// Where what stands at `offset` comes from.
///
/// * A stage or a variable: the last ENV or ARG that a use sees in its stage or in those it builds on; the definition itself
///   where the cursor stands on one. A bare `ARG X` in a stage leads to the global `ARG X` that it takes its value from.
/// * A path in another stage (`COPY --from`, a bind mount) or in the image (an exec form): the step that makes it, or those
///   that may.
/// * A path of the context: the files, where they exist.
pub fn definition(snapshot: &Snapshot, offset: u32) -> Vec<Place> {
    let Some((here, all)) = around(snapshot, offset) else { return of_path(snapshot, offset).unwrap_or_default() };
    if matches!(here.role, Role::Definition { .. }) {
        return vec![Place::Here(here.span)];
    }
    let definitions = all.iter().filter(|found| found.role != Role::Use && here.sees(snapshot, found));
    let last = definitions.max_by_key(|found| (found.role != Role::Redeclaration, found.span));
    last.map(|found| Place::Here(found.span)).into_iter().collect()
}

fn of_path(snapshot: &Snapshot, offset: u32) -> Option<Vec<Place>> {
    let file = snapshot.file();
    let index = file.instruction_at(offset)?;
    let stage = &file.stages[stage_around(snapshot, index)?];
    let instruction = &*file.instructions[index];
    match instruction.kind {
        Kind::Copy | Kind::Add => {
            let copies = &snapshot.stage(stage).copies;
            match copies.iter().find(|copy| copy.instruction == index) {
                Some(copy) => of_copy(snapshot, copy, offset),
                None => of_half_typed_copy(snapshot, stage, instruction, offset),
            }
        }
        Kind::Run => of_mount(snapshot, stage, index, offset),
        Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck => of_program(snapshot, stage, instruction, offset),
        _ => None,
    }
}

fn of_copy(snapshot: &Snapshot, copy: &CopyFact, offset: u32) -> Option<Vec<Place>> {
    let source = copy.sources.iter().find(|source| source.span.touches(offset) && !source.remote)?;
    let path = source.path.as_ref()?;
    match copy.from {
        CopyFrom::Stage(other) => Some(steps(snapshot, &snapshot.file().stages[other], path)),
        CopyFrom::Context => Some(files(snapshot, path)),
        CopyFrom::Image(_) | CopyFrom::Unknown => None,
    }
}

/// A COPY whose destination is still to come.
fn of_half_typed_copy(
    snapshot: &Snapshot,
    stage: &Stage,
    instruction: &Instruction,
    offset: u32,
) -> Option<Vec<Place>> {
    let (text, copy) = (snapshot.text(), instruction.copy()?);
    let word = copy.sources.iter().chain(&copy.destination).find(|word| word.span.touches(offset))?;
    let path = word.literal(text).filter(|path| !path.is_empty() && !is_address(path))?;
    let Some(flag) = instruction.flag(text, "from") else { return Some(files(snapshot, &in_context(&path))) };
    let from = flag.value.as_ref()?.literal(text)?;
    let other = find_stage(&snapshot.file().stages, stage.index, &from, true)?;
    Some(steps(snapshot, &snapshot.file().stages[other], &resolve("/", &path)))
}

/// The source of a bind mount.
fn of_mount(snapshot: &Snapshot, stage: &Stage, index: usize, offset: u32) -> Option<Vec<Place>> {
    let mounts = &snapshot.stage(stage).run_of(index)?.mounts;
    let is_source = |mount: &&Mount| {
        let mut options = mount.options.iter().filter(|option| matches!(option.key.as_str(), "source" | "src"));
        options.any(|option| option.value.as_ref().is_some_and(|(_, span)| span.touches(offset)))
    };
    let mount = mounts.iter().filter(|mount| mount.kind() == "bind").find(is_source)?;
    let path = mount.source().filter(|path| !path.contains('$'))?;
    let Some(from) = mount.from() else { return Some(files(snapshot, &in_context(path))) };
    let other = find_stage(&snapshot.file().stages, stage.index, from, false)?;
    Some(steps(snapshot, &snapshot.file().stages[other], &resolve("/", path)))
}

/// The program, or a file, that an exec form names: with its whole path, from the last WORKDIR, or as a command of the PATH.
fn of_program(snapshot: &Snapshot, stage: &Stage, instruction: &Instruction, offset: u32) -> Option<Vec<Place>> {
    let (Body::Command(Command::Exec(words)) | Body::Healthcheck(Healthcheck::Cmd(_, Command::Exec(words)))) =
        &instruction.body
    else {
        return None;
    };
    let (index, word) = words.iter().enumerate().find(|(_, word)| word.span.touches(offset))?;
    let (end, name) = (&snapshot.stage(stage).end, word.value.as_str());
    if name.starts_with('/') {
        return Some(steps(snapshot, stage, &resolve("/", name)));
    }
    let maker = |folder: &str| produced::maker(snapshot, stage, &resolve(folder, name));
    let found = match name.contains('/') {
        true => maker(end.workdir.as_ref()?),
        false if index == 0 => end.env.known("PATH").unwrap_or(DEFAULT_PATH).split(':').find_map(maker),
        false => None,
    };
    found.map(|step| vec![Place::Here(step)])
}

/// The steps of `stage` that make `path`, in which wildcards stand for anything.
fn steps(snapshot: &Snapshot, stage: &Stage, path: &str) -> Vec<Place> {
    let literal = path.split(['*', '?', '[']).next().unwrap_or_default();
    let path =
        if literal.len() == path.len() { path } else { literal.rsplit_once('/').map_or("/", |(folder, _)| folder) };
    let path = if path.is_empty() { "/" } else { path };
    produced::steps(snapshot, stage, path).into_iter().map(Place::Here).collect()
}

/// The files of the context that a path or a pattern names; an editor opens no folders.
fn files(snapshot: &Snapshot, path: &str) -> Vec<Place> {
    let facts = snapshot.facts().likely();
    let (Some(context), Some(found)) = (&facts.context, facts.glob(path)) else { return Vec::new() };
    let files = found.into_iter().filter(|path| facts.paths.kind(path) == Some(FileKind::File));
    files.take(MAX_FILES).map(|path| Place::There(context.dir.join(path))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the cursor `|` leads, as the text from there.
    fn leads(marked: &str) -> Option<String> {
        let offset = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let found = definition(&Snapshot::of_text(&text), offset as u32);
        let Some(Place::Here(found)) = found.first() else { return None };
        Some(text[found.start as usize..].lines().next().unwrap().to_owned())
    }

    #[test]
    fn stages() {
        assert_eq!(leads("FROM a AS one\nFROM o|ne\n").as_deref(), Some("one"));
        assert_eq!(leads("FROM a AS One\nFROM b\nCOPY --from=on|e x /\n").as_deref(), Some("One"));
        assert_eq!(leads("FROM a\nFROM b\nCOPY --from=|0 x /\n").as_deref(), Some("FROM a"));
        assert_eq!(
            leads("FROM a AS one\nFROM b\nRUN --mount=type=bind,from=o|ne,target=/x y\n").as_deref(),
            Some("one")
        );
        assert_eq!(leads("FROM a AS o|ne\n").as_deref(), Some("one"));
        assert_eq!(leads("FROM o|ne\n"), None);
    }

    #[test]
    fn variables() {
        assert_eq!(leads("ARG V=1\nFROM a:$|V\n").as_deref(), Some("V=1"));
        assert_eq!(leads("ARG V=1\nFROM a\nARG |V\nRUN x\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nARG V=1\nENV W=${|V}\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nARG V=1\nENV V=2\nUSER $|V\nENV V=3\n").as_deref(), Some("V=2"));
        assert_eq!(leads("FROM a AS b\nENV V=1\nFROM b\nUSER $|V\n").as_deref(), Some("V=1"));
        assert_eq!(leads("FROM a\nENV V=1\nFROM b\nUSER $|V\n"), None);
        assert_eq!(leads("ARG V=1\nFROM a\nUSER $|V\n"), None);
        assert_eq!(leads("FROM a\nENV V=1\nRUN echo \"$|V\"\n").as_deref(), Some("V=1"));
    }
}
