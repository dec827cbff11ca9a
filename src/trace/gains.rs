//! What would make a slow step shorter: the rules and actions that have something to say about just that step of this
//! Dockerfile, by running them on it. Nothing is guessed from the log alone.
use std::sync::Arc;

use super::account::Account;
use super::role::{Role, role};
use super::{Outcome, Step, Trace};
use crate::actions::ACTIONS;
use crate::analysis::module_layer::late_download;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::instruction::Kind;
use crate::rules::RULES;
use crate::rules::levels::only;
use crate::rules::rule::{Diagnostic, Fix, Place};
use crate::rules::run::run_rules;
use crate::text::span::Span;

/// A shorter step is not worth an edit; in seconds.
pub const SLOW: f64 = 1.0;
/// So much of a context is not worth an edit; in bytes.
const LARGE: u64 = 1_000_000;
/// A step that takes so many times as long as for another platform is emulated.
const EMULATED: f64 = 3.0;

/// A rule or an action, and what a step gains by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gain {
    /// Which of both it is.
    pub by: By,
    /// Its name.
    pub name: &'static str,
    /// What is saved.
    pub what: String,
    /// What the action or the fix is called in an editor.
    pub title: Option<String>,
}

/// Where a gain comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A finding, with or without a fix.
    Rule,
    /// A refactoring.
    Action,
}

/// Findings that cost the time of the instruction they are about, and what is saved.
const OF_INSTRUCTIONS: [(&str, &str); 11] = [
    ("build-without-cache-mount", "packages that did not change would not be compiled again"),
    (
        "download-cache-not-shared",
        "the modules would not be downloaded again: one cache mount would serve both commands",
    ),
    ("dependencies-after-source", "the packages would be in a layer that an edit of the source leaves alone"),
    ("dependencies-reinstalled", "the packages would be copied from the stage that has them"),
    ("modules-copied-not-downloaded", "the modules would be in a layer that an edit of the source leaves alone"),
    ("module-cache-cleaned-before-build", "the modules would not be downloaded a second time"),
    ("download-with-vendor", "nothing would be downloaded: the build takes the modules from vendor/"),
    ("mod-tidy-in-image", "the proxy would not be asked for newer versions on every build"),
    ("apt-installs-recommends", "only packages that are named would be downloaded and unpacked"),
    ("chmod-after-copy", "the files would not be written a second time"),
    ("large-uid-fills-log", "no gigabytes of zeros would be written"),
];

/// Findings about what is sent to the builder.
const OF_CONTEXT: [(&str, &str); 2] = [
    ("dockerignore-missing", "what the build does not need would not be sent"),
    ("dockerignore-keeps-git", "the history would not be sent"),
];

/// Findings that make the image large, in the stages that it is made of.
const OF_EXPORT: [(&str, &str); 11] = [
    ("single-stage-go-image", "the image would hold the program, not the toolchain and the source"),
    ("large-uid-fills-log", "the image would hold no gigabytes of zeros"),
    ("apt-lists-left-behind", "the image would not hold the package lists"),
    ("apk-cache-left-behind", "the image would not hold the package index"),
    ("dnf-cache-left-behind", "the image would not hold the package cache"),
    ("yum-cache-left-behind", "the image would not hold the package cache"),
    ("zypper-cache-left-behind", "the image would not hold the package cache"),
    ("pip-cache-left-behind", "the image would not hold the package cache"),
    ("yarn-cache-left-behind", "the image would not hold the package cache"),
    ("chmod-after-copy", "the image would not hold the files twice"),
    ("archive-copied-then-unpacked", "the image would not hold the archive beside what was in it"),
];

/// What each step of `trace` would gain, in its order; nothing for those that are not slow.
pub fn gains(snapshot: &Snapshot, trace: &Trace, account: &Account) -> Vec<Vec<Gain>> {
    if !trace.steps.iter().any(is_slow) {
        return vec![Vec::new(); trace.steps.len()];
    }
    let found = findings(snapshot);
    let of_step = |index: usize| {
        let (step, row) = (&trace.steps[index], &account.rows[index]);
        if !is_slow(step) {
            return Vec::new();
        }
        match role(&step.name) {
            Role::Context => of_context(snapshot, &found, step),
            Role::Export => of_export(snapshot, &found),
            Role::Instruction(_) => {
                let own = row.instruction.map(|it| of_instruction(snapshot, &found, step, it.instruction));
                own.into_iter().flatten().chain(emulated(snapshot, trace, account, index)).collect()
            }
            _ => Vec::new(),
        }
    };
    (0..trace.steps.len()).map(of_step).collect()
}

