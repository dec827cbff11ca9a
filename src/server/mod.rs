//! The language server: LSP on standard input and output. The only LSP types in the house.
//!
//! `framing` finds the messages, `front` keeps them in order, `backend` answers them, `documents` holds the texts, `shortcut` writes
//! what is long.
pub mod answers;
pub mod backend;
pub mod capabilities;
pub mod changes;
pub mod commands;
pub mod configuration;
pub mod convert;
pub mod diagnostics;
pub mod documents;
pub mod framing;
pub mod front;
pub mod input;
pub mod json;
pub mod lenient;
pub mod log;
pub mod names;
pub mod output;
pub mod parent;
pub mod progress;
pub mod publish;
pub mod registries;
pub mod running;
pub mod scans;
pub mod session;
pub mod shell_checks;
pub mod shortcut;
pub mod uri;
pub mod workspace;
pub mod workspace_symbols;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tower_lsp::{LspService, Server};

use backend::Backend;
use front::Front;
use input::Input;
use output::Output;
use shortcut::Shortcut;

/// Requests that are answered at the same time; so many can be cancelled.
const CONCURRENT_REQUESTS: usize = 64;
/// More than the scans and calls of ShellCheck that run at a time: one that hangs is not waited for.
const MAX_BLOCKING_THREADS: usize = 4;

/// Serves until `exit`, the end of input or the death of the editor. The exit code: 0 after `shutdown`, 1 otherwise.
pub fn run() -> u8 {
    log::start();
    let shutdown = Arc::new(AtomicBool::new(false));
    match start(shutdown.clone()) {
        Ok(()) => exit_code(&shutdown),
        Err(error) => {
            tracing::error!("the server can't start: {error}");
            1
        }
    }
}

fn start(shutdown: Arc<AtomicBool>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()?;
    let inside = runtime.enter();
    let (input, (output, written)) = (Input::open()?, Output::open()?);
    drop(inside);
    runtime.block_on(serve(input, output, shutdown));
    // A scan may still run: nobody waits for it.
    runtime.shutdown_background();
    crate::project::shellcheck::program::clean_up();
    written.wait();
    Ok(())
}

async fn serve(input: Input, output: Output, shutdown: Arc<AtomicBool>) {
    let (parent, mut told) = watch::channel(None);
    let shortcut = Arc::new(Shortcut::new(output.outlet()));
    let (service, socket) = LspService::build(|client| Backend::new(client, shortcut.clone(), parent))
        .custom_method("$/setTrace", Backend::set_trace)
        .finish();
    let front = Front { inner: service, shutdown, shortcut };
    let server = Server::new(input, output, socket).concurrency_level(CONCURRENT_REQUESTS);
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
