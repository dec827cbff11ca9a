//! One instruction and its parts.
use super::command::Command;
use super::word::Word;
use crate::text::span::Span;

/// The instructions of the Dockerfile language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "they are the Dockerfile's own words")]
pub enum Kind {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// A keyword that BuildKit does not know.
    Unknown,
}

/// Every known instruction with its keyword.
pub const KEYWORDS: [(Kind, &str); 18] = [
    (Kind::Add, "ADD"),
    (Kind::Arg, "ARG"),
    (Kind::Cmd, "CMD"),
    (Kind::Copy, "COPY"),
    (Kind::Entrypoint, "ENTRYPOINT"),
    (Kind::Env, "ENV"),
    (Kind::Expose, "EXPOSE"),
    (Kind::From, "FROM"),
    (Kind::Healthcheck, "HEALTHCHECK"),
    (Kind::Label, "LABEL"),
    (Kind::Maintainer, "MAINTAINER"),
    (Kind::Onbuild, "ONBUILD"),
    (Kind::Run, "RUN"),
    (Kind::Shell, "SHELL"),
    (Kind::Stopsignal, "STOPSIGNAL"),
    (Kind::User, "USER"),
    (Kind::Volume, "VOLUME"),
    (Kind::Workdir, "WORKDIR"),
];

impl Kind {
    /// The instruction of `keyword`, in any case.
    pub fn of(keyword: &str) -> Kind {
        KEYWORDS.iter().find(|(_, name)| name.eq_ignore_ascii_case(keyword)).map_or(Kind::Unknown, |(kind, _)| *kind)
    }

    /// The keyword in upper case; empty for an unknown one.
    pub fn keyword(self) -> &'static str {
        KEYWORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// An instruction as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Which one.
    pub kind: Kind,
    /// From the keyword to the last byte, heredoc terminators included, the line end excluded.
    pub span: Span,
    /// The keyword.
    pub keyword: Span,
    /// `--name=value` words in front of the arguments.
    pub flags: Vec<Flag>,
    /// From the first argument byte to the end of the logical line; empty where nothing is written.
    pub arguments: Span,
    /// The here-documents, in order.
    pub heredocs: Vec<Heredoc>,
    /// The arguments, read as this instruction wants them.
    pub body: Body,
}

/// `--name` or `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// All of it.
    pub span: Span,
    /// The name without the dashes.
    pub name: Span,
    /// What stands behind `=`; an empty word where nothing does, `None` without `=`.
    pub value: Option<Word>,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// `<<EOF` in the instruction's line.
    pub start: Span,
    /// The delimiter, quotes removed.
    pub delimiter: String,
    /// True when no part of the delimiter is quoted: BuildKit expands it in COPY and ADD, the shell in RUN.
    pub expand: bool,
    /// `<<-`: leading tabs are removed.
    pub strip_tabs: bool,
    /// The lines of the document, their line ends included.
    pub body: Span,
    /// The line that ends it; `None` when it is missing.
    pub end: Option<Span>,
    /// What is expanded in it by the builder: unquoted documents of COPY and ADD.
    pub content: Option<Word>,
}

/// The arguments of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// FROM
    From(From),
    /// RUN, CMD, ENTRYPOINT, SHELL
    Command(Command),
    /// COPY, ADD
    Copy(Copy),
    /// ENV, LABEL, ARG
    Pairs(Vec<Pair>),
    /// EXPOSE, VOLUME
    Words(Vec<Word>),
    /// WORKDIR, USER, STOPSIGNAL, MAINTAINER: the whole rest is one value.
    Value(Option<Word>),
    /// HEALTHCHECK
    Healthcheck(Healthcheck),
    /// ONBUILD and what it defers.
    Onbuild(Option<Box<Instruction>>),
    /// What an unknown keyword holds.
    Unknown,
}

/// The arguments of FROM.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct From {
    /// The image or the stage.
    pub image: Option<Word>,
    /// The word `AS`.
    pub r#as: Option<Span>,
    /// The stage name.
    pub name: Option<Span>,
}

/// The arguments of COPY and ADD.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Copy {
    /// All but the last; here-documents are among them, see `Instruction::heredocs`.
    pub sources: Vec<Word>,
    /// The last argument.
    pub destination: Option<Word>,
    /// JSON form.
    pub json: bool,
}

/// `name=value`, or `name value` of the old form, or a bare name of ARG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// All of it.
    pub span: Span,
    /// The name.
    pub name: Word,
    /// The value.
    pub value: Option<Word>,
    /// `ENV name value`: without an equals sign.
    pub legacy: bool,
}

/// The arguments of HEALTHCHECK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// Nothing is written yet.
    Missing,
    /// `NONE`
    None(Span),
    /// `CMD …`, with the word `CMD`.
    Cmd(Span, Command),
    /// Neither.
    Unknown(Span),
}

impl Instruction {
    /// The flag called `name`; the first, if it is repeated.
    pub fn flag<'i>(&'i self, text: &str, name: &str) -> Option<&'i Flag> {
        self.flags.iter().find(|flag| &text[flag.name.range()] == name)
    }

    /// Every flag called `name`.
    pub fn flags_named<'i>(&'i self, text: &'i str, name: &'i str) -> impl Iterator<Item = &'i Flag> {
        self.flags.iter().filter(move |flag| &text[flag.name.range()] == name)
    }

    /// The command of RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK CMD.
    pub fn command(&self) -> Option<&Command> {
        match &self.body {
            Body::Command(command) | Body::Healthcheck(Healthcheck::Cmd(_, command)) => Some(command),
            _ => None,
        }
    }

    /// The arguments of COPY or ADD.
    pub fn copy(&self) -> Option<&Copy> {
        if let Body::Copy(copy) = &self.body { Some(copy) } else { None }
    }

    /// The pairs of ENV, LABEL or ARG; empty for the others.
    pub fn pairs(&self) -> &[Pair] {
        if let Body::Pairs(pairs) = &self.body { pairs } else { &[] }
    }

    /// The value of WORKDIR, USER, STOPSIGNAL or MAINTAINER.
    pub fn value(&self) -> Option<&Word> {
        if let Body::Value(value) = &self.body { value.as_ref() } else { None }
    }
}
