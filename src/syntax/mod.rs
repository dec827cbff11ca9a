//! The trees. The only place that names tree-sitter.
pub mod node;
pub mod parser;
pub mod shell;
