//! Thin typed views of the tree: what the model reads, kind ids resolved once.
use std::sync::LazyLock;

use tree_sitter::{Language, TreeCursor};

use super::parser::SyntaxTree;
use crate::text::span::Span;

/// The node kinds that the model looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of the instructions; its first child is the keyword.
    Instruction,
    /// `# syntax=…` and its like.
    Directive,
    /// A comment line, also one inside a continued instruction.
    Comment,
    /// `--name=value`
    Flag,
    /// A lone `--`.
    EndOfFlags,
    /// `<<EOF`
    HeredocStart,
    /// The lines between.
    HeredocBody,
    /// The terminator.
    HeredocEnd,
    /// An escape character at a line's end, up to the next line.
    Continuation,
    /// What the parser could not place.
    Error,
    /// Anything else.
    Other,
}

static ROLES: LazyLock<Vec<Role>> = LazyLock::new(|| {
    let language = Language::from(dockline_grammar::LANGUAGE);
    (0..language.node_kind_count() as u16)
        .map(|id| role_of_name(language.node_kind_for_id(id).unwrap_or_default(), language.node_kind_is_named(id)))
        .collect()
});

fn role_of_name(name: &str, named: bool) -> Role {
    match name {
        _ if !named => Role::Other,
        "directive" => Role::Directive,
        "comment" => Role::Comment,
        "flag" => Role::Flag,
        "end_of_flags" => Role::EndOfFlags,
        "heredoc_start" => Role::HeredocStart,
        "heredoc_body" => Role::HeredocBody,
        "heredoc_end" => Role::HeredocEnd,
        "line_continuation" => Role::Continuation,
        name if name.ends_with("_instruction") => Role::Instruction,
        _ => Role::Other,
    }
}

/// A walk over the tree: one cursor for all of it, for each new one costs an allocation.
pub struct Walk<'t>(TreeCursor<'t>);

impl<'t> Walk<'t> {
    /// Starts at the root.
    pub fn new(tree: &'t SyntaxTree) -> Self {
        Self(tree.root().walk())
    }

    /// Goes to the first child; false where there is none.
    pub fn enter(&mut self) -> bool {
        self.0.goto_first_child()
    }

    /// Goes to the child that `byte` is in; false where there is none, and perhaps where only hidden text is.
    pub fn enter_at(&mut self, byte: u32) -> bool {
        self.0.goto_first_child_for_byte(byte as usize).is_some()
    }

    /// Goes to the next sibling; false behind the last.
    pub fn advance(&mut self) -> bool {
        self.0.goto_next_sibling()
    }

    /// Goes back to the parent.
    pub fn leave(&mut self) {
        self.0.goto_parent();
    }

    /// What the node is to the model.
    pub fn role(&self) -> Role {
        let node = self.0.node();
        if node.is_error() { Role::Error } else { ROLES.get(node.kind_id() as usize).copied().unwrap_or(Role::Other) }
    }

    /// The bytes of the node.
    pub fn span(&self) -> Span {
        Span::from(self.0.node().byte_range())
    }

    /// The child in the field `name`, as a span.
    pub fn field(&self, name: &str) -> Option<Span> {
        self.0.node().child_by_field_name(name).map(|child| Span::from(child.byte_range()))
    }
}
