//! What one keystroke costs in-process.
fn main() {}
