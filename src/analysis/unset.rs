//! Uses of variables that nothing in front of them sets.
use std::collections::{BTreeMap, BTreeSet};

use super::env::{Env, Origin};
use super::snapshot::Snapshot;
use super::source::chain;
use super::stage::RunFact;
use crate::knowledge::predefined_args::{ArgKind, predefined_arg};
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::Stage;
use crate::model::word::{Expansion, Word};
use crate::syntax::shell::{Part, Script};
use crate::text::span::Span;

/// A use of a variable that is not set there.
#[derive(Clone, Debug)]
pub struct Use {
    /// The variable.
    pub name: String,
    /// From the dollar on; in shell text the name alone.
    pub span: Span,
    /// The index of its instruction.
    pub instruction: usize,
    /// Who replaces it.
    pub reader: Reader,
}

/// Who replaces a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The builder.
    Builder,
    /// The builder, in the here-document of this number.
    Heredoc(usize),
    /// The shell of a RUN.
    Shell,
}

/// The variables that a stage uses and does not have, in the order of the text. In RUN only those that the builder could
/// give it: names of global ARGs and of platforms. Not among them: uses with a default (`${X:-y}`), or that ask whether it is set.
pub fn unset<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> &'s [Use] {
    snapshot.stage(stage).unset.get_or_init(|| find(snapshot, stage))
}

fn find(snapshot: &Snapshot, stage: &Stage) -> Vec<Use> {
    let globals = snapshot.globals();
    // A declaration that is being typed may become any variable.
    let declares = |parent: &&Stage| parent.instructions.clone().any(|index| may_declare(snapshot, index));
    if chain(snapshot, stage).iter().filter(|parent| parent.index != stage.index).any(declares) {
        return Vec::new();
    }
    let start = &snapshot.stage(stage).start.env;
    let names = start.iter().map(|(name, _)| name.to_owned()).collect();
    let mut walk = Walk { snapshot, globals, names, uses: Vec::new() };
    let mut runs = snapshot.stage(stage).runs.iter().peekable();
    for (index, instruction) in snapshot.file().stage_instructions(stage).skip(1) {
        if may_declare(snapshot, index) {
            break;
        }
        let run = runs.next_if(|run| run.instruction == index);
        walk.step(index, instruction, run);
    }
    walk.uses
}

/// True for an ARG or ENV that is refused as it is, and for a line of one that has lost the line above it.
fn may_declare(snapshot: &Snapshot, index: usize) -> bool {
    let instruction = &snapshot.file().instructions[index];
    let declares = match instruction.kind {
        Kind::Arg | Kind::Env => true,
        Kind::Unknown => snapshot[instruction.keyword].contains('='),
        _ => false,
    };
    declares && snapshot.file().is_refused(index)
}

/// True for the variables that BuildKit sets in the global scope.
pub fn is_platform(name: &str) -> bool {
    predefined_arg(name).is_some_and(|arg| arg.kind == ArgKind::Platform && !arg.name.contains('*'))
}

/// Where a global ARG of this name is written.
pub fn global_arg(globals: &Env, name: &str) -> Option<Span> {
    globals.get(name).filter(|variable| variable.origin == Origin::Arg).and_then(|variable| variable.span)
}

/// The words of an instruction that the builder expands. Source for the flags: `Expand` in frontend/dockerfile/instructions
/// of BuildKit v0.32.2.
pub fn builder_words<'i>(text: &str, instruction: &'i Instruction) -> Vec<&'i Word> {
    let expanded: &[&str] = match instruction.kind {
        Kind::Copy | Kind::Add => &["chown", "chmod", "checksum"],
        Kind::Run => &["mount"],
        _ => &[],
    };
    let flags = instruction.flags.iter().filter(|flag| expanded.contains(&&text[flag.name.range()]));
    let mut words: Vec<&Word> = flags.filter_map(|flag| flag.value.as_ref()).collect();
    match &instruction.body {
        Body::Copy(copy) => words.extend(copy.sources.iter().chain(&copy.destination)),
        Body::Words(list) => words.extend(list),
        Body::Value(value) if instruction.kind != Kind::Maintainer => words.extend(value),
        Body::Pairs(pairs) if instruction.kind != Kind::Arg => {
            words.extend(pairs.iter().flat_map(|pair| std::iter::once(&pair.name).chain(&pair.value)));
        }
        _ => {}
    }
    words
}

/// True when `expansion` means what it does when the variable is unset.
pub fn expects_unset(text: &str, expansion: &Expansion) -> bool {
    expansion.operator.is_some_and(|operator| text[operator.range()].contains(['-', '+', '?']))
}

struct Walk<'s> {
    snapshot: &'s Snapshot,
    globals: &'s Env,
    names: BTreeSet<String>,
    uses: Vec<Use>,
}

