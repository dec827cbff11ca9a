//! What lives as long as the connection: the editor, the documents, the settings, and who is told of what.
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tower_lsp::Client;
use tower_lsp::gen_lsp_types::{
    InitializeParams, LogTraceNotification, LogTraceParams, MessageType, Registration, TraceValue, Unregistration,
};

use super::answers::semantic_tokens::Answered;
use super::capabilities::{self, Editor};
use super::documents::Documents;
use super::publish::Publisher;
use super::registries::RegistryChecks;
use super::running::Scans;
use super::shell_checks::ShellChecks;
use super::shortcut::Shortcut;
use super::workspace::Workspace;
use super::workspace_symbols::Index;
use super::{configuration, publish};

/// The state of one connection. Its locks are held for single assignments only.
#[derive(Debug)]
pub struct Session {
    /// The way to the editor. Handlers never wait for its answers.
    pub client: Client,
    /// The way to the editor for what is long.
    pub shortcut: Arc<Shortcut>,
    /// The open documents.
    pub documents: Documents,
    /// The semantic tokens that were answered last.
    pub tokens: Answered,
    /// Whose diagnostics are to be pushed.
    pub publisher: Publisher,
    /// What is being looked at beside the documents.
    pub scans: Scans,
    /// What is being asked about the shell texts.
    pub shell_checks: ShellChecks,
    /// What is being asked about the images.
    pub registry_checks: RegistryChecks,
    /// What changed since the editor was told of the whole workspace.
    pub workspace: Workspace,
    /// What the Dockerfiles on disk declare.
    pub index: Index,
    editor: OnceLock<Editor>,
    roots: Mutex<Vec<PathBuf>>,
    settings: Mutex<Value>,
    refresh: Notify,
    /// What hints and lenses show is set otherwise since they were asked for.
    shown_otherwise: AtomicBool,
    told: Mutex<HashSet<String>>,
    /// How much is told of what is answered: 0 nothing, 1 how long it took, 2 of what document too.
    trace: AtomicU8,
    /// The log of a build that is watched, beside what always is.
    watched: Mutex<Option<PathBuf>>,
}

