//! Whole instructions as edits: insert, replace and delete them, keeping line ends, indentation and the case of keywords.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Instruction, Kind};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The file's line end: that of its first line.
pub fn eol(snapshot: &Snapshot) -> &'static str {
    let text = snapshot.text();
    let first = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    if first { "\r\n" } else { "\n" }
}

/// The keyword of `kind` in the case in which `like` is written: lower where that has no upper-case letter.
pub fn keyword(snapshot: &Snapshot, like: &Instruction, kind: Kind) -> String {
    let lower = !snapshot[like.keyword].contains(|c: char| c.is_ascii_uppercase());
    if lower { kind.keyword().to_ascii_lowercase() } else { kind.keyword().to_owned() }
}

/// One line `KEYWORD arguments`, written like instruction `like`.
pub fn line(snapshot: &Snapshot, like: usize, kind: Kind, arguments: &str) -> String {
    let like = &snapshot.file().instructions[like];
    format!("{} {arguments}", keyword(snapshot, like, kind))
}

/// The blanks in front of instruction `index`.
pub fn indent(snapshot: &Snapshot, index: usize) -> &str {
    let start = snapshot.file().instructions[index].span.start;
    let blanks = &snapshot.text()[line_start(snapshot.text(), start) as usize..start as usize];
    // Only the byte order mark can stand there besides blanks.
    if blanks.bytes().all(|byte| matches!(byte, b' ' | b'\t')) { blanks } else { "" }
}

/// Inserts `lines` in front of instruction `index` and of the comments that belong to it.
pub fn insert_before(snapshot: &Snapshot, index: usize, lines: &[String]) -> Edit {
    let (eol, indent) = (eol(snapshot), indent(snapshot, index));
    let text: String = lines.iter().flat_map(|line| [indented(line, indent), eol.to_owned()]).collect();
    Edit::insert(block(snapshot, index).start, text)
}

/// Inserts `lines` behind instruction `index`. A continuation that leads nowhere is cut off, lest it swallow them.
pub fn insert_after(snapshot: &Snapshot, index: usize, lines: &[String]) -> Edit {
    let (eol, indent) = (eol(snapshot), indent(snapshot, index));
    let text: String = lines.iter().flat_map(|line| [eol.to_owned(), indented(line, indent)]).collect();
    let span = snapshot.file().instructions[index].span;
    let end = span.start + snapshot[span].trim_end().len() as u32;
    Edit::replace(Span::new(end, line_end(snapshot.text(), span.end)), text)
}

/// An empty line stays empty.
fn indented(line: &str, indent: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{indent}{line}") }
}

/// Replaces instruction `index`; its indentation and comments stay.
pub fn replace(snapshot: &Snapshot, index: usize, text: impl Into<String>) -> Edit {
    Edit::replace(snapshot.file().instructions[index].span, text)
}

/// Instruction `index` with the comment lines that stand right above it, from the start of the first line to the last
/// byte of the instruction.
pub fn block(snapshot: &Snapshot, index: usize) -> Span {
    let (file, text) = (snapshot.file(), snapshot.text());
    let instruction = &file.instructions[index];
    let mut start = line_start(text, instruction.span.start);
    let floor = index.checked_sub(1).map_or(0, |before| file.instructions[before].span.end);
    let directives = file.directives.last().map_or(0, |directive| directive.span.end);
    while start > floor.max(directives) {
        let above = line_start(text, start - 1);
        let line = text[above as usize..start as usize].trim();
        if !line.starts_with('#') || above < floor || above < directives {
            break;
        }
        start = above;
    }
    Span::new(start.min(instruction.span.start), instruction.span.end)
}

/// Deletes instructions with their comments and lines. Of the blank lines around what is deleted one group stays.
pub fn delete(snapshot: &Snapshot, indices: &[usize]) -> Vec<Edit> {
    let text = snapshot.text();
    let mut spans: Vec<Span> = Vec::new();
    let mut indices = indices.to_vec();
    indices.sort_unstable();
    indices.dedup();
    for index in indices {
        let block = block(snapshot, index);
        let span = Span::new(block.start, after_line(text, line_end(text, block.end)));
        match spans.last_mut() {
            Some(last) if text[last.end as usize..span.start as usize].trim().is_empty() => last.end = span.end,
            _ => spans.push(span),
        }
    }
    spans.into_iter().map(|span| Edit::delete(without_blank_lines(text, span))).collect()
}

