//! `dockline completions`
use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use super::CLEAN;
use super::args::Args;
use super::output::Output;

/// Prints the script that completes our arguments in this shell.
pub fn run(shell: Shell, output: &mut Output) -> io::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "dockline", &mut script);
    output.print(&String::from_utf8_lossy(&script))?;
    Ok(CLEAN)
}
