//! Finds the syntax problems of a file: what BuildKit refuses when it reads it.
use std::ops::Range;

use super::command::{Command, Json, parse_json};
use super::dockerfile::Dockerfile;
use super::flags::{flags_of, ignores_flags};
use super::instruction::{Body, Flag, Healthcheck, Instruction, Kind};
use super::problem::{Problem, ProblemKind};
use super::word::{Flaw, Word, split_at_blanks};
use crate::text::span::Span;

/// BuildKit's limit for one line, in bytes.
const MAX_LINE: usize = 65_535;

/// Adds every problem of `file` to it, but those of instructions outside `read`: they are there already.
pub fn problems(text: &str, file: &mut Dockerfile, read: Range<usize>) {
    let mut checker = Checker { text, escape: file.escape, index: None, problems: Vec::new() };
    checker.file(file);
    checker.problems.append(&mut file.problems);
    for index in read {
        checker.index = Some(index);
        checker.instruction(&file.instructions[index]);
    }
    checker.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    file.problems = checker.problems;
}

struct Checker<'t> {
    text: &'t str,
    escape: u8,
    index: Option<usize>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn add(&mut self, kind: ProblemKind, span: Span) {
        self.problems.push(Problem { kind, span, instruction: self.index });
    }

    fn file(&mut self, file: &Dockerfile) {
        let top = Span::at(0);
        if file.instructions.is_empty() {
            self.add(ProblemKind::NoInstruction, top);
        } else if file.stages.is_empty() && file.instructions.iter().all(|i| i.kind != Kind::Unknown) {
            self.add(ProblemKind::NoFrom, file.instructions[0].keyword);
        }
        let before = file.stages.first().map_or(0, |stage| stage.from);
        for (index, instruction) in file.instructions[..before].iter().enumerate() {
            if !matches!(instruction.kind, Kind::Arg | Kind::Unknown) {
                self.index = Some(index);
                self.add(ProblemKind::BeforeFrom(instruction.kind), instruction.keyword);
            }
        }
        self.index = None;
        self.directives(file);
        self.long_lines();
    }

    fn directives(&mut self, file: &Dockerfile) {
        for (index, directive) in file.directives.iter().enumerate() {
            let name = &self.text[directive.name.range()];
            let same = |other: &super::dockerfile::Directive| self.text[other.name.range()].eq_ignore_ascii_case(name);
            let repeated = file.directives[..index].iter().any(same);
            let bad_escape =
                name.eq_ignore_ascii_case("escape") && !matches!(&self.text[directive.value.range()], "\\" | "`");
            if repeated {
                self.add(ProblemKind::DuplicateDirective, directive.span);
            } else if bad_escape {
                self.add(ProblemKind::BadEscape, directive.value);
            }
        }
    }

    fn long_lines(&mut self) {
        if self.text.len() <= MAX_LINE {
            return;
        }
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if line.len() > MAX_LINE {
                self.add(ProblemKind::LineTooLong, Span::at(start as u32));
            }
            start += line.len();
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        self.flags(instruction);
        match &instruction.body {
            Body::From(from) => self.from(instruction, from),
            Body::Command(command) => self.command(instruction, command),
            Body::Copy(_) => self.copy(instruction),
            Body::Pairs(_) => self.pairs(instruction),
            Body::Words(words) => self.words(instruction, words),
            Body::Value(value) => self.value(instruction, value.as_ref()),
            Body::Healthcheck(healthcheck) => self.healthcheck(instruction, healthcheck),
            Body::Onbuild(nested) => self.onbuild(instruction, nested.as_deref()),
            Body::Unknown => self.add(ProblemKind::UnknownInstruction, instruction.keyword),
        }
        for heredoc in &instruction.heredocs {
            if heredoc.end.is_none() {
                self.add(ProblemKind::UnterminatedHeredoc, heredoc.start);
            }
        }
    }

    fn flags(&mut self, instruction: &Instruction) {
        if ignores_flags(instruction.kind) || matches!(instruction.body, Body::Healthcheck(Healthcheck::None(_))) {
            return;
        }
        for (index, flag) in instruction.flags.iter().enumerate() {
            let name = &self.text[flag.name.range()];
            let Some(spec) = flags_of(instruction.kind).iter().find(|spec| spec.name == name) else {
                self.add(ProblemKind::UnknownFlag, Span::new(flag.span.start, flag.name.end));
                continue;
            };
            let earlier = &instruction.flags[..index];
            if !spec.repeatable && earlier.iter().any(|other| &self.text[other.name.range()] == name) {
                self.add(ProblemKind::DuplicateFlag, flag.span);
            }
            self.flag_value(instruction.kind, flag, name, spec.boolean);
        }
    }

    fn flag_value(&mut self, kind: Kind, flag: &Flag, name: &str, boolean: bool) {
        let Some(value) = &flag.value else {
            if !boolean {
                self.add(ProblemKind::MissingFlagValue, flag.span);
            }
            return;
        };
        let raw = value.literal(self.text);
        let lower = raw.as_deref().map(str::to_ascii_lowercase);
        let lower = lower.as_deref().unwrap_or("$");
        let expected = match (kind, name) {
            _ if boolean => (!matches!(lower, "true" | "false")).then_some("true or false"),
            (Kind::Run, "network") => {
                (!matches!(lower, "default" | "none" | "host")).then_some("default, none or host")
            }
            (Kind::Run, "security") => (!matches!(lower, "sandbox" | "insecure")).then_some("sandbox or insecure"),
            (Kind::Healthcheck, "retries") => {
                (lower.parse::<u32>().is_err()).then_some("a whole number that is not negative")
            }
            (Kind::Healthcheck, _) => (!is_duration(lower)).then_some("a duration such as 30s or 1m30s, at least 1ms"),
            _ => None,
        };
        if let Some(expected) = expected {
            self.add(ProblemKind::BadFlagValue(expected), if value.span.is_empty() { flag.span } else { value.span });
        } else if kind == Kind::Copy && name == "from" && !value.expansions().is_empty() {
            self.add(ProblemKind::VariableInFrom, value.span);
        }
    }

    fn missing(&mut self, instruction: &Instruction, what: &'static str) {
        self.add(ProblemKind::MissingArgument(what), instruction.keyword);
    }

    fn from(&mut self, instruction: &Instruction, from: &super::instruction::From) {
        let words = split_at_blanks(self.text, instruction.arguments, self.escape);
        match words.as_slice() {
            [] => self.missing(instruction, "an image, or the name of an earlier stage"),
            [_] => {}
            [_, second] if from.r#as.is_some() => {
                self.add(ProblemKind::MissingArgument("the name of the stage"), *second);
            }
            [_, second, ..] if from.r#as.is_none() => self.add(ProblemKind::ExpectedAs, *second),
            [_, _, name] => {
                if !is_stage_name(&self.text[name.range()]) {
                    self.add(ProblemKind::BadStageName, *name);
                }
            }
            [_, _, _, extra @ ..] => {
                let span = extra[0].cover(extra[extra.len() - 1]);
                self.add(ProblemKind::ExtraArgument("one image and one stage name"), span);
            }
            [_, _] => {}
        }
        if let Some(image) = &from.image {
            self.word(image);
        }
    }

    fn command(&mut self, instruction: &Instruction, command: &Command) {
        match (instruction.kind, command) {
            (Kind::Shell, Command::Missing) => self.missing(instruction, "a JSON array: the shell and its flags"),
            (Kind::Shell, Command::Exec(words)) if words.is_empty() => {
                self.add(ProblemKind::ShellNotJson, instruction.arguments);
            }
            (_, Command::Shell(span)) => {
                if parse_json(self.text, *span, self.escape) == Json::NotStrings {
                    self.add(ProblemKind::JsonNotStrings, *span);
                } else if instruction.kind == Kind::Shell {
                    self.add(ProblemKind::ShellNotJson, *span);
                }
            }
            _ => {}
        }
    }

    fn copy(&mut self, instruction: &Instruction) {
        let Some(copy) = instruction.copy() else { return };
        if parse_json(self.text, instruction.arguments, self.escape) == Json::NotStrings {
            self.add(ProblemKind::JsonNotStrings, instruction.arguments);
        } else if copy.sources.is_empty() {
            self.missing(instruction, "a source and a destination");
        } else if copy.destination.is_none() {
            self.add(ProblemKind::MissingArgument("a destination"), copy.sources[0].span);
        }
        let is_heredoc = |word: &Word| instruction.heredocs.iter().any(|heredoc| heredoc.start.overlaps(word.span));
        if let Some(destination) = copy.destination.as_ref().filter(|word| is_heredoc(word)) {
            self.add(ProblemKind::HeredocDestination, destination.span);
        }
        for word in copy.sources.iter().chain(&copy.destination) {
            if !is_heredoc(word) {
                self.word(word);
            }
        }
    }

    fn pairs(&mut self, instruction: &Instruction) {
        let pairs = instruction.pairs();
        if pairs.is_empty() {
            let what = if instruction.kind == Kind::Arg { "a name" } else { "a name and a value" };
            self.missing(instruction, what);
        }
        for pair in pairs {
            if pair.legacy && pair.value.is_none() {
                self.add(ProblemKind::MissingArgument("a value: name=value"), pair.span);
            } else if !pair.legacy && pair.value.is_none() && instruction.kind != Kind::Arg {
                self.add(ProblemKind::MissingEquals, pair.span);
            }
            if pair.name.literal(self.text).is_some_and(|name| name.is_empty()) {
                self.add(ProblemKind::MissingName, pair.span);
            }
            self.word(&pair.name);
            if let Some(value) = &pair.value {
                self.word(value);
            }
        }
    }

    fn words(&mut self, instruction: &Instruction, words: &[Word]) {
        if words.is_empty() {
            let what = if instruction.kind == Kind::Expose { "a port" } else { "a path" };
            self.missing(instruction, what);
        }
        for word in words {
            self.word(word);
            let Some(value) = word.literal(self.text) else { continue };
            if instruction.kind == Kind::Volume && value.is_empty() {
                self.add(ProblemKind::EmptyVolume, word.span);
            }
            if instruction.kind == Kind::Expose && !value.split_whitespace().all(is_port) {
                self.add(ProblemKind::BadPort, word.span);
            }
        }
    }

    fn value(&mut self, instruction: &Instruction, value: Option<&Word>) {
        let what = match instruction.kind {
            Kind::Workdir => "a path",
            Kind::User => "a user name or number",
            Kind::Stopsignal => "a signal",
            _ => "a name",
        };
        match value {
            None => self.missing(instruction, what),
            Some(_) if instruction.kind == Kind::Maintainer => {}
            Some(value) => self.word(value),
        }
    }

    fn healthcheck(&mut self, instruction: &Instruction, healthcheck: &Healthcheck) {
        match healthcheck {
            Healthcheck::Missing => self.missing(instruction, "NONE, or CMD and a command"),
            Healthcheck::Unknown(word) => self.add(ProblemKind::BadHealthcheckType, *word),
            Healthcheck::None(word) if word.end < instruction.arguments.end => {
                let span = Span::new(word.end, instruction.arguments.end);
                self.add(ProblemKind::ExtraArgument("nothing behind NONE"), span);
            }
            Healthcheck::Cmd(word, Command::Missing) => {
                self.add(ProblemKind::MissingArgument("a command"), *word);
            }
            Healthcheck::Cmd(_, command) => self.command(instruction, command),
            Healthcheck::None(_) => {}
        }
    }

    fn onbuild(&mut self, instruction: &Instruction, nested: Option<&Instruction>) {
        match nested {
            None => self.missing(instruction, "an instruction"),
            Some(nested) if matches!(nested.kind, Kind::Onbuild | Kind::From | Kind::Maintainer) => {
                self.add(ProblemKind::BadTrigger(nested.kind), nested.keyword);
            }
            Some(nested) => {
                for heredoc in nested.heredocs.iter().filter(|heredoc| heredoc.end.is_none()) {
                    self.add(ProblemKind::UnterminatedHeredoc, heredoc.start);
                }
            }
        }
    }

    fn word(&mut self, word: &Word) {
        match word.flaw {
            None => {}
            Some(Flaw::UnclosedQuote(span)) => self.add(ProblemKind::UnclosedQuote, span),
            Some(Flaw::UnclosedBrace(span)) => self.add(ProblemKind::UnclosedBrace, span),
            Some(Flaw::BadSubstitution(span)) => self.add(ProblemKind::BadSubstitution, span),
        }
    }
}

