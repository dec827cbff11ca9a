//! Findings as JUnit's XML: a suite for each file, a case for each finding. A finding below the failing level is a case
//! that passes, as the run does.
use std::io;

use quick_xml::events::BytesText;

use super::place::{Range, portable, range};
use super::xml::{Xml, allowed, document};
use crate::cli::checked::Checked;
use crate::rules::rule::Diagnostic;
use crate::text::lines::Lines;

/// One document; a file without findings is a case that passes.
pub fn files(checked: &[Checked]) -> String {
    let tests: usize = checked.iter().map(cases).sum();
    let failed: usize = checked.iter().map(failures).sum();
    document(|xml| {
        let root = xml.create_element("testsuites").with_attributes([
            ("name", "dockline"),
            ("tests", &*tests.to_string()),
            ("failures", &*failed.to_string()),
            ("errors", "0"),
        ]);
        if checked.is_empty() {
            return root.write_empty().map(drop);
        }
        root.write_inner_content(|xml| checked.iter().try_for_each(|checked| suite(xml, checked))).map(drop)
    })
}

fn cases(checked: &Checked) -> usize {
    checked.diagnostics.len().max(1)
}

fn failures(checked: &Checked) -> usize {
    checked.diagnostics.iter().filter(|found| checked.fails(found)).count()
}

fn suite(xml: &mut Xml, checked: &Checked) -> io::Result<()> {
    let name = allowed(&portable(&checked.name));
    let attributes = [
        ("name", &*name),
        ("tests", &*cases(checked).to_string()),
        ("failures", &*failures(checked).to_string()),
        ("errors", "0"),
        ("skipped", "0"),
    ];
    let suite = xml.create_element("testsuite").with_attributes(attributes);
    let lines = Lines::new(checked.text.as_str().into());
    suite
        .write_inner_content(|xml| {
            if checked.diagnostics.is_empty() {
                let attributes = [("name", "dockline"), ("classname", &*name), ("file", &*name)];
                return xml.create_element("testcase").with_attributes(attributes).write_empty().map(drop);
            }
            let place = |found: &Diagnostic| range(&lines, found.finding.span);
            checked.diagnostics.iter().try_for_each(|found| case(xml, &name, checked, found, place(found)))
        })
        .map(drop)
}

fn case(xml: &mut Xml, name: &str, checked: &Checked, found: &Diagnostic, place: Range) -> io::Result<()> {
    let Range { line, column, .. } = place;
    let message = allowed(&found.finding.message);
    let text = format!("{name}:{line}:{column}: {}: {message}", found.severity.word());
    let case = xml.create_element("testcase").with_attributes([
        ("name", &*format!("{} at {line}:{column}", found.rule)),
        ("classname", name),
        ("file", name),
        ("line", &*line.to_string()),
    ]);
    let fails = checked.fails(found);
    case.write_inner_content(|xml| {
        let text = BytesText::new(&text);
        if fails {
            let attributes = [("type", found.severity.word()), ("message", &*message)];
            xml.create_element("failure").with_attributes(attributes).write_text_content(text).map(drop)
        } else {
            xml.create_element("system-out").write_text_content(text).map(drop)
        }
    })
    .map(drop)
}