/// Takes the blank lines in front of `span` with it when a blank line, or nothing, follows.
fn without_blank_lines(text: &str, span: Span) -> Span {
    let next = &text[span.end as usize..line_end(text, span.end) as usize];
    if !next.trim().is_empty() {
        return span;
    }
    let mut start = span.start;
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above as usize..start as usize].trim().is_empty() {
            break;
        }
        start = above;
    }
    Span::new(start, span.end)
}

/// The start of the line that `offset` is in.
fn line_start(text: &str, offset: u32) -> u32 {
    text.as_bytes()[..offset as usize].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at as u32 + 1)
}

/// The end of the line that `offset` is in, its line break left out.
fn line_end(text: &str, offset: u32) -> u32 {
    let rest = &text.as_bytes()[offset as usize..];
    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    let end = if end > 0 && end < rest.len() && rest[end - 1] == b'\r' { end - 1 } else { end };
    offset + end as u32
}

/// Behind the line break at `offset`, if there is one.
fn after_line(text: &str, offset: u32) -> u32 {
    let rest = &text.as_bytes()[offset as usize..];
    offset + if rest.starts_with(b"\r\n") { 2 } else { u32::from(rest.starts_with(b"\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edit::EditSet;

    fn apply(text: &str, edits: Vec<Edit>) -> String {
        EditSet::new(edits).unwrap().apply(text)
    }

    #[test]
    fn inserts_above_the_comments() {
        let text = "# syntax=docker/dockerfile:1\r\n# base\r\nfrom a\r\n\r\n  # why\r\n  # so\r\n  copy . .\r\n";
        let snapshot = Snapshot::of_text(text);
        let new = vec![line(&snapshot, 1, Kind::Run, "x")];
        let before = apply(text, vec![insert_before(&snapshot, 1, &new)]);
        assert_eq!(before, text.replace("  # why", "  run x\r\n  # why"));
        let after = apply(text, vec![insert_after(&snapshot, 1, &new)]);
        assert_eq!(after, text.replace("copy . .", "copy . .\r\n  run x"));
        let first = apply(text, vec![insert_before(&snapshot, 0, &["arg x".to_owned()])]);
        assert_eq!(first, text.replace("# base", "arg x\r\n# base"));
    }

    #[test]
    fn inserts_behind_the_last_line() {
        let new = ["B".to_owned(), String::new(), "C".to_owned()];
        for (text, expected) in [
            ("FROM a", "FROM a\nB\n\nC"),
            ("FROM a\nRUN <<E\nx\nE\n", "FROM a\nRUN <<E\nx\nE\nB\n\nC\n"),
            ("FROM a\nRUN x \\\n# c", "FROM a\nRUN x\nB\n\nC\n# c"),
        ] {
            let snapshot = Snapshot::of_text(text);
            let last = snapshot.file().instructions.len() - 1;
            assert_eq!(apply(text, vec![insert_after(&snapshot, last, &new)]), expected);
        }
    }

    #[test]
    fn deletes_with_comments() {
        let text = "FROM a\n\n# one\nENV A=1\n# two\nEXPOSE 1\n\nRUN x\n# cmd\nCMD y\n";
        let snapshot = Snapshot::of_text(text);
        assert_eq!(apply(text, delete(&snapshot, &[2, 1])), "FROM a\n\nRUN x\n# cmd\nCMD y\n");
        assert_eq!(apply(text, delete(&snapshot, &[4, 1])), "FROM a\n\n# two\nEXPOSE 1\n\nRUN x\n");
        assert_eq!(apply(text, delete(&snapshot, &[1, 2, 3, 4])), "FROM a\n");
    }

    #[test]
    fn a_comment_of_the_line_before_does_not_belong() {
        let text = "FROM a\nRUN x \\\n # inside\n y\nRUN z\n";
        let snapshot = Snapshot::of_text(text);
        assert_eq!(&text[block(&snapshot, 2).range()], "RUN z");
    }
}
