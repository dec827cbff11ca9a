//! Files that are written from the rules and the actions. `UPDATE=1 cargo test --test derived` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use std::fmt::Write as _;
use std::path::Path;

use dockline::actions::ACTIONS;
use dockline::rules::rule::Default;
use dockline::rules::{Entry, RULES};

/// Compares what stands between `<!-- mark -->` and `<!-- /mark -->` with `wanted`, or writes it.
fn between(path: &str, mark: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let start = text.find(&begin).unwrap_or_else(|| panic!("{}: no {begin}", path.display())) + begin.len();
    let stop = start + text[start..].find(&end).unwrap_or_else(|| panic!("{}: no {end}", path.display()));
    if text[start..stop] == *wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{} is stale: run UPDATE=1 cargo test --test derived",
        path.display()
    );
    std::fs::write(&path, format!("{}{wanted}{}", &text[..start], &text[stop..])).unwrap();
}

#[test]
fn the_readme_lists_all_rules_and_actions() {
    between("README.md", "rules", &rule_table());
    between("README.md", "actions", &action_table());
}

fn action_table() -> String {
    let mut table = String::from("\n\n| Action | What it does |\n|---|---|\n");
    for entry in ACTIONS {
        let first = entry.page.split("\n\n").nth(1).unwrap_or_default();
        let summary = first.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let _ = writeln!(table, "| [{}](src/actions/{}.md) | {summary} |", entry.name, entry.name.replace('-', "_"));
    }
    table.push('\n');
    table
}

fn rule_table() -> String {
    let mut table = String::from("\n");
    let mut group = "";
    for entry in RULES {
        if entry.group != group {
            group = entry.group;
            let _ = write!(table, "\n**{group}**\n\n| Rule | Level | What it reports |\n|---|---|---|\n");
        }
        let _ = writeln!(table, "| {} | {} | {} |", link(entry), level(entry), entry.summary().replace('|', "\\|"));
    }
    table.push('\n');
    table
}

fn link(entry: &Entry) -> String {
    format!("[{}](src/rules/{}/{}.md)", entry.name, entry.group, entry.name.replace('-', "_"))
}

fn level(entry: &Entry) -> String {
    let word = entry.rule.severity.word();
    match entry.rule.default {
        Default::On => word.to_owned(),
        Default::Pedantic => format!("{word}, pedantic"),
    }
}
