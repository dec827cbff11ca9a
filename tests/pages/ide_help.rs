//! The blocks `signature` and `links` of the pages in tests/ide.
use std::fmt::Write as _;

use dockline::analysis::snapshot::Snapshot;
use dockline::ide::links::{Target, links};
use dockline::ide::signature::{Help, signature};
use dockline::text::span::Span;

use crate::page::Case;
use crate::{Report, compare};

/// Compares the blocks of `case`; `typed` in the info string of a signature asks as a key does that is typed.
pub fn check(case: &Case, text: &str, cursor: Span, snapshot: &Snapshot, report: &mut Report) {
    let Some(dockerfile) = case.block("dockerfile") else { return };
    if let Some(block) = case.block("signature") {
        let help = signature(snapshot, cursor.start, block.info != "typed");
        let shown = help.map(|help| help_text(&help)).unwrap_or_default();
        compare(report, dockerfile, Some(block), format!("signature {}", block.info).trim(), &shown);
    }
    if let Some(block) = case.block("links") {
        compare(report, dockerfile, Some(block), "links", &links_text(text, snapshot));
    }
}

/// Each form with its active part in `»…«`; in front of the one that is typed a `>`, and below it what that part means.
fn help_text(help: &Help) -> String {
    let mut text = String::new();
    for (index, form) in help.signatures.iter().enumerate() {
        let mut label = form.label.clone();
        let active = form.active.map(|active| &form.parameters[active]);
        if let Some(active) = active {
            label.insert(active.span.end as usize, '«');
            label.insert(active.span.start as usize, '»');
        }
        let is_typed = index == help.active;
        let _ = writeln!(text, "{} {label}", if is_typed { ">" } else { " " });
        if let Some(active) = active.filter(|_| is_typed) {
            let _ = writeln!(text, "    {}", active.documentation);
        }
    }
    text
}

/// `[golang] https://hub.docker.com/_/golang (golang)`, one a line.
fn links_text(text: &str, snapshot: &Snapshot) -> String {
    let mut lines = String::new();
    for link in links(snapshot) {
        let target = match &link.target {
            Target::Page(address) => address.clone(),
            Target::File(path) => path.display().to_string(),
        };
        let _ = writeln!(lines, "[{}] {target} ({})", &text[link.span.range()], link.tooltip);
    }
    lines
}
