//! The program needs cgo, and cgo is off.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::{CgoModule, WithoutCgo};
use crate::model::stage::Stage;
use crate::project::walk::CgoNeed;
use crate::rewrite::enable_cgo;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Builds of one stage that are looked at.
const MAX_BUILDS: usize = 32;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut builds = snapshot.stage(stage).go.iter().filter(|go| go.builds()).take(MAX_BUILDS);
    findings.extend(builds.find_map(|command| finding(snapshot, stage, command)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    if command.cgo() != Answer::No {
        return None;
    }
    let CgoNeed::Yes { chain, row, file } = source::cgo_need(snapshot, stage, command) else { return None };
    if !is_used(snapshot, stage, command, &chain, row) {
        return None;
    }
    let needy = chain.last()?;
    let variable = command.command.env.get("CGO_ENABLED").filter(|variable| variable.value.is(|value| value == "0"));
    let (off, why) = match variable.and_then(|variable| variable.span) {
        Some(span) => (span, ""),
        None => (command.verb_span, ": there is no C compiler"),
    };
    let message = format!("{needy} needs cgo, and cgo is off{why}, so {}", consequence(row));
    let mut finding = Finding::new(off, message);
    finding = finding.because(command.span, format!("builds {}", path_of(&chain, file.as_deref())));
    Some(finding.fixed_later(stage, enable_cgo::fixes))
}

/// A module that compiles without cgo does harm only to programs that call it: the program imports it closely, or is the
/// only one of its module.
fn is_used(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, chain: &[String], row: Option<&CgoModule>) -> bool {
    if row.and_then(|row| row.without_cgo) != Some(WithoutCgo::FailsAtRunTime) || chain.len() <= 3 {
        return true;
    }
    let programs = || {
        let source = source::module_of(snapshot, stage, command)?;
        let build = source::build_of(command, true)?;
        Some(source.module.main_packages(&build).count())
    };
    programs() == Some(1)
}

fn consequence(row: Option<&CgoModule>) -> &'static str {
    match row.and_then(|row| row.without_cgo) {
        Some(WithoutCgo::FailsAtRunTime) => "the program builds, but fails as soon as it uses it",
        _ => "the build fails",
    }
}

/// The imports from the main package on, or the file that imports "C".
fn path_of(chain: &[String], file: Option<&str>) -> String {
    match file {
        Some(file) => format!("{} (import \"C\" in {file})", chain.join(" → ")),
        None => chain.join(" → "),
    }
}
