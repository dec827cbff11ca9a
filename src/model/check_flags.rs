//! The problems of flags.
use super::check::Checker;
use super::flags::{flags_of, ignores_flags};
use super::instruction::{Body, Flag, Healthcheck, Instruction, Kind};
use super::problem::ProblemKind;
use super::unquoted::Unquoted;
use super::value::{is_address, is_bool, is_digest, is_duration, is_file_mode, is_git, is_platform, is_retries};
use super::word::{Flaw, Word};
use crate::text::span::Span;

impl Checker<'_> {
    pub(super) fn flags(&mut self, instruction: &Instruction) {
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
            match &flag.value {
                Some(value) => self.flag_value(instruction, flag, value, spec.boolean),
                None if spec.boolean => {}
                None => self.add(ProblemKind::MissingFlagValue, flag.span),
            }
        }
    }

    fn flag_value(&mut self, instruction: &Instruction, flag: &Flag, value: &Word, boolean: bool) {
        let name = &self.text[flag.name.range()];
        match (instruction.kind, name) {
            (Kind::Run, "mount") => return self.mount(value),
            (Kind::Run, "device") if !self.labs => self.add(ProblemKind::NeedsLabs, flag.span),
            _ => {}
        }
        let whole = if value.span.is_empty() { flag.span } else { value.span };
        if let Some(expected) = self.unexpected(instruction.kind, name, value, boolean) {
            return self.add(ProblemKind::BadFlagValue(expected), whole);
        }
        let expanded = matches!(name, "platform" | "chown" | "chmod" | "checksum");
        if expanded && !matches!(value.flaw, Some(Flaw::UnclosedQuote(_))) {
            self.word(value);
        }
        match name {
            "from" if !value.expansions().is_empty() => self.add(ProblemKind::VariableInFrom, value.span),
            "checksum" => self.checksum(instruction, value),
            _ => {}
        }
    }

    /// What the flag takes, where `value` is something else.
    fn unexpected(&self, kind: Kind, name: &str, value: &Word, boolean: bool) -> Option<&'static str> {
        if boolean || matches!((kind, name), (Kind::Run | Kind::Healthcheck, _)) {
            // Never expanded: a dollar stands for itself.
            let value = Unquoted::new(self.text, value.span, self.escape);
            return unexpected_text(kind, name, &value.text, boolean);
        }
        let value = value.literal(self.text)?;
        let ok = match name {
            _ if value.is_empty() => true,
            "platform" => is_platform(&value),
            "chmod" => is_file_mode(&value),
            "from" => !value.contains(['"', '\'', '\\']),
            _ => true,
        };
        (!ok).then_some(match name {
            "platform" => "a platform such as linux/arm64",
            "chmod" => "a mode such as 755 or u=rwX,go=rX",
            _ => "a stage, the number of a stage or an image",
        })
    }

    /// A checksum goes with one source that is fetched.
    fn checksum(&mut self, instruction: &Instruction, value: &Word) {
        let Some(sum) = value.literal(self.text).filter(|sum| !sum.is_empty()) else { return };
        let Some(copy) = instruction.copy() else { return };
        let is_heredoc = |word: &&Word| instruction.heredocs.iter().any(|heredoc| heredoc.start.overlaps(word.span));
        let sources: Vec<&Word> = copy.sources.iter().filter(|word| !is_heredoc(word)).collect();
        let [source] = sources.as_slice() else {
            if !copy.sources.is_empty() {
                self.add(ProblemKind::ChecksumSource("one source: write an ADD for each"), value.span);
            }
            return;
        };
        let Some(address) = source.literal(self.text) else { return };
        if !is_address(&address) {
            self.add(ProblemKind::ChecksumSource("an http or git source, not a file of the context"), value.span);
        } else if !is_git(&address) && !is_digest(&sum) {
            let expected = "a digest: sha256: and 64 hexadecimal digits in lower case";
            self.add(ProblemKind::BadFlagValue(expected), value.span);
        }
    }
}

fn unexpected_text(kind: Kind, name: &str, value: &str, boolean: bool) -> Option<&'static str> {
    let (ok, expected) = match (kind, name) {
        _ if boolean => (["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value)), "true or false"),
        (Kind::Run, "network") => (matches!(value, "default" | "none" | "host"), "default, none or host"),
        (Kind::Run, "security") => (matches!(value, "sandbox" | "insecure"), "sandbox or insecure"),
        (Kind::Run, "device") => (is_device(value), "a device's name, and required or required=true behind it"),
        (Kind::Healthcheck, "retries") => (is_retries(value), "a whole number from 0 to 2147483647"),
        (Kind::Healthcheck, _) => (is_duration(value), "a duration such as 30s or 1m30s, at least 1ms"),
        _ => return None,
    };
    (!ok).then_some(expected)
}

/// `name[,required[=bool]]`, or `name=…`.
fn is_device(value: &str) -> bool {
    let mut named = false;
    value.split(',').all(|field| match field.split_once('=') {
        None if field.eq_ignore_ascii_case("required") => true,
        Some((key, value)) if key.eq_ignore_ascii_case("required") => is_bool(value),
        _ => !std::mem::replace(&mut named, true),
    })
}
