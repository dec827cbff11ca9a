//! Findings as text for people and as data for programs.
pub(super) mod json;
pub mod text;
