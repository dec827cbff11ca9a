//! What a stage means.
use super::snapshot::Snapshot;

/// One stage, interpreted.
#[derive(Clone, Debug)]
pub struct StageAnalysis {}

/// Interprets every stage.
pub fn analyse(snapshot: &Snapshot) -> Vec<StageAnalysis> {
    snapshot.file().stages.iter().map(|_| StageAnalysis {}).collect()
}
