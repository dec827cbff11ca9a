//! Rewrites shell text to the same length so that the bash grammar reads it as BuildKit and a shell do.
//!
//! * Continuations become `\` + LF whatever the escape character; comment and blank lines between them become blanks.
//! * Comments become blanks, for an instruction up to its end, since it is one logical line.
//! * Heredocs become blanks and are kept aside: the grammar trips over several of them, and over one in front.
use super::scan::{self, Scanner};
use super::{Heredoc, Source, Use};
use crate::text::span::Span;

/// Rewrites an instruction's text; with the heredoc when there is nothing else.
pub(super) fn instruction(body: &str, escape: u8) -> (Source, Option<Heredoc>) {
    let mut bytes = body.as_bytes().to_vec();
    let (joints, end, rest) = join_lines(&mut bytes, escape);
    let mut rewriter =
        Rewriter { bytes, end, one_line: true, strip_tabs: false, source: Source { joints, ..Source::default() } };
    let open = rewriter.blank(0);
    rewriter.bodies(open, rest);
    let source = rewriter.finish(0);
    let lone = match source.heredocs.as_slice() {
        [heredoc] if source.is_blank() => Some(heredoc.clone()),
        _ => None,
    };
    (source, lone)
}

/// Rewrites a script that stands at `span` of a text.
pub(super) fn script(text: &str, span: Span, strip_tabs: bool) -> Source {
    let mut bytes = text.as_bytes().to_vec();
    let joints = join_script_lines(&mut bytes, span);
    script_of(bytes, joints, span, strip_tabs)
}

/// Rewrites a script that stands quoted in another.
pub(super) fn nested(outer: &Source, span: Span) -> Source {
    script_of(outer.text.clone().into_bytes(), outer.joints.clone(), span, false)
}

fn script_of(bytes: Vec<u8>, joints: Vec<Span>, span: Span, strip_tabs: bool) -> Source {
    let source = Source { joints, ..Source::default() };
    let mut rewriter = Rewriter { bytes, end: span.range().end, one_line: false, strip_tabs, source };
    let open = rewriter.blank(span.range().start);
    rewriter.bodies(open, span.range().end);
    rewriter.finish(span.range().start)
}

/// Makes one logical line: the continuations, its end, and where heredoc bodies begin.
fn join_lines(bytes: &mut [u8], escape: u8) -> (Vec<Span>, usize, usize) {
    let mut joints: Vec<Span> = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let (end, next) = line_at(bytes, start);
        let line = bytes[start..end].trim_ascii();
        if start > 0 && (line.is_empty() || line[0] == b'#') {
            bytes[start..next].fill(b' ');
            if let Some(joint) = joints.last_mut() {
                joint.end = next as u32;
            }
        } else if let Some(at) = continuation(&bytes[start..end], escape).map(|at| start + at) {
            bytes[at..next].fill(b' ');
            if next > end {
                bytes[next - 2..next].copy_from_slice(b"\\\n");
                joints.push(Span::from(at..next));
            }
        } else {
            return (joints, end, next);
        }
        start = next;
    }
    (joints, bytes.len(), bytes.len())
}

/// `\` + LF of a script, with CRs blanked.
fn join_script_lines(bytes: &mut [u8], span: Span) -> Vec<Span> {
    let mut joints = Vec::new();
    let mut start = span.range().start;
    while start < span.range().end {
        let (end, next) = line_at(bytes, start);
        let escapes = bytes[start..end].iter().rev().take_while(|&&byte| byte == b'\\').count();
        if next > end {
            bytes[end..next - 1].fill(b' ');
            if escapes % 2 == 1 {
                bytes[end - 1] = b' ';
                bytes[next - 2] = b'\\';
                joints.push(Span::from(end - 1..next));
            }
        }
        start = next;
    }
    joints
}

/// The end of a line's text, without CR and LF, and the start of the next line.
fn line_at(bytes: &[u8], start: usize) -> (usize, usize) {
    let line_feed = bytes[start..].iter().position(|&byte| byte == b'\n').map(|index| start + index);
    let mut end = line_feed.unwrap_or(bytes.len());
    while line_feed.is_some() && end > start && bytes[end - 1] == b'\r' {
        end -= 1;
    }
    (end, line_feed.map_or(bytes.len(), |at| at + 1))
}

