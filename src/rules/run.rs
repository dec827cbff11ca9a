//! The engine: runs every rule that is on, catches those that panic, applies levels and suppressions, sorts.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::rule::{Check, Default, Diagnostic, Finding, Severity};
use super::{Entry, RULES, syntax};
use crate::analysis::snapshot::Snapshot;
use crate::settings::{Level, Preset, Settings};

/// What a run brought.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The findings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that panicked: a bug of ours each, whose findings are missing.
    pub panicked: Vec<&'static str>,
}

/// Runs all rules over `snapshot`.
pub fn run(snapshot: &Snapshot) -> Outcome {
    run_rules(snapshot, RULES)
}

/// Runs `rules` over `snapshot`.
pub fn run_rules(snapshot: &Snapshot, rules: &'static [Entry]) -> Outcome {
    let mut outcome = Outcome::default();
    for entry in rules {
        let Some(severity) = severity(entry, snapshot.settings()) else { continue };
        match catch_unwind(AssertUnwindSafe(|| check(entry, snapshot))) {
            Ok(findings) => outcome
                .diagnostics
                .extend(findings.into_iter().map(|finding| diagnostic(entry, severity, snapshot.settings(), finding))),
            Err(_) => outcome.panicked.push(entry.name),
        }
    }
    outcome.diagnostics.sort_by_key(|found| (found.finding.span.start, found.finding.span.end, found.rule));
    outcome
}

/// The level at which `entry` reports; `None` when it is off.
fn severity(entry: &Entry, settings: &Settings) -> Option<Severity> {
    let on = entry.rule.default == Default::On || settings.preset == Preset::Pedantic;
    match configured(entry, settings) {
        Some(Level::Off) => None,
        Some(level) => Some(of_level(level, entry.rule.severity)),
        None => on.then_some(entry.rule.severity),
    }
}

fn configured(entry: &Entry, settings: &Settings) -> Option<Level> {
    let names = std::iter::once(&entry.name).chain(entry.rule.aliases);
    names.filter_map(|name| settings.rules.get(*name)).find_map(crate::settings::RuleSetting::level)
}

fn of_level(level: Level, default: Severity) -> Severity {
    match level {
        Level::Off => default,
        Level::Hint => Severity::Hint,
        Level::Info => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

fn diagnostic(entry: &Entry, severity: Severity, settings: &Settings, finding: Finding) -> Diagnostic {
    let own = finding.severity.filter(|_| configured(entry, settings).is_none());
    Diagnostic {
        rule: entry.name,
        aliases: finding.aliases.unwrap_or(entry.rule.aliases),
        severity: own.unwrap_or(severity),
        finding,
    }
}

fn check(entry: &Entry, snapshot: &Snapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = snapshot.file();
    if entry.group == "syntax" {
        return syntax::findings(snapshot, entry.name);
    }
    match entry.rule.check {
        Check::File(check) => check(snapshot, &mut findings),
        Check::Stage(check) => file.stages.iter().for_each(|stage| check(snapshot, stage, &mut findings)),
        Check::Instruction(kind, check) => file
            .instructions
            .iter()
            .filter(|instruction| instruction.kind == kind)
            .for_each(|instruction| check(snapshot, instruction, &mut findings)),
    }
    findings
}
