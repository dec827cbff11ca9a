//! `dockline fix`: applies fixes until none is left, then writes the files.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use similar::TextDiff;

use super::args;
use super::check::many;
use super::input::{self, Source};
use super::output::Output;
use super::{CLEAN, FAILED, FINDINGS, shellcheck, write};
use crate::analysis::snapshot::Snapshot;
use crate::rules::rule::{Applicability, Diagnostic, Fix, Severity};
use crate::rules::run;
use crate::text::edit::{EditSet, FileEdit};

/// Fixes may uncover others; after so many rounds something is wrong with them.
const MAX_ROUNDS: usize = 50;

/// Which fixes are applied.
#[derive(Clone, Copy)]
struct Choice {
    level: Severity,
    unsafe_: bool,
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
    let mut sources = input::read(&args.input, output);
    shellcheck::look_at(&mut sources.all, output);
    let (mut failed, mut changed) = (sources.failed, false);
    for source in &sources.all {
        source.findings(output, &mut failed);
        let fixed = fix(source, choice);
        let differs = !fixed.applied.is_empty();
        if differs && source.lossy {
            output.complain(&format!("{}: not written: it is not UTF-8", source.name));
            failed = true;
            continue;
        }
        changed |= differs;
        if args.diff {
            output.print(&diff(source, &fixed))?;
        } else if source.stdin {
            output.print(&fixed.text)?;
        } else if differs {
            match save(source, &fixed) {
                Ok(()) => output.print(&report(source, &fixed))?,
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

fn fix(source: &Source, choice: Choice) -> Fixed {
    let mut fixed = Fixed { text: source.snapshot.text().to_owned(), created: BTreeMap::new(), applied: Vec::new() };
    let mut snapshot = source.snapshot.clone();
    for _ in 0..MAX_ROUNDS {
        if !round(&snapshot, choice, &mut fixed) {
            break;
        }
        let path = snapshot.path().map(Path::to_owned);
        let text = Arc::from(&*fixed.text);
        let verdicts = snapshot.verdicts().clone();
        snapshot = Snapshot::new(path, 0, text, None, Arc::default(), snapshot.shared_settings());
        snapshot = input::with_project(&snapshot.with_verdicts(verdicts));
        if choice.unsafe_ {
            snapshot = shellcheck::look_again(snapshot);
        }
    }
    fixed
}

/// Applies one fix for each finding as far as they don't overlap; false when nothing was left to do.
fn round(snapshot: &Snapshot, choice: Choice, fixed: &mut Fixed) -> bool {
    let found = run::run(snapshot).diagnostics;
    let wanted: Vec<(&Diagnostic, &Fix)> =
        found.iter().filter_map(|found| Some((found, wanted(found, choice, fixed, snapshot)?))).collect();
    let mut together = EditSet::default();
    let mut chosen = Vec::new();
    for &(found, fix) in &wanted {
        if let Some(merged) = together.merge(&fix.here()) {
            together = merged;
            chosen.push((found, fix));
        }
    }
    // Fixes are tested one by one; where two of them spoil each other, one has to do.
    if !is_sound(snapshot, &together) {
        let Some(&(found, fix)) = wanted.iter().find(|(_, fix)| is_sound(snapshot, &fix.here())) else { return false };
        (together, chosen) = (fix.here(), vec![(found, fix)]);
    }
    fixed.text = together.apply(snapshot.text());
    for (found, fix) in &chosen {
        let line = snapshot.text()[..found.finding.span.start as usize].matches('\n').count() + 1;
        fixed.applied.push((found.rule, fix.title.clone(), line));
        for edit in &fix.edits {
            if let FileEdit::Create(path, text) = edit {
                fixed.created.insert(place(snapshot, path), text.clone());
            }
        }
    }
    !chosen.is_empty()
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

/// True when the text has no more syntax problems after `edits`, or none of a new kind. A repaired keyword may
/// bring to light what is wrong behind it.
fn is_sound(snapshot: &Snapshot, edits: &EditSet) -> bool {
    if edits.is_empty() {
        return true;
    }
    let after = Snapshot::of_text(&edits.apply(snapshot.text()));
    let before = &snapshot.file().problems;
    let fewer = after.file().problems.len() <= before.len();
    fewer || after.file().problems.iter().all(|problem| before.iter().any(|other| other.kind == problem.kind))
}

/// Where a file that a fix creates goes: a relative path starts beside the Dockerfile.
fn place(snapshot: &Snapshot, path: &Path) -> PathBuf {
    snapshot.path().and_then(Path::parent).map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn save(source: &Source, fixed: &Fixed) -> Result<(), String> {
    for (path, text) in &fixed.created {
        write::create(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    match &source.path {
        Some(path) if fixed.text != source.snapshot.text() => {
            write::replace(path, &fixed.text).map_err(|error| format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn diff(source: &Source, fixed: &Fixed) -> String {
    let one = |name: &str, old: &str, new: &str| {
        let diff = TextDiff::from_lines(old, new);
        let before = if old.is_empty() { "/dev/null" } else { name };
        if old == new { String::new() } else { diff.unified_diff().header(before, name).to_string() }
    };
    let mut text = one(&source.name, source.snapshot.text(), &fixed.text);
    for (path, created) in &fixed.created {
        text.push_str(&one(&path.display().to_string(), "", created));
    }
    text
}

fn report(source: &Source, fixed: &Fixed) -> String {
    let mut text =
        format!("\x1b[1m{}\x1b[0m: {}\n", source.name, many(fixed.applied.len(), "fix").replace("fixs", "fixes"));
    for (rule, title, line) in &fixed.applied {
        let _ = writeln!(text, "  line {line}: {title} \x1b[2m({rule})\x1b[0m");
    }
    for path in fixed.created.keys() {
        let _ = writeln!(text, "  created {}", path.display());
    }
    text
}
