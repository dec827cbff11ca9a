//! `dockline fix`: applies fixes until none is left, then writes the files.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::args;
use super::check::many;
use super::input::{self, Complaints, Look, Source};
use super::output::Output;
use super::{CLEAN, FAILED, FINDINGS, write};
use crate::analysis::snapshot::Snapshot;
use crate::rules::compose::compose;
use crate::rules::rule::{Applicability, Diagnostic, Fix, Severity};
use crate::rules::run;
use crate::text::edit::FileEdit;

/// Fixes may uncover others; after so many rounds something is wrong with them.
const MAX_ROUNDS: usize = 50;

/// Which fixes are applied.
#[derive(Clone, Copy)]
struct Choice {
    level: Severity,
    unsafe_: bool,
}

/// A file as it was read.
struct File {
    name: String,
    path: Option<PathBuf>,
    text: String,
    stdin: bool,
    lossy: bool,
}

/// What became of one file.
struct Fixed {
    text: String,
    created: BTreeMap<PathBuf, String>,
    /// Rule, title of the fix, line from 1 at the time; in the order of application.
    applied: Vec<(&'static str, String, usize)>,
}

/// Repairs what was asked for and says what was done.
pub fn run(args: &args::Fix, output: &mut Output) -> io::Result<u8> {
    let level = args.input.level.map_or(Severity::Info, args::LevelArg::severity);
    let choice = Choice { level, unsafe_: args.r#unsafe };
    let done = input::each(&args.input, Look::Everything, output, |source, complaints| {
        let fixed = fix(&source, choice, complaints);
        let text = source.snapshot.text().to_owned();
        (File { name: source.name, path: source.path, text, stdin: source.stdin, lossy: source.lossy }, fixed)
    });
    let (mut failed, mut changed) = (done.failed, false);
    for (file, fixed) in &done.all {
        let differs = !fixed.applied.is_empty();
        if differs && file.lossy {
            output.complain(&format!("{}: not written: it is not UTF-8", file.name));
            failed = true;
            continue;
        }
        changed |= differs;
        if args.diff {
            output.print(&diff(file, fixed))?;
        } else if file.stdin {
            output.print(&fixed.text)?;
        } else if differs {
            match save(file, fixed) {
                Ok(()) => output.print(&report(file, fixed))?,
                Err(error) => {
                    output.complain(&error);
                    failed = true;
                }
            }
        }
    }
    Ok(if failed {
        FAILED
    } else if args.diff && changed {
        FINDINGS
    } else {
        CLEAN
    })
}

fn fix(source: &Source<'_>, choice: Choice, complaints: &mut Complaints) -> Fixed {
    let mut fixed = Fixed { text: source.snapshot.text().to_owned(), created: BTreeMap::new(), applied: Vec::new() };
    let mut snapshot = source.snapshot.clone();
    let mut outcome = run::run(&snapshot);
    source.tidy(&mut outcome, complaints);
    for _ in 0..MAX_ROUNDS {
        if !round(&snapshot, &outcome.diagnostics, choice, &mut fixed) {
            break;
        }
        snapshot = source.with_text(&fixed.text);
        // All its fixes are unsafe.
        if choice.unsafe_ {
            snapshot = source.ask_shellcheck(snapshot);
        }
        outcome = run::run(&snapshot);
    }
    fixed
}

/// Applies one fix for each finding as far as they go together; false when nothing was left to do.
fn round(snapshot: &Snapshot, found: &[Diagnostic], choice: Choice, fixed: &mut Fixed) -> bool {
    let wanted: Vec<(&Diagnostic, &Fix)> =
        found.iter().filter_map(|found| Some((found, wanted(found, choice, fixed, snapshot)?))).collect();
    let fixes: Vec<&Fix> = wanted.iter().map(|(_, fix)| *fix).collect();
    let together = compose(snapshot, &fixes);
    fixed.text = together.here.apply(snapshot.text());
    for (found, fix) in together.chosen.iter().map(|index| wanted[*index]) {
        let line = snapshot.text()[..found.finding.span.start as usize].matches('\n').count() + 1;
        fixed.applied.push((found.rule, fix.title.clone(), line));
    }
    for edit in &together.created {
        if let FileEdit::Create(path, text) = edit {
            fixed.created.insert(place(snapshot, path), text.clone());
        }
    }
    !together.chosen.is_empty()
}

/// The fix of a finding that may be applied and changes something.
fn wanted<'d>(found: &'d Diagnostic, choice: Choice, fixed: &Fixed, snapshot: &Snapshot) -> Option<&'d Fix> {
    let allowed = |fix: &&Fix| choice.unsafe_ || fix.applicability == Applicability::Safe;
    let changes = |fix: &&Fix| {
        fix.edits.iter().all(|edit| match edit {
            FileEdit::This(edits) => edits.apply(snapshot.text()) != snapshot.text(),
            FileEdit::Create(path, _) => {
                let path = place(snapshot, path);
                !fixed.created.contains_key(&path) && !path.exists()
            }
        })
    };
    let mut fixes = found.finding.fixes.iter().filter(|_| found.severity >= choice.level);
    fixes.find(|fix| allowed(fix) && changes(fix))
}

/// Where a file that a fix creates goes: a relative path starts beside the Dockerfile.
fn place(snapshot: &Snapshot, path: &Path) -> PathBuf {
    snapshot.path().and_then(Path::parent).map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn save(file: &File, fixed: &Fixed) -> Result<(), String> {
    for (path, text) in &fixed.created {
        write::create(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    match &file.path {
        Some(path) if fixed.text != file.text => {
            write::replace(path, &fixed.text).map_err(|error| format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn diff(file: &File, fixed: &Fixed) -> String {
    let one = |name: &str, old: &str, new: &str| {
        let diff = TextDiff::from_lines(old, new);
        let before = if old.is_empty() { "/dev/null" } else { name };
        if old == new { String::new() } else { diff.unified_diff().header(before, name).to_string() }
    };
    let mut text = one(&file.name, &file.text, &fixed.text);
    for (path, created) in &fixed.created {
        text.push_str(&one(&path.display().to_string(), "", created));
    }
    text
}

fn report(file: &File, fixed: &Fixed) -> String {
    let mut text =
        format!("\x1b[1m{}\x1b[0m: {}\n", file.name, many(fixed.applied.len(), "fix").replace("fixs", "fixes"));
    for (rule, title, line) in &fixed.applied {
        let _ = writeln!(text, "  line {line}: {title} \x1b[2m({rule})\x1b[0m");
    }
    for path in fixed.created.keys() {
        let _ = writeln!(text, "  created {}", path.display());
    }
    text
}
