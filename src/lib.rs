//! dockline: a Dockerfile language server that knows Go.
pub mod text;
