//! The open documents: the one mutable thing of the house. A change makes a new version, and computes nothing.
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use dashmap::DashMap;

use crate::analysis::snapshot::{Earlier, Snapshot};
use crate::project::facts::Facts;
use crate::project::shellcheck::Verdicts;
use crate::registry::RegistryFacts;
use crate::rules::memory::Memory;
use crate::rules::rule::Diagnostic;
use crate::rules::run::find_again;
use crate::rules::standing::Standing;
use crate::settings::Settings;
use crate::text::buffer::{Buffer, Position, PositionEncoding};
use crate::trace::Trace;

/// One version of one document with one view of what surrounds it. The first reader builds its snapshot.
#[derive(Debug)]
pub struct Document {
    /// Where the file lies, if it lies anywhere.
    pub path: Option<PathBuf>,
    /// The editor's version number.
    pub version: i32,
    /// Grows with every change of the text, of the facts and of the settings: never the same for two answers that differ.
    pub serial: u64,
    /// The text.
    pub buffer: Buffer,
    around: Around,
    snapshot: OnceLock<Snapshot>,
    findings: OnceLock<Findings>,
    past: Mutex<Past>,
}

/// What a version takes over from earlier ones; of no use once all that is derived from it is there.
#[derive(Clone, Debug, Default)]
struct Past {
    /// An earlier version, to which every change since was told.
    earlier: Option<Earlier>,
    /// What the rules found in an earlier version.
    memory: Option<Arc<Memory>>,
    /// What was found before a line was half typed.
    standing: Option<Arc<Standing>>,
    /// The version before if anything was found in it, kept so that it is dropped when there is time.
    replaced: Option<Arc<Document>>,
}

/// What the rules found.
#[derive(Clone, Debug)]
struct Findings {
    /// With what stands while a line is half typed.
    diagnostics: Arc<Vec<Diagnostic>>,
    memory: Option<Arc<Memory>>,
    standing: Arc<Standing>,
}

/// What surrounds a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// What lies beside it; nothing is known until the first scan ends.
    pub facts: Arc<Facts>,
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// What ShellCheck said of its texts, as far as it was asked.
    pub verdicts: Arc<Verdicts>,
    /// What registries said of its images, as far as they were asked.
    pub published: Arc<RegistryFacts>,
    /// The builds of the log that the settings name.
    pub builds: Arc<Vec<Trace>>,
}

/// A replacement of what is between two positions, or of the whole text without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is replaced.
    pub range: Option<(Position, Position)>,
    /// What stands there afterwards.
    pub text: String,
}

impl Document {
    /// A text that nobody edits: a file on disk, or the first version of a document.
    pub fn new(path: Option<PathBuf>, version: i32, serial: u64, text: &str, around: Around) -> Self {
        let (snapshot, findings, past) = Default::default();
        Self { path, version, serial, buffer: Buffer::new(text), around, snapshot, findings, past }
    }

    /// Everything that is derived from this version.
    pub fn snapshot(&self) -> &Snapshot {
        self.snapshot.get_or_init(|| {
            let Around { facts, settings, verdicts, published, .. } = self.around.clone();
            let (path, earlier) = (self.path.clone(), self.past().earlier.clone());
            Snapshot::new(path, self.version, self.buffer.text(), earlier.as_ref(), facts, settings)
                .with_answers(verdicts, published)
        })
    }

    /// What lies beside it, as far as that is known.
    pub fn facts(&self) -> &Facts {
        &self.around.facts
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.around.settings
    }

    /// True when something of its images is known from registries.
    pub fn knows_registries(&self) -> bool {
        !self.around.published.is_empty()
    }

    /// The builds of the log that the settings name.
    pub fn builds(&self) -> &[Trace] {
        &self.around.builds
    }

