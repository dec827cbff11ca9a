//! The source is copied before what it depends on is installed.
use crate::analysis::dependencies::{LateInstall, late_install};
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::manifest_layer;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::started;
use crate::rules::unfinished::may_bring_more;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let Some(late) = late(snapshot, stage) else { return };
    // Several stages may be built on the one that copies: the first of them reports it.
    let own = stage.instructions.contains(&late.copy.instruction);
    let same = |other: &Stage| self::late(snapshot, other).is_some_and(|other| other.copy == late.copy);
    let mut earlier = snapshot.linked(stage).take_while(|other| other.index < stage.index);
    if own || !earlier.any(same) {
        findings.push(finding(snapshot, stage, &late));
    }
}

fn late<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<LateInstall<'s>> {
    let late = late_install(snapshot, stage)?;
    (!is_for_work(snapshot, stage) && !may_bring_more(snapshot, stage)).then_some(late)
}

/// A stage that people work in: the source in it is only the start, a volume covers it.
pub(super) fn is_for_work(snapshot: &Snapshot, stage: &Stage) -> bool {
    let dev = |word: &String| {
        matches!(base(word), "dev" | "develop" | "start:dev" | "nodemon" | "watch" | "--watch" | "--reload" | "test")
    };
    let starts_dev = || started::words(snapshot, stage).is_some_and(|(_, words)| words.iter().any(dev));
    // Tilt keeps the files of a running container up to date.
    let name = snapshot.path().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    let tilt = name.is_some_and(|name| name.to_ascii_lowercase().split('.').any(|part| part == "tilt"));
    tilt || started::is_for_developers(snapshot, stage) || starts_dev()
}

fn finding(snapshot: &Snapshot, stage: &Stage, late: &LateInstall) -> Finding {
    let copy = &snapshot.file().instructions[late.copy.instruction];
    let install = &late.install;
    let (message, level) = match (late.cached, install.tool.builds) {
        (true, _) => ("what is installed is kept by a cache mount alone, not by a layer", Some(Severity::Hint)),
        (false, true) => ("every source change downloads all dependencies again", None),
        (false, false) => ("every source change installs all dependencies again", None),
    };
    let mut finding = Finding::new(copy.span, message);
    finding.severity = level;
    let why = format!("`{}` runs after the copy", install.title(snapshot));
    finding.because(install.command.span, why).fixed_later(stage, manifest_layer::stage_fixes)
}
