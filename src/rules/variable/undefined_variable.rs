//! A variable that nothing sets, where the builder puts in its value.
use std::collections::BTreeMap;

use crate::analysis::env::Env;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::unset::{Reader, Use, expects_unset, global_arg, is_platform, unset};
use crate::knowledge::predefined_args::predefined_arg;
use crate::model::image::is_valid_reference;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::model::value;
use crate::model::word::{Expansion, Word};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::variables::MAX_PLACES;
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["UndefinedVar", "UndefinedArgInFrom"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let globals = snapshot.globals();
    in_from(snapshot, stage, globals, findings);
    // The base image may set any variable.
    if snapshot.stage(stage).start.env.is_open() {
        return;
    }
    let mine = |used: &&Use| {
        let other_rules = is_platform(&used.name) || global_arg(globals, &used.name).is_some();
        used.reader != Reader::Shell && !other_rules && used.name != "PATH" && predefined_arg(&used.name).is_none()
    };
    let (documents, words): (Vec<&Use>, Vec<&Use>) =
        unset(snapshot, stage).iter().filter(mine).partition(|used| used.reader != Reader::Builder);
    in_words(snapshot, stage, &words, findings);
    in_heredocs(snapshot, documents, findings);
}

/// So many names are compared with a mistyped one.
const MAX_SUGGESTIONS: usize = 200;

fn in_from(snapshot: &Snapshot, stage: &Stage, globals: &Env, findings: &mut Vec<Finding>) {
    let (text, instruction) = (snapshot.text(), &snapshot.file().instructions[stage.from]);
    let Body::From(from) = &instruction.body else { return };
    let unfinished = |index: usize| snapshot.file().instructions[index].pairs().is_empty();
    if snapshot.file().global_args().any(unfinished) {
        return;
    }
    let platform = instruction.flag(text, "platform").and_then(|flag| flag.value.as_ref());
    // A word with a flaw is a syntax rule's.
    for word in from.image.iter().chain(platform).filter(|word| word.flaw.is_none()) {
        for expansion in word.expansions() {
            let name = &text[expansion.name.range()];
            if name.is_empty() || globals.get(name).is_some() || expects_unset(text, expansion) {
                continue;
            }
            findings.push(from_finding(snapshot, stage, globals, (word, expansion)));
        }
    }
}

fn from_finding(snapshot: &Snapshot, stage: &Stage, globals: &Env, (word, expansion): (&Word, &Expansion)) -> Finding {
    let text = snapshot.text();
    let name = &text[expansion.name.range()];
    let message = format!("`{name}` is not set: no ARG in front of the first FROM declares it");
    let mut finding = Finding::new(expansion.span, message);
    finding.aliases = Some(&["UndefinedArgInFrom"]);
    let is_image = from_image(snapshot, stage) == Some(word.span);
    let is_valid = if is_image { is_valid_reference } else { value::is_platform };
    // Known means that every variable in it is: what is left of the name is what the build asks for.
    if matches!(globals.expand(text, word), Known::Known(left) if !is_valid(&left)) {
        finding = finding.at_level(Severity::Error);
    }
    let in_stages = snapshot.file().instructions.iter().filter(|instruction| instruction.kind == Kind::Arg);
    let declared = in_stages.flat_map(|it| it.pairs()).find(|pair| pair.name.literal(text).as_deref() == Some(name));
    if let Some(pair) = declared {
        return finding.because(pair.span, "this ARG belongs to its stage; FROM does not see it");
    }
    let others = globals.iter().map(|(name, _)| name).take(MAX_SUGGESTIONS);
    finding.fix(nearest(name, others).and_then(|other| rename(expansion.name, other)))
}

fn from_image(snapshot: &Snapshot, stage: &Stage) -> Option<Span> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    from.image.as_ref().map(|word| word.span)
}

