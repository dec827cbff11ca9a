//! The texts that a shell reads, as it gets them: for ShellCheck.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::env::{Origin, Variable};
use super::known::Known;
use super::path::base;
use super::snapshot::Snapshot;
use super::state::ImageState;
use crate::knowledge::distros::Distro;
use crate::knowledge::predefined_args::{ArgKind, predefined_arg};
use crate::knowledge::shellcheck::{Dialect, named, of_distro};
use crate::model::command::Command;
use crate::model::cursor::Cursor;
use crate::model::instruction::{Body, Heredoc, Instruction, Kind};
use crate::project::shellcheck::{Job, Key, Source};
use crate::syntax::shell::{Script, parse_script};
use crate::text::span::Span;

/// A longer value is not told to ShellCheck, in bytes.
const MAX_VALUE: usize = 200;

/// One text for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellBody {
    /// The instruction's index.
    pub instruction: usize,
    /// Where it stands, continuations, comments and heredocs included.
    pub span: Span,
    heredocs: bool,
    dialect: Dialect,
    prefix: Box<str>,
    open: bool,
}

/// The text of instruction `index`, where a shell that ShellCheck knows reads one. `state` is the image in front of it.
pub fn read(snapshot: &Snapshot, index: usize, instruction: &Instruction, state: &ImageState) -> Option<ShellBody> {
    let (instruction, open) = inner(instruction);
    let run = instruction.kind == Kind::Run;
    let spoken = run || matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
    if !spoken {
        return None;
    }
    let Command::Shell(text) = instruction.command()? else { return None };
    let dialect = dialect(state)?;
    let heredocs = run && !instruction.heredocs.is_empty();
    let end = if heredocs { instruction.span.end } else { text.end };
    let span = Span::new(text.start, end.max(text.end));
    let script = super::cache::script(&snapshot[span], snapshot.file().escape);
    if script.foreign {
        return None;
    }
    let fed = fed(snapshot, instruction, &script).map(|heredoc| parse_script(&snapshot[heredoc.body]));
    let script = fed.as_ref().unwrap_or(&script);
    let open = open || script.commands.iter().any(|command| matches!(command.name(), Some("." | "source" | "eval")));
    let visible = |variable: &Variable| run || variable.origin != Origin::Arg;
    let prefix = prefix(script, state, visible).into();
    Some(ShellBody { instruction: index, span, heredocs, dialect, prefix, open })
}

/// Every text of the file, without repetitions.
pub fn jobs(snapshot: &Snapshot) -> Vec<Job> {
    let mut seen = std::collections::HashSet::new();
    let bodies = snapshot.stages().into_iter().flat_map(|stage| &stage.bodies);
    let new = bodies.map(|body| (body.key(snapshot), body)).filter(|(key, _)| seen.insert(key.clone()));
    new.collect::<Vec<_>>()
        .into_iter()
        .filter_map(|(key, body)| body.source(snapshot).map(|source| Job { key, source }))
        .collect()
}

impl ShellBody {
    /// What ShellCheck's answer depends on.
    pub fn key(&self, snapshot: &Snapshot) -> Key {
        Key {
            raw: snapshot[self.span].into(),
            escape: snapshot.file().escape,
            heredocs: self.heredocs,
            dialect: self.dialect,
            prefix: self.prefix.clone(),
            open: self.open,
        }
    }

    /// What the shell gets, with its places from the start of `span`; `None` for a script of another interpreter.
    pub fn source(&self, snapshot: &Snapshot) -> Option<Source> {
        let (instruction, _) = inner(&snapshot.file().instructions[self.instruction]);
        let line = Span::new(self.span.start, instruction.arguments.end.clamp(self.span.start, self.span.end));
        let mut builder = Builder { snapshot, base: self.span.start, source: Source::default() };
        let heredocs = if self.heredocs { instruction.heredocs.as_slice() } else { &[] };
        let shell = || {
            let script = super::cache::script(&snapshot[self.span], snapshot.file().escape);
            let name = script.commands.first().and_then(|command| command.name()).map(base)?.to_owned();
            fed(snapshot, instruction, &script).map(|_| name)
        };
        match heredocs {
            [only] if is_alone(snapshot, line, only) => builder.script(only.body, only.strip_tabs, &self.prefix)?,
            [only] => match shell() {
                Some(name) => {
                    builder.source.dialect = named(&name);
                    builder.script(only.body, only.strip_tabs, &self.prefix)?;
                }
                None => builder.whole(line, heredocs, &self.prefix),
            },
            _ => builder.whole(line, heredocs, &self.prefix),
        }
        Some(builder.source)
    }
}

