//! Switch cgo on in a stage, with the compiler and libraries that it needs, and give the final stage the matching C library.
use super::fix::Fix;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;

/// The ways to build `stage` with cgo, the preferred one first; empty where nothing is missing or nothing can be done.
pub fn fixes(_snapshot: &Snapshot, _stage: &Stage) -> Vec<Fix> {
    Vec::new()
}
