//! What runs for which document beside the message loop, so that nothing runs twice at a time.
use dashmap::DashMap;
use tokio::sync::Semaphore;

/// So many scans run at a time; the others wait.
const AT_ONCE: usize = 2;

/// The scans that run or wait.
#[derive(Debug)]
pub struct Scans {
    /// For which documents.
    pub running: Running,
    /// Who may start.
    pub permits: Semaphore,
    /// What each document named of its project when that was looked at last.
    pub named: DashMap<String, u64>,
}

impl Default for Scans {
    fn default() -> Self {
        Self { running: Running::default(), permits: Semaphore::new(AT_ONCE), named: DashMap::with_shard_amount(2) }
    }
}

/// What runs for which document; true when it was asked for again meanwhile.
#[derive(Debug)]
pub struct Running(DashMap<String, bool>);

impl Default for Running {
    fn default() -> Self {
        Self(DashMap::with_shard_amount(2))
    }
}

impl Running {
    /// False when it runs for the document already: it will run again.
    pub fn begin(&self, uri: &str) -> bool {
        if let Some(mut again) = self.0.get_mut(uri) {
            *again = true;
            return false;
        }
        self.0.insert(uri.to_owned(), false);
        true
    }

    /// True when it is to run again.
    pub fn end(&self, uri: &str) -> bool {
        let again = self.0.get(uri).is_some_and(|again| *again);
        if again {
            self.0.insert(uri.to_owned(), false);
        } else {
            self.0.remove(uri);
        }
        again
    }
}
