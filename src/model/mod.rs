//! What the text says: instructions, stages, words, each part with its span.
pub mod build;
pub mod check;
mod check_flags;
pub mod check_mount;
pub mod command;
pub mod cursor;
pub mod dockerfile;
pub mod flags;
pub mod image;
pub mod instruction;
pub mod mount;
pub mod problem;
pub mod split;
pub mod stage;
pub mod unquoted;
pub mod value;
pub mod word;
pub mod words;