/// `^[a-z][a-z0-9-_.]*$`, after lower-casing.
fn is_stage_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `port[-end][/protocol]`, with an address and a host port in front if need be.
fn is_port(value: &str) -> bool {
    let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let protocol_ok = ["tcp", "udp", "sctp"].iter().any(|known| known.eq_ignore_ascii_case(protocol));
    let container = ports.rsplit(':').next().unwrap_or(ports);
    let (start, end) = container.split_once('-').unwrap_or((container, container));
    let range_ok = match (start.parse::<u16>(), end.parse::<u16>()) {
        (Ok(start), Ok(end)) => start <= end,
        _ => false,
    };
    protocol_ok && range_ok
}

/// Go's duration syntax, 0 or at least 1ms.
fn is_duration(value: &str) -> bool {
    if value == "0" {
        return true;
    }
    let mut rest = value.strip_prefix('+').unwrap_or(value);
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..digits].parse::<f64>() else { return false };
        rest = &rest[digits..];
        let units = [("ns", 1e-6), ("us", 1e-3), ("µs", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 3.6e6)];
        let Some((unit, factor)) = units.iter().find(|(unit, _)| rest.starts_with(unit)) else { return false };
        total += number * factor;
        rest = &rest[unit.len()..];
    }
    !value.is_empty() && (total == 0.0 || total >= 1.0)
}
