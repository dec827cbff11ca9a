//! The log: standard error, `warn` unless `DOCKLINE_LOG` says otherwise.
use std::collections::HashSet;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::EnvFilter;

/// The variable that holds the level, or a filter such as `dockline=debug`.
const VARIABLE: &str = "DOCKLINE_LOG";

/// Warnings; but that an editor which has just gone can be told nothing more is none.
const USUAL: &str = "warn,tower_lsp_server::service::client=off";

/// Sends the log to standard error: standard output belongs to the protocol. Each panic is logged once.
pub fn start() {
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false);
    // A second start in one process keeps the first log.
    let _ = match std::env::var(VARIABLE) {
        Ok(filter) => builder.with_env_filter(EnvFilter::new(filter)).try_init(),
        Err(_) => builder.with_env_filter(EnvFilter::new(USUAL)).try_init(),
    };
    let seen = Mutex::new(HashSet::new());
    std::panic::set_hook(Box::new(move |panic| log_once(&seen, panic)));
}

fn log_once(seen: &Mutex<HashSet<String>>, panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    if seen.lock().unwrap_or_else(PoisonError::into_inner).insert(place) {
        tracing::error!("a bug in dockline, one answer is lost: {panic}");
    }
}