fn is_slow(step: &Step) -> bool {
    let is_large = step.bytes.is_some_and(|bytes| bytes >= LARGE) && role(&step.name) == Role::Context;
    step.outcome != Outcome::Cached && (is_large || step.seconds.is_some_and(|seconds| seconds >= SLOW))
}

/// What the rules say that have to do with time, whether settings show it or not.
fn findings(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let tables = OF_INSTRUCTIONS.iter().chain(&OF_CONTEXT).chain(&OF_EXPORT);
    let is_there = |name: &str| RULES.iter().any(|entry| entry.name == name);
    let names: Vec<String> = tables.map(|(name, _)| *name).filter(|name| is_there(name)).map(str::to_owned).collect();
    let Ok(settings) = only(&names, snapshot.settings()) else { return Vec::new() };
    let snapshot = snapshot.with(Arc::new(snapshot.facts().clone()), Arc::new(settings));
    run_rules(&snapshot, RULES).diagnostics
}

fn of_instruction(snapshot: &Snapshot, found: &[Diagnostic], step: &Step, index: usize) -> Vec<Gain> {
    let instruction = &snapshot.file().instructions[index];
    if instruction.kind != Kind::Run {
        return Vec::new();
    }
    let is_here = |place: Span| instruction.span.contains(place);
    let about = |found: &Diagnostic| {
        let related = found.finding.related.iter();
        is_here(found.finding.span)
            || related.into_iter().any(|(place, _)| matches!(place, Place::Here(at) if is_here(*at)))
    };
    let mut gains: Vec<Gain> = late_modules(snapshot, step, index).into_iter().collect();
    let said = !gains.is_empty();
    let found = by_table(snapshot, found, &OF_INSTRUCTIONS, about);
    gains.extend(found.into_iter().filter(|gain| !said || gain.name != "modules-copied-not-downloaded"));
    gains
}

/// The same instruction took much longer for one platform than for another, as it does in an emulator.
fn emulated(snapshot: &Snapshot, trace: &Trace, account: &Account, step: usize) -> Option<Gain> {
    let Role::Instruction(own) = role(&trace.steps[step].name) else { return None };
    let found = account.rows[step].instruction?;
    let is_cross = |platform: &str| platform.contains("->");
    let platform = own.platform.filter(|platform| !is_cross(platform))?;
    let seconds = trace.steps[step].seconds?;
    let others =
        (0..trace.steps.len()).filter(|&other| other != step && account.rows[other].instruction == Some(found));
    let times = others.filter_map(|other| match role(&trace.steps[other].name) {
        Role::Instruction(it) if trace.steps[other].outcome == Outcome::Done => {
            Some((trace.steps[other].seconds?, it.platform.filter(|platform| !is_cross(platform))?))
        }
        _ => None,
    });
    let (fastest, native) = times.min_by(|one, other| one.0.total_cmp(&other.0))?;
    let is_slow = fastest > 0.0 && seconds > fastest * EMULATED;
    let title = offer(snapshot, "cross-compile", snapshot.file().instructions[found.instruction].span)
        .filter(|_| is_slow)?
        .title;
    let what = format!(
        "{seconds:.1} s for {platform}, {fastest:.1} s for {native}: without an emulator both would take as long"
    );
    Some(Gain { by: By::Action, name: "cross-compile", what, title: Some(title) })
}

/// The step downloads modules behind the source.
fn late_modules(snapshot: &Snapshot, step: &Step, index: usize) -> Option<Gain> {
    let stage = snapshot.file().stage_of(index)?;
    let late = late_download(snapshot, stage).filter(|late| late.command.instruction == index)?;
    let title = offer(snapshot, "download-modules-first", snapshot.file().instructions[index].span)?.title;
    // The go command says what it downloads, but for `go mod download`.
    if step.downloads.is_none() && step.outcome == Outcome::Done && !late.command.is_download() {
        return None;
    }
    let saved = match step.downloads {
        Some(downloads) if downloads.seconds >= 0.05 => {
            format!("{} were downloaded here, for {:.1} s at least", modules(downloads.count), downloads.seconds)
        }
        Some(downloads) => format!("{} were downloaded here", modules(downloads.count)),
        None if late.cached => "the modules are in a cache mount alone, which no other machine has".to_owned(),
        None => "the modules are downloaded here".to_owned(),
    };
    let what = format!("{saved}; in a layer of their own that happens only when go.mod changes, not with every edit");
    Some(Gain { by: By::Action, name: "download-modules-first", what, title: Some(title) })
}

fn modules(count: u32) -> String {
    if count == 1 { "1 module".to_owned() } else { format!("{count} modules") }
}

