//! The race detector needs cgo, which is off.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::go_flags;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let found = snapshot.stage(stage).go.iter().find_map(|command| finding(snapshot, command));
    // An ENV that is being typed may switch cgo on.
    findings.extend(found.filter(|_| !is_refused(snapshot, stage, &[Kind::Env])));
}

fn finding(snapshot: &Snapshot, command: &GoCommand) -> Option<Finding> {
    let race = command.flag("-race").filter(|flag| flag.value.is(|value| value == "true"))?;
    let runs = matches!(command.verb.as_str(), "build" | "install" | "run" | "test");
    if !runs || command.command.broken || command.cgo() != Answer::No || is_elsewhere(command) {
        return None;
    }
    let finding = Finding::new(race.span, "-race needs cgo, which is off here: go stops");
    let finding = match command.command.env.get("CGO_ENABLED").and_then(|variable| variable.span) {
        Some(span) => finding.because(span, "switched off"),
        None => finding.because(command.span, "this image has no C compiler, so Go does without cgo"),
    };
    let written = race.span != command.span;
    let fix =
        written.then(|| Fix::unsafe_("build without the race detector", go_flags::delete(snapshot, vec![race.span])));
    Some(finding.fix(fix.flatten()))
}

/// For another system than Linux the detector may do without cgo.
fn is_elsewhere(command: &GoCommand) -> bool {
    command.variable("GOOS").is_some_and(|os| !os.is(|os| os == "linux" || os.is_empty()))
}
