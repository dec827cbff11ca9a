//! Registries over the files of a run: an image that several files name is asked for once.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::analysis::published::wanted;
use crate::analysis::snapshot::Snapshot;
use crate::registry::ask::Registries;

/// What registries said, for one run.
#[derive(Default)]
pub struct RegistryChecks {
    registries: Registries,
    /// The first complaint about each host.
    warnings: Mutex<BTreeMap<String, String>>,
}

impl RegistryChecks {
    /// `snapshot` with what registries say of its images, where the settings say so, or the command line: `asked`. Whatever goes
    /// wrong, the rest is as without it.
    pub fn look_at(&self, snapshot: Snapshot, asked: bool) -> Snapshot {
        let settings = &snapshot.settings().registry;
        if !settings.enabled && !asked {
            return snapshot;
        }
        let (published, complaints) = self.registries.ask(&wanted(&snapshot), settings);
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for complaint in complaints {
            let host = complaint.split(',').next().unwrap_or_default().to_owned();
            warnings.entry(host).or_insert(complaint);
        }
        snapshot.with_published(Arc::new(published))
    }

    /// What is to be told after the run, sorted.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