/// The files that a finding may depend on.
const WATCHED: [&str; 19] = [
    "**/{Dockerfile,dockerfile,Containerfile,containerfile}*",
    "**/*.{Dockerfile,dockerfile,Containerfile,containerfile}",
    "**/go.mod",
    "**/go.work",
    "**/go.sum",
    "**/*.go",
    "**/vendor/modules.txt",
    "**/{package,composer,package-lock}.json",
    "**/*requirements*.txt",
    "**/{pyproject.toml,Pipfile,Gemfile,Cargo.toml,pom.xml,*.gradle,*.gradle.kts,*.csproj,*.lock,pnpm-lock.yaml}",
    "**/.dockerignore",
    "**/*.dockerignore",
    "**/dockline.toml",
    "**/.hadolint.{yaml,yml}",
    "**/*compose*.{yaml,yml}",
    "**/*bake*.{hcl,json}",
    "**/{Makefile,makefile,GNUmakefile,justfile}",
    "**/.github/workflows/*.{yaml,yml}",
    "**/{.gitlab-ci,azure-pipelines,.travis,Taskfile}.{yaml,yml}",
];

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// A connection before `initialize`.
    pub fn new(client: Client, shortcut: Arc<Shortcut>) -> Self {
        Self {
            client,
            shortcut,
            documents: Documents::default(),
            tokens: Answered::default(),
            publisher: Publisher::default(),
            scans: Scans::default(),
            shell_checks: ShellChecks::default(),
            registry_checks: RegistryChecks::default(),
            workspace: Workspace::default(),
            index: Index::default(),
            editor: OnceLock::new(),
            roots: Mutex::default(),
            settings: Mutex::new(configuration::section(&Value::Null)),
            refresh: Notify::new(),
            shown_otherwise: AtomicBool::new(false),
            told: Mutex::default(),
            trace: AtomicU8::new(0),
            watched: Mutex::default(),
        }
    }

    /// Notes what the editor says of itself; starts what waits for work.
    pub fn start(self: &Arc<Self>, params: &InitializeParams) -> &Editor {
        *lock(&self.roots) = capabilities::roots(params);
        if let Some(options) = &params.initialization_options {
            *lock(&self.settings) = configuration::section(options);
        }
        params.trace.iter().for_each(|value| self.set_trace(value));
        let editor = self.editor.get_or_init(|| Editor::of(&params.capabilities));
        if !editor.pull {
            tokio::spawn(publish::run(self.clone()));
        }
        if editor.pull && editor.refresh || editor.refresh_hints || editor.refresh_lenses {
            tokio::spawn(refresh(self.clone()));
        }
        editor
    }

    /// What the editor can do.
    pub fn editor(&self) -> &Editor {
        self.editor.get_or_init(Editor::default)
    }

    /// What the editor wants set.
    pub fn settings(&self) -> Value {
        lock(&self.settings).clone()
    }

    /// The workspace folders.
    pub fn roots(&self) -> Vec<PathBuf> {
        lock(&self.roots).clone()
    }

    /// The innermost workspace folder around `path`.
    pub fn root_of(&self, path: &Path) -> Option<PathBuf> {
        let roots = lock(&self.roots);
        roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.as_os_str().len()).cloned()
    }

    /// Workspace folders came and went.
    pub fn set_roots(&self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        let mut roots = lock(&self.roots);
        roots.retain(|root| !removed.contains(root));
        roots.extend(added);
    }

    /// How much the editor wants to be told of what is answered.
    pub fn set_trace(&self, value: &TraceValue) {
        let level = match value {
            TraceValue::Messages => 1,
            TraceValue::Verbose => 2,
            TraceValue::Off | TraceValue::Custom(_) => 0,
        };
        self.trace.store(level, Ordering::Relaxed);
    }

    /// Tells, where that is wanted, that `what` was answered in so long.
    pub fn traced(&self, what: &str, document: impl FnOnce() -> String, took: Duration) {
        let level = self.trace.load(Ordering::Relaxed);
        if level > 0 {
            let message = format!("{what}: {:.2} ms", took.as_secs_f64() * 1e3);
            let (client, verbose) = (self.client.clone(), (level > 1).then(document));
            tokio::spawn(async move {
                client.send_notification::<LogTraceNotification>(LogTraceParams { message, verbose }).await;
            });
        }
    }

    /// What the editor wants set from now on.
    pub fn set_settings(&self, settings: Value) {
        *lock(&self.settings) = settings;
    }

    /// A text changed: it is published, unless the editor asks.
    pub fn text_changed(&self, uri: &str) {
        if !self.editor().pull {
            self.publisher.add(uri);
        }
    }

    /// The facts or the settings of a document changed: it is published, or the editor is told to ask.
    pub fn surroundings_changed(&self, uri: &str) {
        self.text_changed(uri);
        self.refresh.notify_one();
    }

    /// Other settings of hints and lenses are in force: with the next refresh they are asked for again.
    pub fn show_otherwise(&self) {
        self.shown_otherwise.store(true, Ordering::Relaxed);
    }

    /// Asks to be told when `log` changes, instead of the one before.
    pub fn watch(self: &Arc<Self>, log: &Path) {
        let before = lock(&self.watched).replace(log.to_owned());
        if !self.editor().register_files || before.as_deref() == Some(log) {
            return;
        }
        let (session, glob) = (self.clone(), log.display().to_string());
        let (id, method) = ("trace".to_owned(), "workspace/didChangeWatchedFiles".to_owned());
        tokio::spawn(async move {
            if before.is_some() {
                let old = Unregistration { id: id.clone(), method: method.clone() };
                refused(session.client.unregister_capability(vec![old]).await);
            }
            let options = serde_json::json!({ "watchers": [{ "globPattern": glob }] });
            let new = Registration { id, method, register_options: Some(options) };
            refused(session.client.register_capability(vec![new]).await);
        });
    }

    /// Shows a message, the same one only once.
    pub fn tell(self: &Arc<Self>, message: String) {
        if lock(&self.told).insert(message.clone()) {
            let client = self.client.clone();
            tokio::spawn(async move { client.show_message(MessageType::Warning, message).await });
        }
    }

    /// Writes to the editor's log and to ours, the same message only once.
    pub fn log(self: &Arc<Self>, message: String) {
        if lock(&self.told).insert(message.clone()) {
            tracing::info!("{message}");
            let client = self.client.clone();
            tokio::spawn(async move { client.log_message(MessageType::Info, message).await });
        }
    }

    /// What the editor lets us register.
    pub fn registrations(&self) -> Vec<Registration> {
        let register = |method: &str, options: Option<Value>| Registration {
            id: method.to_owned(),
            method: method.to_owned(),
            register_options: options,
        };
        let mut list = Vec::new();
        if self.editor().register_files {
            let watchers: Vec<_> = WATCHED.iter().map(|glob| serde_json::json!({ "globPattern": glob })).collect();
            let options = serde_json::json!({ "watchers": watchers });
            list.push(register("workspace/didChangeWatchedFiles", Some(options)));
        }
        if self.editor().register_settings {
            // An editor that can be asked is asked; any other sends the section along.
            let section = serde_json::json!({ "section": configuration::SECTION });
            list.push(register(
                "workspace/didChangeConfiguration",
                Some(section).filter(|_| !self.editor().configuration),
            ));
        }
        list
    }
}

/// Tells the editor to ask again, however many reasons there were.
async fn refresh(session: Arc<Session>) {
    loop {
        session.refresh.notified().await;
        let editor = session.editor();
        if editor.pull && editor.refresh {
            refused(session.client.workspace_diagnostic_refresh().await);
        }
        let otherwise = session.shown_otherwise.swap(false, Ordering::Relaxed);
        // Without a log there is nothing else that could have changed.
        if editor.refresh_hints && (otherwise || lock(&session.watched).is_some()) {
            refused(session.client.inlay_hint_refresh().await);
        }
        let lenses = || session.documents.all().iter().any(|(_, document)| document.settings().code_lenses);
        if editor.refresh_lenses && (otherwise || lenses()) {
            refused(session.client.code_lens_refresh().await);
        }
    }
}

fn refused(answer: tower_lsp::jsonrpc::Result<()>) {
    if let Err(error) = answer {
        tracing::info!("the editor refuses to refresh: {error}");
    }
}
