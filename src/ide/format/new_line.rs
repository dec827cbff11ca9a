//! Indents the line that was just begun.
use super::edits::Edits;
use super::indent::{Class, rows, usual};
use super::lines::{Line, lines, start};
use super::quotes::is_open;
use super::{innermost, logical_end};
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::{Body, Instruction};
use crate::text::edit::EditSet;
use crate::text::span::Span;

/// Behind a line break at `offset`: a continued instruction goes on at its indentation, a new one begins at the margin.
pub fn new_line(snapshot: &Snapshot, offset: u32) -> EditSet {
    let text = snapshot.text();
    let mut edits = Edits::new(text);
    let from = start(text);
    let offset = offset.max(from);
    let begin = text[from as usize..offset as usize].rfind('\n').map_or(from, |at| from + at as u32 + 1);
    let Some(line) = lines(text, Span::new(begin, text.len() as u32)).next().or_else(|| last_line(text, begin)) else {
        return edits.finish();
    };
    let instructions = &snapshot.file().instructions;
    let before = instructions.partition_point(|instruction| instruction.span.start < begin).checked_sub(1);
    let Some(instruction) = before.map(|index| &instructions[index]) else { return edits.finish() };
    if in_document(instruction, begin) {
        return edits.finish();
    }
    match continued(snapshot, instruction, begin) {
        Some(previous) => {
            if let Some(indent) = next_indent(snapshot, instruction, line, previous) {
                edits.put(line.indent(text), &indent);
            }
        }
        // What an editor copied from the line above.
        None if line.is_blank(text) => edits.put(line.indent(text), ""),
        None => {}
    }
    edits.finish()
}

/// The empty line behind the last line end.
fn last_line(text: &str, begin: u32) -> Option<Line> {
    (begin as usize == text.len()).then(|| Line { span: Span::at(begin), next: begin })
}

fn in_document(instruction: &Instruction, at: u32) -> bool {
    let here = instruction.heredocs.iter().any(|heredoc| {
        let end = heredoc.end.map_or(u32::MAX, |end| end.end);
        heredoc.body.start <= at && at < end
    });
    here || matches!(&instruction.body, Body::Onbuild(Some(nested)) if in_document(nested, at))
}

/// The last line of `instruction` in front of `begin` that is no comment, if it goes on behind its end.
fn continued(snapshot: &Snapshot, instruction: &Instruction, begin: u32) -> Option<Line> {
    let text = snapshot.text();
    let code = |line: &Line| !line.is_blank(text) && !line.is_comment(text);
    let last = lines(text, Span::new(instruction.span.start, begin)).filter(code).last()?;
    let bytes = text[last.span.range()].trim_end_matches([' ', '\t']).as_bytes();
    let escape = snapshot.file().escape;
    let continues = bytes.last() == Some(&escape) && bytes.len().checked_sub(2).is_none_or(|at| bytes[at] != escape);
    continues.then_some(last)
}

/// The indentation of the line behind `previous`; `None` in a string.
fn next_indent(snapshot: &Snapshot, instruction: &Instruction, line: Line, previous: Line) -> Option<String> {
    let text = snapshot.text();
    let inner = innermost(instruction);
    if let Some(shell) = inner.command().and_then(Command::shell) {
        let before = previous.span.end.max(shell.start);
        if is_open(text, Span::new(shell.start, before.min(logical_end(instruction))), snapshot.file().escape) {
            return None;
        }
    }
    let rows = rows(snapshot, instruction);
    let own =
        |row: &&super::indent::Row| !matches!(row.class, Class::Fixed | Class::Remark) && row.line.span != line.span;
    let above = rows.iter().filter(own).rfind(|row| row.line.span.start <= previous.span.start);
    let below = || rows.iter().filter(own).find(|row| !row.old.is_empty());
    let indent = above.or_else(below).map(|row| snapshot[row.old].to_owned());
    let all = || {
        let instructions = &snapshot.file().instructions;
        usual(
            snapshot,
            &instructions.iter().map(|instruction| super::indent::rows(snapshot, instruction)).collect::<Vec<_>>(),
        )
    };
    Some(indent.unwrap_or_else(all))
}
