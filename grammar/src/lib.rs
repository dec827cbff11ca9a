//! A tree-sitter grammar that reads Dockerfiles as BuildKit does.
//!
//! The node names are listed in this crate's README.

use tree_sitter_language::LanguageFn;

#[allow(unsafe_code, reason = "the generated parser is C")]
unsafe extern "C" {
    fn tree_sitter_dockerfile() -> *const ();
}

/// The grammar, to be given to `tree_sitter::Parser::set_language` by way of `into()`.
// SAFETY: the function is the one that tree-sitter generated into src/parser.c; it returns a pointer to a static table.
#[allow(unsafe_code, reason = "the generated parser is C")]
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_dockerfile) };

/// The node kinds and their fields, as JSON in tree-sitter's own format.
pub const NODE_TYPES: &str = include_str!("node-types.json");
