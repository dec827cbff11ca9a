//! The model's problems as findings, by one table. Their pages lie in `syntax/`, their levels and
//! aliases in `syntax_rules.rs`, their fixes in `syntax_fix.rs`.
use std::borrow::Cow;

use super::rule::{Finding, Severity};
use super::syntax_place::{first_of_two, instruction_of};
use super::{syntax_fix, syntax_mount, syntax_version};
use crate::analysis::snapshot::Snapshot;
use crate::model::flags::flags_of;
use crate::model::instruction::{Body, Instruction, KEYWORDS, Kind};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::stage::Stage;
use crate::model::word::{split_at_blanks, split_words};
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The findings of the syntax rule `name`, each with its stage, in front of the first FROM and in `stages`.
pub fn findings(snapshot: &Snapshot, name: &str, stages: &[&Stage]) -> Vec<(Option<usize>, Finding)> {
    let file = snapshot.file();
    let stage_of = |index: usize| file.stage_of(index).map(|stage| stage.index);
    if name == "trailing-comment" {
        let front = file.stages.first().map_or(file.instructions.len(), |first| first.from);
        let indices = (0..front).chain(stages.iter().flat_map(|stage| stage.instructions.clone()));
        let found = indices.filter_map(|index| Some((index, trailing_comment(snapshot, &file.instructions[index])?)));
        return found.map(|(index, finding)| (stage_of(index), finding)).collect();
    }
    if name == "needs-newer-frontend" {
        return syntax_version::too_new(snapshot).into_iter().map(|finding| (None, finding)).collect();
    }
    let is_asked = |stage: &usize| stages.binary_search_by_key(stage, |stage| stage.index).is_ok();
    let problems = file.problems.iter().enumerate().filter(|(_, problem)| rule_of(&problem.kind) == name);
    let placed = problems.map(|(index, problem)| (problem.instruction.and_then(stage_of), index, problem));
    let asked = placed.filter(|(stage, ..)| stage.as_ref().is_none_or(is_asked));
    let reported = asked.filter(|(_, index, _)| !follows_from_another(snapshot, *index));
    let mut findings: Vec<_> = reported.map(|(stage, _, problem)| (stage, finding(snapshot, problem))).collect();
    if name == "invalid-mount" {
        let targets = |stage: &&Stage| (stage.index, syntax_mount::targets(snapshot, stage));
        let targets = stages.iter().map(targets);
        findings.extend(targets.flat_map(|(stage, found)| found.into_iter().map(move |found| (Some(stage), found))));
    }
    findings
}

fn rule_of(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NoInstruction | ProblemKind::NoFrom => "missing-from",
        ProblemKind::BeforeFrom(_) => "instruction-before-from",
        ProblemKind::Unparsable => "unreadable-text",
        ProblemKind::UnknownInstruction => "unknown-instruction",
        ProblemKind::UnknownFlag => "unknown-flag",
        ProblemKind::NeedsLabs => "labs-flag",
        ProblemKind::DuplicateFlag => "duplicate-flag",
        ProblemKind::MissingFlagValue => "missing-flag-value",
        ProblemKind::BadFlagValue(_) | ProblemKind::ChecksumSource(_) => "invalid-flag-value",
        ProblemKind::BadMount(_) => "invalid-mount",
        ProblemKind::BadSignal => "invalid-signal",
        ProblemKind::AddressInCopy => "address-in-copy",
        ProblemKind::MissingArgument(_) | ProblemKind::EmptyVolume => "missing-argument",
        ProblemKind::ExtraArgument(_) => "extra-argument",
        ProblemKind::ExpectedAs => "missing-as",
        ProblemKind::BadStageName => "invalid-stage-name",
        ProblemKind::MissingEquals | ProblemKind::MissingName => "missing-equals",
        ProblemKind::JsonNotStrings | ProblemKind::ShellNotJson => "invalid-json-form",
        ProblemKind::UnclosedQuote => "unclosed-quote",
        ProblemKind::UnclosedBrace | ProblemKind::BadSubstitution | ProblemKind::MissingSlash => "invalid-substitution",
        ProblemKind::UnterminatedHeredoc => "unterminated-heredoc",
        ProblemKind::HeredocDestination => "heredoc-as-destination",
        ProblemKind::BadTrigger(_) => "invalid-trigger",
        ProblemKind::BadHealthcheckType => "unknown-healthcheck-type",
        ProblemKind::DuplicateDirective | ProblemKind::BadEscape | ProblemKind::BadCheckOption(_) => {
            "invalid-directive"
        }
        ProblemKind::VariableInFrom => "variable-in-copy-from",
        ProblemKind::BadPort => "invalid-port",
        ProblemKind::LineTooLong => "line-too-long",
    }
}

