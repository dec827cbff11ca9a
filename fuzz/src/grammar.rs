//! What must hold for the grammar and any bytes: no error node, every node inside the text and inside its parent, and a tree that was
//! updated after an edit is the tree of the new text.
//!
//! An input is a text; behind each byte `ff` stands an edit: two bytes for the place, one for how much is replaced, and what is typed.
use std::cell::RefCell;

use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

/// Starts an edit in an input.
const EDIT: u8 = 0xFF;
/// An input holds no more edits.
const MAX_EDITS: usize = 2;

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(parser());
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar loads");
    parser
}

fn parse(text: &[u8], old: Option<&Tree>) -> Tree {
    PARSER.with_borrow_mut(|parser| parser.parse(text, old).expect("no limit is set"))
}

/// Checks an input.
pub fn check(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == EDIT);
    let mut text = parts.next().unwrap_or_default().to_vec();
    let mut tree = parse(&text, None);
    sound(&tree, &text);
    for part in parts.take(MAX_EDITS) {
        let Some((head, new)) = part.split_at_checked(3) else { continue };
        let start = usize::from(u16::from_be_bytes([head[0], head[1]])) % (text.len() + 1);
        let end = boundary(&text, (start + usize::from(head[2] % 32)).min(text.len()));
        let start = boundary(&text, start);
        let before = text.clone();
        edit(&mut text, &mut tree, start..end, new);
        tree = parse(&text, Some(&tree));
        let fresh = parse(&text, None);
        sound(&fresh, &text);
        let show = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        assert!(
            same(&tree, &fresh),
            "{start}..{end} of {:?}: {:?}\n{}\n{}",
            show(&before),
            show(&text),
            tree.root_node(),
            fresh.root_node()
        );
    }
}

/// The place at or before `at` that splits no character: tree-sitter counts one byte of what a token has looked ahead at.
fn boundary(text: &[u8], at: usize) -> usize {
    let inside = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !inside(at)).unwrap_or(at)
}

fn edit(text: &mut Vec<u8>, tree: &mut Tree, range: std::ops::Range<usize>, new: &[u8]) {
    let (start_position, old_end_position) = (point(text, range.start), point(text, range.end));
    let new_end = range.start + new.len();
    text.splice(range.clone(), new.iter().copied());
    tree.edit(&InputEdit {
        start_byte: range.start,
        old_end_byte: range.end,
        new_end_byte: new_end,
        start_position,
        old_end_position,
        new_end_position: point(text, new_end),
    });
}

fn point(text: &[u8], byte: usize) -> Point {
    let row = text[..byte].split(|byte| *byte == b'\n').count() - 1;
    let start = text[..byte].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    Point { row, column: byte - start }
}

fn sound(tree: &Tree, text: &[u8]) {
    let root = tree.root_node();
    let show = || format!("{:?}\n{root}", String::from_utf8_lossy(text));
    assert!(!root.has_error(), "an error node: {}", show());
    assert!(root.end_byte() <= text.len(), "the tree reaches out of the text: {}", show());
    each(root, &mut |node, parent| {
        let inside = node.start_byte() <= node.end_byte()
            && parent.start_byte() <= node.start_byte()
            && node.end_byte() <= parent.end_byte();
        assert!(inside, "{node:?} reaches out of {parent:?}: {}", show());
    });
}

fn each<'t>(node: Node<'t>, look: &mut impl FnMut(Node<'t>, Node<'t>)) {
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        look(child, node);
        each(child, look);
    }
}

fn same(one: &Tree, other: &Tree) -> bool {
    let outline = |tree: &Tree| {
        let root = tree.root_node();
        let mut nodes = vec![(root.kind_id(), root.range())];
        each(root, &mut |node, _| nodes.push((node.kind_id(), node.range())));
        nodes
    };
    outline(one) == outline(other)
}
