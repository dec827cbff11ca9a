//! Random text: no bytes make an ERROR node, and a tree updated after an edit is the tree of the new text.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::fmt::Write;
use tree_sitter::{InputEdit, Parser, Point, Tree, TreeCursor};

/// What Dockerfiles are made of, and what breaks their readers.
const PARTS: &[&str] = &[
    "FROM ",
    "RUN ",
    "CMD ",
    "ENTRYPOINT ",
    "SHELL ",
    "LABEL ",
    "ENV ",
    "ARG ",
    "EXPOSE ",
    "ADD ",
    "COPY ",
    "VOLUME ",
    "USER ",
    "WORKDIR ",
    "ONBUILD ",
    "STOPSIGNAL ",
    "HEALTHCHECK ",
    "MAINTAINER ",
    "FOO ",
    "run ",
    "\nRUN ",
    "\nCOPY ",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "é",
    "🐳",
    "\\\n",
    " \\\n",
    "\\\n\n",
    "\\ \t\n",
    "\\\r\n",
    "\\\\\n",
    "`\n",
    "\\",
    "`",
    "\\\"",
    "#",
    "# c\n",
    "\n# c\n",
    "# syntax=docker/dockerfile:1\n",
    "# escape=`\n",
    "#!x\n",
    "a",
    "foo",
    "x=1",
    "=",
    "a=b c=d",
    "--",
    "--from=x",
    "--mount=type=cache,target=/x",
    "-",
    "\"",
    "\"",
    "'",
    "$",
    "$x",
    "${",
    "}",
    "${x:-y}",
    "${x/a/b}",
    ":-",
    "##",
    "[",
    "]",
    "[\"a\", \"b\"]",
    ",",
    "null",
    "{\"a\":1}",
    "<<",
    "<<E",
    "<<-E",
    "<<'E'",
    "<< \"E F\"",
    "2<<E",
    "<<<E",
    "\nE\n",
    "\n\tE\n",
    "E",
    "E F",
    "AS",
    "NONE",
    "CMD",
    "&&",
    "|",
    "((1 << 2))",
];

fn random_text(random: &mut StdRng, parts: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..random.random_range(0..parts) {
        match random.random_range(0..200) {
            0 => text.push(random.random()),
            _ => text.extend(PARTS.choose(random).into_iter().flat_map(|part| part.bytes())),
        }
    }
    text
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar loads");
    parser
}

/// Every node with its kind, field and byte range.
fn outline(tree: &Tree) -> String {
    fn write(cursor: &mut TreeCursor, depth: usize, out: &mut String) {
        let node = cursor.node();
        let field = cursor.field_name().unwrap_or("");
        let (start, end) = (node.start_position(), node.end_position());
        writeln!(out, "{:depth$}{field}:{} {:?} {start} {end}", "", node.kind(), node.byte_range()).expect("a string");
        if cursor.goto_first_child() {
            write(cursor, depth + 1, out);
            while cursor.goto_next_sibling() {
                write(cursor, depth + 1, out);
            }
            cursor.goto_parent();
        }
    }
    let mut out = String::new();
    write(&mut tree.walk(), 0, &mut out);
    out
}

fn assert_sound(tree: &Tree, text: &[u8]) {
    assert!(!tree.root_node().has_error(), "{:?}\n{}", String::from_utf8_lossy(text), tree.root_node().to_sexp());
    let end = tree.root_node().end_byte();
    assert!(end <= text.len(), "{:?}", String::from_utf8_lossy(text));
}

fn point(text: &[u8], byte: usize) -> Point {
    let row = text[..byte].split(|&b| b == b'\n').count() - 1;
    let start = text[..byte].iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
    Point { row, column: byte - start }
}

/// Replaces a random range and tells the tree.
fn edit(random: &mut StdRng, text: &mut Vec<u8>, tree: &mut Tree) {
    let start = random.random_range(0..=text.len());
    let length = if random.random_bool(0.4) { 0 } else { random.random_range(0..=12) };
    let old_end = (start + length).min(text.len());
    let new = if random.random_bool(0.2) { Vec::new() } else { random_text(random, 4) };
    let (start_position, old_end_position) = (point(text, start), point(text, old_end));
    text.splice(start..old_end, new.iter().copied());
    let new_end = start + new.len();
    tree.edit(&InputEdit {
        start_byte: start,
        old_end_byte: old_end,
        new_end_byte: new_end,
        start_position,
        old_end_position,
        new_end_position: point(text, new_end),
    });
}

#[test]
fn no_text_makes_an_error_node() {
    let mut random = StdRng::seed_from_u64(1);
    let mut parser = parser();
    for _ in 0..6_000 {
        let text = random_text(&mut random, 40);
        let tree = parser.parse(&text, None).expect("no limit is set");
        assert_sound(&tree, &text);
    }
}

#[test]
fn no_bytes_make_an_error_node() {
    let mut random = StdRng::seed_from_u64(2);
    let mut parser = parser();
    for _ in 0..3_000 {
        let text: Vec<u8> = (0..random.random_range(0..120)).map(|_| random.random()).collect();
        let tree = parser.parse(&text, None).expect("no limit is set");
        assert_sound(&tree, &text);
    }
}

#[test]
fn an_updated_tree_is_the_tree_of_the_new_text() {
    let mut random = StdRng::seed_from_u64(3);
    let mut parser = parser();
    for _ in 0..150 {
        let mut text = random_text(&mut random, 60);
        let mut tree = parser.parse(&text, None).expect("no limit is set");
        for _ in 0..30 {
            let before = text.clone();
            edit(&mut random, &mut text, &mut tree);
            tree = parser.parse(&text, Some(&tree)).expect("no limit is set");
            let fresh = parser.parse(&text, None).expect("no limit is set");
            let show = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            assert_eq!(outline(&tree), outline(&fresh), "\n{:?}\n{:?}", show(&before), show(&text));
            assert_sound(&fresh, &text);
        }
    }
}
