//! Comments above ARG and FROM that BuildKit does not read as their description.
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["InvalidDefinitionDescription"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let file = snapshot.file();
    let mut comments = file.comments.clone();
    comments.sort_unstable();
    let mut before = 0;
    for instruction in &file.instructions {
        let names = names(snapshot, instruction);
        let above = Span::new(before, instruction.span.start.max(before));
        before = instruction.span.end;
        let Some(first) = names.first() else { continue };
        let Some(comment) = undescribed(snapshot, &comments, above, &names) else { continue };
        let keyword = instruction.kind.keyword();
        let name = if names.len() == 1 { first.as_str() } else { "one of its names" };
        let message = format!("the comment above {keyword} does not describe it: it would begin with `{name}`");
        findings.push(Finding::new(comment, message));
    }
}

/// What the instruction defines, as BuildKit compares it; nothing for other instructions.
fn names(snapshot: &Snapshot, instruction: &Instruction) -> Vec<String> {
    match &instruction.body {
        Body::From(from) => from.name.map(|name| snapshot[name].to_ascii_lowercase()).into_iter().collect(),
        Body::Pairs(pairs) if instruction.kind == Kind::Arg => {
            let names = pairs.iter().filter_map(|pair| pair.name.literal(snapshot.text()));
            names.map(std::borrow::Cow::into_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The last comment in `above` behind the last empty one, when no comment there begins with one of `names`: BuildKit takes
/// the first that does. Comments that speak to a linter describe nothing.
fn undescribed(snapshot: &Snapshot, comments: &[Span], above: Span, names: &[String]) -> Option<Span> {
    let end = comments.partition_point(|comment| comment.start < above.end);
    let own = comments[..end].iter().rev().take_while(|comment| comment.start >= above.start);
    let mut last = None;
    for &comment in own {
        let text = snapshot[comment].trim_start_matches('#').trim();
        let word = text.split_whitespace().next();
        let Some(word) = word else { break };
        if names.iter().any(|name| name.eq_ignore_ascii_case(word)) {
            return None;
        }
        if !["hadolint ", "dockline:", "check=", "shellcheck "].iter().any(|start| text.starts_with(start)) {
            last = last.or(Some(comment));
        }
    }
    last
}
