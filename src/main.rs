//! The `dockline` program.
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("lsp") => ExitCode::from(dockline::server::run()),
        _ => ExitCode::from(2),
    }
}
