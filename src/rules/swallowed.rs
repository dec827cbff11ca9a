//! Instructions that the escape character above them makes a part of another.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, KEYWORDS};
use crate::rewrite::lines;
use crate::text::span::Span;

/// An instruction within another.
#[derive(Clone, Copy, Debug)]
pub struct Swallowed {
    /// Its keyword.
    pub keyword: Span,
    /// The line above it, which goes on; without what is blank at its end.
    pub above: Span,
}

/// After so many keywords within quotes the text is another language: it is not read from its start again and again.
const MAX_QUOTED: u32 = 8;

/// The first instruction that the one at `index` has taken in: a line of it that reads like one.
pub fn swallowed(snapshot: &Snapshot, index: usize) -> Option<Swallowed> {
    let instruction = &snapshot.file().instructions[index];
    if !snapshot[instruction.span].contains('\n') {
        return None;
    }
    let (indent, own) = (lines::indent(snapshot, index), own_lines(instruction));
    let (mut start, mut above, mut quoted) = (own.start, None, 0);
    for line in snapshot[own].split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        // Blank lines and comments end nothing.
        if span.is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let keyword = line.strip_prefix(indent).and_then(keyword);
        if let (Some(keyword), Some(above)) = (keyword, above) {
            if !in_quotes(&snapshot[Span::new(own.start, span.start)], char::from(snapshot.file().escape)) {
                let from = span.start + indent.len() as u32;
                return Some(Swallowed { keyword: Span::new(from, from + keyword.len() as u32), above });
            }
            quoted += 1;
            if quoted == MAX_QUOTED {
                return None;
            }
        }
        above = Some(span);
    }
    None
}

/// The lines of the instruction without its here-documents.
fn own_lines(instruction: &Instruction) -> Span {
    let nested = match &instruction.body {
        Body::Onbuild(Some(nested)) => nested.heredocs.first(),
        _ => None,
    };
    let heredoc = instruction.heredocs.first().or(nested);
    let end = heredoc.map_or(instruction.span.end, |heredoc| heredoc.body.start.min(instruction.span.end));
    Span::new(instruction.span.start, end.max(instruction.span.start))
}

/// The keyword, in upper case, that `line` begins with; there has to be an argument behind it.
fn keyword(line: &str) -> Option<&str> {
    let (word, rest) = line.split_once([' ', '\t'])?;
    let known = KEYWORDS.iter().any(|(_, keyword)| *keyword == word);
    let rest = rest.trim_start();
    (known && rest.starts_with(|first: char| first.is_alphanumeric() || "[./$\"-".contains(first))).then_some(word)
}

/// True when a quote is open behind `text`; comment lines in it don't count.
fn in_quotes(text: &str, escape: char) -> bool {
    let mut quote = None;
    for line in text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('#')) {
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match (character, quote) {
                _ if character == escape && quote != Some('\'') => {
                    characters.next();
                }
                (_, Some(open)) if character == open => quote = None,
                ('"' | '\'' | '`', None) => quote = Some(character),
                _ => {}
            }
        }
    }
    quote.is_some()
}
