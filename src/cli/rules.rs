//! `dockline rules`
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::CLEAN;
use super::args::ListFormat;
use super::output::Output;
use crate::rules::rule::Default;
use crate::rules::{Entry, RULES};

#[derive(Serialize)]
struct Row {
    name: &'static str,
    group: &'static str,
    severity: &'static str,
    default: bool,
    since: &'static str,
    aliases: &'static [&'static str],
    summary: String,
}

/// Prints all rules.
pub fn run(format: ListFormat, output: &mut Output) -> io::Result<u8> {
    let rows: Vec<Row> = RULES.iter().map(row).collect();
    match format {
        ListFormat::Json => {
            let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
            output.print(&format!("{text}\n"))?;
        }
        ListFormat::Text => output.print(&table(&rows))?,
    }
    Ok(CLEAN)
}

fn row(entry: &Entry) -> Row {
    Row {
        name: entry.name,
        group: entry.group,
        severity: entry.rule.severity.word(),
        default: entry.rule.default == Default::On,
        since: entry.rule.since,
        aliases: entry.rule.aliases,
        summary: entry.summary(),
    }
}

/// The rules under the names of their groups.
fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for group in rows.chunk_by(|one, next| one.group == next.group) {
        let _ = writeln!(text, "\x1b[1m{}\x1b[0m", group[0].group);
        for Row { name, severity, default, summary, .. } in group {
            let level = if *default { (*severity).to_owned() } else { format!("({severity})") };
            let _ = writeln!(text, "  {name:width$}  {level:9}  {summary}");
        }
        text.push('\n');
    }
    text + "A level in parentheses: off until the preset pedantic or a setting asks for the rule.\n"
}
