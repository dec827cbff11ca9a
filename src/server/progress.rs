//! Showing that something takes long.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;
use tower_lsp::gen_lsp_types::ProgressToken;

use super::session::Session;

/// What takes less is not worth a flicker.
const SLOW: Duration = Duration::from_millis(700);

/// Waits for `work`; what is slow is shown under `title`. `None` when it panicked.
pub async fn of_slow<T>(session: &Arc<Session>, title: &str, mut work: JoinHandle<T>) -> Option<T> {
    if !session.editor().progress {
        return work.await.ok();
    }
    tokio::select! {
        done = &mut work => return done.ok(),
        () = sleep(SLOW) => {}
    }
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let token = ProgressToken::String(format!("dockline-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    // An editor that never answers must not keep the result.
    let shown = tokio::select! {
        done = &mut work => return done.ok(),
        shown = session.client.create_work_done_progress(token.clone()) => shown,
    };
    if shown.is_err() {
        return work.await.ok();
    }
    let progress = session.client.progress(token, title).begin().await;
    let done = work.await;
    progress.finish().await;
    done.ok()
}
