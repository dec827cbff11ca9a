//! Words and what is expanded in them, by the rules of BuildKit's lexer: quotes, escapes, `$x`, `${x:-y}`.
use std::borrow::Cow;

use super::cursor::Cursor;
pub use super::split::{split_at_blanks, split_words};
use crate::text::span::Span;

/// One word; its parts in order, quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// All of it, quotes included.
    pub span: Span,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// The first thing wrong in it.
    pub flaw: Option<Flaw>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself; `cooked` differs from the bytes where an escape or a continuation was.
    Text {
        /// Where it stands.
        span: Span,
        /// Its value, if that is not the bytes.
        cooked: Option<Box<str>>,
    },
    /// `$x` or `${…}`.
    Variable(Box<Expansion>),
}

/// `$name` or `${name<op>word}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// From the dollar to the end.
    pub span: Span,
    /// The name alone.
    pub name: Span,
    /// `:-`, `:+`, `:?`, `-`, `+`, `?`, `#`, `##`, `%`, `%%`, `/`, `//`.
    pub operator: Option<Span>,
    /// What stands behind the operator.
    pub word: Option<Word>,
}

/// What BuildKit's lexer refuses in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A single or double quote without its partner; the span is the opening quote.
    UnclosedQuote(Span),
    /// `${` without `}`.
    UnclosedBrace(Span),
    /// `${}`, `${:x}`, `${x!y}`: no name or an operator that does not exist.
    BadSubstitution(Span),
    /// `${x/a}`: no second slash.
    MissingSlash(Span),
}

/// How quotes and escapes of a word are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Quotes group, the escape character escapes: what BuildKit expands.
    Resolve,
    /// Every byte but `$` stands for itself: unquoted heredoc files.
    Raw,
}

impl Word {
    /// The value, if nothing in it is expanded.
    pub fn literal<'w>(&'w self, text: &'w str) -> Option<Cow<'w, str>> {
        match self.parts.as_slice() {
            [] => Some(Cow::Borrowed("")),
            [Part::Text { span, cooked }] => {
                Some(Cow::Borrowed(cooked.as_deref().unwrap_or_else(|| &text[span.range()])))
            }
            parts => {
                let mut value = String::new();
                for part in parts {
                    value.push_str(part.text(text)?);
                }
                Some(Cow::Owned(value))
            }
        }
    }

    /// The bytes as written.
    pub fn raw<'t>(&self, text: &'t str) -> &'t str {
        &text[self.span.range()]
    }

    /// Every expansion in it, nested ones behind the one that holds them.
    pub fn expansions(&self) -> Vec<&Expansion> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'w>(&'w self, found: &mut Vec<&'w Expansion>) {
        for part in &self.parts {
            if let Part::Variable(expansion) = part {
                found.push(expansion);
                if let Some(word) = &expansion.word {
                    word.collect(found);
                }
            }
        }
    }
}

impl Part {
    /// The value of a text part.
    pub fn text<'p>(&'p self, text: &'p str) -> Option<&'p str> {
        match self {
            Part::Text { span, cooked } => Some(cooked.as_deref().unwrap_or_else(|| &text[span.range()])),
            Part::Variable(_) => None,
        }
    }
}

/// Reads the whole of `span` as one word.
pub fn parse_word(text: &str, span: Span, escape: u8, quoting: Quoting) -> Word {
    let mut lexer = Lexer { text, cursor: Cursor::new(text, span, escape), escape, quoting, flaw: None, depth: 0 };
    let parts = lexer.parts(|_| false);
    Word { span, parts, flaw: lexer.flaw }
}

/// Expansions nested deeper than this are read as text, so that a hostile line can't exhaust the stack.
const MAX_DEPTH: u32 = 24;

struct Lexer<'t> {
    text: &'t str,
    cursor: Cursor<'t>,
    escape: u8,
    quoting: Quoting,
    flaw: Option<Flaw>,
    depth: u32,
}

