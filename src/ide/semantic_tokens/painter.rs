//! Collects tokens: cuts them at line ends, and puts the comments between them.
use std::collections::HashMap;

use super::{Token, TokenKind};
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::continuation_end;
use crate::model::dockerfile::Directive;
use crate::text::span::Span;

/// What has been found so far; spans come in the order of the text.
pub(super) struct Painter<'s> {
    pub text: &'s str,
    tokens: Vec<Token>,
    /// Those that are still to come.
    comments: &'s [Span],
    /// The escape character inside an instruction's logical line; `None` in the lines of a here-document.
    pub escape: Option<u8>,
    /// The stage that is being painted.
    pub stage: usize,
    /// True when a POSIX shell reads the commands.
    pub posix: bool,
    /// The first stage of each name.
    names: HashMap<&'s str, usize>,
}

impl<'s> Painter<'s> {
    /// Nothing is found yet; comments outside `within` are left out.
    pub fn new(snapshot: &'s Snapshot, within: Option<Span>) -> Self {
        let file = snapshot.file();
        let comments = within.map_or(file.comments.as_slice(), |within| {
            let first = file.comments.partition_point(|comment| comment.end <= within.start);
            let last = file.comments.partition_point(|comment| comment.start < within.end);
            &file.comments[first..last.max(first)]
        });
        let mut names = HashMap::new();
        for stage in &file.stages {
            if let Some(name) = stage.name.as_deref() {
                names.entry(name).or_insert(stage.index);
            }
        }
        let guess = if within.is_some() { 64 } else { snapshot.text().len() / 8 };
        Self {
            text: snapshot.text(),
            tokens: Vec::with_capacity(guess),
            comments,
            escape: Some(file.escape),
            stage: 0,
            posix: true,
            names,
        }
    }

    /// The tokens, and the comments behind the last.
    pub fn finish(mut self) -> Vec<Token> {
        self.comments_before(u32::MAX);
        self.tokens
    }

    /// Where the comment ends that `offset` lies in; of those behind the last token.
    pub fn end_of_comment(&self, offset: usize) -> Option<usize> {
        let comment = self.comments.iter().find(|comment| comment.end as usize > offset)?;
        (comment.start as usize <= offset).then_some(comment.end as usize)
    }

    /// True when an earlier stage is called so, in any case.
    pub fn is_stage(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self.names.get(lower.as_str()).is_some_and(|&first| first < self.stage)
    }

    /// `# syntax=docker/dockerfile:1`
    pub fn directive(&mut self, directive: &Directive) {
        let line = &self.text[directive.span.range()];
        if let Some(hash) = line.find('#').map(|at| directive.span.start + at as u32) {
            self.push(Span::new(hash, hash + 1), TokenKind::Comment, 0);
        }
        self.push(directive.name, TokenKind::Macro, 0);
        let between = &self.text[directive.name.end as usize..directive.value.start as usize];
        if let Some(equals) = between.find('=').map(|at| directive.name.end + at as u32) {
            self.push(Span::new(equals, equals + 1), TokenKind::Operator, 0);
        }
        if self.text[directive.name.range()].eq_ignore_ascii_case("syntax") {
            self.image_at(directive.value);
        } else {
            self.push(directive.value, TokenKind::String, 0);
        }
    }

    /// Notes what `span` is: a token for each of its lines.
    pub fn push(&mut self, span: Span, kind: TokenKind, modifiers: u8) {
        let bytes = &self.text.as_bytes()[span.range()];
        let escape = self.escape.unwrap_or(b'\n');
        if !bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r') || *byte == escape) {
            return self.token(span, kind, modifiers);
        }
        let (mut start, mut at, end) = (span.start as usize, span.start as usize, span.end as usize);
        while at < end {
            let next = match self.text.as_bytes()[at] {
                b'\n' | b'\r' => Some(at + 1),
                byte if Some(byte) == self.escape => continuation_end(self.text.as_bytes(), at, end, byte),
                _ => None,
            };
            match next {
                Some(next) => {
                    self.line(start, at, kind, modifiers);
                    (start, at) = (next, next);
                }
                None => at += 1,
            }
        }
        self.line(start, end, kind, modifiers);
    }

    /// A part that lies in one line, without the blanks around it.
    fn line(&mut self, start: usize, end: usize, kind: TokenKind, modifiers: u8) {
        let Some(piece) = self.text.get(start..end.max(start)) else { return };
        let front = piece.len() - piece.trim_start().len();
        let start = start + front;
        self.token(Span::from(start..start + piece[front..].trim_end().len()), kind, modifiers);
    }

    fn token(&mut self, span: Span, kind: TokenKind, modifiers: u8) {
        // Blanks have no colour.
        if self.text.as_bytes()[span.range()].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return;
        }
        self.comments_before(span.start);
        let before = self.tokens.last().map_or(0, |last| last.span.end);
        debug_assert!(before <= span.start, "{kind:?} at {span:?} in front of {before}: {:?}", self.text);
        if before <= span.start {
            self.tokens.push(Token { span, kind, modifiers });
        }
    }

    /// The end of the comment around `offset`: a word that goes on in another line may have some inside.
    pub fn comment_end(&self, offset: u32) -> Option<u32> {
        let next = self.comments.partition_point(|comment| comment.end <= offset);
        self.comments.get(next).filter(|comment| comment.start <= offset).map(|comment| comment.end)
    }

    fn comments_before(&mut self, offset: u32) {
        while let Some((&comment, rest)) = self.comments.split_first()
            && comment.start < offset
        {
            self.comments = rest;
            let length = self.text[comment.range()].trim_end().len() as u32;
            let span = Span::new(comment.start, comment.start + length);
            let before = self.tokens.last().map_or(0, |last| last.span.end);
            if before <= span.start {
                self.comment(span);
            }
        }
    }

    /// A lone CR ends a line for editors, but no comment.
    fn comment(&mut self, span: Span) {
        let mut start = span.start;
        for piece in self.text[span.range()].split('\r') {
            let end = start + piece.len() as u32;
            if !piece.is_empty() {
                self.tokens.push(Token { span: Span::new(start, end), kind: TokenKind::Comment, modifiers: 0 });
            }
            start = end + 1;
        }
    }
}