fn rename(name: Span, other: &str) -> Option<Fix> {
    let usable = other.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    usable.then(|| Fix::unsafe_(format!("use {other}"), vec![Edit::replace(name, other)])).flatten()
}

/// One finding for each instruction, and for each name: what else is unset becomes a related place of it.
fn in_words(snapshot: &Snapshot, stage: &Stage, uses: &[&Use], findings: &mut Vec<Finding>) {
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_instruction: BTreeMap<usize, usize> = BTreeMap::new();
    for used in uses {
        let old = by_name.get(used.name.as_str()).or_else(|| by_instruction.get(&used.instruction)).copied();
        let at = old.unwrap_or(findings.len());
        by_name.insert(&used.name, at);
        match old {
            None => {
                by_instruction.insert(used.instruction, at);
                findings.push(in_stage(snapshot, stage, used));
            }
            Some(at) if findings[at].related.len() < MAX_PLACES => {
                findings[at] = findings[at].clone().because(used.span, "nor is this");
            }
            Some(_) => {}
        }
    }
}

fn in_stage(snapshot: &Snapshot, stage: &Stage, used: &Use) -> Finding {
    let (file, text) = (snapshot.file(), snapshot.text());
    let exposed = file.instructions[used.instruction].kind == Kind::Expose;
    let result = if exposed { "no port is exposed" } else { "nothing is put in" };
    let mut finding = Finding::new(used.span, format!("`{}` is not set here, so {result}", used.name));
    finding.aliases = Some(&["UndefinedVar"]);
    let mut known: Vec<String> = snapshot.stage(stage).start.env.iter().map(|(name, _)| name.to_owned()).collect();
    for (index, instruction) in file.stage_instructions(stage) {
        if !matches!(instruction.kind, Kind::Arg | Kind::Env) {
            continue;
        }
        for pair in instruction.pairs() {
            let Some(name) = pair.name.literal(text) else { continue };
            if pair.span.contains(used.span) {
                continue;
            }
            if index == used.instruction && *name == used.name {
                return finding.because(pair.span, "set by the same instruction: seen only behind it");
            }
            if index > used.instruction && *name == used.name {
                return finding.because(pair.span, "set only here");
            }
            if index < used.instruction {
                known.push(name.into_owned());
            }
        }
    }
    let other = nearest(&used.name, known.iter().map(String::as_str).take(MAX_SUGGESTIONS));
    let name = snapshot[used.span].find(&*used.name).map(|at| Span::at(used.span.start + at as u32));
    let fix =
        other.zip(name).and_then(|(other, at)| rename(Span::new(at.start, at.start + used.name.len() as u32), other));
    finding.fix(fix)
}

/// One finding for each document: its text was hardly meant to be expanded.
fn in_heredocs(snapshot: &Snapshot, uses: Vec<&Use>, findings: &mut Vec<Finding>) {
    let mut done = None;
    for used in uses {
        let Reader::Heredoc(number) = used.reader else { continue };
        if done == Some((used.instruction, number)) {
            continue;
        }
        done = Some((used.instruction, number));
        let heredoc = &snapshot.file().instructions[used.instruction].heredocs[number];
        let message =
            format!("`{}` is replaced by the builder, which does not know it: nothing is left of it", used.name);
        let mut finding =
            Finding::new(used.span, message).because(heredoc.start, "without quotes the text is expanded");
        finding.aliases = Some(&["UndefinedVar"]);
        let simple = heredoc.delimiter.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte));
        let plain = simple && snapshot[heredoc.start].ends_with(&heredoc.delimiter);
        let length = if plain { heredoc.delimiter.len() as u32 } else { 0 };
        let delimiter = Span::new(heredoc.start.end - length, heredoc.start.end);
        let quoted = format!("'{}'", heredoc.delimiter);
        let fix = || Fix::unsafe_(format!("write <<{quoted}"), vec![Edit::replace(delimiter, quoted.clone())]);
        findings.push(finding.fix(plain.then(fix).flatten()));
    }
}
