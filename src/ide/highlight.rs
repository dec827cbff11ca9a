//! The other places of what the cursor is on: stages, variables, variables of the shell, here-documents.
use super::mentions::{Name, at, shell_texts, stage_around};
use super::occurrences::{Role, around};
use crate::analysis::snapshot::Snapshot;
use crate::syntax::shell::Command;
use crate::text::span::Span;

/// Commands of the shell that take assignments as arguments.
const DECLARE: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

/// A place to highlight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Highlight {
    /// Where.
    pub span: Span,
    /// What it does with what the cursor is on.
    pub kind: HighlightKind,
}

/// What a place does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HighlightKind {
    /// It gives a value or a name.
    Write,
    /// It uses it.
    Read,
    /// Neither.
    Text,
}

/// The places of what stands at `offset`, itself among them, in the order of the text.
pub fn highlight(snapshot: &Snapshot, offset: u32) -> Vec<Highlight> {
    if let Some((_, all)) = around(snapshot, offset) {
        let kind = |role| if role == Role::Use { HighlightKind::Read } else { HighlightKind::Write };
        return all.iter().map(|place| Highlight { span: place.span, kind: kind(place.role) }).collect();
    }
    let Some(index) = snapshot.file().instruction_at(offset) else { return Vec::new() };
    of_heredoc(snapshot, index, offset).unwrap_or_else(|| of_shell(snapshot, index, offset))
}

/// The delimiter of a here-document, in front of it and behind it.
fn of_heredoc(snapshot: &Snapshot, index: usize, offset: u32) -> Option<Vec<Highlight>> {
    let heredocs = &snapshot.file().instructions[index].heredocs;
    let touched = |span: &Span| span.touches(offset);
    let found = heredocs.iter().find(|heredoc| touched(&heredoc.start) || heredoc.end.as_ref().is_some_and(touched))?;
    let places = std::iter::once(found.start).chain(found.end);
    Some(places.map(|span| Highlight { span, kind: HighlightKind::Text }).collect())
}

/// A variable that nothing but the shell text of instruction `index` knows.
fn of_shell(snapshot: &Snapshot, index: usize, offset: u32) -> Vec<Highlight> {
    let mut found = Vec::new();
    let Some(stage) = stage_around(snapshot, index) else { return found };
    let used = at(snapshot, offset).and_then(|mention| match mention.name {
        Name::Variable(name) => Some(name),
        Name::Stage(_) => None,
    });
    shell_texts(snapshot, stage, index, &mut |script, start, _| {
        let set: Vec<(String, Span)> = script.commands.iter().flat_map(names_set).collect();
        let touched = || set.iter().find(|(_, span)| span.shift(start).touches(offset)).map(|(name, _)| name.as_str());
        let Some(name) = used.or_else(touched) else { return };
        let writes = set.iter().filter(|(other, _)| other == name);
        let writes = writes.map(|(_, span)| Highlight { span: span.shift(start), kind: HighlightKind::Write });
        let reads = script.uses.iter().filter(|one| one.name == name);
        let reads = reads.map(|one| Highlight { span: one.span.shift(start), kind: HighlightKind::Read });
        found.extend(writes.chain(reads));
    });
    found.sort();
    found.dedup();
    found
}

/// The variables that a command sets, and where it names them: `A=1`, `export A=1`.
fn names_set(command: &Command) -> Vec<(String, Span)> {
    let unwrapped = command.unwrapped();
    let mut names: Vec<_> = unwrapped.assignments.iter().map(|one| (one.name.clone(), one.name_span)).collect();
    if unwrapped.name().is_some_and(|name| DECLARE.contains(&name)) {
        let pairs = unwrapped.arguments().iter().filter_map(|word| Some((word, word.key_value()?.0)));
        names
            .extend(pairs.map(|(word, name)| {
                (name.to_owned(), Span::new(word.span.start, word.span.start + name.len() as u32))
            }));
    }
    names
}
