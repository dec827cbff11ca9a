//! Bytes: positions, buffers, edits.
pub mod buffer;
pub mod difference;
pub mod edit;
pub mod lines;
pub mod nearest;
pub mod span;
