//! What editors ask for, one file a feature, as pure functions of a snapshot.
pub mod hover;
