//! `ARG BASE` and `FROM $BASE`: without a build argument there is no image.
use crate::analysis::known::Known;
use crate::analysis::scope;
use crate::analysis::snapshot::Snapshot;
use crate::model::image::{ReferenceFlaw, reference_flaw};
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::word::{Expansion, Part, Word};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["InvalidDefaultArgInFrom", "BASE_NAME_EMPTY"],
    check: Check::Instruction(Kind::From, check),
};

fn check(snapshot: &Snapshot, instruction: &Instruction, findings: &mut Vec<Finding>) {
    let Body::From(from) = &instruction.body else { return };
    let has_variable = |word: &&Word| word.parts.iter().any(|part| matches!(part, Part::Variable(_)));
    if let Some(word) = from.image.as_ref().filter(has_variable).filter(|word| word.flaw.is_none()) {
        findings.extend(of_word(snapshot, word));
    }
}

fn of_word(snapshot: &Snapshot, word: &Word) -> Option<Finding> {
    let (text, file) = (snapshot.text(), snapshot.file());
    let defaults = scope::defaults(text, file);
    let expansions = word.expansions();
    let asks = |expansion: &&Expansion| expansion.operator.is_some_and(|it| text[it.range()].contains('?'));
    let undeclared = |it: &&Expansion| it.operator.is_none() && defaults.get(&text[it.name.range()]).is_none();
    if expansions.iter().any(|it| asks(it) || undeclared(it)) {
        return None;
    }
    let Known::Known(left) = defaults.expand(text, word) else { return None };
    let flaw = reference_flaw(&left)?;
    let message = match flaw {
        ReferenceFlaw::Empty => "without build arguments no image is named here".to_owned(),
        _ => format!("without build arguments this is `{left}`, which is no image"),
    };
    let mut finding = Finding::new(word.span, message);
    let empty = flaw == ReferenceFlaw::Empty;
    finding.aliases = Some(if empty { RULE.aliases } else { &RULE.aliases[..1] });
    let args = expansions.iter().filter_map(|it| defaults.get(&text[it.name.range()]));
    let unset = args.filter(|variable| variable.value.is(String::is_empty)).find_map(|variable| variable.span);
    if let Some(span) = unset {
        finding = finding.because(span, "empty by default");
    }
    Some(finding)
}