/// Text that is being collected; bytes are copied only once they differ from the source.
struct Piece {
    start: u32,
    end: u32,
    cooked: Option<Vec<u8>>,
}

impl Lexer<'_> {
    fn parts(&mut self, stop: fn(u8) -> bool) -> Vec<Part> {
        // Nearly all words have one: grown from nothing there would be room for four.
        let mut parts = Vec::with_capacity(1);
        let mut piece = None;
        while let Some(byte) = self.cursor.peek() {
            if stop(byte) {
                break;
            }
            match byte {
                b'\'' if self.quoting == Quoting::Resolve => self.single_quoted(&mut piece),
                b'"' if self.quoting == Quoting::Resolve => self.double_quoted(&mut parts, &mut piece),
                b'$' => self.dollar(&mut parts, &mut piece),
                _ if byte == self.escape && self.quoting == Quoting::Resolve => self.escaped(&mut piece),
                b'\\' if self.quoting == Quoting::Raw && self.cursor.peek_second() == Some(b'$') => {
                    self.escaped(&mut piece);
                }
                _ => self.take(&mut piece),
            }
        }
        Self::flush(&mut parts, &mut piece);
        parts
    }

    fn take(&mut self, piece: &mut Option<Piece>) {
        let at = self.cursor.offset();
        if let Some(byte) = self.cursor.next() {
            push(self.text, piece, at, byte);
        }
    }

    fn skip(&mut self) {
        self.cursor.next();
    }

    fn escaped(&mut self, piece: &mut Option<Piece>) {
        let at = self.cursor.offset();
        self.skip();
        match self.cursor.peek() {
            Some(_) => self.take(piece),
            None => push(self.text, piece, at, self.escape),
        }
    }

    fn single_quoted(&mut self, piece: &mut Option<Piece>) {
        let open = self.cursor.offset();
        self.skip();
        empty(piece, self.cursor.offset());
        loop {
            match self.cursor.peek() {
                None => return self.flawed(Flaw::UnclosedQuote(Span::new(open, open + 1))),
                Some(b'\'') => return self.skip(),
                Some(_) => self.take(piece),
            }
        }
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>, piece: &mut Option<Piece>) {
        let open = self.cursor.offset();
        self.skip();
        empty(piece, self.cursor.offset());
        loop {
            match self.cursor.peek() {
                None => return self.flawed(Flaw::UnclosedQuote(Span::new(open, open + 1))),
                Some(b'"') => return self.skip(),
                Some(b'$') => self.dollar(parts, piece),
                Some(byte) if byte == self.escape => match self.cursor.peek_second() {
                    Some(next) if matches!(next, b'"' | b'$') || next == self.escape => self.escaped(piece),
                    _ => self.take(piece),
                },
                Some(_) => self.take(piece),
            }
        }
    }

    fn dollar(&mut self, parts: &mut Vec<Part>, piece: &mut Option<Piece>) {
        let start = self.cursor.offset();
        match self.cursor.peek_second() {
            Some(b'{') if self.depth < MAX_DEPTH => {
                Self::flush(parts, piece);
                self.skip();
                self.skip();
                let expansion = self.braced(start);
                parts.push(Part::Variable(Box::new(expansion)));
            }
            Some(byte) if self.letter_behind_dollar() || is_special(byte) => {
                Self::flush(parts, piece);
                self.skip();
                let name = self.name();
                let span = Span::new(start, name.end);
                parts.push(Part::Variable(Box::new(Expansion { span, name, operator: None, word: None })));
            }
            _ => self.take(piece),
        }
    }

    /// True when the dollar at the cursor begins a name.
    fn letter_behind_dollar(&self) -> bool {
        let mut ahead = self.cursor.clone();
        ahead.next();
        is_letter(self.text, ahead.offset())
    }

    /// A name, digits, or one special character.
    fn name(&mut self) -> Span {
        let start = self.cursor.offset();
        let mut end = start;
        let Some(first) = self.cursor.peek() else { return Span::at(start) };
        let long = is_letter(self.text, start);
        if !long && !is_special(first) {
            return Span::at(start);
        }
        while let Some(byte) = self.cursor.peek() {
            let at = self.cursor.offset();
            let goes_on = if long {
                // A byte within a character belongs to it.
                byte & 0xc0 == 0x80 || byte.is_ascii_digit() || is_letter(self.text, at)
            } else {
                first.is_ascii_digit() && byte.is_ascii_digit()
            };
            if end > start && !goes_on {
                break;
            }
            end = at + 1;
            self.skip();
        }
        Span::new(start, end)
    }

    fn braced(&mut self, start: u32) -> Expansion {
        let refused = matches!(self.cursor.peek(), Some(b'{' | b'}' | b':'));
        let name = if refused { Span::at(self.cursor.offset()) } else { self.name() };
        let mut operator = None;
        let mut word = None;
        if refused {
            self.flawed(Flaw::BadSubstitution(Span::new(start, self.cursor.offset())));
        } else if self.cursor.peek() != Some(b'}') {
            operator = self.operator();
            if operator.is_none() && self.cursor.peek().is_some() {
                self.flawed(Flaw::BadSubstitution(Span::new(start, self.cursor.offset())));
            }
        }
        let from = self.cursor.offset();
        let parts = self.operand(start, operator);
        let to = self.cursor.offset();
        if operator.is_some() {
            word = Some(Word { span: Span::new(from, to.max(from)), parts, flaw: None });
        }
        if self.cursor.peek().is_none() {
            self.flawed(Flaw::UnclosedBrace(Span::new(start, start + 2)));
            return Expansion { span: Span::new(start, to), name, operator, word };
        }
        self.skip();
        Expansion { span: Span::new(start, to + 1), name, operator, word }
    }

    /// What stands between the operator and the closing brace; behind `/` a pattern, a slash and the replacement.
    fn operand(&mut self, start: u32, operator: Option<Span>) -> Vec<Part> {
        let kind = operator.map_or(0, |operator| self.text.as_bytes()[operator.start as usize]);
        let from = self.cursor.offset();
        self.depth += 1;
        let mut parts = if kind == b'/' { self.parts(|byte| matches!(byte, b'/' | b'}')) } else { Vec::new() };
        let pattern = if kind == b'/' && self.cursor.peek() == Some(b'}') {
            self.flawed(Flaw::MissingSlash(Span::new(start, self.cursor.offset() + 1)));
            None
        } else {
            Some(Span::new(from, self.cursor.offset().max(from))).filter(|_| kind == b'/')
        };
        parts.extend(self.parts(|byte| byte == b'}'));
        self.depth -= 1;
        let whole = Span::new(from, self.cursor.offset().max(from));
        let pattern = if matches!(kind, b'#' | b'%') { Some(whole) } else { pattern };
        if pattern.is_some_and(|pattern| has_bad_escape(&self.text[pattern.range()])) && self.cursor.peek().is_some() {
            self.flawed(Flaw::BadSubstitution(Span::new(start, self.cursor.offset() + 1)));
        }
        parts
    }

    fn operator(&mut self) -> Option<Span> {
        let start = self.cursor.offset();
        let first = self.cursor.peek()?;
        let second = self.cursor.peek_second();
        let length = match (first, second) {
            (b':', Some(b'-' | b'+' | b'?')) | (b'#', Some(b'#')) | (b'%', Some(b'%')) | (b'/', Some(b'/')) => 2,
            (b'-' | b'+' | b'?' | b'#' | b'%' | b'/', _) => 1,
            _ => return None,
        };
        let mut end = start;
        for _ in 0..length {
            end = self.cursor.offset() + 1;
            self.skip();
        }
        Some(Span::new(start, end))
    }

    fn flawed(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }

    fn flush(parts: &mut Vec<Part>, piece: &mut Option<Piece>) {
        if let Some(Piece { start, end, cooked }) = piece.take() {
            let cooked = cooked.map(|bytes| String::from_utf8_lossy(&bytes).into_owned().into_boxed_str());
            parts.push(Part::Text { span: Span::new(start, end), cooked });
        }
    }
}

