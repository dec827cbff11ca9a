//! Finds the syntax problems of a file: what BuildKit refuses when it reads it, and what is sure to fail in every build.
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr_iter;

use super::command::{Command, Json, parse_json};
use super::dockerfile::Dockerfile;
use super::instruction::{Body, Copy, Healthcheck, Instruction, Kind, Pair};
use super::problem::{Problem, ProblemKind};
use super::value::{is_address, is_bool, is_port, is_signal, is_stage_name};
use super::word::{Flaw, Part, Word, split_at_blanks};
use crate::text::span::Span;

/// BuildKit's limit for one line, in bytes.
const MAX_LINE: usize = 65_535;

/// Adds every problem of `file` to it, but those of instructions outside `read`: they are there already.
pub fn problems(text: &str, file: &mut Dockerfile, read: Range<usize>) {
    let labs = has_labs(text, file);
    let mut checker = Checker { text, escape: file.escape, labs, index: None, deferred: false, problems: Vec::new() };
    checker.file(file);
    checker.problems.append(&mut file.problems);
    for index in read {
        checker.index = Some(index);
        checker.instruction(&file.instructions[index]);
    }
    checker.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    file.problems = checker.problems;
}

/// True when `# syntax=` names a frontend that is not the stable one.
fn has_labs(text: &str, file: &Dockerfile) -> bool {
    let syntax = file.directives.iter().find(|directive| text[directive.name.range()].eq_ignore_ascii_case("syntax"));
    syntax.is_some_and(|syntax| {
        let image = &text[syntax.value.range()];
        let image = image.strip_prefix("docker.io/").unwrap_or(image);
        image.contains("labs") || !image.starts_with("docker/dockerfile")
    })
}

