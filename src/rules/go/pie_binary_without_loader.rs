//! A position-independent program needs a loader that the image does not have.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Libc;
use crate::model::stage::Stage;
use crate::rewrite::go_flags;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut copied = linked::copied(snapshot, stage);
    findings.extend(copied.find_map(|(source, _, command)| finding(snapshot, stage, source, command)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, source: &CopySource, command: &GoCommand) -> Option<Finding> {
    let pie = command.flag("-buildmode").filter(|flag| flag.value.is(|mode| mode == "pie"))?;
    let target = &snapshot.stage(stage).end;
    let lacks = matches!(target.libc().as_ref()?, Libc::None | Libc::Musl);
    // On Alpine the compiler of the system links for musl.
    let built_there = command.state.libc() == target.libc() && *target.libc().as_ref()? == Libc::Musl;
    let helped = target.is_tainted() || target.installed("glibc-compat") || linked::has_own_loader(snapshot, stage);
    if command.cgo() != Answer::No || !lacks || built_there || helped {
        return None;
    }
    let message = "a position-independent program can't start here: its loader, that of glibc, is not in the image";
    let written = pie.span != command.span;
    let fix =
        written.then(|| Fix::unsafe_("build a plain executable", go_flags::delete(snapshot, vec![pie.span]))).flatten();
    Some(Finding::new(source.span, message).because(pie.span, "asks for a loader, although cgo is off").fix(fix))
}
