//! Files that are written from the rules, the actions and the settings. `UPDATE=1 cargo test --test derived` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "derived/vscode.rs"]
mod vscode;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use dockline::actions::ACTIONS;
use dockline::rules::rule::Default;
use dockline::rules::{Entry, RULES};
use dockline::server::capabilities::{self, Editor};
use serde_json::Value;
use tower_lsp::gen_lsp_types::ClientCapabilities;

/// True when what is stale is to be written.
fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

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
    assert!(is_updating(), "{} is stale: run UPDATE=1 cargo test --test derived", path.display());
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

/// Methods by what the server says to an editor that can do everything, in the order of docs/lsp.tsv.
#[test]
fn the_protocol_table_is_complete() {
    let everything: ClientCapabilities = serde_json::from_str(include_str!("support/everything.json")).unwrap();
    let ours = serde_json::to_value(capabilities::ours(&Editor::of(&everything))).unwrap();
    let mut unnamed: BTreeSet<String> = leaves(&ours);
    let mut table = String::from("\n\n| Method | Notes | rcjsuen | tally |\n|---|---|---|---|\n");
    for row in include_str!("../docs/lsp.tsv").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [method, pointer, note, peers] = cells[..] else { panic!("{row:?} has not four cells") };
        for pointer in pointer.split(' ').filter(|pointer| *pointer != "-") {
            assert!(ours.pointer(pointer).is_some(), "{method}: the capabilities have no {pointer}");
            unnamed.retain(|leaf| leaf != pointer && !leaf.starts_with(&format!("{pointer}/")));
        }
        let has = |peer: &str| if peers.split(' ').any(|name| name == peer) { "yes" } else { "" };
        let _ = writeln!(table, "| `{method}` | {note} | {} | {} |", has("rcjsuen"), has("tally"));
    }
    assert!(unnamed.is_empty(), "docs/lsp.tsv does not name {unnamed:?}");
    table.push('\n');
    between("docs/lsp.md", "methods", &table);
}

/// The pointers of what the capabilities say, two levels deep for the workspace and its files, else one.
fn leaves(ours: &Value) -> BTreeSet<String> {
    let inner = |key: &str, value: &Value| -> Vec<String> {
        let keys = value.as_object().filter(|_| key == "workspace").into_iter().flatten();
        keys.map(|(inner, _)| format!("/{key}/{inner}")).collect()
    };
    let own = |(key, value): (&String, &Value)| {
        let inner = inner(key, value);
        if inner.is_empty() { vec![format!("/{key}")] } else { inner }
    };
    ours.as_object().unwrap().iter().flat_map(own).collect()
}