/// The instruction of a trigger, and whether it is one.
fn inner(instruction: &Instruction) -> (&Instruction, bool) {
    match &instruction.body {
        Body::Onbuild(Some(trigger)) => (trigger, true),
        _ => (instruction, false),
    }
}

/// The language of the shell form; `None` where ShellCheck does not know it.
fn dialect(state: &ImageState) -> Option<Dialect> {
    let distro = state.distro().as_ref().copied();
    if let Known::Known(shell) = &state.shell {
        return of_shell(shell.iter().map(String::as_str), distro);
    }
    (distro != Some(Distro::Windows)).then(|| of_distro(distro))
}

/// The language of a shell's command line.
fn of_shell<'w>(words: impl Iterator<Item = &'w str>, distro: Option<Distro>) -> Option<Dialect> {
    let name = words.map(base).find(|word| !matches!(*word, "env" | "-S"))?;
    if name == "sh" { Some(of_distro(distro)) } else { named(name) }
}

/// What a shell must be told in front of the text: `set -e` of SHELL, and the variables that the text names and the image sets.
fn prefix(script: &Script, state: &ImageState, visible: impl Fn(&Variable) -> bool) -> String {
    let used = script.uses.iter().map(|used| used.name.as_str());
    let set =
        script.commands.iter().flat_map(|command| &command.assignments).map(|assignment| assignment.name.as_str());
    let names: BTreeSet<&str> = used.chain(set).filter(|name| is_name(name)).collect();
    let mut text = String::new();
    if let Known::Known(shell) = &state.shell
        && stops_on_errors(shell)
    {
        text.push_str("set -e\n");
    }
    let mut word = "export";
    for name in names {
        let variable = state.env.get(name);
        if !variable.map_or_else(|| predefined_arg(name).is_some(), &visible) {
            continue;
        }
        let known = variable.and_then(|variable| variable.value.as_ref()).map(String::as_str);
        let value = known.or_else(|| platform(name)).filter(|value| is_plain(value));
        let _ = match value {
            Some(value) => write!(text, "{word} {name}='{value}'"),
            None => write!(text, "{word} {name}"),
        };
        word = "";
    }
    if word.is_empty() {
        text.push('\n');
    }
    text
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A value of a platform's name, which is never empty and never more than a word.
fn platform(name: &str) -> Option<&'static str> {
    predefined_arg(name).filter(|argument| argument.kind == ArgKind::Platform)?;
    let part = name.strip_prefix("TARGET").or_else(|| name.strip_prefix("BUILD"))?;
    matches!(part, "PLATFORM" | "OS" | "ARCH").then_some("linux")
}

fn is_plain(value: &str) -> bool {
    value.len() <= MAX_VALUE && !value.contains(['\'', '\n', '\r'])
}

/// `["/bin/bash", "-euo", "pipefail", "-c"]`
fn stops_on_errors(shell: &[String]) -> bool {
    let short = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
    shell.iter().skip(1).any(|word| short(word) || word == "errexit")
}

/// True when `line` holds nothing but the heredoc.
fn is_alone(snapshot: &Snapshot, line: Span, heredoc: &Heredoc) -> bool {
    let escape = snapshot.file().escape;
    let blank = |start, end| {
        start >= end || {
            let mut cursor = Cursor::new(snapshot.text(), Span::new(start, end), escape);
            std::iter::from_fn(|| cursor.next()).all(|byte| byte.is_ascii_whitespace())
        }
    };
    blank(line.start, heredoc.start.start) && blank(heredoc.start.end, line.end)
}

/// The heredoc that is the script of a shell: `bash -e <<'EOF'`. One that is expanded before is a script as it stands only if
/// there is nothing to expand.
fn fed<'i>(snapshot: &Snapshot, instruction: &'i Instruction, script: &Script) -> Option<&'i Heredoc> {
    let exact = |heredoc: &&Heredoc| !heredoc.expand || !snapshot[heredoc.body].contains(['$', '`', '\\']);
    script_of_shell(instruction, script).filter(exact)
}

/// The heredoc that is the script of a shell, expanded before or not.
pub fn script_of_shell<'i>(instruction: &'i Instruction, script: &Script) -> Option<&'i Heredoc> {
    let ([heredoc], [command]) = (instruction.heredocs.as_slice(), script.commands.as_slice()) else { return None };
    let shell = command.name().map(base).filter(|name| *name == "sh" || named(name).is_some())?;
    let option = |word: &crate::syntax::shell::Word| {
        word.literal().is_some_and(|word| word == "pipefail" || word.starts_with('-') && !word.contains('c'))
    };
    let fits = shell != "busybox" && command.arguments().iter().all(option);
    (fits && command.redirects.len() == 1).then_some(heredoc)
}