impl Walk<'_> {
    fn step(&mut self, index: usize, instruction: &Instruction, run: Option<&RunFact>) {
        let text = self.snapshot.text();
        if instruction.kind == Kind::Arg {
            for pair in instruction.pairs() {
                // `ARG X=$X` is an empty default in other words.
                let own = pair.name.literal(text);
                self.words(index, pair.value.iter(), Reader::Builder, own.as_deref());
                self.names.extend(pair.name.literal(text).map(std::borrow::Cow::into_owned));
            }
            return;
        }
        if instruction.kind == Kind::Env {
            for pair in instruction.pairs() {
                // `ENV X=$X:more` adds to what may be there; `ENV X=$X` hopes for a value from outside.
                let adds = pair.value.as_ref().is_some_and(|value| value.parts.len() > 1);
                let own = pair.name.literal(text).filter(|_| adds);
                self.words(index, std::iter::once(&pair.name).chain(&pair.value), Reader::Builder, own.as_deref());
            }
            let names = instruction.pairs().iter().filter_map(|pair| pair.name.literal(text));
            self.names.extend(names.map(std::borrow::Cow::into_owned));
            return;
        }
        self.words(index, builder_words(text, instruction).into_iter(), Reader::Builder, None);
        for (number, heredoc) in instruction.heredocs.iter().enumerate() {
            self.words(index, heredoc.content.iter(), Reader::Heredoc(number), None);
        }
        if let Some((run, script)) = run.and_then(|run| run.script.as_ref().map(|script| (run, script))) {
            self.shell(index, instruction, run, script);
        }
    }

    /// `own` is a variable whose use is no mistake here. Words with a flaw are a syntax rule's.
    fn words<'w>(&mut self, index: usize, words: impl Iterator<Item = &'w Word>, reader: Reader, own: Option<&str>) {
        let text = self.snapshot.text();
        for expansion in words.filter(|word| word.flaw.is_none()).flat_map(Word::expansions) {
            let name = &text[expansion.name.range()];
            if name.is_empty() || self.names.contains(name) || own == Some(name) || expects_unset(text, expansion) {
                continue;
            }
            self.uses.push(Use { name: name.to_owned(), span: expansion.span, instruction: index, reader });
        }
    }

    fn shell(&mut self, index: usize, instruction: &Instruction, run: &RunFact, script: &Script) {
        let text = self.snapshot.text();
        let body = &text[run.offset as usize..(instruction.span.end.max(run.offset)) as usize];
        if sets_anything(script) {
            return;
        }
        let mut set_there: BTreeMap<&str, bool> = BTreeMap::new();
        for used in &script.uses {
            let name = used.name.as_str();
            let wanted = is_platform(name) || global_arg(self.globals, name).is_some();
            if !wanted || self.names.contains(name) || has_operator(body, used.span) {
                continue;
            }
            let mounted = || run.mounts.iter().any(|mount| mount.get(&["env"]) == Some(name));
            if *set_there.entry(name).or_insert_with(|| is_set_in(body, name) || mounted()) {
                continue;
            }
            let span = used.span.shift(run.offset);
            self.uses.push(Use { name: name.to_owned(), span, instruction: index, reader: Reader::Shell });
        }
    }
}

/// True when commands may set variables whose names are not written: `. file`, `eval`, `export $(…)`.
fn sets_anything(script: &Script) -> bool {
    script.commands.iter().any(|command| match command.name() {
        Some("." | "source" | "eval") => true,
        Some("export" | "declare") => {
            let opaque = |part: &Part| matches!(part, Part::Opaque(_));
            command.arguments().iter().any(|word| word.parts.first().is_some_and(opaque))
        }
        _ => false,
    })
}

/// True for `${X:-y}` and its kind at the name `span`.
fn has_operator(body: &str, span: Span) -> bool {
    let braced = body[..span.start as usize].ends_with("${");
    let rest = &body[span.end as usize..];
    braced && rest.trim_start_matches(':').starts_with(['-', '=', '?', '+'])
}

/// True when the shell text itself may set `name`: it stands there as a word of its own, or in front of `=`, but not as
/// `NAME=$NAME`, which keeps it as it is.
fn is_set_in(body: &str, name: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    body.match_indices(name).any(|(at, _)| {
        let (before, after) = (&body.as_bytes()[..at], &body.as_bytes()[at + name.len()..]);
        let starts = before.last().is_none_or(|&byte| byte.is_ascii_whitespace() || b";&|(`\"'".contains(&byte));
        if !starts || after.first().is_some_and(|&byte| is_name(byte)) {
            return before.ends_with(b"${") && (after.starts_with(b":=") || after.starts_with(b"="));
        }
        let Some(value) = body[at + name.len()..].strip_prefix('=') else { return true };
        let value = value.trim_start_matches('"');
        let same = |prefix: &str, end: &str| {
            value
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with(end))
        };
        let plain = same("$", "") && !value[1 + name.len()..].bytes().next().is_some_and(is_name);
        !plain && !same("${", "}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_shell_text_sets() {
        for body in ["V=$(git x); echo $V", "for V in a; do $V; done", "read V", "export V=1", "${V:=x} $V"] {
            assert!(is_set_in(body, "V"), "{body}");
        }
        for body in ["echo $V ${V}", "go build -ldflags \"-X main.V=$V\"", "V=$V make", "V=\"${V}\" make", "x-V=1"] {
            assert!(!is_set_in(body, "V"), "{body}");
        }
    }

    #[test]
    fn finds_uses() {
        let text = "ARG V=1\nFROM alpine:3\nENV A=$B P=$P:x\nARG B=$A C=$B\nCOPY $C ${D:-x} /$E\nRUN echo $V $W ${TARGETARCH:-x}\n";
        let snapshot = Snapshot::of_text(text);
        let uses = unset(&snapshot, &snapshot.file().stages[0]);
        let names: Vec<&str> = uses.iter().map(|used| used.name.as_str()).collect();
        assert_eq!(names, ["B", "E", "V"]);
    }
}
