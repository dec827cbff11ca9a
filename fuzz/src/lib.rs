//! What the fuzz targets check. `tests/fuzzed.rs` checks the same of every find that was kept.
pub mod grammar;
pub mod text;