/// Puts a source together.
struct Builder<'s> {
    snapshot: &'s Snapshot,
    base: u32,
    source: Source,
}

impl Builder<'_> {
    fn push(&mut self, span: Span) {
        self.source.push(&self.snapshot[span], Some(span.start - self.base));
    }

    /// A line for the shell, with the heredocs that it reads itself.
    fn whole(&mut self, line: Span, heredocs: &[Heredoc], prefix: &str) {
        self.source.push(prefix, None);
        self.line(line);
        for heredoc in heredocs {
            let end = heredoc.end.map_or(heredoc.body.end, |end| end.end);
            self.newline(heredoc.body.start);
            self.lines(Span::new(heredoc.body.start, end), false);
        }
    }

    /// The line break in front of `at`.
    fn newline(&mut self, at: u32) {
        if !self.source.text().ends_with('\n') {
            self.source.push("\n", at.checked_sub(self.base + 1));
        }
    }

    /// A logical line: continuations, and what BuildKit leaves out with them, are not there.
    fn line(&mut self, span: Span) {
        let mut cursor = Cursor::new(self.snapshot.text(), span, self.snapshot.file().escape);
        let (mut start, mut end) = (cursor.offset(), cursor.offset());
        while cursor.peek().is_some() {
            if cursor.offset() != end {
                self.push(Span::new(start, end));
                start = cursor.offset();
            }
            end = cursor.offset() + 1;
            cursor.next();
        }
        self.push(Span::new(start, end));
    }

    /// Physical lines, without the CR of their ends, and without the tabs in front where `strip_tabs`.
    fn lines(&mut self, span: Span, strip_tabs: bool) {
        let mut start = span.start;
        for line in self.snapshot[span].split_inclusive('\n') {
            let next = start + line.len() as u32;
            let tabs = if strip_tabs { line.len() - line.trim_start_matches('\t').len() } else { 0 };
            match line.strip_suffix("\r\n") {
                Some(text) => {
                    let from = start + tabs.min(text.len()) as u32;
                    self.push(Span::new(from, start + text.len() as u32));
                    self.push(Span::new(next - 1, next));
                }
                None => self.push(Span::new(start + tabs as u32, next)),
            }
            start = next;
        }
    }

    /// A script of its own: its `#!` line names the shell, comments on top stay on top. `None` where another program reads it.
    fn script(&mut self, span: Span, strip_tabs: bool, prefix: &str) -> Option<()> {
        let mut start = span.start;
        for line in self.snapshot[span].split_inclusive('\n') {
            let text = line.trim();
            if let Some(interpreter) = text.strip_prefix("#!").filter(|_| start == span.start) {
                self.interpreter(interpreter)?;
            } else if text.is_empty() || text.starts_with('#') {
                self.lines(Span::new(start, start + line.len() as u32), strip_tabs);
            } else {
                break;
            }
            start += line.len() as u32;
        }
        self.source.push(prefix, None);
        self.lines(Span::new(start, span.end), strip_tabs);
        Some(())
    }

    fn interpreter(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let name = words.iter().copied().map(base).find(|word| !matches!(*word, "env" | "-S"))?;
        if name != "sh" {
            self.source.dialect = Some(named(name)?);
        }
        let options: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if stops_on_errors(&options) {
            self.source.push("set -e\n", None);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs_of(text: &str) -> Vec<Job> {
        jobs(&Snapshot::of_text(text))
    }

    /// The texts that a shell gets; each byte that stands in the file is compared with it.
    fn texts(text: &str) -> Vec<(Dialect, String)> {
        let snapshot = Snapshot::of_text(text);
        let mut all = Vec::new();
        for body in snapshot.stages().into_iter().flat_map(|stage| &stage.bodies) {
            let Some(source) = body.source(&snapshot) else { continue };
            for at in 0..source.text().len() as u32 {
                if let Some(raw) = source.raw_at(at) {
                    let there = text.as_bytes()[(body.span.start + raw) as usize];
                    assert_eq!(there, source.text().as_bytes()[at as usize], "{text:?} at {at}");
                    assert_eq!(source.raw_before(at + 1), Some(raw + 1));
                }
            }
            all.push((source.dialect.unwrap_or(body.dialect), source.text().to_owned()));
        }
        all
    }

    fn text(of: &str) -> String {
        texts(of).pop().map_or_else(String::new, |(_, text)| text)
    }

    #[test]
    fn lines_are_joined_as_buildkit_does() {
        let cases = [
            ("FROM a\nRUN a \\\n  # c\n\n\tb é \\  \n && c\n", "a \tb é  && c"),
            ("FROM a\r\nRUN a \\\r\n# c\r\n b\r\n", "a  b"),
            ("# escape=`\nFROM a\nRUN a \\\\x `\n b\n", "a \\\\x  b"),
            ("FROM a\nRUN --mount=type=cache,target=/x \\\n a\n", "a"),
            ("FROM a\nRUN \u{1F600} x", "\u{1F600} x"),
            ("FROM a\nRUN a \\", "a"),
            ("FROM a\nHEALTHCHECK --retries=1 CMD a || \\\n b\n", "a ||  b"),
            ("FROM a\nONBUILD RUN a && \\\n b\n", "a &&  b"),
            ("FROM a\nCMD a <<EOF\n", "a <<EOF"),
            ("FROM a\nENTRYPOINT exec a\n", "exec a"),
            ("FROM a\nRUN [\"a\"]\n", ""),
            ("FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN a\n", ""),
            ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN a\n", ""),
        ];
        for (file, expected) in cases {
            assert_eq!(text(file), expected, "{file}");
        }
    }

    #[test]
    fn heredocs() {
        let cases = [
            ("RUN <<EOF\na\n  b \\\n c\nEOF\n", "a\n  b \\\n c\n"),
            ("RUN <<-EOF\n\t\ta\n\tb\n\tEOF\n", "a\nb\n"),
            ("RUN <<EOF\r\na\r\nb\r\nEOF\r\n", "a\nb\n"),
            ("RUN <<EOF\n#!/bin/bash -e\n# x\na $X\nEOF\n", "set -e\n# x\nexport X='1'\na $X\n"),
            ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF\n", ""),
            ("RUN <<'EOF' bash -ex\na $X\nEOF\n", "export X='1'\na $X\n"),
            ("RUN bash <<EOF\na\nEOF\n", "a\n"),
            ("RUN bash <<EOF\na $b\nEOF\n", "bash <<EOF\na $b\nEOF"),
            ("RUN python3 <<EOF\na\nEOF\n", "python3 <<EOF\na\nEOF"),
            ("RUN cat <<A >x && \\\n cat <<B\n1\nA\n2\nB\n", "cat <<A >x &&  cat <<B\n1\nA\n2\nB"),
            ("ONBUILD RUN <<EOF\na\nEOF\n", "a\n"),
        ];
        for (file, expected) in cases {
            assert_eq!(text(&format!("FROM a\nENV X=1\n{file}")), expected, "{file}");
        }
    }

    #[test]
    fn shells() {
        let dialects = |file: &str| texts(file).into_iter().map(|(dialect, _)| dialect).collect::<Vec<_>>();
        assert_eq!(dialects("FROM alpine:3.20\nRUN a\n"), [Dialect::Busybox]);
        assert_eq!(dialects("FROM debian:12\nRUN a\n"), [Dialect::Dash]);
        assert_eq!(dialects("FROM a\nRUN a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b\n"), [Dialect::Posix, Dialect::Bash]);
        assert_eq!(dialects("FROM debian:12\nRUN <<EOF\n#!/bin/bash\na\nEOF\n"), [Dialect::Bash]);
        assert_eq!(dialects("FROM debian:12\nRUN <<'EOF' bash\na\nEOF\n"), [Dialect::Bash]);
    }

    #[test]
    fn tells_what_the_image_sets() {
        let stage = "FROM debian:12\nARG a=1 b\nENV c='x y' d=$b e=\"it's\"\n";
        let prefix = |line: &str| jobs_of(&format!("{stage}{line}\n")).pop().unwrap().key.prefix.to_string();
        assert_eq!(prefix("RUN x $a $b $c ${d} $e $f $http_proxy"), "export a='1' b c='x y' d e http_proxy\n");
        assert_eq!(prefix("RUN c=1 x"), "export c='x y'\n");
        assert_eq!(
            prefix("ARG TARGETARCH TARGETVARIANT\nRUN x $TARGETARCH $TARGETVARIANT"),
            "export TARGETARCH='linux' TARGETVARIANT\n"
        );
        assert_eq!(prefix("RUN x"), "");
        assert_eq!(prefix("CMD x $a $c"), "export c='x y'\n");
        assert_eq!(prefix("SHELL [\"bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN x"), "set -e\n");
    }

    #[test]
    fn the_same_text_is_looked_at_once() {
        assert_eq!(jobs_of("FROM a\nRUN x\nRUN x\nFROM b\nRUN x\nRUN y\n").len(), 2);
    }
}
