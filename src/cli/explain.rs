//! `dockline explain`
use std::io;

use super::output::Output;
use super::{CLEAN, FAILED};
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

/// The page without what only the tests read.
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
    }
    text
}
