//! The container compiles its program at each start: CMD or ENTRYPOINT is `go run`.
use crate::analysis::module_layer;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rewrite::multi_stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::started::{is_for_developers, words};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || !module_layer::is_golang_image(snapshot, stage) || is_for_developers(snapshot, stage) {
        return;
    }
    let Some((span, words)) = words(snapshot, stage) else { return };
    // A tool of a certain version, or of the workspace, may be run so on purpose.
    let foreign = words.iter().any(|word| word.contains('@'));
    if words.len() > 2 && words[0] == "go" && words[1] == "run" && !foreign {
        let message = "the container compiles the program at each start, and ships the Go toolchain for it";
        findings.push(Finding::new(span, message).fixed_later(stage, multi_stage::fixes));
    }
}
