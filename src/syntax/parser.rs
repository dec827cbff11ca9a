//! Dockerfile text to tree, whole or incrementally.
use std::cell::RefCell;

use tree_sitter::{InputEdit, Parser, Tree};

use crate::text::buffer::{Change, Point};

/// The tree of one version of a text; cheap to clone.
#[derive(Clone, Debug)]
pub struct SyntaxTree(Tree);

impl SyntaxTree {
    /// Tells the tree that its text changed, so that the next parse can reuse it.
    pub fn edit(&mut self, change: &Change) {
        let point = |point: Point| tree_sitter::Point::new(point.row as usize, point.column as usize);
        self.0.edit(&InputEdit {
            start_byte: change.start_byte as usize,
            old_end_byte: change.old_end_byte as usize,
            new_end_byte: change.new_end_byte as usize,
            start_position: point(change.start),
            old_end_position: point(change.old_end),
            new_end_position: point(change.new_end),
        });
    }

    /// The root node.
    pub fn root(&self) -> tree_sitter::Node<'_> {
        self.0.root_node()
    }
}

/// Parses `text`; `old` is the tree of an earlier version to which every change since was told.
pub fn parse(text: &str, old: Option<&SyntaxTree>) -> SyntaxTree {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new(dockerfile_parser());
    }
    let run = |parser: &mut Parser| {
        let tree = parser.parse(text, old.map(|tree| &tree.0));
        SyntaxTree(tree.expect("no cancellation is set and the language is loaded"))
    };
    match old {
        Some(_) => PARSER.with_borrow_mut(run),
        // A parser keeps the stacks that its longest text needed: 2 MB for 5,000 lines, in each thread.
        None => run(&mut dockerfile_parser()),
    }
}

fn dockerfile_parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar is built for this tree-sitter");
    parser
}
