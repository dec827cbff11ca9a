//! dockline: a Dockerfile language server that knows Go.
pub mod syntax;
pub mod text;
