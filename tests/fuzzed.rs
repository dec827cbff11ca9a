//! What the fuzz targets in `fuzz/` found, and what they check, over the cases in `fuzz/regressions/`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "../fuzz/src/grammar.rs"]
mod grammar;
#[path = "../fuzz/src/text.rs"]
mod text;

use std::path::Path;

fn each(folder: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions").join(folder);
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        cases += 1;
    }
    assert!(cases > 0);
}

#[test]
fn what_was_found_in_texts_holds() {
    each("text", |data| text::check(data, true));
}

#[test]
fn what_was_found_in_the_grammar_holds() {
    each("grammar", grammar::check);
}
