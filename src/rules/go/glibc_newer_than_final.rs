//! A program is linked to a newer glibc than the image that starts it has.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Libc;
use crate::model::stage::Stage;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// In glibc 2.34 the thread library moved into libc: programs linked to it or a later one ask for that version.
const MERGED: (u32, u32) = (2, 34);

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut copied = linked::copied(snapshot, stage);
    findings.extend(copied.find_map(|(source, builder, command)| finding(snapshot, stage, source, builder, command)));
}

fn finding(
    snapshot: &Snapshot,
    stage: &Stage,
    source: &CopySource,
    builder: &Stage,
    command: &GoCommand,
) -> Option<Finding> {
    let target = &snapshot.stage(stage).end;
    let both = [command.state.libc(), target.libc()].iter().all(|libc| libc.is(|libc| *libc == Libc::Glibc));
    let (built, there) = (*command.state.glibc().as_ref()?, *target.glibc().as_ref()?);
    if !both || built <= there || linked::has_own_loader(snapshot, stage) {
        return None;
    }
    let reason = linked::dynamic(snapshot, builder, command)?;
    let stops = built >= MERGED && there < MERGED;
    let then = if stops { "can't start" } else { "may not start" };
    let message =
        format!("a program that is linked to glibc {}.{} {then} with glibc {}.{}", built.0, built.1, there.0, there.1);
    let why = format!("linked here, because of {}", reason.chain.join(" → "));
    let finding = Finding::new(source.span, message).because(command.span, why);
    Some(finding.at_level(if stops { Severity::Error } else { Severity::Hint }))
}
