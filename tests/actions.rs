//! Actions on text that is being typed, and on other line ends: nothing panics, every edit applies, line ends stay.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use std::path::Path;

use dockline::actions::ACTIONS;
use dockline::analysis::snapshot::Snapshot;
use dockline::rules::rule::Fix;
use dockline::text::span::Span;

/// The Dockerfiles of the actions' pages.
fn dockerfiles() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/actions");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = std::fs::read_to_string(path).unwrap();
            let blocks = page.split("\n```dockerfile").skip(1).filter_map(|rest| rest.split_once('\n'));
            found.extend(blocks.filter_map(|(_, text)| text.split("```").next().map(str::to_owned)));
        }
    }
    assert!(found.len() > 50);
    found
}

fn offers(text: &str) -> Vec<Fix> {
    let snapshot = Snapshot::of_text(text);
    let all = Span::new(0, text.len() as u32);
    ACTIONS.iter().flat_map(|entry| (entry.action.offers)(&snapshot, all)).collect()
}

#[test]
fn half_typed_files() {
    for text in dockerfiles() {
        for end in (0..text.len()).step_by(11).filter(|&end| text.is_char_boundary(end)) {
            for fix in offers(&text[..end]) {
                let _ = fix.here().apply(&text[..end]);
            }
        }
    }
}

#[test]
fn line_ends_and_the_last_line() {
    for text in dockerfiles() {
        let (plain, windows) = (offers(&text), offers(&text.replace('\n', "\r\n")));
        let open = offers(text.trim_end());
        for fix in plain {
            let after = fix.here().apply(&text);
            let same = |other: &&Fix| other.title == fix.title;
            let found = windows.iter().find(same).unwrap_or_else(|| panic!("{} is not offered for\n{text}", fix.title));
            assert_eq!(found.here().apply(&text.replace('\n', "\r\n")), after.replace('\n', "\r\n"));
            let found = open.iter().find(same).unwrap_or_else(|| panic!("{} is not offered for\n{text}", fix.title));
            assert_eq!(found.here().apply(text.trim_end()).trim_end(), after.trim_end());
        }
    }
}
