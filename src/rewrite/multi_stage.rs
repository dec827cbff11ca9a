//! Split a stage that compiles and ships into one that compiles and one that ships.
use super::fix::Fix;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;

/// The conversions of `stage`, the plain one first, then the production form; empty where it must not be split.
pub fn fixes(_snapshot: &Snapshot, _stage: &Stage) -> Vec<Fix> {
    Vec::new()
}
