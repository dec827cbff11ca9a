//! Dockerfile text to tree, whole or incrementally.
use std::cell::RefCell;

use tree_sitter::{InputEdit, Parser, Point, Tree};

use crate::text::span::Span;

/// The tree of one version of a text; cheap to clone.
#[derive(Clone, Debug)]
pub struct SyntaxTree(Tree);

/// A change of the text, for telling the old tree what moved. Rows count LF only; columns are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEdit {
    /// The bytes that were replaced.
    pub old: Span,
    /// Where the new bytes end.
    pub new_end: u32,
    /// Row and column of the first replaced byte.
    pub start_point: (u32, u32),
    /// Row and column behind the last replaced byte, in the old text.
    pub old_end_point: (u32, u32),
    /// Row and column behind the last new byte, in the new text.
    pub new_end_point: (u32, u32),
}

impl SyntaxTree {
    /// Tells the tree that its text changed, so that the next parse can reuse it.
    pub fn edit(&mut self, edit: &TreeEdit) {
        let point = |(row, column): (u32, u32)| Point::new(row as usize, column as usize);
        self.0.edit(&InputEdit {
            start_byte: edit.old.start as usize,
            old_end_byte: edit.old.end as usize,
            new_end_byte: edit.new_end as usize,
            start_position: point(edit.start_point),
            old_end_position: point(edit.old_end_point),
            new_end_position: point(edit.new_end_point),
        });
    }

    /// The root node.
    pub fn root(&self) -> tree_sitter::Node<'_> {
        self.0.root_node()
    }
}

/// Parses `text`; `old` is the tree of an earlier version to which every edit since was told.
pub fn parse(text: &str, old: Option<&SyntaxTree>) -> SyntaxTree {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new(dockerfile_parser());
    }
    PARSER.with_borrow_mut(|parser| {
        let tree = parser.parse(text, old.map(|tree| &tree.0));
        SyntaxTree(tree.expect("no cancellation is set and the language is loaded"))
    })
}

fn dockerfile_parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&dockline_grammar::LANGUAGE.into()).expect("the grammar is built for this tree-sitter");
    parser
}
