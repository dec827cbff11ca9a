//! USER names somebody whom the image does not know.
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::effective;
use crate::rules::unfinished::{may_bring_more, may_copy_to};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let knows_nobody = end.base == Base::Scratch;
    let few = end.image().filter(|image| image.repository.starts_with("gcr.io/distroless/"));
    if !knows_nobody && few.is_none()
        || end.files.opened_by().is_some()
        || may_bring_more(snapshot, stage)
        || may_copy_to(snapshot, stage, "/etc/passwd")
    {
        return;
    }
    let Some(user) = effective(snapshot, stage, Kind::User).and_then(|user| user.value()) else { return };
    let Some(name) = user.literal(snapshot.text()) else { return };
    let name = name.split(':').next().unwrap_or_default().to_owned();
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let there = few.is_some() && matches!(name.as_str(), "root" | "nobody" | "nonroot");
    if is_number || there || !stage.instructions.contains(&effective_index(snapshot, stage)) {
        return;
    }
    let what =
        if knows_nobody { "scratch has no /etc/passwd" } else { "this image knows root, nobody and nonroot alone" };
    findings.push(Finding::new(user.span, format!("the container can't start as `{name}`: {what}; write a number")));
}

/// Where the USER that counts stands.
fn effective_index(snapshot: &Snapshot, stage: &Stage) -> usize {
    let own = snapshot.file().stage_instructions(stage).filter(|(_, instruction)| instruction.kind == Kind::User);
    own.map(|(index, _)| index).last().unwrap_or(usize::MAX)
}
