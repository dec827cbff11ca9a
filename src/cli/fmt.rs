//! `dockline fmt`: tidies files, or says which of them are not tidy.
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use similar::TextDiff;

use super::args::{self, Input};
use super::input::{self, Source};
use super::output::Output;
use super::{CLEAN, FAILED, FINDINGS, write};
use crate::ide::format::{format, meaning};
use crate::rules::syntax;

/// Formats what was asked for.
pub fn run(args: &args::Fmt, output: &mut Output) -> io::Result<u8> {
    let input = Input {
        paths: args.paths.clone(),
        stdin_filename: args.stdin_filename.clone(),
        config: args.config.clone(),
        ..Input::default()
    };
    let sources = input::read_texts(&input, output);
    let (mut failed, mut changed) = (sources.failed, false);
    for source in &sources.all {
        let text = source.snapshot.text();
        let formatted = formatted(source).unwrap_or_else(|error| {
            output.complain(&format!("{}: not formatted: {error}", source.name));
            failed = true;
            text.to_owned()
        });
        let differs = formatted != text;
        changed |= differs;
        if args.diff {
            output.print(&diff(source, &formatted))?;
        } else if args.check {
            output.print(&if differs { format!("{}\n", source.name) } else { String::new() })?;
        } else if source.stdin {
            output.print(if source.lossy { "" } else { &formatted })?;
        } else if differs && let Err(error) = save(source, &formatted) {
            output.complain(&error);
            failed = true;
        }
    }
    let only_asked = args.check || args.diff;
    Ok(if failed {
        FAILED
    } else if only_asked && changed {
        FINDINGS
    } else {
        CLEAN
    })
}

/// The text as it should be, or why it is left alone.
fn formatted(source: &Source) -> Result<String, String> {
    let snapshot = &source.snapshot;
    if source.lossy {
        return Err("it is not UTF-8".to_owned());
    }
    if let Some(problem) = snapshot.file().problems.first() {
        let found = syntax::finding(snapshot, problem);
        let line = snapshot.text()[..found.span.start as usize].matches('\n').count() + 1;
        return Err(format!("line {line}: {}", found.message));
    }
    let tidy = || {
        let after = format(snapshot).apply(snapshot.text());
        let same = after == snapshot.text() || meaning(&snapshot.with_text(&after)) == meaning(snapshot);
        same.then_some(after)
    };
    let bug = || "a bug of dockline would have changed what it means".to_owned();
    catch_unwind(AssertUnwindSafe(tidy)).map_err(|_| "a bug of dockline stopped it".to_owned())?.ok_or_else(bug)
}

fn diff(source: &Source, formatted: &str) -> String {
    let text = source.snapshot.text();
    if text == formatted {
        return String::new();
    }
    TextDiff::from_lines(text, formatted).unified_diff().header(&source.name, &source.name).to_string()
}

fn save(source: &Source, formatted: &str) -> Result<(), String> {
    let Some(path) = &source.path else { return Ok(()) };
    write::replace(path, formatted).map_err(|error| format!("{}: {error}", path.display()))
}
