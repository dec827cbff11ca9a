//! What the file means: values, image states, Go commands.
pub mod known;
pub mod snapshot;
pub mod stage;
