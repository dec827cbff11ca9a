//! `dockline fix`: applies fixes until none is left, then writes the files.
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::args;
use super::beside::{Beside, Change};
use super::check::many;
use super::input::{self, Complaints, Look, Source};
use super::output::Output;
use super::render::place::portable;
use super::{CLEAN, FAILED, FINDINGS, write};
use crate::analysis::snapshot::Snapshot;
use crate::project::Dockerignore;
use crate::rules::compose::compose;
use crate::rules::rule::{Applicability, Diagnostic, Fix, Severity};
use crate::rules::run;
use crate::text::edit::FileEdit;

/// Fixes may uncover others; after so many rounds something is wrong with them.
const MAX_ROUNDS: usize = 50;

/// Two Dockerfiles want one place of a file changed.
const AGAIN: &str = "run `dockline fix` again: another Dockerfile changes what is changed for";

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
    /// The files beside it that were created or changed.
    beside: Beside,
    /// In the order of application.
    applied: Vec<Applied>,
}

/// A fix that was applied.
struct Applied {
    rule: &'static str,
    title: String,
    /// Of the finding, from 1, at the time.
    line: usize,
    /// The files beside the Dockerfile that it is about.
    beside: Vec<PathBuf>,
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
    let (beside, left_out) = together(&done.all);
    let mut complaints: Vec<String> =
        left_out.iter().map(|(name, path)| format!("{}: {AGAIN} {name}", shown(path))).collect();
    let may_write = |(file, fixed): &&(File, Fixed)| !file.lossy || fixed.applied.is_empty();
    let unwritten = done.all.iter().filter(|one| !may_write(one));
    complaints.extend(unwritten.map(|(file, _)| format!("{}: not written: it is not UTF-8", file.name)));
    let all: Vec<&(File, Fixed)> = done.all.iter().filter(may_write).collect();
    let changed = if args.diff {
        print_diffs(&all, &beside, output)?
    } else {
        let refused = beside.save(&mut complaints);
        for (file, fixed) in all {
            let left_out = left_out.iter().filter(|(name, _)| *name == file.name).map(|(_, path)| path);
            match save(file, fixed) {
                Ok(()) if file.stdin => output.print(&fixed.text)?,
                Ok(()) => output.print(&report(file, fixed, &left_out.chain(&refused).collect()))?,
                Err(error) => complaints.push(error),
            }
        }
        false
    };
    for complaint in &complaints {
        output.complain(complaint);
    }
    Ok(if done.failed || !complaints.is_empty() {
        FAILED
    } else if changed {
        FINDINGS
    } else {
        CLEAN
    })
}

/// Prints what would be changed; false when it is nothing.
fn print_diffs(all: &[&(File, Fixed)], beside: &Beside, output: &mut Output) -> io::Result<bool> {
    for (file, fixed) in all {
        output.print(&diff(Some(&file.name), &file.name, &file.text, &fixed.text))?;
    }
    for (path, Change { before, after }) in beside.changes() {
        let name = shown(path);
        output.print(&diff(before.as_ref().map(|_| &*name), &name, before.as_deref().unwrap_or_default(), after))?;
    }
    Ok(all.iter().any(|(_, fixed)| !fixed.applied.is_empty()))
}

/// What all Dockerfiles want of the files beside them, each file once; and what of it does not go together.
fn together(all: &[(File, Fixed)]) -> (Beside, Vec<(&str, PathBuf)>) {
    let (mut beside, mut left_out) = (Beside::default(), Vec::new());
    // Of standard input only the text is asked for.
    for (file, fixed) in all.iter().filter(|(file, _)| !file.lossy && !file.stdin) {
        left_out.extend(beside.merge(&fixed.beside).into_iter().map(|path| (file.name.as_str(), path)));
    }
    (beside, left_out)
}

