//! A shell word: its quotes resolved, its expansions found.
use super::{Source, scan};
use crate::text::span::Span;

/// Defaults inside defaults (`${A:-${B:-…}}`) that are looked into.
const MAX_DEPTH: u32 = 8;

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Word {
    /// All of it, quotes included.
    pub span: Span,
    /// Texts and expansions in order; two texts never follow each other; none for an empty word.
    pub parts: Vec<Part>,
    /// True when it has unquoted `*`, `?`, `[` or a brace list: the shell may make other words of it.
    pub pattern: bool,
    /// Where the first `=` stands, when only text is before it.
    equals: Option<u32>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as the command sees it.
    Text(String),
    /// A variable: `$X`, `${X}`, `${X:-y}`, `${X%y}`, `$1`.
    Expansion {
        /// Its name; `None` for `$1`, `$@`, `$?` and their kind.
        name: Option<String>,
        /// From `$` on.
        span: Span,
        /// What `${X:-…}`, `${X-…}`, `${X:=…}`, `${X=…}` give when it is unset.
        default: Option<Box<Word>>,
        /// True when the value, or the default, is taken as it is; false for `${X%y}`, `${#X}`, `${X:+y}` …
        plain: bool,
        /// True in double quotes: the value stays one word.
        quoted: bool,
    },
    /// What only running it can tell: `$(…)`, back-ticks, `$((…))`, `<(…)`, an array.
    Opaque(Span),
}

impl Word {
    /// The word's text when it has no expansion. A pattern's text is the pattern.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The word as it is written in the text that was parsed.
    pub fn raw<'a>(&self, body: &'a str) -> &'a str {
        body.get(self.span.range()).unwrap_or_default()
    }

    /// The text before the first expansion: all of it when the word is literal.
    pub fn prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The word with its variables replaced; `None` when one has no value or something opaque is in it.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Expansion { name: Some(name), default, plain: true, .. } => {
                    let fallback = || default.as_ref().and_then(|word| word.expand(lookup));
                    text.push_str(&lookup(name).or_else(fallback)?);
                }
                Part::Expansion { .. } | Part::Opaque(_) => return None,
            }
        }
        Some(text)
    }

    /// Splits `name=value` at its first `=`: `--flag=x`, `VAR=x`. `None` without `=`, or when an expansion is before it.
    pub fn key_value(&self) -> Option<(&str, Word)> {
        let equals = self.equals?;
        let Some(Part::Text(text)) = self.parts.first() else { return None };
        let (key, value) = text.split_once('=')?;
        let first = (!value.is_empty()).then(|| Part::Text(value.to_owned()));
        let parts = first.into_iter().chain(self.parts[1..].iter().cloned()).collect();
        let span = Span::new((equals + 1).min(self.span.end), self.span.end);
        Some((key, Word { span, parts, pattern: self.pattern, equals: None }))
    }

    /// The word at `span` of a rewritten text.
    pub(super) fn parse(source: &Source, span: Span) -> Word {
        Reader::new(source, span, false, 0).read()
    }

    /// A word that is this text.
    pub(super) fn text(span: Span, text: &str) -> Word {
        Word { span, parts: vec![Part::Text(text.to_owned())], ..Word::default() }
    }

    /// A word of which nothing is known.
    pub(super) fn opaque(span: Span) -> Word {
        Word { span, parts: vec![Part::Opaque(span)], ..Word::default() }
    }

    /// Where the text between the quotes stands, when it is the same there as here: one pair of quotes around all of it, no
    /// escapes and nothing that runs.
    pub(super) fn quoted_span(&self, source: &Source) -> Option<Span> {
        let text = source.text.get(self.span.range())?;
        let raw = text.as_bytes();
        let (quote, inner) = (*raw.first()?, raw.get(1..raw.len().checked_sub(1)?)?);
        if !matches!(quote, b'"' | b'\'') || raw.last() != Some(&quote) || inner.contains(&quote) {
            return None;
        }
        let joints = source.joints_in(self.span).len();
        let escapes = text.matches('\\').count();
        let runs = inner.contains(&b'`') || inner.windows(2).any(|pair| pair == b"$(");
        let same = quote == b'\'' || (escapes == joints && !runs);
        same.then(|| Span::new(self.span.start + 1, self.span.end - 1))
    }
}

impl Source {
    /// True when the script has nothing but blanks and continuations.
    pub(super) fn is_blank(&self) -> bool {
        let script = self.text.get(self.script.clone()).unwrap_or_default();
        script.replace("\\\n", "").trim_ascii().is_empty()
    }

    /// Where the text goes on when a continuation begins at `at`; else `at`.
    pub(super) fn behind_joints(&self, at: u32) -> u32 {
        let mut at = at;
        while let Ok(index) = self.joints.binary_search_by_key(&at, |joint| joint.start) {
            at = self.joints[index].end;
        }
        at
    }

    /// The continuations that begin inside `span`.
    pub(super) fn joints_in(&self, span: Span) -> &[Span] {
        let first = self.joints.partition_point(|joint| joint.start < span.start);
        let last = self.joints.partition_point(|joint| joint.start < span.end);
        self.joints.get(first..last).unwrap_or_default()
    }
}

