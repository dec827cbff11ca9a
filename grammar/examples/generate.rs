//! Writes src/grammar.json, src/parser.c, src/node-types.json and src/tree_sitter/*.h from grammar.js (needs node).
//!
//! `cargo run -p dockline-grammar --example generate`

use std::path::Path;
use tree_sitter_generate::{ABI_VERSION_MAX, OptLevel, generate_parser_in_directory};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut notes = Vec::new();
    let grammar = Some(root.join("grammar.js"));
    let report = std::env::args().nth(1);
    let result = generate_parser_in_directory(
        root,
        None::<&Path>,
        grammar,
        ABI_VERSION_MAX,
        report.as_deref(),
        Some("node"),
        true,
        OptLevel::default(),
        &mut notes,
    );
    for note in notes {
        eprintln!("{note}");
    }
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