fn of_context(snapshot: &Snapshot, found: &[Diagnostic], step: &Step) -> Vec<Gain> {
    let mut gains = by_table(snapshot, found, &OF_CONTEXT, |_| true);
    if let Some(bytes) = step.bytes {
        for gain in &mut gains {
            gain.what = format!("{} were sent; {}", size(bytes), gain.what);
        }
    }
    gains
}

fn of_export(snapshot: &Snapshot, found: &[Diagnostic]) -> Vec<Gain> {
    let Some(last) = snapshot.file().final_stage() else { return Vec::new() };
    let spans: Vec<Span> = source::chain(snapshot, last).iter().map(|stage| stage.span).collect();
    let in_image = |found: &Diagnostic| spans.iter().any(|span| span.contains(found.finding.span));
    let mut gains = by_table(snapshot, found, &OF_EXPORT, in_image);
    let convert = |gain: &Gain| gain.name == "single-stage-go-image";
    if let Some(gain) = gains.iter_mut().find(|gain| convert(gain))
        && let Some(fix) = offer(snapshot, "convert-to-multi-stage", last.span)
    {
        (gain.by, gain.name, gain.title) = (By::Action, "convert-to-multi-stage", Some(fix.title));
    }
    gains
}

/// One gain for each rule of `table` that has something to say.
fn by_table(
    snapshot: &Snapshot,
    found: &[Diagnostic],
    table: &[(&'static str, &str)],
    about: impl Fn(&Diagnostic) -> bool,
) -> Vec<Gain> {
    let mut gains = Vec::new();
    for (name, what) in table {
        let Some(found) = found.iter().find(|found| found.rule == *name && about(found)) else { continue };
        let title = found.finding.remedies(snapshot).into_iter().next().map(|fix| fix.title);
        gains.push(Gain { by: By::Rule, name: found.rule, what: (*what).to_owned(), title });
    }
    gains
}

/// The preferred form of an action, where it is offered.
fn offer(snapshot: &Snapshot, name: &str, at: Span) -> Option<Fix> {
    let entry = ACTIONS.iter().find(|entry| entry.name == name)?;
    (entry.action.offers)(snapshot, at).into_iter().next()
}

/// `2 B`, `1.5 kB`, `120.0 MB`
pub fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "it is rounded anyway")]
    let mut number = bytes as f64;
    for unit in ["B", "kB", "MB"] {
        if number < 1_000.0 {
            return if unit == "B" { format!("{number} B") } else { format!("{number:.1} {unit}") };
        }
        number /= 1_000.0;
    }
    format!("{number:.1} GB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::account::account;
    use crate::trace::read;

    fn names(text: &str, log: &str) -> Vec<Vec<&'static str>> {
        let (snapshot, trace) = (Snapshot::of_text(text), read(log).remove(0));
        let gains = gains(&snapshot, &trace, &account(&snapshot, &trace));
        gains.iter().map(|gains| gains.iter().map(|gain| gain.name).collect()).collect()
    }

    #[test]
    fn every_name_is_a_rule() {
        let rules = OF_INSTRUCTIONS.iter().chain(&OF_CONTEXT).chain(&OF_EXPORT).map(|(name, _)| *name);
        for name in rules {
            assert!(RULES.iter().any(|entry| entry.name == name), "{name}");
        }
        for name in ["download-modules-first", "convert-to-multi-stage", "cross-compile"] {
            assert!(ACTIONS.iter().any(|entry| entry.name == name), "{name}");
        }
    }

    #[test]
    fn slow_steps_gain_what_is_found_in_them() {
        let text = "FROM golang:1.27\nWORKDIR /app\nCOPY . .\nRUN go build -o main .\nRUN apt-get update && apt-get install -y git\nCMD [\"./main\"]\n";
        let log = "\
#1 [3/5] COPY . .
#1 DONE 9.0s
#2 [4/5] RUN go build -o main .
#2 0.5 go: downloading a v1
#2 1.0 go: downloading b v1
#2 DONE 9.0s
#3 [5/5] RUN apt-get update && apt-get install -y git
#3 DONE 9.0s
#4 exporting to image
#4 DONE 9.0s
";
        let found = names(text, log);
        assert_eq!(found[1], ["download-modules-first", "build-without-cache-mount"]);
        assert_eq!(found[2], ["apt-installs-recommends"]);
        assert_eq!(found[3], ["convert-to-multi-stage", "apt-lists-left-behind"]);
        assert!(names(text, &log.replace("9.0s", "0.9s")).concat().is_empty());
    }

    #[test]
    fn sizes() {
        assert_eq!([2, 1_530, 13_500_000, 2_000_000_000].map(size), ["2 B", "1.5 kB", "13.5 MB", "2.0 GB"]);
    }
}
