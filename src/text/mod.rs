//! Bytes: positions, buffers, edits.
pub mod edit;
pub mod span;