struct Reader<'a> {
    source: &'a Source,
    joints: &'a [Span],
    at: usize,
    end: usize,
    in_double: bool,
    in_braces: bool,
    depth: u32,
    text: Vec<u8>,
    word: Word,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, span: Span, in_double: bool, depth: u32) -> Self {
        let end = span.range().end.min(source.text.len());
        let word = Word { span, ..Word::default() };
        let at = span.range().start;
        Self {
            source,
            joints: source.joints_in(span),
            at,
            end,
            in_double,
            in_braces: false,
            depth,
            text: Vec::new(),
            word,
        }
    }

    fn read(mut self) -> Word {
        let bytes = self.source.text.as_bytes();
        while self.at < self.end {
            if self.skip_joint() {
                continue;
            }
            match bytes[self.at] {
                b'\\' => self.escape(bytes),
                b'"' => {
                    self.in_double = !self.in_double;
                    self.at += 1;
                }
                b'\'' if !self.in_double => self.single_quoted(bytes),
                b'$' => self.dollar(bytes),
                b'`' => self.opaque(bytes, self.at),
                b'<' | b'>' if !self.in_double && bytes.get(self.at + 1) == Some(&b'(') => {
                    self.opaque(bytes, self.at + 1);
                }
                byte => self.plain(byte),
            }
        }
        self.flush();
        self.word
    }

    fn skip_joint(&mut self) -> bool {
        let Some(joint) = self.joints.first().filter(|joint| joint.range().start <= self.at) else { return false };
        let joint = joint.range();
        self.joints = &self.joints[1..];
        if joint.end <= self.at {
            return true;
        }
        self.at = joint.end;
        true
    }

    fn plain(&mut self, byte: u8) {
        if byte == b'=' && self.word.parts.is_empty() && self.word.equals.is_none() {
            self.word.equals = Some(self.at as u32);
        }
        if !self.in_double {
            self.in_braces |= byte == b'{';
            let list = self.in_braces && matches!(byte, b',' | b'.');
            self.word.pattern |= matches!(byte, b'*' | b'?' | b'[') || list;
        }
        self.text.push(byte);
        self.at += 1;
    }

    fn escape(&mut self, bytes: &[u8]) {
        let next = bytes.get(self.at + 1).copied().filter(|_| self.at + 1 < self.end);
        match next {
            Some(b'\n') => {}
            Some(byte) if !self.in_double || matches!(byte, b'$' | b'`' | b'"' | b'\\') => self.text.push(byte),
            Some(byte) => self.text.extend([b'\\', byte]),
            None => self.text.push(b'\\'),
        }
        self.at += 2;
    }

    fn single_quoted(&mut self, bytes: &[u8]) {
        self.at += 1;
        while self.at < self.end && bytes[self.at] != b'\'' {
            if !self.skip_joint() {
                self.text.push(bytes[self.at]);
                self.at += 1;
            }
        }
        self.at += 1;
    }

    fn dollar(&mut self, bytes: &[u8]) {
        let start = self.at;
        let next = bytes.get(start + 1).copied().filter(|_| start + 1 < self.end).unwrap_or(0);
        match next {
            b'(' => self.opaque(bytes, start),
            b'{' => self.braces(bytes),
            b'\'' if !self.in_double => self.ansi_quoted(bytes),
            b'"' if !self.in_double => self.at += 1,
            b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9' => {
                self.push_expansion(None, start + 2, None, true);
            }
            _ => {
                let end = scan::name_end(bytes, start + 1, self.end);
                if end == start + 1 {
                    self.text.push(b'$');
                    self.at += 1;
                } else {
                    let name = self.source.text.get(start + 1..end).map(String::from);
                    self.push_expansion(name, end, None, true);
                }
            }
        }
    }

    fn braces(&mut self, bytes: &[u8]) {
        let end = scan::close(bytes, self.at, self.end);
        let prefixed = matches!(bytes.get(self.at + 2), Some(b'#' | b'!'));
        let from = self.at + 2 + usize::from(prefixed);
        let to = scan::name_end(bytes, from, end);
        let name = self.source.text.get(from..to).filter(|name| !name.is_empty()).map(String::from);
        let inner_end = end - usize::from(end > to && bytes[end - 1] == b'}');
        let rest = bytes.get(to..inner_end).unwrap_or_default();
        let operator = match rest {
            [b':', b'-' | b'=', ..] => 2,
            [b'-' | b'=', ..] => 1,
            _ => 0,
        };
        let default = operator > 0 && name.is_some() && !prefixed && self.depth < MAX_DEPTH;
        let default = default.then(|| {
            let span = Span::from(to + operator..inner_end);
            Box::new(Reader::new(self.source, span, self.in_double, self.depth + 1).read())
        });
        let plain = !prefixed && (rest.is_empty() || default.is_some());
        self.push_expansion(name, end, default, plain);
    }

    fn ansi_quoted(&mut self, bytes: &[u8]) {
        let end = scan::ansi_quoted(bytes, self.at, self.end);
        let inner = bytes.get(self.at + 2..end - 1).unwrap_or_default();
        if inner.contains(&b'\\') {
            self.push(Part::Opaque(Span::from(self.at..end)));
        } else {
            self.text.extend_from_slice(inner);
        }
        self.at = end;
    }

    /// Takes all that the bracket or back-tick at `bracket` encloses.
    fn opaque(&mut self, bytes: &[u8], bracket: usize) {
        let end = scan::close(bytes, bracket, self.end).max(self.at + 1);
        self.push(Part::Opaque(Span::from(self.at..end)));
        self.at = end;
    }

    fn push_expansion(&mut self, name: Option<String>, end: usize, default: Option<Box<Word>>, plain: bool) {
        let span = Span::from(self.at..end);
        self.push(Part::Expansion { name, span, default, plain, quoted: self.in_double });
        self.at = end;
    }

    fn push(&mut self, part: Part) {
        self.flush();
        self.add(part);
    }

    fn add(&mut self, part: Part) {
        if self.word.parts.is_empty() {
            // Nearly all words have one: grown from nothing there would be room for four.
            self.word.parts.reserve_exact(1);
        }
        self.word.parts.push(part);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = String::from_utf8_lossy(&self.text).into_owned();
            self.add(Part::Text(text));
            self.text.clear();
        }
    }
}
