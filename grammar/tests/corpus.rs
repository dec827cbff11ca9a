//! The cases of test/corpus, in tree-sitter's own format. `UPDATE=1` writes the trees that the parser makes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use tree_sitter::{Parser, TreeCursor};

struct Case {
    name: String,
    input: String,
    tree: String,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn is_rule(line: &str, character: char, length: usize) -> bool {
    line.len() >= length && line.chars().all(|c| c == character)
}

/// Reads `===`, name, `===`, input, `---`, tree, over and over.
fn read_cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut lines = text.split('\n').peekable();
    while lines.next().is_some_and(|line| is_rule(line, '=', 10)) {
        let name = lines.next().unwrap_or_default().to_string();
        lines.next();
        let input: Vec<&str> = lines.by_ref().take_while(|line| !is_rule(line, '-', 3)).collect();
        let mut tree = Vec::new();
        while let Some(line) = lines.next_if(|line| !is_rule(line, '=', 10)) {
            tree.push(line);
        }
        let inner = |part: &[&str]| part.join("\n").trim_matches('\n').to_string();
        // One blank line belongs to the format on either side.
        let input = input.get(1..input.len().saturating_sub(1)).unwrap_or_default().join("\n");
        cases.push(Case { name, input, tree: inner(&tree) });
    }
    cases
}

fn write_cases(cases: &[Case]) -> String {
    let rule = "=".repeat(80);
    let write = |case: &Case| format!("{rule}\n{}\n{rule}\n\n{}\n\n---\n\n{}\n", case.name, case.input, case.tree);
    cases.iter().map(write).collect::<Vec<_>>().join("\n")
}

fn write_tree(cursor: &mut TreeCursor, depth: usize, out: &mut String) {
    let node = cursor.node();
    if node.is_named() || node.is_missing() {
        let indent = "  ".repeat(depth);
        let field = cursor.field_name().map_or(String::new(), |field| format!("{field}: "));
        let missing = if node.is_missing() { "MISSING " } else { "" };
        let line_break = if depth == 0 { "" } else { "\n" };
        write!(out, "{line_break}{indent}{field}({missing}{}", node.kind()).expect("a string");
        if cursor.goto_first_child() {
            write_tree(cursor, depth + 1, out);
            while cursor.goto_next_sibling() {
                write_tree(cursor, depth + 1, out);
            }
            cursor.goto_parent();
        }
        out.push(')');
    }
}

fn parse(parser: &mut Parser, text: &str) -> String {
    let tree = parser.parse(text, None).expect("no limit is set");
    let mut out = String::new();
    write_tree(&mut tree.walk(), 0, &mut out);
    out
}

#[test]
fn corpus() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar loads");
    let mut count = 0;
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("a corpus file");
        let mut cases = read_cases(&text);
        count += cases.len();
        for case in &mut cases {
            let tree = parse(&mut parser, &case.input);
            assert!(!tree.contains("ERROR") && !tree.contains("MISSING"), "{}:\n{tree}", case.name);
            if update {
                case.tree = tree;
            } else {
                assert_eq!(case.tree, tree, "{}: {}", file.display(), case.name);
            }
        }
        let written = write_cases(&cases);
        if update {
            std::fs::write(&file, written).expect("the corpus can be written");
        } else {
            assert_eq!(text, written, "{} is not laid out as the runner writes it", file.display());
        }
    }
    assert!(count >= 80, "{count} cases: some were not read");
}
