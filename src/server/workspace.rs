//! `workspace/diagnostic`: what the rules find in all Dockerfiles of the workspace folders, in those that are open as the editor
//! has them.
//!
//! Editors ask again as soon as they are answered: a question that was answered waits until something has changed.
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tower_lsp::gen_lsp_types::{
    Diagnostic, FullDocumentDiagnosticReport, PreviousResultId, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDiagnosticReportPartialResult,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::configuration;
use super::convert::{View, result_id};
use super::documents::{Around, Document};
use super::session::Session;
use super::uri::uri_of;
use super::workspace_symbols::LIMITS;
use crate::analysis::needs::needs;
use crate::project::dockerfiles::dockerfiles;
use crate::project::{Disk, Files, Scans};

/// Files that are saved together are looked at once.
const SILENCE: Duration = Duration::from_millis(100);
/// An editor that does not say which files change is answered again after this long.
const UNTOLD: Duration = Duration::from_secs(30);
/// Reports that are sent at once to an editor that takes them in parts.
const PART: usize = 20;

/// Whether something changed since the last answer.
#[derive(Debug)]
pub struct Workspace {
    /// Grows with every change.
    now: watch::Sender<u64>,
    /// What it was when the last answer began.
    answered: AtomicU64,
}

impl Default for Workspace {
    fn default() -> Self {
        Self { now: watch::Sender::new(1), answered: AtomicU64::new(0) }
    }
}

impl Workspace {
    /// Something may be found now that was not, or the other way round.
    pub fn changed(&self) {
        self.now.send_modify(|now| *now += 1);
    }

    /// Waits for a change since the last answer, for `patience` at most.
    async fn wait(&self, patience: Duration) {
        let mut changes = self.now.subscribe();
        let answered = self.answered.load(Ordering::Relaxed);
        // An elapsed time is as good as a change.
        let _ = timeout(patience, changes.wait_for(|now| *now != answered)).await;
        sleep(SILENCE).await;
    }
}

/// Answers a request; `Default` for an editor that was sent all in parts.
pub async fn report(session: &Arc<Session>, params: WorkspaceDiagnosticParams) -> WorkspaceDiagnosticReport {
    if !params.previous_result_ids.is_empty() {
        let told = session.editor().register_files;
        session.workspace.wait(if told { Duration::MAX } else { UNTOLD }).await;
    }
    let now = *session.workspace.now.borrow();
    let parts = params.partial_result_params.partial_result_token;
    let token = params.work_done_progress_params.work_done_token;
    let tell = |value: Value| token.iter().for_each(|token| session.shortcut.progress(token, &value));
    tell(json!({ "kind": "begin", "title": "Checking Dockerfiles", "percentage": 0 }));
    let mut asked = Asked::new(session, &params.previous_result_ids);
    let paths = asked.paths().await;
    let (mut items, all) = (Vec::new(), paths.len());
    for (index, path) in paths.into_iter().enumerate() {
        items.extend(asked.file(path).await);
        let done = index + 1;
        tell(json!({ "kind": "report", "message": format!("{done} of {all}"), "percentage": done * 100 / all }));
        if let Some(token) = parts.as_ref().filter(|_| items.len() >= PART) {
            let part = WorkspaceDiagnosticReportPartialResult { items: std::mem::take(&mut items) };
            session.shortcut.progress(token, &part);
        }
    }
    items.extend(asked.gone());
    tell(json!({ "kind": "end" }));
    session.workspace.answered.store(now, Ordering::Relaxed);
    WorkspaceDiagnosticReport { items }
}

/// One request.
struct Asked<'s> {
    session: &'s Arc<Session>,
    /// What the editor has, by its name for the file.
    known: HashMap<String, String>,
    scans: Arc<Scans>,
    /// The open documents that lie somewhere.
    open: HashMap<PathBuf, (String, Arc<Document>)>,
}

