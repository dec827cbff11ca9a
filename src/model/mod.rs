//! What the text says: instructions, stages, words, each part with its span.
pub mod build;
pub mod check;
pub mod command;
pub mod cursor;
pub mod dockerfile;
pub mod flags;
pub mod image;
pub mod instruction;
mod kept;
pub mod mount;
mod moved;
pub mod problem;
pub mod stage;
pub mod word;
pub mod words;
