//! `COPY --from=build / /`
use crate::analysis::copy::CopyFrom;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3067"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for copy in &snapshot.stage(stage).copies {
        let stage_or_image = matches!(copy.from, CopyFrom::Stage(_) | CopyFrom::Image(_));
        let whole = copy.sources.iter().find(|source| source.path.is(|path| path == "/"));
        if let Some(source) = whole.filter(|_| stage_or_image && copy.destination.is(|path| path == "/")) {
            let message = "the whole file system is copied into one layer, and nothing of the image's settings comes with it";
            findings.push(Finding::new(source.span, message));
        }
    }
}