/// Collects the problems of a file.
pub(super) struct Checker<'t> {
    pub(super) text: &'t str,
    pub(super) escape: u8,
    /// The frontend has what is not stable yet.
    pub(super) labs: bool,
    index: Option<usize>,
    deferred: bool,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    pub(super) fn add(&mut self, kind: ProblemKind, span: Span) {
        self.problems.push(Problem { kind, span, instruction: self.index, deferred: self.deferred });
    }

    fn file(&mut self, file: &Dockerfile) {
        let top = Span::at(0);
        if file.instructions.is_empty() {
            self.add(ProblemKind::NoInstruction, top);
        } else if file.stages.is_empty() && file.instructions.iter().all(|i| i.kind != Kind::Unknown) {
            self.add(ProblemKind::NoFrom, file.instructions[0].keyword);
        }
        let before = file.stages.first().map_or(0, |stage| stage.from);
        let early = |it: &Arc<Instruction>| !matches!(it.kind, Kind::Arg | Kind::Unknown);
        // The first one says it all: whoever forgot FROM moves it to the top.
        if let Some(index) = file.instructions[..before].iter().position(early) {
            self.index = Some(index);
            self.add(ProblemKind::BeforeFrom(file.instructions[index].kind), file.instructions[index].keyword);
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
            } else if name.eq_ignore_ascii_case("check") && !self.is_indented(directive.span) {
                self.check_options(directive.value);
            }
        }
    }

    /// BuildKit reads `check` where it stands at the very start of its line alone.
    fn is_indented(&self, line: Span) -> bool {
        !matches!(self.text[..line.start as usize].bytes().next_back(), None | Some(b'\n'))
            && !self.text[..line.start as usize].ends_with('\u{feff}')
    }

    /// `skip=A,B;experimental=all;error=true`; what stands behind the first blank is not read.
    fn check_options(&mut self, value: Span) {
        let read = self.text[value.range()].split(' ').next().unwrap_or_default();
        let mut start = value.start;
        for option in read.splitn(3, ';') {
            let span = Span::new(start, start + option.len() as u32);
            start = span.end + 1;
            match option.split_once('=') {
                Some(("skip" | "experimental", _)) => {}
                Some(("error", value)) if is_bool(value) => {}
                Some(("error", _)) => self.add(ProblemKind::BadCheckOption("true or false behind error="), span),
                _ => self.add(ProblemKind::BadCheckOption("skip=…, experimental=… or error=true"), span),
            }
        }
    }

    fn long_lines(&mut self) {
        if self.text.len() <= MAX_LINE {
            return;
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', self.text.as_bytes()).chain([self.text.len()]) {
            if end - start > MAX_LINE {
                self.add(ProblemKind::LineTooLong, Span::at(start as u32));
            }
            start = end + 1;
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

    pub(super) fn missing(&mut self, instruction: &Instruction, what: &'static str) {
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
            if image.literal(self.text).is_some_and(|image| image.is_empty()) {
                self.add(ProblemKind::MissingArgument("an image between the quotes"), image.span);
            }
        }
    }

    fn command(&mut self, instruction: &Instruction, command: &Command) {
        match (instruction.kind, command) {
            (Kind::Shell, Command::Missing) => self.missing(instruction, "a JSON array: the shell and its flags"),
            (Kind::Shell, Command::Exec(words)) if words.is_empty() => {
                self.add(ProblemKind::ShellNotJson, instruction.arguments);
            }
            (Kind::Run | Kind::Healthcheck, Command::Exec(words)) if words.is_empty() => {
                self.add(ProblemKind::MissingArgument("a command between the brackets"), instruction.arguments);
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
        for content in instruction.heredocs.iter().filter_map(|heredoc| heredoc.content.as_ref()) {
            self.word(content);
        }
        if instruction.kind == Kind::Copy {
            self.addresses(copy);
        }
    }

    /// COPY does not fetch anything.
    fn addresses(&mut self, copy: &Copy) {
        for source in &copy.sources {
            if let Some(Part::Text { .. }) = source.parts.first()
                && source.parts[0].text(self.text).is_some_and(is_address)
            {
                self.add(ProblemKind::AddressInCopy, source.span);
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
            self.pair(instruction, pair);
        }
    }

    fn pair(&mut self, instruction: &Instruction, pair: &Pair) {
        if pair.legacy && pair.value.is_none() {
            self.add(ProblemKind::MissingArgument("a value: name=value"), pair.span);
        } else if !pair.legacy && pair.value.is_none() && instruction.kind != Kind::Arg {
            self.add(ProblemKind::MissingEquals, pair.span);
        }
        if pair.name.span.is_empty() {
            self.add(ProblemKind::MissingName, pair.span);
        }
        // Names of ARG are never expanded.
        if instruction.kind != Kind::Arg {
            self.word(&pair.name);
        }
        if let Some(value) = &pair.value {
            self.word(value);
        }
    }

    fn words(&mut self, instruction: &Instruction, words: &[Word]) {
        if instruction.kind == Kind::Volume
            && parse_json(self.text, instruction.arguments, self.escape) == Json::NotStrings
        {
            return self.add(ProblemKind::JsonNotStrings, instruction.arguments);
        }
        if words.is_empty() {
            let what = if instruction.kind == Kind::Expose { "a port" } else { "a path" };
            self.missing(instruction, what);
        }
        for word in words {
            self.word(word);
            let Some(value) = word.literal(self.text) else { continue };
            if instruction.kind == Kind::Volume && value.trim().is_empty() {
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
            Some(value) => {
                self.word(value);
                let signal = value.literal(self.text).filter(|_| instruction.kind == Kind::Stopsignal);
                if value.flaw.is_none() && signal.is_some_and(|signal| !is_signal(&signal)) {
                    self.add(ProblemKind::BadSignal, value.span);
                }
            }
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
                let before = self.problems.len();
                self.deferred = true;
                self.instruction(nested);
                self.deferred = false;
                for problem in &mut self.problems[before..] {
                    problem.deferred = !is_read_at_once(&problem.kind, nested.kind);
                }
            }
        }
    }

    pub(super) fn word(&mut self, word: &Word) {
        match word.flaw {
            None => {}
            Some(Flaw::UnclosedQuote(span)) => self.add(ProblemKind::UnclosedQuote, span),
            Some(Flaw::UnclosedBrace(span)) => self.add(ProblemKind::UnclosedBrace, span),
            Some(Flaw::BadSubstitution(span)) => self.add(ProblemKind::BadSubstitution, span),
            Some(Flaw::MissingSlash(span)) => self.add(ProblemKind::MissingSlash, span),
        }
    }
}

/// Of a trigger BuildKit reads the lines, the words of ENV and LABEL and the JSON form at once; the rest when it runs.
fn is_read_at_once(kind: &ProblemKind, trigger: Kind) -> bool {
    match kind {
        ProblemKind::UnterminatedHeredoc | ProblemKind::JsonNotStrings | ProblemKind::MissingEquals => true,
        ProblemKind::MissingArgument(what) => matches!(trigger, Kind::Env | Kind::Label) && what.starts_with("a value"),
        _ => false,
    }
}
