//! The `dockline` program.
fn main() {}
