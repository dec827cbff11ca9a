//! What a growing selection takes in, step by step: word, argument, command, instruction, stage, file.
use super::mentions::{shell_texts, stage_around};
use crate::analysis::snapshot::Snapshot;
use crate::model::command::{Command, JsonString};
use crate::model::instruction::{Body, Flag, Healthcheck, Heredoc, Instruction};
use crate::model::mount::parse_mount;
use crate::model::word::Word;
use crate::syntax::shell::{self, Link, Script};
use crate::text::span::Span;

/// The selections around `offset`, the smallest first; each lies in the next, the last is the whole file.
pub fn selections(snapshot: &Snapshot, offset: u32) -> Vec<Span> {
    let text = snapshot.text();
    let mut spans = Spans { snapshot, offset, found: Vec::new() };
    spans.add(Span::new(0, text.len() as u32));
    spans.add(word(text, offset, |character| character.is_alphanumeric() || character == '_'));
    let element = word(text, offset, |character| !character.is_whitespace() && !SEPARATORS.contains(character));
    // A dash at its start belongs to a flag or an operator.
    if !snapshot[element].starts_with('-') {
        spans.add(element);
    }
    spans.directives_and_comments();
    let file = snapshot.file();
    if let Some(index) = file.instruction_at(offset) {
        let stage = stage_around(snapshot, index);
        if let Some(stage) = stage {
            spans.add(file.stages[stage].span);
        }
        spans.instruction(&file.instructions[index]);
        if let Some(stage) = stage {
            shell_texts(snapshot, stage, index, &mut |script, start, _| spans.script(script, start));
        }
    } else {
        // Blank lines between the instructions of a stage are part of it.
        file.stages.iter().for_each(|stage| spans.add(stage.span));
    }
    spans.nested()
}

/// Between the elements of paths, images, options and shell texts.
const SEPARATORS: &str = ":/@=,;\"'`\\$(){}[]|&<>";

/// The characters of one kind around `offset`; empty between others.
fn word(text: &str, offset: u32, is_part: fn(char) -> bool) -> Span {
    let part = |character: &char| is_part(*character);
    let (front, behind) = text.split_at(offset as usize);
    let before: usize = front.chars().rev().take_while(part).map(char::len_utf8).sum();
    let after: usize = behind.chars().take_while(part).map(char::len_utf8).sum();
    Span::new(offset - before as u32, offset + after as u32)
}

struct Spans<'s> {
    snapshot: &'s Snapshot,
    offset: u32,
    found: Vec<Span>,
}

