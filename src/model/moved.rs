//! An instruction at another place of the text: what is kept of an earlier version when something in front of it changed.
//! Every part is named, so that a new part with a span can't be forgotten.
use super::command::{Command, JsonString};
use super::instruction::{Body, Copy, Flag, From, Healthcheck, Heredoc, Instruction, Pair};
use super::word::{Expansion, Flaw, Part, Word};
use crate::text::span::Span;

/// How far everything moves, with wrapping.
#[derive(Clone, Copy)]
pub(super) struct Move(pub(super) u32);

impl Move {
    pub(super) fn instruction(self, instruction: &mut Instruction) {
        let Instruction { kind: _, span, keyword, flags, arguments, heredocs, body } = instruction;
        self.spans([span, keyword, arguments]);
        for Flag { span, name, value } in flags {
            self.spans([span, name]);
            self.words(value);
        }
        for heredoc in heredocs {
            let Heredoc { start, delimiter: _, expand: _, strip_tabs: _, body, end, content } = heredoc;
            self.spans([start, body]);
            self.spans(end);
            self.words(content);
        }
        self.body(body);
    }

    fn body(self, body: &mut Body) {
        match body {
            Body::From(From { image, r#as, name }) => {
                self.words(image);
                self.spans(r#as.iter_mut().chain(name));
            }
            Body::Command(command) => self.command(command),
            Body::Copy(Copy { sources, destination, json: _ }) => self.words(sources.iter_mut().chain(destination)),
            Body::Pairs(pairs) => {
                for Pair { span, name, value, legacy: _ } in pairs {
                    self.spans([span]);
                    self.words(std::iter::once(name).chain(value));
                }
            }
            Body::Words(words) => self.words(words),
            Body::Value(value) => self.words(value),
            Body::Healthcheck(Healthcheck::None(word) | Healthcheck::Unknown(word)) => self.spans([word]),
            Body::Healthcheck(Healthcheck::Cmd(word, command)) => {
                self.spans([word]);
                self.command(command);
            }
            Body::Onbuild(Some(nested)) => self.instruction(nested),
            Body::Healthcheck(Healthcheck::Missing) | Body::Onbuild(None) | Body::Unknown => {}
        }
    }

    fn command(self, command: &mut Command) {
        match command {
            Command::Missing => {}
            Command::Exec(words) => words.iter_mut().for_each(|JsonString { span, value: _ }| self.spans([span])),
            Command::Shell(span) => self.spans([span]),
        }
    }

    fn words<'w>(self, words: impl IntoIterator<Item = &'w mut Word>) {
        for Word { span, parts, flaw } in words {
            self.spans([span]);
            for part in parts.iter_mut() {
                self.part(part);
            }
            match flaw {
                None => {}
                Some(
                    Flaw::UnclosedQuote(span)
                    | Flaw::UnclosedBrace(span)
                    | Flaw::BadSubstitution(span)
                    | Flaw::MissingSlash(span),
                ) => self.spans([span]),
            }
        }
    }

    fn part(self, part: &mut Part) {
        match part {
            Part::Text { span, cooked: _ } => self.spans([span]),
            Part::Variable(expansion) => {
                let Expansion { span, name, operator, word } = &mut **expansion;
                self.spans([span, name]);
                self.spans(operator);
                self.words(word);
            }
        }
    }

    fn spans<'s>(self, spans: impl IntoIterator<Item = &'s mut Span>) {
        spans.into_iter().for_each(|span| *span = span.moved(self.0));
    }
}