    /// What the rules found in it.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings.get_or_init(|| self.find()).diagnostics
    }

    fn find(&self) -> Findings {
        let Past { memory, standing, .. } = self.past().clone();
        let (outcome, memory) = find_again(self.snapshot(), memory.as_deref());
        let memory = memory.map(Arc::new);
        let held = standing.and_then(|standing| standing.hold(self.snapshot(), &outcome.diagnostics));
        if let Some((standing, held)) = held {
            return Findings { diagnostics: Arc::new(held), memory, standing };
        }
        let diagnostics = Arc::new(outcome.diagnostics);
        let standing = Arc::new(Standing::new(self.snapshot(), diagnostics.clone()));
        Findings { diagnostics, memory, standing }
    }

    /// What the rules found in this version, or else in an earlier one; and what stands of it.
    fn found(&self) -> (Option<Arc<Memory>>, Option<Arc<Standing>>) {
        let past = || {
            let past = self.past();
            (past.memory.clone(), past.standing.clone())
        };
        self.findings.get().map_or_else(past, |found| (found.memory.clone(), Some(found.standing.clone())))
    }

    fn changed(&self, version: i32, serial: u64, changes: &[Change], encoding: PositionEncoding) -> Self {
        let mut buffer = self.buffer.clone();
        let (memory, standing) = self.found();
        let mut past = Past { earlier: self.latest(), memory, standing, replaced: None };
        for change in changes {
            let done = buffer.apply(change.range, &change.text, encoding);
            match change.range {
                Some(_) => past.earlier.iter_mut().for_each(|earlier| earlier.edit(&done)),
                // Nothing of the tree can be kept.
                None => past.earlier = None,
            }
        }
        let (path, around) = (self.path.clone(), self.around.clone());
        let (snapshot, findings) = Default::default();
        Self { path, version, serial, buffer, around, snapshot, findings, past: Mutex::new(past) }
    }

    /// The same text with something else around it.
    #[must_use]
    pub fn surrounded(&self, serial: u64, around: Around) -> Self {
        // Parsed already: the text is the same.
        let Around { facts, settings, verdicts, published, .. } = &around;
        let with = |snapshot: &Snapshot| {
            snapshot.with(facts.clone(), settings.clone()).with_answers(verdicts.clone(), published.clone())
        };
        let built = self.snapshot.get().map(with);
        let earlier = if built.is_some() { None } else { self.past().earlier.clone() };
        let snapshot = built.map_or_else(OnceLock::new, OnceLock::from);
        let (path, version, buffer) = (self.path.clone(), self.version, self.buffer.clone());
        let past = Mutex::new(Past { earlier, standing: self.found().1, ..Past::default() });
        Self { path, version, serial, buffer, around, snapshot, findings: OnceLock::new(), past }
    }

    /// The same, in which nothing is half typed: what is found in it is what stands from now on. `None` where that is so already.
    fn settled(&self, serial: u64) -> Option<Self> {
        let is_own = |standing: &Standing| self.snapshot.get().is_some_and(|snapshot| standing.is_of(snapshot));
        self.found().1.filter(|standing| !is_own(standing))?;
        let settled = self.surrounded(serial, self.around.clone());
        settled.past().standing = None;
        Some(settled)
    }

    fn latest(&self) -> Option<Earlier> {
        self.snapshot.get().map(Earlier::of).or_else(|| self.past().earlier.clone())
    }

    /// Drops what earlier versions have left, if it was used. That takes a part of the time of an answer, so it is for later.
    pub fn forget(&self) {
        if self.findings.get().is_some() {
            // Dropped when the lock is free again.
            let _past = std::mem::take(&mut *self.past());
        }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All open documents by the editor's name for them. Nothing is locked beyond a call.
#[derive(Debug)]
pub struct Documents {
    open: DashMap<String, Arc<Document>>,
    serial: AtomicU64,
}

impl Default for Documents {
    fn default() -> Self {
        // The default number of shards asks the system for its processors.
        Self { open: DashMap::with_shard_amount(2), serial: AtomicU64::new(0) }
    }
}

impl Documents {
    /// Takes a document in; one of the same name is replaced.
    pub fn open(&self, uri: &str, path: Option<PathBuf>, version: i32, text: &str, around: Around) {
        let document = Document::new(path, version, self.next_serial(), text, around);
        self.open.insert(uri.to_owned(), Arc::new(document));
    }

    /// Makes a new version; false for a document that is not open.
    pub fn change(&self, uri: &str, version: i32, changes: &[Change], encoding: PositionEncoding) -> bool {
        let Some(document) = self.get(uri) else { return false };
        let changed = document.changed(version, self.next_serial(), changes, encoding);
        // What `document` itself has replaced must not hang on: a thousand changes may come before anybody asks.
        document.forget();
        changed.past().replaced = Some(document).filter(|document| document.findings.get().is_some());
        self.open.insert(uri.to_owned(), Arc::new(changed));
        true
    }

    /// Takes every line of a document for done, half typed or not; false when that changes nothing.
    pub fn settle(&self, uri: &str) -> bool {
        let settled = self.get(uri).and_then(|document| document.settled(self.next_serial()));
        settled.map(|settled| self.open.insert(uri.to_owned(), Arc::new(settled))).is_some()
    }

    /// Changes the facts and settings of a document; false when nothing changed that findings depend on.
    pub fn surround(&self, uri: &str, around: Around) -> bool {
        let Some(document) = self.get(uri) else { return false };
        let Around { verdicts, published, .. } = document.around.clone();
        self.replace_around(uri, &document, Around { verdicts, published, ..around })
    }

    /// Changes what ShellCheck said of a document; false when nothing changed.
    pub fn say(&self, uri: &str, verdicts: Verdicts) -> bool {
        let Some(document) = self.get(uri) else { return false };
        let around = Around { verdicts: Arc::new(verdicts), ..document.around.clone() };
        self.replace_around(uri, &document, around)
    }

    /// Changes what registries said of a document's images; false when nothing changed.
    pub fn publish(&self, uri: &str, published: RegistryFacts) -> bool {
        let Some(document) = self.get(uri) else { return false };
        let around = Around { published: Arc::new(published), ..document.around.clone() };
        self.replace_around(uri, &document, around)
    }

    fn replace_around(&self, uri: &str, document: &Document, around: Around) -> bool {
        if document.around == around {
            return false;
        }
        let as_before = Around { facts: document.around.facts.clone(), ..around.clone() } == document.around;
        let reports_same = as_before && around.facts.report_like(&document.around.facts);
        let serial = if reports_same { document.serial } else { self.next_serial() };
        self.open.insert(uri.to_owned(), Arc::new(document.surrounded(serial, around)));
        !reports_same
    }

    /// Forgets a document.
    pub fn close(&self, uri: &str) {
        self.open.remove(uri);
    }

    /// The newest version of a document.
    pub fn get(&self, uri: &str) -> Option<Arc<Document>> {
        self.open.get(uri).map(|document| document.clone())
    }

    /// The newest versions of all documents.
    pub fn all(&self) -> Vec<(String, Arc<Document>)> {
        self.open.iter().map(|entry| (entry.key().clone(), entry.value().clone())).collect()
    }

    fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(line: u32, column: u32, text: &str) -> Change {
        let position = Position::new(line, column);
        Change { range: Some((position, position)), text: text.to_owned() }
    }

    #[test]
    fn versions_are_independent() {
        let documents = Documents::default();
        documents.open("a", None, 1, "FROM a\n", Around::default());
        let first = documents.get("a").unwrap();
        assert!(documents.change("a", 2, &[insert(1, 0, "RUM x\n"), insert(1, 2, "N")], PositionEncoding::Utf16));
        let second = documents.get("a").unwrap();
        assert_eq!(second.snapshot().text(), "FROM a\nRUNM x\n");
        assert_eq!(first.snapshot().text(), "FROM a\n");
        assert_eq!((first.findings().len(), second.findings().len()), (0, 1));
        assert!(second.serial > first.serial);
        assert!(!documents.change("b", 1, &[], PositionEncoding::Utf16));
    }

    #[test]
    fn surroundings_keep_the_text() {
        let documents = Documents::default();
        documents.open("a", None, 1, "FROM a\nRUM x\n", Around::default());
        let first = documents.get("a").unwrap();
        assert_eq!(first.findings().len(), 1);
        assert!(!documents.surround("a", Around::default()));
        let settings = Settings::from_toml("[rules]\nunknown-instruction = \"off\"\n").unwrap();
        assert!(documents.surround("a", Around { settings: settings.into(), ..Around::default() }));
        let second = documents.get("a").unwrap();
        assert_eq!(second.findings().len(), 0);
        assert_ne!(second.serial, first.serial);
        assert!(documents.change("a", 2, &[insert(0, 0, "#\n")], PositionEncoding::Utf8));
        assert_eq!(documents.get("a").unwrap().snapshot().text(), "#\nFROM a\nRUM x\n");
    }

    #[test]
    fn a_new_text_drops_the_tree() {
        let documents = Documents::default();
        documents.open("a", None, 1, "FROM a\n", Around::default());
        documents.get("a").unwrap().snapshot();
        let whole = Change { range: None, text: "FROM b\nRUM\n".to_owned() };
        documents.change("a", 2, &[whole, insert(0, 0, "# x\n")], PositionEncoding::Utf32);
        assert_eq!(documents.get("a").unwrap().snapshot().text(), "# x\nFROM b\nRUM\n");
    }
}
