//! `ENV name = value`: the equals sign becomes part of the value.
use crate::analysis::snapshot::Snapshot;
use crate::model::cursor::is_blank;
use crate::model::instruction::{Kind, Pair};
use crate::model::stage::Stage;
use crate::model::word::{Word, split_words};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for (_, instruction) in snapshot.file().stage_instructions(stage) {
        if !matches!(instruction.kind, Kind::Env | Kind::Label) {
            continue;
        }
        let Some(pair) = instruction.pairs().first().filter(|pair| pair.legacy) else { continue };
        let Some(value) = &pair.value else { continue };
        let written = &snapshot[value.span];
        if !written.starts_with('=') || written.starts_with("==") {
            continue;
        }
        let message = format!("the blank in front of `=` makes the sign a part of the value: `{}`", shortened(written));
        findings.push(Finding::new(value.span, message).fix(fix(snapshot, pair, value)));
    }
}

fn shortened(written: &str) -> String {
    let line = written.lines().next().unwrap_or_default();
    line.char_indices().nth(40).map_or_else(|| line.to_owned(), |(end, _)| format!("{}…", &line[..end]))
}

/// Only for a value of one word: of several the next one may be another name.
fn fix(snapshot: &Snapshot, pair: &Pair, value: &Word) -> Option<Fix> {
    let words = split_words(snapshot.text(), value.span, snapshot.file().escape);
    let blank = |span: Span| snapshot[span].bytes().all(is_blank);
    let word = match words[..] {
        [only] => Span::new(only.start + 1, only.end),
        [sign, word] if sign.len() == 1 => word,
        _ => return None,
    };
    let gap = Span::new(pair.name.span.end, word.start);
    let sign = snapshot[gap].trim_matches([' ', '\t']) == "=";
    let title = format!("write {}={}", &snapshot[pair.name.span], &snapshot[word]);
    let fits = sign && value.flaw.is_none() && !blank(word) && !snapshot[word].contains('\n');
    fits.then(|| Fix::unsafe_(title, vec![Edit::replace(gap, "=")]))?
}