/// Where the escape character of a continued line stands. Two of them don't continue.
fn continuation(line: &[u8], escape: u8) -> Option<usize> {
    let at = line.trim_ascii_end().len().checked_sub(1)?;
    let doubled = at > 0 && line[at - 1] == escape;
    (line[at] == escape && !doubled).then_some(at)
}

struct Rewriter {
    bytes: Vec<u8>,
    /// End of the script.
    end: usize,
    /// True for an instruction: a comment lasts to the end.
    one_line: bool,
    /// True in the body of `<<-`, whose lines lose their tabs before a shell reads them.
    strip_tabs: bool,
    source: Source,
}

impl Rewriter {
    /// Blanks comments and heredocs from `start` on; returns the heredocs whose bodies are still to come.
    fn blank(&mut self, start: usize) -> Vec<Heredoc> {
        let mut pending: Vec<Heredoc> = Vec::new();
        // The scanner reads a copy: what is blanked lies behind it and is never read again.
        let bytes = self.bytes.clone();
        let mut scanner = Scanner::new(&bytes, start, self.end);
        while scanner.at < scanner.end {
            let skipped = if scanner.in_commands() { self.skip(&bytes, start, &scanner, &mut pending) } else { None };
            if let Some(at) = skipped {
                scanner.at = at;
            } else {
                self.note_use(&bytes, &scanner, start);
                scanner.step();
            }
        }
        pending
    }

    /// Blanks a comment, a heredoc's operator, or the bodies behind a line; returns where it ends.
    fn skip(&mut self, bytes: &[u8], start: usize, scanner: &Scanner, pending: &mut Vec<Heredoc>) -> Option<usize> {
        let at = scanner.at;
        match (scanner.peek(0), scanner.peek(1), scanner.peek(2)) {
            (b'#', ..) if scanner.in_backticks() && begins_word(bytes, start, at) => {
                let end =
                    bytes[at..self.end].iter().position(|&byte| byte == b'`').map_or(self.end, |index| at + index);
                // `#comment` alone in back-ticks is how people comment on a flag: nothing is left of it.
                let alone = bytes[at - 1] == b'`' && end < self.end;
                let span = if alone { at - 1..end + 1 } else { at..end };
                self.bytes[span].fill(b' ');
                Some(end)
            }
            (b'#', ..) if begins_word(bytes, start, at) => {
                let end = if self.one_line { self.end } else { line_at(bytes, at).0.min(self.end) };
                self.bytes[at..end].fill(b' ');
                Some(end)
            }
            (b'<', b'<', b'<') => Some(at + 3),
            (b'<', b'<', _) => {
                let heredoc = heredoc_at(bytes, start, at, self.end)?;
                let span = heredoc.span.range();
                self.bytes[span.clone()].fill(b' ');
                pending.push(heredoc);
                Some(span.end)
            }
            (b'\n', ..) if !pending.is_empty() && !self.one_line => Some(self.bodies(std::mem::take(pending), at + 1)),
            _ => None,
        }
    }

    /// Takes the bodies of `heredocs`, which begin at `at`; returns where they end.
    fn bodies(&mut self, heredocs: Vec<Heredoc>, at: usize) -> usize {
        let limit = if self.one_line { self.bytes.len() } else { self.end };
        let mut at = at.min(limit);
        for mut heredoc in heredocs {
            let (end, next) = self.body_end(&heredoc, at, limit);
            heredoc.body = Span::from(at..end);
            if !heredoc.quoted {
                self.uses_in_body(heredoc.body);
            }
            for byte in &mut self.bytes[at..next] {
                *byte = if *byte == b'\n' { b'\n' } else { b' ' };
            }
            self.source.heredocs.push(heredoc);
            at = next;
        }
        at
    }

    /// Where the delimiter's line of a heredoc begins and ends; the limit when there is none.
    fn body_end(&self, heredoc: &Heredoc, start: usize, limit: usize) -> (usize, usize) {
        let delimiter = heredoc.name.as_bytes();
        let mut at = start;
        while at < limit {
            let (end, next) = line_at(&self.bytes, at);
            let mut line = &self.bytes[at..end.min(limit)];
            if heredoc.strip_tabs || self.strip_tabs {
                let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
                line = &line[tabs..];
            }
            if line == delimiter {
                return (at, next.min(limit));
            }
            at = next;
        }
        (limit, limit)
    }

