//! `CMD ["$HOME/app"]`: without a shell nobody puts in the value.
use crate::analysis::known::Answer;
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::distros::Distro;
use crate::knowledge::programs::{Program, ProgramKind, program, starts_commands};
use crate::model::command::{Command, JsonString};
use crate::model::image::ImageRef;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Base as StageBase, Stage};
use crate::rewrite::exec_form::json;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.stage(stage).start.distro().is(|distro| *distro == Distro::Windows) {
        return;
    }
    let own = || snapshot.file().stage_instructions(stage).map(|(_, instruction)| instruction);
    let last = |kind: Kind| own().filter(|instruction| instruction.kind == kind).last();
    let alone = own().filter(|instruction| matches!(instruction.kind, Kind::Run | Kind::Healthcheck));
    let entrypoint = last(Kind::Entrypoint);
    for instruction in alone.chain(entrypoint) {
        if let Some(words) = exec(instruction) {
            findings.extend(finding(snapshot, stage, instruction, &[], words));
        }
    }
    let Some((cmd, words)) = last(Kind::Cmd).and_then(|cmd| Some((cmd, exec(cmd)?))) else { return };
    // Most have no dollar sign: nothing else needs to be looked at.
    if words.iter().any(|word| word.value.contains('$'))
        && let Some(before) = arguments_before(snapshot, stage)
    {
        findings.extend(finding(snapshot, stage, cmd, before, words));
    }
}

/// The words of an exec form, without those that speak to a shell.
fn exec(instruction: &Instruction) -> Option<&[JsonString]> {
    instruction.command().and_then(Command::exec).filter(|words| words.iter().any(|word| word.value.contains('$')))
}

/// The ENTRYPOINT that a CMD of `stage` is given to; `None` when that may be a script, or takes no arguments.
fn arguments_before<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Option<&'s [JsonString]> {
    let file = snapshot.file();
    let mut stage = stage;
    loop {
        let own = file.stage_instructions(stage).map(|(_, instruction)| instruction);
        let entrypoint = own.filter(|instruction| instruction.kind == Kind::Entrypoint).last();
        if let Some(entrypoint) = entrypoint {
            return entrypoint.command()?.exec();
        }
        let StageBase::Stage(parent) = stage.base else { break };
        stage = &file.stages[parent];
    }
    let start = &snapshot.stage(stage).start;
    let known = match &start.base {
        Base::Scratch => true,
        _ => start.reference.as_deref().is_some_and(|image| starts_commands(&ImageRef::parse(image).repository)),
    };
    known.then_some(&[])
}

fn finding(
    snapshot: &Snapshot,
    stage: &Stage,
    instruction: &Instruction,
    before: &[JsonString],
    words: &[JsonString],
) -> Option<Finding> {
    let all: Vec<&JsonString> = before.iter().chain(words).collect();
    let (at, program) = started(&all)?;
    let own: Vec<&JsonString> = words.iter().filter(|word| variable(&word.value).is_some()).collect();
    if let Some(word) = own.iter().find(|word| word.span == all[at].span) {
        let name = variable(&word.value)?;
        let message = format!("`{name}` stays as it is in the exec form: there is no program of this name");
        return Some(Finding::new(word.span, message).fix(fix(snapshot, stage, instruction, before, words)));
    }
    let program =
        program.filter(|program| !all[at..].iter().any(|word| program.code.contains(&word.value.as_str())))?;
    let literal =
        |word: &&&JsonString| is_literal(program, &word.value) && all[at..].iter().any(|other| other.span == word.span);
    let mut literal = own.iter().filter(literal);
    let first = literal.next()?;
    let name = variable(&first.value)?;
    let message = format!("`{name}` stays as it is in the exec form: {} gets the dollar sign", base(&all[at].value));
    let mut finding = Finding::new(first.span, message).at_level(Severity::Warning);
    for other in literal.take(MAX_PLACES) {
        finding = finding.because(other.span, "nor here");
    }
    Some(finding.fix(fix(snapshot, stage, instruction, before, words)))
}

/// More places than these don't help.
const MAX_PLACES: usize = 4;

