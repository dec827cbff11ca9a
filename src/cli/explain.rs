//! `dockline explain`
use std::fmt::Write as _;
use std::io;

use super::output::Output;
use super::{CLEAN, FAILED};
use crate::rules::rule::Default;
use crate::rules::{Entry, RULES, find};
use crate::text::nearest::nearest;

/// Prints the page of a rule.
pub fn run(name: &str, output: &mut Output) -> io::Result<u8> {
    if let Some(entry) = find(name) {
        output.print(&page(entry))?;
        return Ok(CLEAN);
    }
    let names = RULES.iter().flat_map(|entry| std::iter::once(&entry.name).chain(entry.rule.aliases));
    let hint = match nearest(name, names.copied()) {
        Some(known) => format!("did you mean {known}?"),
        None => "`dockline rules` lists them all".to_owned(),
    };
    output.complain(&format!("there is no rule {name}: {hint}"));
    Ok(FAILED)
}

/// The page with the facts of its rule below the title, without what only the tests read.
fn page(entry: &Entry) -> String {
    let mut text = String::new();
    let mut lines = entry.page.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "```diagnostics" && lines.peek() == Some(&"```") {
            lines.next();
            continue;
        }
        text.push_str(if line.starts_with("```dockerfile ") { "```dockerfile" } else { line });
        text.push('\n');
        if line.starts_with("# ") && text.lines().count() == 1 {
            let _ = writeln!(text, "\n{}", facts(entry));
        }
    }
    text
}

fn facts(entry: &Entry) -> String {
    let default = match entry.rule.default {
        Default::On => "on",
        Default::Pedantic => "off by default",
    };
    let mut facts =
        format!("Group {} · {} · {default} · since {}", entry.group, entry.rule.severity.word(), entry.rule.since);
    if !entry.rule.aliases.is_empty() {
        let _ = write!(facts, " · also known as {}", entry.rule.aliases.join(", "));
    }
    facts
}
