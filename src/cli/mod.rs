//! The command line: reads arguments and files, calls the engine, prints.
//!
//! Exit codes: 0 clean, 1 findings of the failing level, 2 something could not be done.
mod args;
mod beside;
mod check;
mod checked;
mod completions;
mod config;
mod context;
mod data;
mod explain;
mod fix;
mod fmt;
mod init;
mod input;
mod man;
mod output;
mod progress;
mod registries;
pub mod render;
mod rules;
mod settings_file;
mod shellcheck;
mod slice;
mod trace;
mod write;

use std::ffi::OsString;
use std::io;

use clap::Parser;

use args::{Args, Command};
use output::Output;

/// Nothing to report.
const CLEAN: u8 = 0;
/// Findings of the failing level.
const FINDINGS: u8 = 1;
/// Something could not be done.
const FAILED: u8 = 2;

/// Runs the program with these arguments, its own name first; the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // Nobody is left to tell when the help text can't be written.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(FAILED);
        }
    };
    let mut output = Output::new(args.color);
    let result = match &args.command {
        Command::Check(check) => check::run(check, &mut output),
        Command::Fix(fix) => fix::run(fix, &mut output),
        Command::Fmt(fmt) => fmt::run(fmt, &mut output),
        Command::Explain { rule } => explain::run(rule, &mut output),
        Command::Rules { format } => rules::run(*format, &mut output),
        Command::Data { table, format } => data::run(table.as_deref(), *format, &mut output),
        Command::Context(context) => context::run(context, &mut output),
        Command::Trace(trace) => trace::run(trace, &mut output),
        Command::Config(config) => config::run(config, &mut output),
        Command::Init(init) => init::run(init, &mut output),
        Command::Slice(slice) => slice::run(slice, &mut output),
        Command::Completions { shell } => completions::run(*shell, &mut output),
        Command::Man { command } => man::run(command.as_deref(), &mut output),
        Command::Lsp { .. } => return crate::server::run(),
    };
    match result {
        Ok(code) => code,
        // The reader has seen enough: `dockline check | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => CLEAN,
        Err(error) => {
            output.complain(&format!("can't write: {error}"));
            FAILED
        }
    }
}
