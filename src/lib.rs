//! dockline: a Dockerfile language server that knows Go.
//!
//! One direction: `text → syntax → model`, beside them `knowledge`, `project`, `settings`; then
//! `registry → analysis → rewrite → rules / actions → trace → ide → server, cli`. Each layer imports only what is to its left.
pub mod actions;
pub mod analysis;
pub mod cli;
pub mod ide;
pub mod knowledge;
pub mod model;
pub mod project;
pub mod registry;
pub mod rewrite;
pub mod rules;
pub mod server;
pub mod settings;
pub mod syntax;
pub mod text;
pub mod trace;
