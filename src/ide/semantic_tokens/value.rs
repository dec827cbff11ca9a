//! Words of instructions: values, images, stages, and the variables in them.
use super::painter::Painter;
use super::{DEFAULT_LIBRARY, TokenKind};
use crate::knowledge::predefined_args::{ArgKind, predefined_arg};
use crate::model::word::{Expansion, Part, Quoting, Word, parse_word};
use crate::text::span::Span;

impl Painter<'_> {
    /// A value: a number where it is one, else text.
    pub fn value(&mut self, word: &Word) {
        self.value_at(word, word.span);
    }

    /// The part of a value that is `span`.
    fn value_at(&mut self, word: &Word, span: Span) {
        self.stretch(&word.parts, span, kind_of(&self.text[span.range()]), 0);
    }

    /// A value of which there are few.
    pub fn choice(&mut self, word: &Word) {
        self.stretch(&word.parts, word.span, TokenKind::EnumMember, 0);
    }

    /// The word at `span`, which has not been read yet.
    pub fn unread(&mut self, span: Span, kind: TokenKind, modifiers: u8) {
        if !self.text[span.range()].contains('$') {
            return self.push(span, kind, modifiers);
        }
        let escape = self.escape.unwrap_or(b'\\');
        let word = parse_word(self.text, span, escape, Quoting::Resolve);
        self.stretch(&word.parts, span, kind, modifiers);
    }

    /// `user:group`
    pub fn owner(&mut self, word: &Word) {
        let colon = self.find(word, word.span.start, |byte| byte == b':');
        self.value_at(word, Span::new(word.span.start, colon));
        if colon < word.span.end {
            self.push(Span::new(colon, colon + 1), TokenKind::Operator, 0);
            self.value_at(word, Span::new(colon + 1, word.span.end));
        }
    }

    /// `8080`, `8000-8010/udp`
    pub fn port(&mut self, word: &Word) {
        let class = |byte: u8| match byte {
            b'0'..=b'9' | b'.' => TokenKind::Number,
            b'/' | b':' | b'-' => TokenKind::Operator,
            _ => TokenKind::EnumMember,
        };
        let mut start = word.span.start;
        while start < word.span.end {
            if let Some(expansion) = expansions(&word.parts).find(|expansion| expansion.span.start == start) {
                self.expansion(expansion);
                start = expansion.span.end.max(start + 1);
                continue;
            }
            let kind = class(self.text.as_bytes()[start as usize]);
            let next = expansions(&word.parts).map(|expansion| expansion.span.start).find(|&next| next > start);
            let limit = next.unwrap_or(word.span.end);
            let rest = &self.text.as_bytes()[start as usize..limit as usize];
            let length = rest.iter().position(|&byte| class(byte) != kind).unwrap_or(rest.len());
            self.push(Span::new(start, start + length as u32), kind, 0);
            start += length.max(1) as u32;
        }
    }

    /// The image at `span`, which has not been read yet.
    pub fn image_at(&mut self, span: Span) {
        let word = parse_word(self.text, span, self.escape.unwrap_or(b'\\'), Quoting::Resolve);
        self.image(&word);
    }

    /// `registry/repository:tag@digest`
    pub fn image(&mut self, word: &Word) {
        let Span { start, end } = word.span;
        if &self.text[word.span.range()] == "scratch" {
            return self.push(word.span, TokenKind::Type, DEFAULT_LIBRARY);
        }
        let at = self.find(word, start, |byte| byte == b'@');
        let mut name = start;
        loop {
            let slash = self.find(word, name, |byte| byte == b'/');
            if slash >= at {
                break;
            }
            name = slash + 1;
        }
        let colon = self.find(word, name, |byte| byte == b':').min(at);
        self.stretch(&word.parts, Span::new(start, colon), TokenKind::Type, 0);
        if colon < at {
            self.push(Span::new(colon, colon + 1), TokenKind::Operator, 0);
            self.stretch(&word.parts, Span::new(colon + 1, at), TokenKind::EnumMember, 0);
        }
        if at < end {
            self.push(Span::new(at, at + 1), TokenKind::Operator, 0);
            self.stretch(&word.parts, Span::new(at + 1, end), TokenKind::Number, 0);
        }
    }

    /// What `--from` and mounts name: an earlier stage, its number, or an image.
    pub fn source(&mut self, span: Span, numbers: bool) {
        let name = &self.text[span.range()];
        if numbers && kind_of(name) == TokenKind::Number {
            self.push(span, TokenKind::Number, 0);
        } else if self.is_stage(name) {
            self.push(span, TokenKind::Class, 0);
        } else {
            self.image_at(span);
        }
    }

    /// Where a byte of `word` from `from` on is as wanted, outside what is expanded; its end where none is.
    fn find(&self, word: &Word, from: u32, wanted: impl Fn(u8) -> bool) -> u32 {
        let mut at = from;
        let mut behind = expansions(&word.parts).filter(|expansion| expansion.span.end > from).peekable();
        while at < word.span.end {
            if let Some(expansion) = behind.next_if(|expansion| expansion.span.start <= at) {
                at = expansion.span.end.max(at);
            } else if !wanted(self.text.as_bytes()[at as usize]) {
                at += 1;
            } else if let Some(end) = self.comment_end(at) {
                at = end;
            } else {
                return at;
            }
        }
        word.span.end
    }

    /// The text of `span` between the expansions of `parts`, and these.
    pub fn stretch(&mut self, parts: &[Part], span: Span, kind: TokenKind, modifiers: u8) {
        let mut at = span.start;
        for expansion in expansions(parts).filter(|expansion| span.contains(expansion.span)) {
            self.push(Span::new(at, expansion.span.start.max(at)), kind, modifiers);
            self.expansion(expansion);
            at = expansion.span.end.max(at);
        }
        self.push(Span::new(at, span.end.max(at)), kind, modifiers);
    }

    /// `$x`, `${x}`, `${x:-default}`
    fn expansion(&mut self, expansion: &Expansion) {
        let modifiers = predefined(&self.text[expansion.name.range()]);
        let (Some(operator), Some(word)) = (expansion.operator, &expansion.word) else {
            return self.push(expansion.span, TokenKind::Variable, modifiers);
        };
        self.push(Span::new(expansion.span.start, operator.start), TokenKind::Variable, modifiers);
        self.push(operator, TokenKind::Operator, 0);
        self.stretch(&word.parts, word.span, kind_of(&self.text[word.span.range()]), 0);
        self.push(Span::new(word.span.end, expansion.span.end.max(word.span.end)), TokenKind::Variable, modifiers);
    }
}

fn expansions(parts: &[Part]) -> impl Iterator<Item = &Expansion> {
    parts.iter().filter_map(|part| if let Part::Variable(expansion) = part { Some(&**expansion) } else { None })
}

/// A number, or else text.
pub(super) fn kind_of(text: &str) -> TokenKind {
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if number { TokenKind::Number } else { TokenKind::String }
}

/// What is more about a variable that every build has.
pub(super) fn predefined(name: &str) -> u8 {
    let platform = name.starts_with("TARGET") || name.starts_with("BUILD");
    let known = platform && predefined_arg(name).is_some_and(|argument| argument.kind == ArgKind::Platform);
    if known { DEFAULT_LIBRARY } else { 0 }
}