/// One fault, one finding: the words of a comment are no arguments, and after the first pair without an equals sign the
/// others of that instruction say nothing new.
fn follows_from_another(snapshot: &Snapshot, index: usize) -> bool {
    let problems = &snapshot.file().problems;
    let problem = &problems[index];
    let Some(instruction) = instruction_of(snapshot, problem) else { return false };
    if comment_in(snapshot, instruction).is_some_and(|comment| comment.start <= problem.span.start) {
        return true;
    }
    // `--interval 30s CMD …`: the value that is no value stands where something else should.
    let displaced = matches!(problem.kind, ProblemKind::ExpectedAs | ProblemKind::BadHealthcheckType);
    let lacks_value =
        |other: &Problem| other.kind == ProblemKind::MissingFlagValue && other.instruction == problem.instruction;
    if displaced && problems.iter().any(lacks_value) {
        return true;
    }
    let pairs = |other: &Problem| rule_of(&other.kind) == "missing-equals" && other.instruction == problem.instruction;
    pairs(problem) && index.checked_sub(1).is_some_and(|before| pairs(&problems[before]))
}

/// The finding that tells of `problem`.
pub fn finding(snapshot: &Snapshot, problem: &Problem) -> Finding {
    let span = span(snapshot, problem);
    let finding = Finding::new(span, message(snapshot, problem, span));
    let finding = match first_of_two(snapshot, problem) {
        Some(first) => finding.because(first, "first given here"),
        None => finding,
    };
    let mut finding = finding.fix(syntax_fix::fix(snapshot, problem));
    finding.aliases = aliases(snapshot, problem);
    if problem.deferred { finding.at_level(Severity::Warning) } else { finding }
}

/// The codes of this finding, where its rule has those of several ideas.
fn aliases(snapshot: &Snapshot, problem: &Problem) -> Option<&'static [&'static str]> {
    let written = &snapshot[problem.span];
    let kind = instruction_of(snapshot, problem).map(|instruction| instruction.kind);
    Some(match &problem.kind {
        ProblemKind::DuplicateDirective => &["DUPLICATED_ESCAPE_DIRECTIVE"],
        ProblemKind::BadEscape => &["INVALID_ESCAPE_DIRECTIVE"],
        ProblemKind::BadTrigger(Kind::Onbuild) => &["DL3043", "ONBUILD_CHAINING_DISALLOWED"],
        ProblemKind::BadTrigger(_) => &["DL3043", "ONBUILD_TRIGGER_DISALLOWED"],
        ProblemKind::MissingEquals => &["SYNTAX_MISSING_EQUALS"],
        ProblemKind::MissingName => &["SYNTAX_MISSING_NAMES"],
        ProblemKind::UnclosedQuote if written == "'" => &["SYNTAX_MISSING_SINGLE_QUOTE"],
        ProblemKind::UnclosedQuote => &["SYNTAX_MISSING_DOUBLE_QUOTE"],
        ProblemKind::BadPort if written.contains('/') => &["DL3011", "INVALID_PROTO"],
        ProblemKind::BadPort => &["DL3011", "INVALID_PORT"],
        ProblemKind::UnknownFlag => match kind {
            Some(Kind::Add) => &["UNKNOWN_ADD_FLAG"],
            Some(Kind::Copy) => &["UNKNOWN_COPY_FLAG"],
            Some(Kind::From) => &["UNKNOWN_FROM_FLAG"],
            Some(Kind::Healthcheck) => &["UNKNOWN_HEALTHCHECK_FLAG"],
            _ => &[],
        },
        ProblemKind::BadFlagValue(expected) if expected.starts_with("true") => &["FLAG_EXPECTED_BOOLEAN_VALUE"],
        ProblemKind::BadFlagValue(expected) if expected.starts_with("a duration") => {
            &["FLAG_INVALID_DURATION", "FLAG_LESS_THAN_1MS", "FLAG_MISSING_DURATION", "FLAG_UNKNOWN_UNIT"]
        }
        ProblemKind::BadFlagValue(expected) if expected.starts_with("a whole number") => &["FLAG_AT_LEAST_ONE"],
        ProblemKind::BadFlagValue(_) | ProblemKind::ChecksumSource(_) => &[],
        ProblemKind::UnclosedBrace | ProblemKind::MissingSlash => &[],
        ProblemKind::ShellNotJson => &["SHELL_JSON_FORM", "JSON_IN_SINGLE_QUOTES"],
        ProblemKind::JsonNotStrings => &[],
        _ => return None,
    })
}

