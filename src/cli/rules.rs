//! `dockline rules`
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::CLEAN;
use super::args::Format;
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
pub fn run(format: Format, output: &mut Output) -> io::Result<u8> {
    let rows: Vec<Row> = RULES.iter().map(row).collect();
    match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
            output.print(&format!("{text}\n"))?;
        }
        Format::Text => output.print(&table(&rows))?,
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

fn table(rows: &[Row]) -> String {
    let name = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let group = rows.iter().map(|row| row.group.len()).max().unwrap_or(0);
    let mut text = format!("\x1b[1m{:name$}  {:group$}  level    default  summary\x1b[0m\n", "name", "group");
    for row in rows {
        let default = if row.default { "on" } else { "off" };
        let Row { name: rule, group: folder, severity, summary, .. } = row;
        let _ = writeln!(text, "{rule:name$}  {folder:group$}  {severity:7}  {default:7}  {summary}");
    }
    text
}
