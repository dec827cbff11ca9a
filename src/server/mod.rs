//! The language server: LSP on standard input and output. The only LSP types in the house.
//!
//! `framing` finds the messages, `front` keeps them in order, `backend` answers them, `documents` holds the texts.
pub mod answers;
pub mod backend;
pub mod capabilities;
pub mod configuration;
pub mod convert;
pub mod documents;
pub mod framing;
pub mod front;
pub mod log;
pub mod parent;
pub mod publish;
pub mod scans;
pub mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tower_lsp::{LspService, Server};

use backend::Backend;
use front::Front;

/// Requests that are answered at the same time; so many can be cancelled.
const CONCURRENT_REQUESTS: usize = 64;
/// Reading, writing and the scans each block a thread.
const MAX_BLOCKING_THREADS: usize = 8;

/// Serves until `exit`, the end of input or the death of the editor. The exit code: 0 after `shutdown`, 1 otherwise.
pub fn run() -> u8 {
    log::start();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(MAX_BLOCKING_THREADS).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("the server can't start: {error}");
            return 1;
        }
    };
    let shutdown = Arc::new(AtomicBool::new(false));
    runtime.block_on(serve(shutdown.clone()));
    // Standard input may still be read: nobody waits for that.
    runtime.shutdown_background();
    exit_code(&shutdown)
}

async fn serve(shutdown: Arc<AtomicBool>) {
    let (parent, mut told) = watch::channel(None);
    let (service, socket) = LspService::new(|client| Backend::new(client, parent));
    let front = Front { inner: service, shutdown };
    let server = Server::new(framing::stdin(), tokio::io::stdout(), socket).concurrency_level(CONCURRENT_REQUESTS);
    let orphaned = async {
        let id = told.wait_for(Option::is_some).await.ok().and_then(|id| *id);
        parent::death_of(id).await;
    };
    tokio::select! {
        () = server.serve(front) => {}
        () = orphaned => tracing::info!("the editor is gone"),
    }
}

fn exit_code(shutdown: &AtomicBool) -> u8 {
    u8::from(!shutdown.load(Ordering::Relaxed))
}
