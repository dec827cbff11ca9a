//! What editors ask for. One file a feature, one public function each: a snapshot in, plain data out.
pub mod code_actions;
pub mod definition;
pub mod folding;
pub mod format;
pub mod hover;
pub mod inlay_hints;
mod occurrences;
pub mod references;
pub mod symbols;
