//! Diagnostics for editors that don't ask: one task, the newest version only.
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tower_lsp::gen_lsp_types::Uri;

use super::convert::View;
use super::documents::Document;
use super::session::Session;

/// While changes come faster than they are answered, they are over when none came for this long, and twice as long each time
/// that they were not.
const SILENCE: Duration = Duration::from_millis(20);
/// So long after a burst, what follows is taken as more of it.
const MEMORY: Duration = Duration::from_millis(100);
/// However long the changes go on, something is said after this long.
const PATIENCE: Duration = Duration::from_millis(500);

/// The documents whose diagnostics are to be published.
#[derive(Debug, Default)]
pub struct Publisher {
    due: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl Publisher {
    /// Adds a document; one that is closed is published as empty.
    pub fn add(&self, uri: &str) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).insert(uri.to_owned());
        self.wake.notify_one();
    }

    fn next(&self) -> Option<String> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }

    fn remove(&self, uri: &str) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).remove(uri);
    }
}

/// Publishes what is due, for ever.
pub async fn run(session: Arc<Session>) {
    let mut burst = None;
    loop {
        session.publisher.wake.notified().await;
        while let Some(uri) = session.publisher.next() {
            let (version, diagnostics) = newest(&session, &uri, &mut burst).await;
            let document = session.documents.get(&uri);
            if let Some(diagnostics) = diagnostics {
                session.shortcut.publish(&uri, version, &diagnostics);
            }
            if let Some(document) = document {
                document.forget();
            }
        }
    }
}

/// The version and the diagnostics, as a JSON array, of a version that nothing has overtaken. A single change is answered at once. Changes
/// that come while their predecessor is looked at are a burst: it is answered once, at its end. `burst` is when the last one
/// ended: shortly after it, more of it may come.
async fn newest(session: &Session, uri: &str, burst: &mut Option<Instant>) -> (Option<i32>, Option<Vec<u8>>) {
    let (start, mut pause) = (Instant::now(), SILENCE);
    let mut hurried = burst.is_some_and(|end| end.elapsed() < MEMORY);
    loop {
        if hurried {
            // A change that stays alone is no burst, however soon after one it comes.
            if silence(session, uri, start, pause).await || pause > SILENCE {
                *burst = Some(Instant::now());
            }
            session.publisher.remove(uri);
            pause *= 2;
        }
        let Some(document) = session.documents.get(uri) else { return (None, Some(b"[]".to_vec())) };
        let diagnostics = diagnostics(session, uri, &document);
        // Lets the reader take what came meanwhile.
        yield_now().await;
        if serial(session, uri) == Some(document.serial) || start.elapsed() > PATIENCE {
            return (Some(document.version), diagnostics);
        }
        hurried = true;
    }
}

/// Waits until no change came for `pause`; true when one came meanwhile.
async fn silence(session: &Session, uri: &str, start: Instant, pause: Duration) -> bool {
    let mut overtaken = false;
    while let Some(before) = serial(session, uri).filter(|_| start.elapsed() < PATIENCE) {
        sleep(pause).await;
        if serial(session, uri) == Some(before) {
            break;
        }
        overtaken = true;
    }
    overtaken
}

/// The number of the newest version, which itself may be too large to be kept while something is waited for.
fn serial(session: &Session, uri: &str) -> Option<u64> {
    session.documents.get(uri).map(|document| document.serial)
}

/// `None` after a panic, which is logged: what was published stays.
fn diagnostics(session: &Session, uri: &str, document: &Document) -> Option<Vec<u8>> {
    let uri = Uri(uri.to_owned());
    let view = View { uri: &uri, document, editor: session.editor() };
    catch_unwind(AssertUnwindSafe(|| view.diagnostics(String::new()))).ok()
}
