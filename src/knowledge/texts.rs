//! What words of a Dockerfile mean, for people: values, directives, the parts of instructions, commands, signals, ports.
use super::table;

const VALUES: &str = include_str!("values.tsv");
const DIRECTIVES: &str = include_str!("directives.tsv");
const PARAMETERS: &str = include_str!("parameters.tsv");
const COMMANDS: &str = include_str!("command_texts.tsv");
const SIGNALS: &str = include_str!("signals.tsv");
const PORTS: &str = include_str!("ports.tsv");

/// The reference of one parser directive.
#[derive(Clone, Copy, Debug)]
pub struct DirectiveDoc {
    /// Its line.
    pub form: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// What else matters; may be empty.
    pub notes: &'static str,
    /// The official reference.
    pub link: &'static str,
}

/// A signal of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its name without `SIG`.
    pub name: &'static str,
    /// Its number on amd64 and arm64.
    pub number: u32,
    /// What it says to programs.
    pub meaning: &'static str,
}

/// The cell `column` of the first row that begins with `first`, and `second` where that is not empty.
fn find(table: &'static str, first: &str, second: &str, column: usize) -> Option<&'static str> {
    let fits = |row: &table::Row| row.cell(0) == first && (second.is_empty() || row.cell(1) == second);
    table::rows(table).find(fits)?.some(column)
}

/// What `value` means at `place`: `network`, `security`, `sharing`, `link`, `escape`, `syntax`, `check`, `package` (what a
/// package brings), `distro` (its name), `extended` (who supports it longer).
pub fn value(place: &str, value: &str) -> Option<&'static str> {
    if value.is_empty() { None } else { find(VALUES, place, value, 2) }
}

/// The reference of a directive, whose name may be in any case.
pub fn directive(name: &str) -> Option<DirectiveDoc> {
    let row = table::rows(DIRECTIVES).find(|row| row.cell(0).eq_ignore_ascii_case(name))?;
    Some(DirectiveDoc { form: row.cell(1), meaning: row.cell(2), notes: row.cell(3), link: row.cell(4) })
}

/// What a part of an instruction means, as its forms write it: `<source>` of COPY. The instruction is in capitals.
pub fn parameter(instruction: &str, parameter: &str) -> Option<&'static str> {
    find(PARAMETERS, instruction, parameter, 2)
}

/// What a command does.
pub fn command(name: &str) -> Option<&'static str> {
    if name.is_empty() { None } else { find(COMMANDS, name, "", 1) }
}

/// The signal with this name, with or without `SIG` and in any case, or with this number.
pub fn signal(word: &str) -> Option<Signal> {
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let row = table::rows(SIGNALS).find(|row| row.cell(0) == name || row.cell(1) == word)?;
    Some(Signal { name: row.cell(0), number: row.cell(1).parse().ok()?, meaning: row.cell(2) })
}

/// What usually listens on a port; `protocol` is `tcp`, `udp` or `sctp`.
pub fn service(port: u16, protocol: &str) -> Option<&'static str> {
    find(PORTS, &port.to_string(), protocol, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::distros::Distro;
    use crate::knowledge::instructions::{instruction_doc, instructions};
    use crate::model::value::is_signal;

    #[test]
    fn every_row_parses() {
        for text in [VALUES, DIRECTIVES, PARAMETERS, COMMANDS, SIGNALS, PORTS] {
            table::assert_table(text);
        }
        assert!(table::rows(SIGNALS).all(|row| is_signal(row.cell(0)) && signal(row.cell(0)).is_some()));
        assert!(table::rows(PORTS).all(|row| row.cell(0).parse::<u16>().is_ok()));
        assert!(table::rows(VALUES).all(|row| row.cell(0) != "distro" || Distro::parse(row.cell(1)).is_some()));
        for row in table::rows(PARAMETERS) {
            let doc = instruction_doc(row.cell(0)).unwrap();
            assert!(doc.signatures.iter().any(|form| form.contains(row.cell(1))) || row.cell(1) == "<default>");
        }
        assert!(instructions().iter().all(|doc| table::rows(PARAMETERS).any(|row| row.cell(0) == doc.name)));
    }

    #[test]
    fn finds_texts() {
        assert!(value("sharing", "locked").is_some() && value("sharing", "lock").is_none());
        assert!(value("network", "").is_none() && command("").is_none() && command("foo").is_none());
        assert_eq!(signal("SIGQUIT").map(|found| found.number), Some(3));
        assert_eq!((signal("9").map(|found| found.name), signal("0")), (Some("KILL"), None));
        assert_eq!((service(443, "udp"), service(443, "sctp")), (Some("HTTP/3 (QUIC)"), None));
        assert!(directive("Syntax").is_some() && directive("sytnax").is_none());
        assert!(parameter("COPY", "<source>").is_some() && parameter("COPY", "<key>").is_none());
    }
}