/// The problem's span without blanks in front; of a bad substitution all of it, its brace included.
fn span(snapshot: &Snapshot, problem: &Problem) -> Span {
    let text = &snapshot[problem.span];
    let start = problem.span.start + (text.len() - text.trim_start_matches([' ', '\t']).len()) as u32;
    let rest = &snapshot.text()[problem.span.end as usize..];
    let end = match problem.kind {
        ProblemKind::BadSubstitution => rest.find(['}', ' ', '\n']).filter(|&at| rest[at..].starts_with('}')),
        _ => None,
    };
    Span::new(start, problem.span.end + end.map_or(0, |at| at as u32 + 1))
}

/// What is wrong, and what to write instead where that is not plain from it.
fn message(snapshot: &Snapshot, problem: &Problem, span: Span) -> String {
    let instruction = instruction_of(snapshot, problem);
    let kind = instruction.map_or(Kind::Unknown, |instruction| instruction.kind);
    let keyword = kind.keyword();
    let written = quoted(&snapshot[span]);
    match &problem.kind {
        ProblemKind::BeforeFrom(kind) => {
            format!("{} stands in front of the first FROM, where only ARG may stand", kind.keyword())
        }
        ProblemKind::UnknownInstruction => unknown_instruction(snapshot, problem, &written),
        ProblemKind::UnknownFlag => unknown_flag(kind, &snapshot[problem.span]),
        ProblemKind::DuplicateFlag => format!("{written} comes a second time: {keyword} takes this flag once"),
        ProblemKind::MissingFlagValue => {
            format!("{written} lacks its value: write {}=…", snapshot[problem.span].trim_end_matches('='))
        }
        ProblemKind::BadFlagValue(expected) => format!("{written} is not {expected}"),
        ProblemKind::MissingArgument(what) => format!("{keyword} lacks {what}"),
        ProblemKind::ExtraArgument(what) => format!("{written} is too much: {keyword} takes {what}"),
        ProblemKind::BadStageName => {
            format!(
                "{written} is no stage name: it begins with a letter and goes on with letters, digits, `-`, `_`, `.`"
            )
        }
        ProblemKind::MissingEquals => format!("{written} lacks `=`, which every word needs once one has it"),
        ProblemKind::BadSubstitution => {
            format!(
                "{written} is no substitution: BuildKit knows `:-` `:+` `:?` `-` `+` `?` `#` `%` `/` behind the name"
            )
        }
        ProblemKind::UnterminatedHeredoc => unterminated(snapshot, problem, &written),
        ProblemKind::BadTrigger(kind) => format!("ONBUILD can't defer {}", kind.keyword()),
        ProblemKind::BadHealthcheckType => format!("HEALTHCHECK takes NONE or CMD, not {written}"),
        ProblemKind::DuplicateDirective => format!("{written} comes a second time: a directive may stand once"),
        ProblemKind::BadEscape => format!("the escape character is `\\` or a back-tick, not {written}"),
        ProblemKind::BadPort => {
            format!("{written} is no port: write 8080, 8000-8010 or 53/udp, with tcp, udp or sctp and at most 65535")
        }
        _ => value_message(snapshot, problem, span),
    }
}

/// The message of a value that is refused, or one that needs nothing of the text.
fn value_message(snapshot: &Snapshot, problem: &Problem, span: Span) -> String {
    let written = quoted(&snapshot[span]);
    match &problem.kind {
        ProblemKind::NeedsLabs => {
            format!("{written} is not stable yet: it needs `# syntax=docker/dockerfile:1-labs` in the first line")
        }
        ProblemKind::ChecksumSource(needed) => format!("--checksum needs {needed}"),
        ProblemKind::BadMount(fault) => syntax_mount::message(snapshot, *fault, span),
        ProblemKind::BadSignal => format!("{written} is no signal: write a name such as SIGTERM, or a number"),
        ProblemKind::AddressInCopy => format!("COPY fetches nothing: {written} needs ADD"),
        ProblemKind::BadCheckOption(expected) => format!("{written} is no option of check: write {expected}"),
        ProblemKind::VariableInFrom => {
            let kind = instruction_of(snapshot, problem).map(|instruction| instruction.kind);
            let flag = if kind == Some(Kind::Run) { "from=" } else { "--from" };
            format!(
                "BuildKit takes no variables in {flag}: write FROM with the variable and AS a name, and use that name"
            )
        }
        other => constant(other).to_owned(),
    }
}

fn constant(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NoInstruction => "the file holds no instruction: a build starts with FROM",
        ProblemKind::NoFrom => "the file holds no FROM: a build needs an image to start from",
        ProblemKind::EmptyVolume => "VOLUME lacks a path between the quotes",
        ProblemKind::ExpectedAs => "AS is missing between the image and the name of the stage",
        ProblemKind::MissingName => "a name is missing in front of `=`",
        ProblemKind::JsonNotStrings => "the JSON form takes strings alone: put every element in double quotes",
        ProblemKind::ShellNotJson => "SHELL takes a JSON array that is not empty: SHELL [\"/bin/bash\", \"-c\"]",
        ProblemKind::UnclosedQuote => "this quote is never closed",
        ProblemKind::UnclosedBrace => "this `${` lacks its `}`",
        ProblemKind::HeredocDestination => "a here-document can't be the destination: write a path behind it",
        ProblemKind::MissingSlash => {
            "the slash in front of the replacement is missing: write ${name/pattern/replacement}"
        }
        ProblemKind::LineTooLong => "the line is longer than the 65,535 bytes that BuildKit reads",
        _ => "this is no Dockerfile syntax",
    }
}

