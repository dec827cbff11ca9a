//! Lines: trailing blanks, runs of blank lines, the end of the file, indented instructions.
use super::edits::Edits;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction};
use crate::text::span::Span;

/// A line of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Without its line end.
    pub span: Span,
    /// Behind its line end.
    pub next: u32,
}

impl Line {
    /// The blanks it begins with.
    pub fn indent(self, text: &str) -> Span {
        let line = &text[self.span.range()];
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        Span::new(self.span.start, self.span.start + blanks as u32)
    }

    /// True when there is nothing in it but blanks.
    pub fn is_blank(self, text: &str) -> bool {
        text[self.span.range()].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// True for a comment, at the beginning of an instruction or in a continued one.
    pub fn is_comment(self, text: &str) -> bool {
        text[self.indent(text).end as usize..self.span.end as usize].starts_with('#')
    }
}

/// The lines of `span`, the first from its start, the last to its end. Lines end at LF, as BuildKit says; CRs in front of it are its.
pub fn lines(text: &str, span: Span) -> impl Iterator<Item = Line> + '_ {
    let mut start = span.start;
    std::iter::from_fn(move || {
        if start >= span.end {
            return None;
        }
        let rest = &text[start as usize..span.end as usize];
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let content = rest[..length].trim_end_matches('\n').trim_end_matches('\r').len() as u32;
        let line = Line { span: Span::new(start, start + content), next: start + length as u32 };
        start = line.next;
        Some(line)
    })
}

/// Where the text begins: behind the byte order mark.
pub fn start(text: &str) -> u32 {
    if text.starts_with('\u{FEFF}') { 3 } else { 0 }
}

/// The lines of all here-documents, terminators included, in order.
fn documents(snapshot: &Snapshot) -> Vec<Span> {
    let mut found = Vec::new();
    for instruction in &snapshot.file().instructions {
        collect_documents(instruction, &mut found);
    }
    found
}

fn collect_documents(instruction: &Instruction, found: &mut Vec<Span>) {
    for heredoc in &instruction.heredocs {
        found.push(Span::new(heredoc.body.start, heredoc.end.map_or(heredoc.body.end, |end| end.end)));
    }
    if let Body::Onbuild(Some(nested)) = &instruction.body {
        collect_documents(nested, found);
    }
}

/// Trailing blanks, blank lines and the end of the file.
pub fn tidy(snapshot: &Snapshot, edits: &mut Edits<'_>) {
    let text = snapshot.text();
    let max = snapshot.settings().format.max_blank_lines as usize;
    let mut documents = documents(snapshot).into_iter().peekable();
    let mut blank: Vec<Line> = Vec::new();
    let mut last: Option<(Line, bool)> = None;
    for line in lines(text, Span::new(start(text), text.len() as u32)) {
        while documents.peek().is_some_and(|document| document.end <= line.span.start && document.end < line.next) {
            documents.next();
        }
        let inside =
            documents.peek().is_some_and(|document| document.start < line.next && line.span.start < document.end);
        if !inside && line.is_blank(text) {
            blank.push(line);
            continue;
        }
        let allowed = match last {
            // A comment that would become the first line could become a parser directive.
            None if line.is_comment(text) => blank.len(),
            None => 0,
            Some(_) => max,
        };
        blank_lines(&blank, allowed, edits);
        blank.clear();
        if !inside {
            trailing(text, line, edits);
        }
        last = Some((line, inside));
    }
    if let Some((line, _)) = last {
        end(text, line, edits);
    }
}

fn blank_lines(run: &[Line], allowed: usize, edits: &mut Edits<'_>) {
    for line in run.iter().take(allowed) {
        edits.put(line.span, "");
    }
    if let (Some(first), Some(last)) = (run.get(allowed), run.last()) {
        edits.put(Span::new(first.span.start, last.next), "");
    }
}

/// BuildKit drops blanks at the end of an instruction, behind an escape character at the line's end, and of a comment.
fn trailing(text: &str, line: Line, edits: &mut Edits<'_>) {
    let kept = text[line.span.range()].trim_end_matches([' ', '\t']);
    // A CR in front of the blanks would become one of the line's end.
    if !kept.ends_with('\r') {
        edits.put(Span::new(line.span.start + kept.len() as u32, line.span.end), "");
    }
}

/// One line end behind the last line.
fn end(text: &str, last: Line, edits: &mut Edits<'_>) {
    let length = text.len() as u32;
    if last.next > last.span.end && text.as_bytes()[last.next as usize - 1] == b'\n' {
        edits.put(Span::new(last.next, length), "");
    } else if !text.ends_with('\r') {
        let windows = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
        edits.put(Span::at(length), if windows { "\r\n" } else { "\n" });
    }
}

/// How far blanks (or other text) reach with a tab stop at every `tab` columns.
pub fn width(text: &str, tab: u32) -> u32 {
    text.chars().fold(0, |column, character| if character == '\t' { (column / tab + 1) * tab } else { column + 1 })
}