fn fix(source: &Source<'_>, choice: Choice, complaints: &mut Complaints) -> Fixed {
    let mut fixed = Fixed { text: source.snapshot.text().to_owned(), beside: Beside::default(), applied: Vec::new() };
    let mut snapshot = source.snapshot.clone();
    let mut outcome = run::run(&snapshot);
    source.tidy(&mut outcome, complaints);
    for _ in 0..MAX_ROUNDS {
        if !round(&snapshot, &outcome.diagnostics, choice, &mut fixed) {
            break;
        }
        snapshot = with_beside(source.with_text(&fixed.text), &fixed.beside);
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
        let beside = fix.edits.iter().filter_map(|edit| match edit {
            FileEdit::This(_) => None,
            FileEdit::Create(path, _) => Some(place(snapshot, path)),
            FileEdit::Other(file) => Some(place(snapshot, &file.path)),
        });
        fixed.applied.push(Applied { rule: found.rule, title: fix.title.clone(), line, beside: beside.collect() });
    }
    for edit in &together.beside {
        match edit {
            FileEdit::This(_) => {}
            FileEdit::Create(path, text) => fixed.beside.create(place(snapshot, path), text.clone()),
            FileEdit::Other(file) => fixed.beside.change(place(snapshot, &file.path), &file.text, file.after()),
        }
    }
    !together.chosen.is_empty()
}

/// The same with the ignore file as the fixes so far leave it.
fn with_beside(snapshot: Snapshot, beside: &Beside) -> Snapshot {
    let facts = snapshot.facts();
    let usual = || facts.context.as_ref().map(|context| context.dir.join(".dockerignore"));
    let Some(path) = facts.ignore_path.clone().or_else(usual) else { return snapshot };
    let Some(change) = beside.at(&place(&snapshot, &path)) else { return snapshot };
    let mut facts = facts.clone();
    facts.ignore = Some(Dockerignore::parse(&change.after));
    facts.ignore_path = Some(path);
    snapshot.with(facts.into(), snapshot.shared_settings())
}

/// The fix of a finding that may be applied and changes something.
fn wanted<'d>(found: &'d Diagnostic, choice: Choice, fixed: &Fixed, snapshot: &Snapshot) -> Option<&'d Fix> {
    let allowed = |fix: &&Fix| choice.unsafe_ || fix.applicability == Applicability::Safe;
    let changes = |fix: &&Fix| {
        fix.edits.iter().all(|edit| match edit {
            FileEdit::This(edits) => edits.apply(snapshot.text()) != snapshot.text(),
            FileEdit::Create(path, _) => {
                let path = place(snapshot, path);
                fixed.beside.at(&path).is_none() && !path.exists()
            }
            FileEdit::Other(file) => file.after() != *file.text,
        })
    };
    let mut fixes = found.finding.fixes.iter().filter(|_| found.severity >= choice.level);
    fixes.find(|fix| allowed(fix) && changes(fix))
}

/// Where another file that a fix is about lies, under one name; a relative path starts beside the Dockerfile.
fn place(snapshot: &Snapshot, path: &Path) -> PathBuf {
    let path = snapshot.path().and_then(Path::parent).map_or_else(|| path.to_owned(), |folder| folder.join(path));
    path.canonicalize().unwrap_or(path)
}

/// A file beside the Dockerfile as it is printed.
fn shown(path: &Path) -> String {
    portable(&path.display().to_string())
}

fn save(file: &File, fixed: &Fixed) -> Result<(), String> {
    match &file.path {
        Some(path) if fixed.text != file.text && !file.stdin => {
            write::replace(path, &fixed.text).map_err(|error| format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// As `patch` reads it; `before` is the name of the file unless it is created.
fn diff(before: Option<&str>, name: &str, old: &str, new: &str) -> String {
    let before = before.unwrap_or("/dev/null");
    if old == new {
        String::new()
    } else {
        TextDiff::from_lines(old, new).unified_diff().header(before, name).to_string()
    }
}

/// What was done; fixes whose file was not written are left out.
fn report(file: &File, fixed: &Fixed, refused: &BTreeSet<&PathBuf>) -> String {
    let applied: Vec<&Applied> =
        fixed.applied.iter().filter(|fix| !fix.beside.iter().any(|path| refused.contains(path))).collect();
    if applied.is_empty() {
        return String::new();
    }
    let mut text = format!("\x1b[1m{}\x1b[0m: {}\n", file.name, many(applied.len(), "fix").replace("fixs", "fixes"));
    for Applied { rule, title, line, .. } in applied {
        let _ = writeln!(text, "  line {line}: {title} \x1b[2m({rule})\x1b[0m");
    }
    for (path, Change { before, .. }) in fixed.beside.changes().filter(|(path, _)| !refused.contains(path)) {
        let _ = writeln!(text, "  {} {}", if before.is_some() { "changed" } else { "created" }, shown(path));
    }
    text
}
