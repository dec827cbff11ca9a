//! A program looks up time zones, and the image that starts it has none.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::go_calls::CallKind;
use crate::knowledge::packages::package_provides;
use crate::model::stage::Stage;
use crate::rewrite::go_flags;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::{may_bring_more, may_copy_to};

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
    // What brings tzdata along is not known of most packages.
    let manager = end.package_manager();
    let is_known =
        |package: &str| manager.as_ref().is_some_and(|manager| !package_provides(*manager, package).is_empty());
    let may_come = !end.packages.names().all(is_known);
    if !lacks
        || copied
        || may_come
        || may_bring_more(snapshot, stage)
        || may_copy_to(snapshot, stage, "/usr/share/zoneinfo")
        || end.is_tainted()
        || end.installed("tzdata")
        || end.env.get("ZONEINFO").is_some()
    {
        return;
    }
    let mut copied = linked::copied(snapshot, stage);
    findings.extend(copied.find_map(|(source, builder, command)| finding(snapshot, source, builder, command)));
}

fn finding(snapshot: &Snapshot, source: &CopySource, builder: &Stage, command: &GoCommand) -> Option<Finding> {
    let uses = linked::uses(snapshot, builder, command)?;
    let tags = command.tags()?;
    let brought = uses.imports.iter().any(|path| path == "time/tzdata") || tags.iter().any(|tag| tag == "timetzdata");
    let mut zones =
        uses.calls.iter().filter(|(kind, _)| *kind == CallKind::TimeZone).map(|(_, mention)| &mention.literals);
    // Go knows these two by itself.
    let needs_none = |zones: &&Vec<String>| zones.iter().all(|zone| matches!(zone.as_str(), "UTC" | "Local" | ""));
    let named = zones.clone().any(|zones| !needs_none(&zones));
    let given = zones.any(Vec::is_empty);
    if brought || !(named || given) {
        return None;
    }
    // A zone that comes from outside may never be given.
    let level = if named { Severity::Warning } else { Severity::Hint };
    let message = "the program looks up time zones, and this image has none: time.LoadLocation fails";
    let fix = go_flags::add_tags(snapshot, command, &["timetzdata"]);
    let fix = fix.and_then(|edits| Fix::safe("build the time zones into the program (timetzdata)", edits));
    Some(Finding::new(source.span, message).because(command.span, "built here").at_level(level).fix(fix))
}
