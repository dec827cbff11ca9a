//! The trees.
pub mod shell;