impl Spans<'_> {
    fn add(&mut self, span: Span) {
        if span.touches(self.offset) && !span.is_empty() {
            self.found.push(span);
        }
    }

    fn add_all(&mut self, spans: [Span; 3]) {
        for span in spans {
            self.add(span);
        }
    }

    /// From small to large; what crosses a smaller one is left out.
    fn nested(mut self) -> Vec<Span> {
        self.found.sort_by_key(|span| (span.len(), span.start));
        let mut chain: Vec<Span> = Vec::new();
        for span in self.found {
            if chain.last().is_none_or(|last| span != *last && span.contains(*last)) {
                chain.push(span);
            }
        }
        if chain.is_empty() { vec![Span::at(self.offset)] } else { chain }
    }

    fn directives_and_comments(&mut self) {
        let file = self.snapshot.file();
        for directive in &file.directives {
            self.add_all([directive.span, directive.name, directive.value]);
        }
        let (offset, comments) = (self.offset, &file.comments);
        let next = comments.partition_point(|comment| comment.start <= offset);
        let Some(at) = next.checked_sub(1).filter(|at| comments[*at].touches(offset)) else { return };
        self.add(comments[at]);
        let joined = |one: Span, other: Span| {
            let between = &self.snapshot[Span::new(one.end, other.start.max(one.end))];
            between.trim().is_empty() && between.bytes().filter(|&byte| byte == b'\n').count() <= 1
        };
        let first = (1..=at).rev().find(|&index| !joined(comments[index - 1], comments[index])).unwrap_or(0);
        let last = (at..comments.len() - 1).find(|&index| !joined(comments[index], comments[index + 1]));
        self.add(comments[first].cover(comments[last.unwrap_or(comments.len() - 1)]));
    }

    fn instruction(&mut self, instruction: &Instruction) {
        self.add_all([instruction.span, instruction.keyword, instruction.arguments]);
        instruction.flags.iter().for_each(|flag| self.flag(flag));
        instruction.heredocs.iter().for_each(|heredoc| self.heredoc(heredoc));
        match &instruction.body {
            Body::From(from) => {
                from.image.iter().for_each(|image| self.word(image));
                if let Some(name) = from.name {
                    self.add(name);
                    from.r#as.into_iter().for_each(|word| self.add(word.cover(name)));
                }
            }
            Body::Command(command) => self.command(command),
            Body::Healthcheck(Healthcheck::Cmd(word, command)) => {
                self.add(*word);
                self.command(command);
            }
            Body::Copy(copy) => {
                copy.sources.iter().chain(&copy.destination).for_each(|word| self.word(word));
                if let (Some(first), Some(last)) = (copy.sources.first(), copy.sources.last()) {
                    self.add(first.span.cover(last.span));
                }
            }
            Body::Pairs(pairs) => {
                let offset = self.offset;
                for pair in pairs.iter().filter(|pair| pair.span.touches(offset)) {
                    self.add(pair.span);
                    self.word(&pair.name);
                    pair.value.iter().for_each(|value| self.word(value));
                }
            }
            Body::Words(words) => words.iter().for_each(|word| self.word(word)),
            Body::Value(value) => value.iter().for_each(|word| self.word(word)),
            Body::Onbuild(Some(trigger)) => self.instruction(trigger),
            Body::Onbuild(None) | Body::Healthcheck(_) | Body::Unknown => {}
        }
    }

    fn flag(&mut self, flag: &Flag) {
        if !flag.span.touches(self.offset) {
            return;
        }
        self.add(flag.span);
        self.add(flag.name);
        let Some(value) = &flag.value else { return };
        self.word(value);
        for option in parse_mount(self.snapshot.text(), flag.span, value).options {
            self.add(option.span);
            option.value.into_iter().for_each(|(_, span)| self.add(span));
        }
    }

    fn word(&mut self, word: &Word) {
        if !word.span.touches(self.offset) {
            return;
        }
        self.add(word.span);
        self.add(self.inner(word.span));
        for expansion in word.expansions() {
            self.add(expansion.span);
            self.add(expansion.name);
            expansion.word.iter().for_each(|word| self.add(word.span));
        }
    }

    /// Without the quotes around it.
    fn inner(&self, span: Span) -> Span {
        let text = &self.snapshot[span];
        let quoted = |quote| text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote);
        let quotes = u32::from(quoted('"') || quoted('\''));
        Span::new(span.start + quotes, span.end - quotes)
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Missing => {}
            Command::Exec(words) => words.iter().for_each(|word: &JsonString| {
                self.add(word.span);
                self.add(self.inner(word.span));
            }),
            Command::Shell(span) => self.add(*span),
        }
    }

    /// The line under the cursor, the lines, and all from `<<EOF` to `EOF` where it is alone.
    fn heredoc(&mut self, heredoc: &Heredoc) {
        self.add(heredoc.start);
        heredoc.end.into_iter().for_each(|end| self.add(end));
        let body = heredoc.body;
        if !body.touches(self.offset) || self.offset == body.end {
            return;
        }
        let text = &self.snapshot[body];
        self.add(Span::new(body.start, body.start + text.trim_end_matches(['\r', '\n']).len() as u32));
        self.add(Span::new(body.start, heredoc.end.map_or(body.end, |end| end.end)));
        let at = (self.offset - body.start) as usize;
        let from = text[..at].rfind('\n').map_or(0, |found| found + 1);
        let to = text[at..].find('\n').map_or(text.len(), |found| at + found);
        let line = &text[from..to];
        let indent = line.len() - line.trim_start().len();
        self.add(Span::from(from + indent..from + indent + line.trim().len()).shift(body.start));
    }

    /// Words, redirects, commands, what is joined by `|`, by `&&` and `||`, and what is enclosed.
    fn script(&mut self, script: &Script, start: u32) {
        let commands = &script.commands;
        for (index, command) in commands.iter().enumerate() {
            if !command.span.shift(start).touches(self.offset) {
                continue;
            }
            self.shell_command(command, start);
            self.add(joined(commands, index, |link| link == Link::Pipe).shift(start));
            self.add(joined(commands, index, |link| matches!(link, Link::Pipe | Link::And | Link::Or)).shift(start));
        }
        script.groups.iter().for_each(|group| self.add(group.span.shift(start)));
    }

    fn shell_command(&mut self, command: &shell::Command, start: u32) {
        self.add(command.span.shift(start));
        for assignment in &command.assignments {
            let parts = [assignment.span, assignment.name_span, assignment.value.span];
            self.add_all(parts.map(|span| span.shift(start)));
        }
        for redirect in &command.redirects {
            self.add(redirect.span.shift(start));
            redirect.target.iter().for_each(|target| self.add(target.span.shift(start)));
        }
        for word in &command.words {
            let span = word.span.shift(start);
            self.add(span);
            self.add(self.inner(span));
            for part in &word.parts {
                if let shell::Part::Expansion { span, .. } | shell::Part::Opaque(span) = part {
                    self.add(span.shift(start));
                }
            }
        }
    }
}

/// The commands around `index` that `joins` links, in the same group.
fn joined(commands: &[shell::Command], index: usize, joins: impl Fn(Link) -> bool) -> Span {
    let group = commands[index].group;
    let linked = |at: usize| commands[at].group == group && joins(commands[at].link);
    let first = (1..=index).rev().find(|&at| !linked(at) || commands[at - 1].group != group).unwrap_or(0);
    let behind = (index + 1..commands.len()).find(|&at| !linked(at)).unwrap_or(commands.len());
    commands[first..behind].iter().fold(commands[index].span, |span, command| span.cover(command.span))
}