/// Which of `words` is the program that runs in the end, and what is known of it.
fn started(words: &[&JsonString]) -> Option<(usize, Option<&'static Program>)> {
    let mut at = 0;
    loop {
        let name = &words.get(at)?.value;
        let known = program(base(name));
        let (skip, assignments) = match known.map(|program| program.kind) {
            Some(ProgramKind::Wrapper(skip)) => (skip, false),
            Some(ProgramKind::Env) => (0, true),
            _ => return Some((at, known)),
        };
        let rest = &words[at + 1..];
        if known.is_some_and(|program| rest.iter().any(|word| program.code.contains(&word.value.as_str()))) {
            return None;
        }
        let dashes = rest.iter().position(|word| word.value == "--").map(|dashes| dashes + 1);
        // The value of a flag can't be told from the program.
        let flags = rest.first().is_some_and(|word| word.value.starts_with('-'));
        let start = match dashes {
            Some(start) => start,
            None if flags => return None,
            None => 0,
        };
        let names = rest.iter().skip(start).take_while(|word| assignments && word.value.contains('=')).count();
        at += 1 + start + skip + names;
    }
}

/// The first variable in `word`, as it is written: `$HOME`, `${PORT}`. Names of the environment are in upper case.
fn variable(word: &str) -> Option<&str> {
    word.match_indices('$').find_map(|(at, _)| {
        let before = word[..at].chars().next_back();
        let braced = word[at + 1..].starts_with('{');
        let start = at + 1 + usize::from(braced);
        let is_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        let length = word.as_bytes()[start..].iter().take_while(|byte| is_name(byte)).count();
        let end = start + length;
        let letter = word.as_bytes().get(start).is_some_and(|byte| !byte.is_ascii_digit());
        let next = word.as_bytes().get(end);
        let ends = if braced {
            next.is_some_and(|byte| b"}:-".contains(byte))
        } else {
            !next.is_some_and(u8::is_ascii_lowercase)
        };
        let end = end + usize::from(braced && next == Some(&b'}'));
        (length > 1 && letter && ends && !matches!(before, Some('\\' | '$'))).then(|| &word[at..end])
    })
}

fn is_literal(program: &Program, word: &str) -> bool {
    program.kind == ProgramKind::Plain || !word.contains("${")
}

/// The same words given to a shell that starts the program; what CMD gives an ENTRYPOINT has no such remedy.
fn fix(
    snapshot: &Snapshot,
    stage: &Stage,
    instruction: &Instruction,
    before: &[JsonString],
    words: &[JsonString],
) -> Option<Fix> {
    if !before.is_empty() || snapshot.stage(stage).end.has_shell() == Answer::No {
        return None;
    }
    let (first, last) = (words.first()?, words.last()?);
    let mut script = String::from("exec");
    for word in words {
        script.push(' ');
        script.push_str(&shell_word(&word.value));
    }
    let entrypoint = instruction.kind == Kind::Entrypoint;
    if entrypoint {
        script.push_str(" \"$@\"");
    }
    let mut array = vec!["sh", "-c", script.as_str()];
    array.extend(entrypoint.then_some("sh"));
    let array = json(array);
    let inner = array.get(1..array.len() - 1)?;
    Fix::unsafe_("start it by a shell", vec![Edit::replace(first.span.cover(last.span), inner)])
}

/// `word` for a shell, its variables alone expanded.
fn shell_word(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for (at, character) in word.char_indices() {
        let next = word[at + character.len_utf8()..].bytes().next();
        let dollar =
            character == '$' && !next.is_some_and(|byte| byte == b'{' || byte == b'_' || byte.is_ascii_alphabetic());
        if dollar || matches!(character, '"' | '\\' | '`') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_variables() {
        for (word, name) in
            [("$HOME/app", "$HOME"), ("-p=${PORT}", "${PORT}"), ("${PORT:-80}", "${PORT"), ("a$B$CD", "$CD")]
        {
            assert_eq!(variable(word), Some(name), "{word}");
        }
        for word in ["", "$", "a$", "$1", "$(X)", "$$PID", "\\$HOME", "$host", "${}", "$Home", "${x}", "^foo$", "$É"] {
            assert_eq!(variable(word), None, "{word}");
        }
    }

    #[test]
    fn writes_shell_words() {
        assert_eq!(shell_word("--port"), "--port");
        assert_eq!(shell_word("a \"$HOME\" \\ $"), "\"a \\\"$HOME\\\" \\\\ \\$\"");
        assert_eq!(shell_word(""), "\"\"");
    }
}
