//! Prints the files that hold ERROR or MISSING nodes, of the paths on standard input; with `--tree`, every file's tree.
//!
//! `find . -name 'Dockerfile*' | cargo run -p dockline-grammar --example audit`

use std::io::BufRead;
use tree_sitter::{Node, Parser};

fn main() {
    let show_tree = std::env::args().any(|arg| arg == "--tree");
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar loads");
    let (mut files, mut bad) = (0, 0);
    for path in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(text) = std::fs::read(&path) else {
            eprintln!("{path}: cannot be read");
            continue;
        };
        let Some(tree) = parser.parse(&text, None) else { continue };
        files += 1;
        if show_tree {
            print_tree(tree.root_node(), &text, 0, None);
        }
        if tree.root_node().has_error() {
            bad += 1;
            print_errors(tree.root_node(), &path, &text);
        }
    }
    eprintln!("{files} files, {bad} with errors");
}

fn print_tree(node: Node, text: &[u8], depth: usize, field: Option<&str>) {
    let field = field.map_or(String::new(), |name| format!("{name}: "));
    let part = String::from_utf8_lossy(&text[node.byte_range()]).into_owned();
    println!("{:indent$}{field}{} {part:?}", "", node.kind(), indent = depth * 2);
    for index in 0..node.child_count() {
        if let Some(child) = node.child(index) {
            print_tree(child, text, depth + 1, node.field_name_for_child(index));
        }
    }
}

fn print_errors(node: Node, path: &str, text: &[u8]) {
    if node.is_error() || node.is_missing() {
        let place = node.start_position();
        let part = String::from_utf8_lossy(&text[node.byte_range()]).chars().take(80).collect::<String>();
        println!("{path}:{}:{}: {} {part:?}", place.row + 1, place.column + 1, node.to_sexp());
        return;
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor).filter(Node::has_error) {
        print_errors(child, path, text);
    }
}
