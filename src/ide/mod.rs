//! What editors ask for. One file a feature, one public function each: a snapshot in, plain data out.
pub mod code_actions;
pub mod completion;
pub mod definition;
pub mod folding;
pub mod format;
mod go_docs;
mod go_project;
pub mod hover;
mod image_page;
pub mod inlay_hints;
mod lines;
pub mod links;
mod markdown;
mod occurrences;
pub mod references;
pub mod signature;
pub mod symbols;
