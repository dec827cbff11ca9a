//! Instructions and their arguments.
use super::painter::Painter;
use super::shell::Lexer;
use super::value::predefined;
use super::{DECLARATION, DEPRECATED, TokenKind};
use crate::model::command::Command;
use crate::model::flags::flags_of;
use crate::model::instruction::{Body, Copy, Flag, From, Healthcheck, Heredoc, Instruction, Kind, Pair};
use crate::model::mount::{MountOption, parse_mount};
use crate::model::word::Word;
use crate::syntax::shell::is_posix;
use crate::text::span::Span;

impl Painter<'_> {
    /// An instruction with its here-documents. A keyword that is none has no token, nor what stands behind it.
    pub fn instruction(&mut self, instruction: &Instruction) {
        let outdated = if instruction.kind == Kind::Maintainer { DEPRECATED } else { 0 };
        if instruction.kind != Kind::Unknown {
            self.push(instruction.keyword, TokenKind::Keyword, outdated);
        }
        for flag in &instruction.flags {
            self.flag(instruction.kind, flag);
        }
        match &instruction.body {
            Body::From(from) => self.from(from),
            Body::Command(command) => self.command(instruction, command),
            Body::Copy(copy) => self.copy(instruction, copy),
            Body::Pairs(pairs) => pairs.iter().for_each(|pair| self.pair(instruction.kind, pair)),
            Body::Words(words) if instruction.kind == Kind::Expose => words.iter().for_each(|word| self.port(word)),
            Body::Words(words) => words.iter().for_each(|word| self.value(word)),
            Body::Value(Some(word)) => self.single(instruction.kind, word),
            Body::Healthcheck(Healthcheck::None(word)) => self.push(*word, TokenKind::Keyword, 0),
            Body::Healthcheck(Healthcheck::Cmd(word, command)) => {
                self.push(*word, TokenKind::Keyword, 0);
                self.command(instruction, command);
            }
            Body::Onbuild(Some(trigger)) => self.instruction(trigger),
            Body::Value(None)
            | Body::Healthcheck(Healthcheck::Missing | Healthcheck::Unknown(_))
            | Body::Onbuild(None)
            | Body::Unknown => {}
        }
    }

    fn flag(&mut self, kind: Kind, flag: &Flag) {
        self.push(Span::new(flag.span.start, flag.name.end), TokenKind::Parameter, 0);
        let Some(value) = &flag.value else { return };
        self.push(Span::new(flag.name.end, value.span.start.max(flag.name.end)), TokenKind::Operator, 0);
        let name = &self.text[flag.name.range()];
        let boolean = flags_of(kind).iter().any(|known| known.name == name && known.boolean);
        match (kind, name) {
            (Kind::Run, "mount") => {
                let mount = parse_mount(self.text, flag.span, value);
                mount.options.iter().for_each(|option| self.mount_option(option));
            }
            (Kind::Copy, "from") => self.source(value.span, true),
            (Kind::Copy | Kind::Add, "chown") => self.owner(value),
            (Kind::Run, "network" | "security") => self.choice(value),
            (Kind::Healthcheck, _) | (Kind::Add, "checksum") => {
                self.stretch(&value.parts, value.span, TokenKind::Number, 0);
            }
            _ if boolean => self.choice(value),
            _ => self.value(value),
        }
    }

    /// `target=/root/.cache`
    fn mount_option(&mut self, option: &MountOption) {
        let Some((value, span)) = &option.value else {
            return self.push(option.span, TokenKind::Property, 0);
        };
        let equals = span.start.saturating_sub(1).max(option.span.start);
        self.push(Span::new(option.span.start, equals), TokenKind::Property, 0);
        self.push(Span::new(equals, span.start), TokenKind::Operator, 0);
        let boolean = matches!(value.as_str(), "true" | "false");
        match option.key.as_str() {
            "from" => self.source(*span, false),
            "type" | "sharing" => self.unread(*span, TokenKind::EnumMember, 0),
            "uid" | "gid" | "mode" | "size" => self.unread(*span, TokenKind::Number, 0),
            "env" => self.unread(*span, TokenKind::Variable, DECLARATION),
            _ if boolean => self.unread(*span, TokenKind::EnumMember, 0),
            _ => self.unread(*span, TokenKind::String, 0),
        }
    }

    fn from(&mut self, from: &From) {
        if let Some(image) = &from.image {
            let name = image.literal(self.text);
            // As written: `FROM Build` does not find `AS build`.
            if name.is_some_and(|name| self.is_stage(&name) && !name.contains(|letter: char| letter.is_uppercase())) {
                self.push(image.span, TokenKind::Class, 0);
            } else {
                self.image(image);
            }
        }
        if let Some(word) = from.r#as {
            self.push(word, TokenKind::Keyword, 0);
            if let Some(name) = from.name {
                self.push(name, TokenKind::Class, DECLARATION);
            }
        }
    }

    fn copy(&mut self, instruction: &Instruction, copy: &Copy) {
        for word in copy.sources.iter().chain(&copy.destination) {
            match instruction.heredocs.iter().find(|heredoc| heredoc.start.overlaps(word.span)) {
                Some(heredoc) if heredoc.start.start >= word.span.start => self.heredoc_start(heredoc),
                Some(_) => {}
                None => self.stretch(&word.parts, word.span, TokenKind::String, 0),
            }
        }
        for heredoc in &instruction.heredocs {
            self.heredoc(heredoc, |painter| match &heredoc.content {
                Some(content) => painter.stretch(&content.parts, heredoc.body, TokenKind::String, 0),
                None => painter.push(heredoc.body, TokenKind::String, 0),
            });
        }
    }

    /// `<<-EOF`
    fn heredoc_start(&mut self, heredoc: &Heredoc) {
        let text = &self.text[heredoc.start.range()];
        let operator = text.find("<<").map_or(0, |at| at + 2);
        let operator = operator + usize::from(text[operator..].starts_with('-'));
        let blanks = text[operator..].len() - text[operator..].trim_start().len();
        let at = heredoc.start.start + operator as u32;
        self.push(Span::new(heredoc.start.start, at), TokenKind::Operator, 0);
        self.push(Span::new(at + blanks as u32, heredoc.start.end), TokenKind::Keyword, 0);
    }

    /// The lines of a here-document, which `body` paints, and its end. No line of it continues.
    fn heredoc(&mut self, heredoc: &Heredoc, body: impl FnOnce(&mut Self)) {
        let escape = self.escape.take();
        body(self);
        if let Some(end) = heredoc.end {
            self.push(end, TokenKind::Keyword, 0);
        }
        self.escape = escape;
    }

    /// `name=value`, `name value`, `name`
    fn pair(&mut self, kind: Kind, pair: &Pair) {
        if kind == Kind::Label {
            self.stretch(&pair.name.parts, pair.name.span, TokenKind::Property, 0);
        } else {
            let modifiers = DECLARATION | predefined(&self.text[pair.name.span.range()]);
            self.stretch(&pair.name.parts, pair.name.span, TokenKind::Variable, modifiers);
        }
        let Some(value) = &pair.value else { return };
        if !pair.legacy {
            self.push(Span::new(pair.name.span.end, value.span.start), TokenKind::Operator, 0);
        }
        self.value(value);
    }

    fn single(&mut self, kind: Kind, word: &Word) {
        match kind {
            Kind::User => self.owner(word),
            Kind::Stopsignal if word.raw(self.text).bytes().all(|byte| byte.is_ascii_digit()) => self.value(word),
            Kind::Stopsignal => self.choice(word),
            _ => self.stretch(&word.parts, word.span, TokenKind::String, 0),
        }
    }

    fn command(&mut self, instruction: &Instruction, command: &Command) {
        match command {
            Command::Missing => {}
            Command::Exec(strings) => strings.iter().for_each(|string| self.push(string.span, TokenKind::String, 0)),
            Command::Shell(span) if self.is_half_json(instruction.kind, *span) => self.half_json(*span),
            Command::Shell(span) if self.posix && instruction.kind != Kind::Shell => self.shell(instruction, *span),
            Command::Shell(_) => {}
        }
    }

    /// True for a JSON array that is being typed. `RUN [ "$x" ]` is a command.
    fn is_half_json(&self, kind: Kind, span: Span) -> bool {
        let Some(rest) = self.text[span.range()].strip_prefix('[') else { return false };
        let rest = if kind == Kind::Run { rest } else { rest.trim_start() };
        rest.is_empty() || rest.starts_with('"')
    }

    /// The strings of such an array; one that is open ends with its line.
    fn half_json(&mut self, span: Span) {
        let bytes = self.text.as_bytes();
        let (mut at, end) = (span.start as usize, span.end as usize);
        while at < end {
            let start = at;
            at += 1;
            if let Some(behind) = self.end_of_comment(start) {
                at = behind;
                continue;
            }
            if bytes[start] != b'"' {
                continue;
            }
            while at < end && !matches!(bytes[at], b'"' | b'\n') {
                at += if bytes[at] == b'\\' && at + 1 < end && bytes[at + 1] == b'"' { 2 } else { 1 };
            }
            at = (at + usize::from(at < end && bytes[at] == b'"')).min(end);
            self.push(Span::from(start..at), TokenKind::String, 0);
        }
    }

    /// Text for a shell. A here-document may be its script.
    fn shell(&mut self, instruction: &Instruction, span: Span) {
        let mut lexer = Lexer::new(self, span);
        lexer.commands(0);
        let only = instruction.heredocs.len() == 1;
        let (alone, fed) = (only && lexer.is_empty(), only && lexer.fed());
        for heredoc in &instruction.heredocs {
            let script = fed || alone && self.is_shell_script(heredoc.body);
            self.heredoc(heredoc, |painter| match (script, heredoc.expand && !alone) {
                (true, _) => Lexer::new(painter, heredoc.body).commands(0),
                (false, true) => Lexer::new(painter, heredoc.body).expanded(TokenKind::String),
                (false, false) => painter.foreign(heredoc.body),
            });
        }
    }

    /// Lines for another program: the first may name it.
    fn foreign(&mut self, body: Span) {
        let text = &self.text[body.range()];
        let first = if text.trim_start_matches('\t').starts_with("#!") { text.find('\n') } else { Some(0) };
        let end = body.start + first.unwrap_or(text.len()) as u32;
        self.push(Span::new(body.start, end), TokenKind::Comment, 0);
        self.push(Span::new(end, body.end), TokenKind::String, 0);
    }

    fn is_shell_script(&self, body: Span) -> bool {
        let text = self.text[body.range()].trim_start_matches('\t');
        let Some(interpreter) = text.strip_prefix("#!") else { return true };
        let words = interpreter.lines().next().unwrap_or_default().split_ascii_whitespace();
        is_posix(&words.map(str::to_owned).collect::<Vec<_>>())
    }
}
