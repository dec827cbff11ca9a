//! `ENV name value`: the form without an equals sign.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::is_blank;
use crate::model::instruction::{Instruction, Kind, Pair};
use crate::model::stage::Stage;
use crate::model::word::{Word, split_words};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["LegacyKeyValueFormat"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for (_, instruction) in snapshot.file().stage_instructions(stage) {
        if !matches!(instruction.kind, Kind::Env | Kind::Label) {
            continue;
        }
        let Some(pair) = instruction.pairs().first().filter(|pair| pair.legacy) else { continue };
        // Without a value it is a syntax error.
        let Some(value) = &pair.value else { continue };
        let keyword = instruction.kind.keyword();
        let message = format!("{keyword} without `=` is deprecated: all of the rest is the value");
        findings.push(Finding::new(pair.span, message).fix(fix(snapshot, instruction, pair, value)));
    }
}

fn fix(snapshot: &Snapshot, instruction: &Instruction, pair: &Pair, value: &Word) -> Option<Fix> {
    let name = &snapshot[pair.name.span];
    let gap = Span::new(pair.name.span.end, value.span.start);
    let plain_gap = snapshot[gap].bytes().all(is_blank);
    let ends_open = snapshot[value.span].ends_with(char::from(snapshot.file().escape));
    // `NAME = value` gives the value `= value`, which nobody means: *spaced-equals-sign*.
    let spaced = snapshot[value.span].starts_with('=');
    if value.flaw.is_some() || !plain_gap || name.contains(['"', '\'', '\\', '`']) || ends_open || spaced {
        return None;
    }
    let mut edits = vec![Edit::replace(gap, "=")];
    edits.extend(as_one_word(snapshot, value)?);
    Fix::safe(format!("write {} {name}=…", instruction.kind.keyword()), edits)
}

/// What makes one word of the value without changing what BuildKit reads.
fn as_one_word(snapshot: &Snapshot, value: &Word) -> Option<Vec<Edit>> {
    let (text, escape) = (snapshot.text(), snapshot.file().escape);
    let words = split_words(text, value.span, escape);
    // BuildKit leaves out the blanks at the end.
    let value = Span::new(value.span.start, words.last()?.end);
    let written = &snapshot[value];
    if words.len() <= 1 && !written.contains('\n') {
        return Some(Vec::new());
    }
    if !has_quotes_or_escapes(written, escape) {
        return Some(vec![Edit::insert(value.start, "\""), Edit::insert(value.end, "\"")]);
    }
    // Quotes inside: the blanks between the words are escaped one by one.
    if written.contains(['\n', '{']) {
        return None;
    }
    let gaps = words.windows(2).map(|pair| Span::new(pair[0].end, pair[1].start));
    let escaped = char::from(escape);
    Some(
        gaps.map(|gap| {
            Edit::replace(gap, snapshot[gap].chars().flat_map(|blank| [escaped, blank]).collect::<String>())
        })
        .collect(),
    )
}

/// True when there is a quote, or an escape character that does not only continue a line.
fn has_quotes_or_escapes(written: &str, escape: u8) -> bool {
    let mut lines = written.split('\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        let own = if lines.peek().is_some() { line.strip_suffix(char::from(escape)).unwrap_or(line) } else { line };
        if own.contains(['"', '\'', char::from(escape)]) {
            return true;
        }
    }
    false
}