/// Notes that text stands here even if no byte follows: `""` is an empty text, not nothing.
fn empty(piece: &mut Option<Piece>, at: u32) {
    piece.get_or_insert(Piece { start: at, end: at, cooked: None });
}

fn push(text: &str, piece: &mut Option<Piece>, at: u32, byte: u8) {
    let piece = piece.get_or_insert(Piece { start: at, end: at, cooked: None });
    if piece.start == piece.end && piece.cooked.is_none() {
        piece.start = at;
        piece.end = at;
    } else if piece.end != at && piece.cooked.is_none() {
        piece.cooked = Some(text.as_bytes()[piece.start as usize..piece.end as usize].to_vec());
    }
    if let Some(cooked) = &mut piece.cooked {
        cooked.push(byte);
    }
    piece.end = at + 1;
}

/// True when a letter of any alphabet, or an underscore, begins at `offset`.
fn is_letter(text: &str, offset: u32) -> bool {
    let byte = text.as_bytes().get(offset as usize).copied().unwrap_or_default();
    if byte.is_ascii() {
        return byte.is_ascii_alphabetic() || byte == b'_';
    }
    text.get(offset as usize..).and_then(|rest| rest.chars().next()).is_some_and(char::is_alphabetic)
}

/// A pattern takes a backslash in front of `*`, `?`, `}`, `/` and itself.
fn has_bad_escape(pattern: &str) -> bool {
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && !matches!(bytes.next(), Some(b'*' | b'?' | b'}' | b'/' | b'\\' | b'\n')) {
            return true;
        }
    }
    false
}