fn unknown_instruction(snapshot: &Snapshot, problem: &Problem, written: &str) -> String {
    if syntax_fix::lost_continuation(snapshot, problem).is_some() {
        return format!("{written} is no instruction: the line above lacks the escape character at its end");
    }
    match syntax_fix::near_keyword(&snapshot[problem.span]) {
        Some(keyword) => format!("{written} is no instruction: did you mean {keyword}?"),
        None => format!("{written} is no instruction"),
    }
}

fn unknown_flag(kind: Kind, written: &str) -> String {
    let keyword = kind.keyword();
    let flags = flags_of(kind);
    let name = written.trim_start_matches('-');
    if let Some(flag) = nearest(name, flags.iter().map(|flag| flag.name)) {
        return format!("{keyword} has no flag {}: did you mean --{flag}?", quoted(written));
    }
    let others = KEYWORDS.iter().filter(|(other, _)| flags_of(*other).iter().any(|flag| flag.name == name));
    if let Some((_, other)) = others.into_iter().next() {
        return format!("{keyword} has no flag {}: it belongs to {other}", quoted(written));
    }
    if flags.is_empty() {
        return format!("{keyword} has no flags: {} can't stand in front of its arguments", quoted(written));
    }
    let flags: Vec<String> = flags.iter().map(|flag| format!("--{}", flag.name)).collect();
    format!("{keyword} has no flag {}: it takes {}", quoted(written), flags.join(", "))
}

fn unterminated(snapshot: &Snapshot, problem: &Problem, written: &str) -> String {
    let heredocs = instruction_of(snapshot, problem).map_or(&[][..], |instruction| &instruction.heredocs);
    let delimiter = heredocs.iter().find(|heredoc| heredoc.start == problem.span).map(|heredoc| &*heredoc.delimiter);
    match delimiter {
        Some(delimiter) if delimiter.contains("))") => {
            format!("{written} begins a here-document, even within `$((…))`: write the shift without blanks")
        }
        Some(delimiter) => format!("the here-document lacks its end: a line that holds {} alone", quoted(delimiter)),
        None => format!("the here-document {written} lacks its end"),
    }
}

/// The first line of `written` in back-ticks, shortened.
fn quoted(written: &str) -> Cow<'static, str> {
    let line = written.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", &line[..end]).into(),
        None => format!("`{line}`").into(),
    }
}

/// A comment behind arguments: BuildKit reads its words as arguments, so most instructions fail and the others go wrong.
fn trailing_comment(snapshot: &Snapshot, instruction: &Instruction) -> Option<Finding> {
    let comment = comment_in(snapshot, instruction)?;
    let keyword = instruction.kind.keyword();
    let message = format!("a comment can't stand behind {keyword}: its words are read as arguments");
    let finding = Finding::new(comment, message).fix(syntax_fix::move_comment(snapshot, instruction, comment));
    let fails = snapshot.file().problems.iter().any(|problem| comment.contains(problem.span));
    Some(if fails { finding } else { finding.at_level(Severity::Warning) })
}

/// The comment behind the arguments of instructions that have no shell to skip it.
fn comment_in(snapshot: &Snapshot, instruction: &Instruction) -> Option<Span> {
    let escape = snapshot.file().escape;
    let arguments = instruction.arguments;
    if !snapshot[arguments].contains('#') || !instruction.heredocs.is_empty() {
        return None;
    }
    let words = match &instruction.body {
        Body::Pairs(pairs) if pairs.iter().any(|pair| pair.legacy) => return None,
        Body::Pairs(_) => split_words(snapshot.text(), arguments, escape),
        Body::From(_) | Body::Words(_) | Body::Value(_) | Body::Copy(_) if instruction.kind != Kind::Maintainer => {
            split_at_blanks(snapshot.text(), arguments, escape)
        }
        _ => return None,
    };
    // A file may be called `#x`: for COPY and ADD only a lone `#` is a comment for sure.
    let copy = matches!(instruction.kind, Kind::Copy | Kind::Add);
    let is_comment = |word: &str| if copy { word == "#" } else { word.starts_with('#') };
    let start = words.iter().skip(1).find(|word| is_comment(&snapshot[**word]))?.start;
    (!snapshot[arguments].contains('\n')).then(|| Span::new(start, arguments.end))
}
