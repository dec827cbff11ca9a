//! Names that editors and we agree on.
use tower_lsp::gen_lsp_types::CodeActionKind;

/// Applies a code action: `{ "uri", "range", "title" }`.
pub const APPLY: &str = "dockline.applyAction";
/// Applies all safe fixes: the document's URI.
pub const APPLY_FIXES: &str = "dockline.fixAll";
/// Writes a Dockerfile for the Go module of a folder: the folder's URI, and the title of one of several programs.
pub const GENERATE: &str = "dockline.generateDockerfile";
/// All commands.
pub const COMMANDS: [&str; 3] = [APPLY, APPLY_FIXES, GENERATE];

/// The kind of the action that applies all safe fixes.
pub fn fix_all() -> CodeActionKind {
    CodeActionKind::Custom("source.fixAll.dockline".into())
}
