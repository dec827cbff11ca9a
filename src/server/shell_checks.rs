//! Asking ShellCheck about the open documents, off the message loop. What it said of a text is kept as long as the text is
//! the same; a text that changed has no findings of it until the next answer.
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::documents::Document;
use super::running::Running;
use super::scans;
use super::session::Session;
use crate::analysis::shell_body::jobs;
use crate::project::shellcheck::program::{Program, find};
use crate::project::shellcheck::{Job, Key, Verdict, Verdicts};
use crate::rules::levels;

/// A text is looked at when nothing was typed for so long,
const SILENCE: Duration = Duration::from_millis(250);
/// and whatever is typed after this.
const PATIENCE: Duration = Duration::from_secs(3);
/// All that is not looked at by then is looked at with the next change.
const LIMIT: Duration = Duration::from_secs(60);
/// So many answers are kept; beyond it all are dropped at once.
const CAPACITY: usize = 4_096;

/// What is known of ShellCheck, and who waits for it.
#[derive(Debug)]
pub struct ShellChecks {
    running: Running,
    permits: Semaphore,
    known: Mutex<Known>,
}

impl Default for ShellChecks {
    fn default() -> Self {
        Self { running: Running::default(), permits: Semaphore::new(1), known: Mutex::default() }
    }
}

#[derive(Debug, Default)]
struct Known {
    /// By the setting that names it; why it is not used where it is not.
    programs: HashMap<Option<PathBuf>, Result<Program, String>>,
    verdicts: HashMap<Key, Verdict>,
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks about an open document; when the answers differ from what is known, its diagnostics are renewed.
pub fn request(session: &Arc<Session>, uri: &str) {
    if session.shell_checks.running.begin(uri) {
        tokio::spawn(run(session.clone(), uri.to_owned()));
    }
}

async fn run(session: Arc<Session>, uri: String) {
    loop {
        silence(&session, &uri).await;
        // What was typed may name other files.
        scans::request_if_other(&session, &uri);
        ask_once(&session, &uri).await;
        if !session.shell_checks.running.end(&uri) {
            break;
        }
    }
}

/// Waits until nothing is typed.
pub async fn silence(session: &Session, uri: &str) {
    let start = Instant::now();
    // Only the number of the version is kept: the version itself may be large.
    let version = || session.documents.get(uri).map(|document| document.version);
    while let Some(before) = version().filter(|_| start.elapsed() < PATIENCE) {
        sleep(SILENCE).await;
        if version() == Some(before) {
            break;
        }
    }
}

async fn ask_once(session: &Arc<Session>, uri: &str) {
    let Ok(_permit) = session.shell_checks.permits.acquire().await else { return };
    let Some(document) = session.documents.get(uri) else { return };
    let asking = session.clone();
    // What panics here panics for the reader of the document too, and is answered there.
    let ask = move || catch_unwind(AssertUnwindSafe(|| asking.shell_checks.ask(&document))).ok();
    let Ok(Some(answer)) = spawn_blocking(ask).await else { return };
    let verdicts = answer.unwrap_or_else(|reason| {
        session.log(reason);
        Verdicts::default()
    });
    if session.documents.say(uri, verdicts) {
        session.surroundings_changed(uri);
    }
}

impl ShellChecks {
    /// What ShellCheck says of the document's texts; an error says why it is not asked.
    fn ask(&self, document: &Document) -> Result<Verdicts, String> {
        let snapshot = document.snapshot();
        if !levels::asks_shellcheck(snapshot.settings()) {
            return Ok(Verdicts::default());
        }
        let jobs = jobs(snapshot);
        if jobs.is_empty() {
            return Ok(Verdicts::default());
        }
        let program = self.program(snapshot.settings().shellcheck.path.as_ref())?;
        let keys: Vec<Key> = jobs.iter().map(|job| job.key.clone()).collect();
        let new: Vec<Job> = {
            let known = lock(&self.known);
            jobs.into_iter().filter(|job| !known.verdicts.contains_key(&job.key)).collect()
        };
        let said = program.check(new, LIMIT);
        let mut known = lock(&self.known);
        if known.verdicts.len() + said.len() > CAPACITY {
            known.verdicts.clear();
        }
        known.verdicts.extend(said);
        Ok(keys.into_iter().filter_map(|key| known.verdicts.get(&key).cloned().map(|verdict| (key, verdict))).collect())
    }

    fn program(&self, setting: Option<&PathBuf>) -> Result<Program, String> {
        let setting = setting.cloned();
        if let Some(program) = lock(&self.known).programs.get(&setting) {
            return program.clone();
        }
        let program = find(setting.as_deref());
        lock(&self.known).programs.insert(setting, program.clone());
        program
    }
}
