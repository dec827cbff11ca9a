//! `dockline explain`
use std::io;

use super::output::Output;
use super::{CLEAN, FAILED};
use crate::rules::{Entry, named};

/// Prints the page of a rule.
pub fn run(name: &str, output: &mut Output) -> io::Result<u8> {
    match named(name) {
        Ok(entry) => {
            output.print(&page(entry))?;
            Ok(CLEAN)
        }
        Err(error) => {
            output.complain(&error);
            Ok(FAILED)
        }
    }
}

/// The page without what only the tests read.
pub fn page(entry: &Entry) -> String {
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
