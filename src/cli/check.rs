//! `dockline check`
use std::fmt::Write as _;
use std::io;

use super::args::{Check, FailOn, Format, LevelArg};
use super::checked::Checked;
use super::input::{self, Complaints, Look, Source};
use super::output::{Output, without_colours};
use super::render;
use super::{CLEAN, FAILED, FINDINGS};
use crate::rules::rule::{Applicability, Diagnostic, Severity};
use crate::rules::{RULES, run};
use crate::settings::{Level, Settings};

/// Nobody reads the titles of costly fixes in so many files: beyond it frames are printed without them.
const MANY: usize = 100;

/// Checks what was asked for and prints it.
pub fn run(args: &Check, output: &mut Output) -> io::Result<u8> {
    let look = Look::Registries { asked: args.registry };
    let mut done = input::each(&args.input, look, output, |source, complaints| check(&source, args, complaints));
    let report = match args.format {
        Format::Text => text(&done.all, args.output.is_none() && output.has_colour()),
        Format::Json => render::json::files(&done.all),
        Format::Sarif => render::sarif::files(&done.all),
        Format::Github => render::github::files(&done.all),
        Format::Gitlab => render::gitlab::files(&done.all),
        Format::Checkstyle => render::checkstyle::files(&done.all),
        Format::Junit => render::junit::files(&done.all),
    };
    match &args.output {
        Some(path) => {
            if let Err(error) = std::fs::write(path, without_colours(&report).as_bytes()) {
                output.complain(&format!("{}: {error}", path.display()));
                done.failed = true;
            }
        }
        None => output.print(&report)?,
    }
    let fails = done.all.iter().any(|file| file.diagnostics.iter().any(|found| file.fails(found)));
    Ok(if done.failed {
        FAILED
    } else if fails {
        FINDINGS
    } else {
        CLEAN
    })
}

fn check(source: &Source<'_>, args: &Check, complaints: &mut Complaints) -> Checked {
    let fail_on = fail_on(args.fail_on, source.snapshot.settings());
    let level = args.input.level.map_or(fail_on.unwrap_or(Severity::Info).min(Severity::Info), LevelArg::severity);
    let all_fixes = match args.format {
        Format::Json | Format::Sarif => true,
        Format::Text => source.of <= MANY,
        _ => false,
    };
    let mut outcome = run::run_rules(&source.snapshot, RULES);
    outcome.diagnostics.retain(|found| found.severity >= level);
    if all_fixes {
        run::make_fixes(&source.snapshot, &mut outcome);
    }
    source.tidy(&mut outcome, complaints);
    let text = if outcome.diagnostics.is_empty() { String::new() } else { source.snapshot.text().to_owned() };
    let diagnostics = outcome.diagnostics;
    Checked { name: source.name.clone(), text, context: source.context(), diagnostics, fail_on }
}

/// The level from which on findings are failures: by flag, else by settings, else warning.
fn fail_on(flag: Option<FailOn>, settings: &Settings) -> Option<Severity> {
    if let Some(flag) = flag {
        return flag.severity();
    }
    match settings.fail_on {
        None | Some(Level::Warning) => Some(Severity::Warning),
        Some(Level::Off) => None,
        Some(Level::Hint) => Some(Severity::Hint),
        Some(Level::Info) => Some(Severity::Info),
        Some(Level::Error) => Some(Severity::Error),
    }
}

fn text(checked: &[Checked], colour: bool) -> String {
    let mut all = String::new();
    for file in checked {
        for found in &file.diagnostics {
            let style = render::text::Style { colour };
            all.push_str(&render::text::diagnostic(Some(&file.name), &file.text, found, style));
            all.push('\n');
        }
    }
    all + &summary(checked)
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
    let later = all.iter().filter(|found| found.finding.fixes.is_empty() && found.finding.later.is_some()).count();
    let (safe, unsafe_) = (fixes(Applicability::Safe), fixes(Applicability::Unsafe) + later);
    let most = if later > 0 { "up to " } else { "" };
    let _ = match (safe, unsafe_) {
        (0, 0) => Ok(()),
        (safe, 0) => writeln!(line, "`dockline fix` repairs {safe} of them"),
        (0, unsafe_) => writeln!(line, "`dockline fix --unsafe` repairs {most}{unsafe_} of them"),
        (safe, unsafe_) => writeln!(line, "`dockline fix` repairs {safe} of them, with --unsafe {most}{unsafe_} more"),
    };
    line
}

/// `1 error`, `2 errors`; infos have no plural.
pub fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 || word == "info" { "" } else { "s" })
}
