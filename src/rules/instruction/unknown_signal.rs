//! STOPSIGNAL with a word that is no signal.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Distro;
use crate::knowledge::signals::{self, Parsed};
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::nearest;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["INVALID_SIGNAL"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for (_, instruction) in snapshot.file().stage_instructions(stage) {
        if instruction.kind == Kind::Stopsignal && !snapshot.stage(stage).end.distro().is(|it| *it == Distro::Windows) {
            findings.extend(finding(snapshot, instruction));
        }
    }
}

fn finding(snapshot: &Snapshot, instruction: &Instruction) -> Option<Finding> {
    let word = instruction.value()?;
    let value = word.literal(snapshot.text())?;
    let value = value.trim();
    // A comment behind the value is *trailing-comment*.
    if word.flaw.is_some() || value.is_empty() || value.contains('#') {
        return None;
    }
    let shown: String = value.lines().next()?.chars().take(40).collect();
    match signals::parse(value) {
        Parsed::Signal(_) => None,
        Parsed::Number(_) => {
            let message = format!("Linux has no signal {shown}: the container can't be stopped by it");
            Some(Finding::new(word.span, message).at_level(Severity::Warning))
        }
        Parsed::Unknown => {
            let known = nearest(value, signals::names());
            let hint = known.map(|known| format!(": did you mean {known}?")).unwrap_or_default();
            let fix =
                known.and_then(|known| Fix::unsafe_(format!("write {known}"), vec![Edit::replace(word.span, known)]));
            Some(Finding::new(word.span, format!("`{shown}` is no signal, so the build fails{hint}")).fix(fix))
        }
    }
}