    fn uses_in_body(&mut self, body: Span) {
        let (mut at, end) = (body.range().start, body.range().end);
        while at < end {
            match self.bytes[at] {
                b'\\' => at += 2,
                b'$' => {
                    let (from, to) = used_name(&self.bytes, at, end);
                    self.source.uses.extend(use_at(&self.bytes, from, to));
                    at = to.max(at + 1);
                }
                _ => at += 1,
            }
        }
    }

    fn note_use(&mut self, bytes: &[u8], scanner: &Scanner, start: usize) {
        let at = scanner.at;
        let bare = scanner.in_arithmetic() && (at == start || !is_name_byte(bytes[at - 1]) && bytes[at - 1] != b'$');
        let (from, to) = match scanner.peek(0) {
            b'$' => used_name(bytes, at, self.end),
            _ if bare => (at, scan::name_end(bytes, at, self.end)),
            _ => return,
        };
        self.source.uses.extend(use_at(bytes, from, to));
    }

    fn finish(mut self, start: usize) -> Source {
        // NUL ends a text for the grammar, in time that nothing limits.
        self.bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
        // Only whole characters were replaced, all of them by ASCII.
        self.source.text = String::from_utf8(self.bytes).unwrap_or_default();
        self.source.script = start.min(self.end)..self.end.min(self.source.text.len());
        self.source
    }
}

/// The name in `$NAME`, `${NAME`, `${#NAME`, `${!NAME` at `at`; empty when there is none.
fn used_name(bytes: &[u8], at: usize, end: usize) -> (usize, usize) {
    let mut from = at + 1;
    if from < end && bytes[from] == b'{' {
        from += 1;
        if from < end && matches!(bytes[from], b'#' | b'!') {
            from += 1;
        }
    }
    (from, scan::name_end(bytes, from, end))
}

fn use_at(bytes: &[u8], from: usize, to: usize) -> Option<Use> {
    let name = bytes.get(from..to).filter(|name| !name.is_empty())?;
    Some(Use { name: String::from_utf8_lossy(name).into_owned(), span: Span::from(from..to) })
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn begins_word(bytes: &[u8], start: usize, at: usize) -> bool {
    at == start || matches!(bytes[at - 1], b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'`')
}

/// A delimiter without its quotes.
fn unquoted(word: &[u8]) -> String {
    let mut escaped = false;
    let mut kept = Vec::with_capacity(word.len());
    for &byte in word {
        let quote = !escaped && matches!(byte, b'\'' | b'"' | b'\\');
        escaped = !escaped && byte == b'\\';
        if !quote {
            kept.push(byte);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The heredoc whose `<<` stands at `at`.
fn heredoc_at(bytes: &[u8], start: usize, at: usize, end: usize) -> Option<Heredoc> {
    let strip_tabs = bytes.get(at + 2) == Some(&b'-');
    let mut word = at + 2 + usize::from(strip_tabs);
    while word < end && matches!(bytes[word], b' ' | b'\t') {
        word += 1;
    }
    let mut scanner = Scanner::new(bytes, word, end);
    let mut quoted = false;
    while !matches!(scanner.peek(0), 0 | b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')')
    {
        match scanner.peek(0) {
            b'\'' | b'\\' => {
                quoted = true;
                scanner.step();
            }
            b'"' => {
                quoted = true;
                scanner.at = scan::close(bytes, scanner.at, end);
            }
            _ => scanner.at += 1,
        }
    }
    // A shift in `((1<<2))` is no heredoc.
    if scanner.at == word || bytes[word].is_ascii_digit() {
        return None;
    }
    let digits = bytes[start..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = if begins_word(bytes, start, at - digits) { digits } else { 0 };
    let descriptor = std::str::from_utf8(&bytes[at - digits..at]).ok().and_then(|digits| digits.parse().ok());
    Some(Heredoc {
        span: Span::from(at - digits..scanner.at),
        descriptor,
        delimiter: Span::from(word..scanner.at),
        name: unquoted(&bytes[word..scanner.at]),
        body: Span::at(scanner.at as u32),
        strip_tabs,
        quoted,
    })
}
