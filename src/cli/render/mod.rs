//! Findings as text for people and as data for programs.
pub(super) mod checkstyle;
mod fingerprint;
pub(super) mod github;
pub(super) mod gitlab;
pub(super) mod json;
pub(super) mod junit;
pub mod place;
pub(super) mod sarif;
pub mod text;
mod xml;