fn is_special(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Word {
        parse_word(text, Span::new(0, text.len() as u32), b'\\', Quoting::Resolve)
    }

    fn show(text: &str) -> String {
        let word = word(text);
        let mut out = String::new();
        for part in &word.parts {
            match part {
                Part::Text { .. } => out.extend(["[", part.text(text).unwrap(), "]"]),
                Part::Variable(e) => out.extend(["<", &text[e.name.range()], ">"]),
            }
        }
        if let Some(flaw) = word.flaw {
            out.extend([" ", &format!("{flaw:?}")]);
        }
        out
    }

    #[test]
    fn resolves_quotes_and_escapes() {
        assert_eq!(show(r#"a'b $c'"d $e""#), "[ab $cd ]<e>");
        assert_eq!(show(r"a\ b\$c"), "[a b$c]");
        assert_eq!(show(r#""a\b\"c""#), r#"[a\b"c]"#);
        assert_eq!(show("a\\\n  b"), "[a  b]");
        assert_eq!(show("${x:-a${y}b}z"), "<x>[z]");
        assert_eq!(show("$"), "[$]");
        assert_eq!(show("\"\""), "[]");
        assert_eq!(show("\u{e4}$x\u{20ac}"), "[\u{e4}]<x>[\u{20ac}]");
    }

    #[test]
    fn names_flaws() {
        assert!(matches!(word("\"abc").flaw, Some(Flaw::UnclosedQuote(_))));
        assert!(matches!(word("${abc").flaw, Some(Flaw::UnclosedBrace(_))));
        assert!(matches!(word("${}").flaw, Some(Flaw::BadSubstitution(_))));
        assert!(matches!(word("${a^}").flaw, Some(Flaw::BadSubstitution(_))));
        assert_eq!(word("${a:?b}${a##*/}${a//x/y}").flaw, None);
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "${a:-".repeat(10_000);
        assert!(word(&text).flaw.is_some());
    }
}