impl<'s> Asked<'s> {
    fn new(session: &'s Arc<Session>, known: &[PreviousResultId]) -> Self {
        let known = known.iter().map(|known| (known.uri.0.clone(), known.value.clone())).collect();
        let open = session.documents.all().into_iter();
        let open = open.filter_map(|(uri, document)| Some((document.path.clone()?, (uri, document)))).collect();
        Self { session, known, scans: Arc::default(), open }
    }

    /// The Dockerfiles of all workspace folders.
    async fn paths(&self) -> Vec<PathBuf> {
        let roots = self.session.roots();
        let find = move || {
            let mut paths: Vec<_> = roots.iter().flat_map(|root| dockerfiles(root, Some(LIMITS)).0).collect();
            paths.sort();
            paths.dedup();
            paths
        };
        spawn_blocking(find).await.unwrap_or_default()
    }

    /// What is found in a file; `None` for what can't be read.
    async fn file(&mut self, path: PathBuf) -> Option<WorkspaceDocumentDiagnosticReport> {
        if let Some((uri, document)) = self.open.get(&path) {
            let (uri, id) = (Uri(uri.clone()), result_id(document.serial));
            let view = View { uri: &uri, document, editor: self.session.editor() };
            let items = catch_unwind(AssertUnwindSafe(|| view.diagnostics(String::new()))).ok()?;
            let version = Some(document.version);
            return Some(self.entry(uri, version, id, values(&items)));
        }
        let (session, scans) = (self.session.clone(), self.scans.clone());
        let uri = uri_of(&path)?;
        let name = uri.clone();
        let look = move || closed(&session, &scans, &path, &name);
        let (items, id) = spawn_blocking(look).await.ok().flatten()?;
        Some(self.entry(uri, None, id, items))
    }

    fn entry(
        &mut self,
        uri: Uri,
        version: Option<i32>,
        id: String,
        items: Vec<Diagnostic>,
    ) -> WorkspaceDocumentDiagnosticReport {
        if self.known.remove(&uri.0).is_some_and(|known| known == id) {
            let report = UnchangedDocumentDiagnosticReport { result_id: id };
            return WorkspaceUnchangedDocumentDiagnosticReport::new(uri, version, report).into();
        }
        let report = FullDocumentDiagnosticReport { result_id: Some(id), items };
        WorkspaceFullDocumentDiagnosticReport::new(uri, version, report).into()
    }

    /// Nothing is found any more in what the editor has and what is no Dockerfile of the workspace now. Open documents are
    /// asked for by themselves.
    fn gone(&mut self) -> Vec<WorkspaceDocumentDiagnosticReport> {
        let is_open = |uri: &String| self.session.documents.get(uri).is_some();
        let gone = self.known.keys().filter(|uri| !is_open(uri)).cloned();
        let none = FullDocumentDiagnosticReport { result_id: None, items: Vec::new() };
        gone.map(|uri| WorkspaceFullDocumentDiagnosticReport::new(Uri(uri), None, none.clone()).into()).collect()
    }
}

fn values(json: &[u8]) -> Vec<Diagnostic> {
    serde_json::from_slice(json).unwrap_or_default()
}

/// What is found in a file on disk, and a name for just that. ShellCheck is not asked.
fn closed(session: &Session, scans: &Scans, path: &Path, uri: &Uri) -> Option<(Vec<Diagnostic>, String)> {
    let text = Disk.read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    let root = session.root_of(path);
    let (settings, _) = configuration::settings(Some(path), &session.settings(), root.as_deref());
    let around = Around { settings: Arc::new(settings), ..Around::default() };
    let document = Document::new(Some(path.to_owned()), 0, 0, &text, around.clone());
    let look = || {
        let (needs, context) = (needs(document.snapshot()), around.settings.context.as_deref());
        let facts = scans.scan(&Disk, path, root.as_deref(), &needs, context);
        let document = document.surrounded(0, Around { facts: Arc::new(facts), ..around.clone() });
        View { uri, document: &document, editor: session.editor() }.diagnostics(String::new())
    };
    let items = catch_unwind(AssertUnwindSafe(look)).ok()?;
    let mut hasher = DefaultHasher::new();
    items.hash(&mut hasher);
    Some((values(&items), format!("disk-{:x}", hasher.finish())))
}
