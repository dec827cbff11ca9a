//! `dockline man`
use std::io;

use clap::CommandFactory;
use clap_mangen::Man;

use super::args::Args;
use super::output::Output;
use super::{CLEAN, FAILED};
use crate::text::nearest::nearest;

/// Prints the man page of the program, or of one of its commands.
pub fn run(name: Option<&str>, output: &mut Output) -> io::Result<u8> {
    // The command `help` and its page would only say again what is there.
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    let Some(command) = name.map_or(Some(&program), |name| program.find_subcommand(name)) else {
        let name = name.unwrap_or_default();
        let meant = nearest(name, program.get_subcommands().map(clap::Command::get_name));
        let hint =
            meant.map_or_else(|| "`dockline help` lists them".to_owned(), |meant| format!("did you mean {meant}?"));
        output.complain(&format!("there is no command {name}: {hint}"));
        return Ok(FAILED);
    };
    let title = command.get_display_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    let source = concat!("dockline ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    // An empty date would be left out, and the source be read as one.
    Man::new(command.clone()).title(title).date(" ").source(source).manual("dockline").render(&mut page)?;
    output.print(&String::from_utf8_lossy(&page))?;
    Ok(CLEAN)
}
