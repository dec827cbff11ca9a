//! `ENV A=1 B=$A`
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Kind, Pair};
use crate::model::stage::Stage;
use crate::model::word::Expansion;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3044"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for index in stage.instructions.clone() {
        let instruction = &snapshot.file().instructions[index];
        if instruction.kind == Kind::Env && instruction.pairs().len() > 1 {
            findings.extend(of_env(snapshot, stage, index, instruction.pairs()));
        }
    }
}

/// One finding for each instruction: what is behind it may change once the first is repaired.
fn of_env(snapshot: &Snapshot, stage: &Stage, index: usize, pairs: &[Pair]) -> Option<Finding> {
    let text = snapshot.text();
    let is = |pair: &Pair, name: &str| pair.name.literal(text).as_deref() == Some(name);
    for (at, pair) in pairs.iter().enumerate().skip(1) {
        let Some(value) = pair.value.as_ref().filter(|value| value.flaw.is_none()) else { continue };
        for expansion in value.expansions() {
            let name = &text[expansion.name.range()];
            let setter = pairs[..at].iter().rev().find(|earlier| is(earlier, name));
            let Some(setter) = setter.filter(|_| !is(pair, name) && !name.is_empty()) else { continue };
            if changes(snapshot, stage, index, name, setter) {
                return Some(finding(snapshot, (index, pairs, at), expansion, setter.span));
            }
        }
    }
    None
}

/// False when the variable has the new value already. What is not plain text is taken for another value.
fn changes(snapshot: &Snapshot, stage: &Stage, index: usize, name: &str, setter: &Pair) -> bool {
    let text = snapshot.text();
    let Some(new) = setter.value.as_ref().and_then(|value| value.literal(text)) else { return true };
    let before = snapshot.file().instructions[stage.from..index].iter().rev();
    let setters = before.filter(|it| matches!(it.kind, Kind::Env | Kind::Arg)).flat_map(|it| it.pairs());
    match setters.into_iter().find(|pair| pair.name.literal(text).as_deref() == Some(name)) {
        Some(old) => old.value.as_ref().and_then(|value| value.literal(text)).as_deref() != Some(&*new),
        None => snapshot.stage(stage).start.env.known(name) != Some(&*new),
    }
}

fn finding(
    snapshot: &Snapshot,
    (index, pairs, at): (usize, &[Pair], usize),
    expansion: &Expansion,
    setter: Span,
) -> Finding {
    let name = &snapshot[expansion.name];
    let message = format!("`{name}` is the value from before this ENV here, not the one that it sets");
    let fix = split(snapshot, index, pairs[at - 1].span, pairs[at].span);
    Finding::new(expansion.span, message).because(setter, "seen only behind the instruction").fix(fix)
}

/// Begins another ENV in front of `pair`.
fn split(snapshot: &Snapshot, index: usize, before: Span, pair: Span) -> Option<Fix> {
    let gap = Span::new(before.end, pair.start);
    let escape = char::from(snapshot.file().escape);
    if !snapshot[gap].chars().all(|letter| letter.is_whitespace() || letter == escape) {
        return None;
    }
    let instruction = &snapshot.file().instructions[index];
    let keyword = lines::keyword(snapshot, instruction, Kind::Env);
    let text = format!("{}{}{keyword} ", lines::eol(snapshot), lines::indent(snapshot, index));
    Fix::unsafe_("begin a new ENV here", vec![Edit::replace(gap, text)])
}
