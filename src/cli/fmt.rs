//! `dockline fmt`: tidies files, or says which of them are not tidy.
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use similar::TextDiff;

use super::args::{self, Input};
use super::input::{self, Look, Source};
use super::output::Output;
use super::{CLEAN, FAILED, FINDINGS, write};
use crate::ide::format::{format, meaning};
use crate::rules::syntax;

/// A file as it was read, and as it should be.
struct File {
    name: String,
    path: Option<PathBuf>,
    text: String,
    formatted: String,
    stdin: bool,
    lossy: bool,
}

/// Formats what was asked for.
pub fn run(args: &args::Fmt, output: &mut Output) -> io::Result<u8> {
    let input = Input {
        paths: args.paths.clone(),
        stdin_filename: args.stdin_filename.clone(),
        config: args.config.clone(),
        ..Input::default()
    };
    let done = input::each(&input, Look::Texts, output, |source, complaints| {
        let text = source.snapshot.text().to_owned();
        let formatted = formatted(&source).unwrap_or_else(|error| {
            complaints.push(format!("{}: not formatted: {error}", source.name));
            text.clone()
        });
        let Source { name, path, stdin, lossy, .. } = source;
        File { name, path, text, formatted, stdin, lossy }
    });
    let (mut failed, mut changed) = (done.failed, false);
    for file in &done.all {
        let differs = file.formatted != file.text;
        changed |= differs;
        if args.diff {
            output.print(&diff(file))?;
        } else if args.check {
            output.print(&if differs { format!("{}\n", file.name) } else { String::new() })?;
        } else if file.stdin {
            output.print(if file.lossy { "" } else { &file.formatted })?;
        } else if differs && let Err(error) = save(file) {
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
fn formatted(source: &Source<'_>) -> Result<String, String> {
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

fn diff(file: &File) -> String {
    if file.text == file.formatted {
        return String::new();
    }
    TextDiff::from_lines(&file.text, &file.formatted).unified_diff().header(&file.name, &file.name).to_string()
}

fn save(file: &File) -> Result<(), String> {
    let Some(path) = &file.path else { return Ok(()) };
    write::replace(path, &file.formatted).map_err(|error| format!("{}: {error}", path.display()))
}
