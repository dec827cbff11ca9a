//! `dockline data`
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::{Map, Value};

use super::args::ListFormat;
use super::output::Output;
use super::{CLEAN, FAILED};
use crate::knowledge::tables::{TABLES, Table, named};
use crate::text::nearest::nearest;

/// What is printed of a table.
#[derive(Serialize)]
struct Printed {
    name: &'static str,
    about: &'static str,
    source: &'static str,
    date: &'static str,
    notes: Vec<&'static str>,
    columns: Vec<&'static str>,
    row_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Map<String, Value>>>,
}

/// Prints the list of tables, or one of them.
pub fn run(name: Option<&str>, format: ListFormat, output: &mut Output) -> io::Result<u8> {
    let Some(name) = name else {
        output.print(&match format {
            ListFormat::Text => list(),
            ListFormat::Json => json(&TABLES.iter().map(|table| printed(table, false)).collect::<Vec<_>>()),
        })?;
        return Ok(CLEAN);
    };
    let Some(table) = named(name) else {
        let meant = nearest(name, TABLES.iter().map(|table| table.name));
        let hint =
            meant.map_or_else(|| "`dockline data` lists them".to_owned(), |meant| format!("did you mean {meant}?"));
        output.complain(&format!("there is no table {name}: {hint}"));
        return Ok(FAILED);
    };
    output.print(&match format {
        ListFormat::Text => text(table),
        ListFormat::Json => json(&printed(table, true)),
    })?;
    Ok(CLEAN)
}

fn printed(table: &Table, with_rows: bool) -> Printed {
    let columns = table.columns();
    let row = |row: crate::knowledge::table::Row| {
        let cell = |at: usize| row.some(at).map_or(Value::Null, Value::from);
        columns.iter().enumerate().map(|(at, column)| ((*column).to_owned(), cell(at))).collect()
    };
    Printed {
        name: table.name,
        about: table.about(),
        source: table.source(),
        date: table.date(),
        notes: table.notes().collect(),
        row_count: table.rows().count(),
        rows: with_rows.then(|| table.rows().map(row).collect()),
        columns,
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn list() -> String {
    let width = TABLES.iter().map(|table| table.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for table in TABLES {
        let _ = writeln!(
            text,
            "\x1b[1m{:width$}\x1b[0m  {:5} rows  {}  {}",
            table.name,
            table.rows().count(),
            table.date(),
            table.about()
        );
        let _ = writeln!(text, "{:width$}  source: {}", "", table.source());
    }
    text + "\n`dockline data TABLE` prints the rows of one, with tabs between the cells.\n"
}

/// The table as its file has it, `-` for an empty cell.
fn text(table: &Table) -> String {
    let mut text = format!("# {}\n# Source: {}\n# Date: {}\n", table.about(), table.source(), table.date());
    for note in table.notes() {
        let _ = writeln!(text, "# {note}");
    }
    for line in table.lines() {
        text.push_str(line);
        text.push('\n');
    }
    text
}
