//! The `dockline` program.
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(dockline::cli::run(std::env::args_os()))
}
