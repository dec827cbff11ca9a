//! Asking registries about the images of the open documents, off the message loop, where the settings say so.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::documents::Document;
use super::progress;
use super::running::Running;
use super::session::Session;
use super::shell_checks::silence;
use crate::analysis::published::wanted;
use crate::registry::RegistryFacts;
use crate::registry::ask::Registries;

/// So many documents are asked about at a time.
const AT_ONCE: usize = 2;

/// What registries said, and who waits for them.
#[derive(Debug)]
pub struct RegistryChecks {
    running: Running,
    permits: Semaphore,
    registries: Registries,
}

impl Default for RegistryChecks {
    fn default() -> Self {
        Self { running: Running::default(), permits: Semaphore::new(AT_ONCE), registries: Registries::default() }
    }
}

/// Asks about the images of an open document; when the answers differ from what is known, its diagnostics are renewed.
pub fn request(session: &Arc<Session>, uri: &str) {
    let Some(document) = session.documents.get(uri) else { return };
    let concerned = document.settings().registry.enabled || document.knows_registries();
    if concerned && session.registry_checks.running.begin(uri) {
        tokio::spawn(run(session.clone(), uri.to_owned()));
    }
}

async fn run(session: Arc<Session>, uri: String) {
    loop {
        silence(&session, &uri).await;
        ask_once(&session, &uri).await;
        if !session.registry_checks.running.end(&uri) {
            break;
        }
    }
}

async fn ask_once(session: &Arc<Session>, uri: &str) {
    let Ok(_permit) = session.registry_checks.permits.acquire().await else { return };
    let Some(document) = session.documents.get(uri) else { return };
    let asking = session.clone();
    // What panics here panics for the reader of the document too, and is answered there.
    let ask = move || catch_unwind(AssertUnwindSafe(|| asking.registry_checks.ask(&document))).ok();
    let asked = progress::of_slow(session, "Asking registries", spawn_blocking(ask)).await;
    let Some(Some((published, complaints))) = asked else { return };
    for complaint in complaints {
        session.log(complaint);
    }
    if session.documents.publish(uri, published) {
        session.surroundings_changed(uri);
    }
}

impl RegistryChecks {
    fn ask(&self, document: &Document) -> (RegistryFacts, Vec<String>) {
        let settings = &document.settings().registry;
        if !settings.enabled {
            return Default::default();
        }
        self.registries.ask(&wanted(document.snapshot()), settings)
    }
}
