//! The committed parser is the one that the committed grammar makes.

use std::fs;
use std::path::Path;
use tree_sitter_generate::{OptLevel, generate_parser_for_grammar};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the grammar")
}

fn version() -> (u8, u8, u8) {
    let part = |text: &str| text.parse().expect("a small version number");
    (
        part(env!("CARGO_PKG_VERSION_MAJOR")),
        part(env!("CARGO_PKG_VERSION_MINOR")),
        part(env!("CARGO_PKG_VERSION_PATCH")),
    )
}

#[test]
fn parser_is_generated_from_grammar_json() {
    let grammar = read("src/grammar.json");
    let (name, parser) =
        generate_parser_for_grammar(&grammar, Some(version()), OptLevel::default(), &mut Vec::new()).expect("a parser");
    assert_eq!(name, "dockerfile");
    // Not assert_eq: the parser is too long to print.
    assert!(parser == read("src/parser.c"), "stale: cargo run -p dockline-grammar --example generate");
}

#[test]
fn tree_sitter_json_has_the_version_of_the_crate() {
    let expected = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(read("tree-sitter.json").contains(&expected), "{expected}");
}

/// Every rule and token name of grammar.js is in grammar.json: the cheap half of freshness that needs no JavaScript.
#[test]
fn grammar_json_knows_the_rules_of_grammar_js() {
    let (script, json) = (read("grammar.js"), read("src/grammar.json"));
    let rules = script.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": $ =>"));
    let mut count = 0;
    for (rule, _) in rules.filter(|(rule, _)| !rule.starts_with(' ')) {
        count += 1;
        assert!(json.contains(&format!("\"{rule}\": {{")), "{rule}: cargo run -p dockline-grammar --example generate");
    }
    assert!(count > 30, "{count}");
}

/// The scanner's tokens are an enum in C, in the order of the grammar's list.
#[test]
fn the_scanner_has_as_many_tokens_as_the_grammar() {
    let state = read("src/scanner/state.h");
    let tokens = state.split_once("enum Token {").and_then(|(_, rest)| rest.split_once("};")).expect("enum Token").0;
    let tokens: Vec<&str> = tokens.split(',').map(str::trim).filter(|token| !token.is_empty()).collect();
    let parser = read("src/parser.c");
    let count = parser.lines().find_map(|line| line.strip_prefix("#define EXTERNAL_TOKEN_COUNT ")).expect("a count");
    assert_eq!(tokens.len().to_string(), count);
}
