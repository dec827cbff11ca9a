//! What the editor changes for all documents, its settings and its folders: all that is open is looked at again.
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tower_lsp::gen_lsp_types::ConfigurationItem;

use super::session::Session;
use super::{configuration, scans};

/// Asks for the settings and registers what the editor lets us: both may wait for the editor, so they are spawned.
pub fn introduce(session: &Arc<Session>) {
    if session.editor().configuration {
        tokio::spawn(pull_settings(session.clone()));
    }
    let registrations = session.registrations();
    if !registrations.is_empty() {
        let client = session.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.register_capability(registrations).await {
                tracing::info!("the editor refuses a registration: {error}");
            }
        });
    }
}

/// Workspace folders came and went.
pub fn of_roots(session: &Arc<Session>, added: Vec<PathBuf>, removed: &[PathBuf]) {
    session.set_roots(added, removed);
    session.workspace.changed();
    scans::request_all(session);
}

/// The editor's settings changed; `sent` is empty where the editor wants to be asked.
pub fn of_settings(session: &Arc<Session>, sent: &Value) {
    if session.editor().configuration && sent.get(configuration::SECTION).is_none() {
        tokio::spawn(pull_settings(session.clone()));
    } else {
        set_settings(session, configuration::section(sent));
    }
}

fn set_settings(session: &Arc<Session>, settings: Value) {
    session.set_settings(settings);
    session.workspace.changed();
    scans::request_all(session);
}

async fn pull_settings(session: Arc<Session>) {
    let item = ConfigurationItem { scope_uri: None, section: Some(configuration::SECTION.to_owned()) };
    match session.client.configuration(vec![item]).await {
        // Null: the editor has no such section, and `initializationOptions` stay in force.
        Ok(answer) => match answer.first() {
            Some(settings) if settings.is_object() => set_settings(&session, configuration::section(settings)),
            _ => {}
        },
        Err(error) => tracing::info!("the editor does not tell its settings: {error}"),
    }
}
