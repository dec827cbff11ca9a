//! Looking at what lies beside the open documents, off the message loop, bounded.
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::spawn_blocking;

use super::configuration;
use super::documents::Around;
use super::session::Session;
use super::{progress, registries, shell_checks};
use crate::analysis::needs::needs;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::project::{self, Files, Needs};
use crate::settings::Settings;
use crate::trace::{self, Trace};

/// What a scan starts from.
struct Job {
    path: Option<PathBuf>,
    root: Option<PathBuf>,
    needs: Needs,
    editor: Value,
}

/// Looks at what lies beside an open document; when that has changed, its diagnostics are renewed.
pub fn request(session: &Arc<Session>, uri: &str) {
    if session.scans.running.begin(uri) {
        tokio::spawn(run(session.clone(), uri.to_owned()));
    }
}

/// [`request`], when the text names other files or packages than at the last look.
pub fn request_if_other(session: &Arc<Session>, uri: &str) {
    let Some(document) = session.documents.get(uri).filter(|document| document.path.is_some()) else { return };
    let now = catch_unwind(AssertUnwindSafe(|| named(document.snapshot()))).ok();
    if now != session.scans.named.get(uri).map(|named| *named) {
        request(session, uri);
    }
}

/// A number for what a text says of its project.
fn named(snapshot: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    for instruction in &snapshot.file().instructions {
        let text = &snapshot[instruction.span];
        let is_about = match instruction.kind {
            Kind::Copy | Kind::Add | Kind::Workdir => true,
            Kind::Run => text.contains("go") || text.contains("--mount"),
            _ => false,
        };
        if is_about {
            text.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// [`request`] for every open document.
pub fn request_all(session: &Arc<Session>) {
    for (uri, _) in session.documents.all() {
        request(session, &uri);
    }
}

/// [`request`] for the documents that may see `changed`: those of the same workspace folder or the same build context, those
/// below its folder, those above it, those whose log it is.
pub fn request_affected(session: &Arc<Session>, changed: &[PathBuf]) {
    for (uri, document) in session.documents.all() {
        let Some(path) = &document.path else { continue };
        let root = session.root_of(path);
        let context = document.facts().likely().context.as_ref().map(|context| &context.dir);
        let sees = |changed: &PathBuf| {
            root.iter().chain(context).any(|folder| changed.starts_with(folder))
                || near(changed, path)
                || near(path, changed)
                || document.settings().build_log.as_ref() == Some(changed)
        };
        if changed.iter().any(sees) {
            request(session, &uri);
        }
    }
}

/// True when `other` lies in the folder of `file` or below it.
fn near(file: &Path, other: &Path) -> bool {
    file.parent().is_some_and(|folder| other.starts_with(folder))
}

async fn run(session: Arc<Session>, uri: String) {
    loop {
        scan_once(&session, &uri).await;
        if !session.scans.running.end(&uri) {
            break;
        }
    }
}

async fn scan_once(session: &Arc<Session>, uri: &str) {
    let Ok(_permit) = session.scans.permits.acquire().await else { return };
    let Some(document) = session.documents.get(uri) else { return };
    let root = document.path.as_deref().and_then(|path| session.root_of(path));
    // What panics here panics for the reader of the document too, and is answered there.
    let read = || (needs(document.snapshot()), named(document.snapshot()));
    let (needs, named) = catch_unwind(AssertUnwindSafe(read)).unwrap_or_default();
    session.scans.named.insert(uri.to_owned(), named);
    let job = Job { path: document.path.clone(), root, needs, editor: session.settings() };
    drop(document);
    // A scan that panics is logged by the panic hook, and the old facts are kept.
    let title = "Reading the project";
    let Some((around, complaints)) = progress::of_slow(session, title, spawn_blocking(move || scan(&job))).await else {
        return;
    };
    for complaint in complaints {
        session.tell(complaint);
    }
    if let Some(log) = &around.settings.build_log {
        session.watch(log);
    }
    let shown = |settings: &Settings| (settings.inlay_hints.clone(), settings.code_lenses);
    if session.documents.get(uri).is_some_and(|now| shown(now.settings()) != shown(&around.settings)) {
        session.show_otherwise();
    }
    if session.documents.surround(uri, around) {
        session.surroundings_changed(uri);
    }
    shell_checks::request(session, uri);
    registries::request(session, uri);
}

fn scan(job: &Job) -> (Around, Vec<String>) {
    test_slowness();
    let (settings, complaints) = configuration::settings(job.path.as_deref(), &job.editor, job.root.as_deref());
    let look =
        |path: &Path| project::scan(&project::Disk, path, job.root.as_deref(), &job.needs, settings.context.as_deref());
    let facts = job.path.as_deref().map(look).unwrap_or_default();
    let builds = settings.build_log.as_deref().map(|path| builds(&project::Disk, path)).unwrap_or_default();
    let (facts, settings, builds) = (Arc::new(facts), Arc::new(settings), Arc::new(builds));
    (Around { facts, settings, builds, ..Around::default() }, complaints)
}

/// For tests of debug builds: takes as many milliseconds as `DOCKLINE_TEST_SLOW_SCAN` says.
fn test_slowness() {
    if cfg!(debug_assertions)
        && let Ok(Ok(time)) = std::env::var("DOCKLINE_TEST_SLOW_SCAN").map(|time| time.parse())
    {
        std::thread::sleep(Duration::from_millis(time));
    }
}

/// The builds of a log; none while it is not there, or too large.
fn builds(files: &dyn Files, path: &Path) -> Vec<Trace> {
    match files.read(path) {
        Ok(bytes) => trace::read(&String::from_utf8_lossy(&bytes)),
        Err(error) => {
            tracing::info!("{}: {error}", path.display());
            Vec::new()
        }
    }
}
