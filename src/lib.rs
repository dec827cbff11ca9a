//! dockline: a Dockerfile language server that knows Go.
pub mod knowledge;
pub mod project;
pub mod text;
