//! Findings as Checkstyle's XML, which many tools read.
use std::io;

use super::place::{portable, range};
use super::xml::{Xml, allowed, document};
use crate::cli::checked::Checked;
use crate::rules::rule::{Diagnostic, Severity};
use crate::text::lines::Lines;

/// One document with a `file` for each file, those without findings too.
pub fn files(checked: &[Checked]) -> String {
    document(|xml| {
        let root = xml.create_element("checkstyle").with_attribute(("version", "10.0"));
        if checked.is_empty() {
            return root.write_empty().map(drop);
        }
        root.write_inner_content(|xml| checked.iter().try_for_each(|checked| file(xml, checked))).map(drop)
    })
}

fn file(xml: &mut Xml, checked: &Checked) -> io::Result<()> {
    let name = allowed(&portable(&checked.name));
    let element = xml.create_element("file").with_attribute(("name", &*name));
    if checked.diagnostics.is_empty() {
        return element.write_empty().map(drop);
    }
    let lines = Lines::new(checked.text.as_str().into());
    element
        .write_inner_content(|xml| checked.diagnostics.iter().try_for_each(|found| error(xml, &lines, found)))
        .map(drop)
}

fn error(xml: &mut Xml, lines: &Lines, found: &Diagnostic) -> io::Result<()> {
    let place = range(lines, found.finding.span);
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "info",
    };
    let attributes = [
        ("line", &*place.line.to_string()),
        ("column", &*place.column.to_string()),
        ("severity", severity),
        ("message", &*allowed(&found.finding.message)),
        ("source", &*format!("dockline.{}", found.rule)),
    ];
    xml.create_element("error").with_attributes(attributes).write_empty().map(drop)
}
