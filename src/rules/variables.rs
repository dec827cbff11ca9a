//! What the rules about variables have in common.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::unset::Use;
use crate::model::instruction::Kind;
use crate::rewrite::lines;
use crate::rules::rule::{Finding, Fix};

/// One finding for all `uses` of a stage that an ARG is missing for: where the first stands, the next ones as related places.
pub fn missing_args(snapshot: &Snapshot, uses: &[&Use]) -> Option<Finding> {
    let first = uses.first()?;
    let mut names: Vec<&str> = Vec::new();
    for used in uses {
        if !names.contains(&used.name.as_str()) && names.len() < MAX_NAMES {
            names.push(&used.name);
        }
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let empty = if names.len() == 1 { "is" } else { "are" };
    let list = names.join(" ");
    let message = format!("{} {empty} empty here: the stage has no `ARG {list}`", quoted.join(", "));
    let mut finding = Finding::new(first.span, message).fix(declare(snapshot, first.instruction, &list));
    for used in uses[1..].iter().take(MAX_PLACES) {
        finding = finding.because(used.span, "here too");
    }
    Some(finding)
}

/// More names than these don't fit a message.
const MAX_NAMES: usize = 8;

/// More places than these don't help.
pub const MAX_PLACES: usize = 4;

/// `ARG names` in front of instruction `index`.
fn declare(snapshot: &Snapshot, index: usize, names: &str) -> Option<Fix> {
    let line = lines::line(snapshot, index, Kind::Arg, names);
    Fix::safe(format!("add ARG {names}"), vec![lines::insert_before(snapshot, index, &[line])])
}
