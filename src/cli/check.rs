//! `dockline check`
use std::fmt::Write as _;
use std::io;

use super::args::{Check, Format, LevelArg};
use super::input::{self, Source};
use super::output::Output;
use super::render::{json, text};
use super::{CLEAN, FAILED, FINDINGS, shellcheck};
use crate::rules::rule::{Applicability, Diagnostic, Severity};

/// A file with the findings that are shown.
pub struct Checked {
    /// The file.
    pub source: Source,
    /// Its findings from the shown level on.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks what was asked for and prints it.
pub fn run(args: &Check, output: &mut Output) -> io::Result<u8> {
    let fail_on = args.fail_on.severity();
    let level = args.input.level.map_or(Severity::Info.min(fail_on), LevelArg::severity);
    let mut sources = input::read(&args.input, output);
    shellcheck::look_at(&mut sources.all, output);
    let mut failed = sources.failed;
    let mut checked = Vec::new();
    for source in sources.all {
        let mut diagnostics = source.findings(output, &mut failed).diagnostics;
        diagnostics.retain(|found| found.severity >= level);
        checked.push(Checked { source, diagnostics });
    }
    match args.format {
        Format::Text => print(&checked, output)?,
        Format::Json => output.print(&json::files(&checked))?,
    }
    let mut found = checked.iter().flat_map(|file| &file.diagnostics);
    let fails = found.any(|found| found.severity >= fail_on.max(level));
    Ok(if failed {
        FAILED
    } else if fails {
        FINDINGS
    } else {
        CLEAN
    })
}

fn print(checked: &[Checked], output: &mut Output) -> io::Result<()> {
    for Checked { source, diagnostics } in checked {
        for found in diagnostics {
            let frame =
                text::diagnostic(Some(&source.name), source.snapshot.text(), found, text::Style { colour: true });
            output.print(&format!("{frame}\n"))?;
        }
    }
    output.print(&summary(checked))
}

/// `2 errors, 1 warning in 3 files`; nothing when nothing was found.
fn summary(checked: &[Checked]) -> String {
    let all: Vec<&Diagnostic> = checked.iter().flat_map(|file| &file.diagnostics).collect();
    if all.is_empty() {
        return String::new();
    }
    let levels = [Severity::Error, Severity::Warning, Severity::Info, Severity::Hint];
    let counts = levels.map(|level| (all.iter().filter(|found| found.severity == level).count(), level.word()));
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| many(*count, word)).collect();
    let mut line = format!("\x1b[1m{} in {}\x1b[0m\n", counts.join(", "), many(checked.len(), "file"));
    let fixes = |applicability| {
        let first = all.iter().filter_map(|found| found.finding.fixes.first());
        first.filter(|fix| fix.applicability == applicability).count()
    };
    let _ = match (fixes(Applicability::Safe), fixes(Applicability::Unsafe)) {
        (0, 0) => Ok(()),
        (safe, 0) => writeln!(line, "`dockline fix` repairs {safe} of them"),
        (0, unsafe_) => writeln!(line, "`dockline fix --unsafe` repairs {unsafe_} of them"),
        (safe, unsafe_) => writeln!(line, "`dockline fix` repairs {safe} of them, with --unsafe {unsafe_} more"),
    };
    line
}

/// `1 error`, `2 errors`; infos have no plural.
pub fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 || word == "info" { "" } else { "s" })
}
