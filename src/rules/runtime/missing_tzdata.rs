//! A program looks up time zones, and the image that starts it has none.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::go_calls::CallKind;
use crate::model::stage::Stage;
use crate::rewrite::go_flags;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let lacks = end.base == Base::Scratch || end.image().and_then(|image| image.tzdata) == Some(false);
    let zones = |path: &String| path.contains("zoneinfo") || path == "/usr/share" || path == "/";
    let mut sources = snapshot.stage(stage).copies.iter().flat_map(|copy| &copy.sources);
    let copied = sources.any(|source| source.path.as_ref().is_none_or(zones));
    if !lacks || copied || end.is_tainted() || end.installed("tzdata") || end.env.get("ZONEINFO").is_some() {
        return;
    }
    let mut copied = linked::copied(snapshot, stage);
    findings.extend(copied.find_map(|(source, builder, command)| finding(snapshot, source, builder, command)));
}

fn finding(snapshot: &Snapshot, source: &CopySource, builder: &Stage, command: &GoCommand) -> Option<Finding> {
    let (uses, imports) = linked::uses(snapshot, builder, command)?;
    let tags = command.tags()?;
    let brought = imports.iter().any(|path| path == "time/tzdata") || tags.iter().any(|tag| tag == "timetzdata");
    // Go knows these two by itself.
    let named = |literals: &[String]| {
        literals.is_empty() || literals.iter().any(|zone| !matches!(zone.as_str(), "UTC" | "Local" | ""))
    };
    let found = uses.iter().any(|(kind, mention)| *kind == CallKind::TimeZone && named(&mention.literals));
    if brought || !found {
        return None;
    }
    let message = "the program looks up time zones, and this image has none: time.LoadLocation fails";
    let fix = go_flags::add_tags(snapshot, command, &["timetzdata"]);
    let fix = fix.and_then(|edits| Fix::safe("build the time zones into the program (timetzdata)", edits));
    Some(Finding::new(source.span, message).because(command.span, "built here").fix(fix))
}
