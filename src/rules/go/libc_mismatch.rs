//! A program that is linked to one C library is copied into an image that has another, or none.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Libc;
use crate::model::stage::Stage;
use crate::rewrite::enable_cgo;
use crate::rules::linked::{self, Reason};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

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
    let libc = *target.libc().as_ref()?;
    let built = *command.state.libc().as_ref()?;
    let compatible = target.is_tainted() || target.installed("glibc-compat") || target.installed("musl-libc");
    if built == libc || built == Libc::None || compatible || linked::has_own_loader(snapshot, stage) {
        return None;
    }
    let reason = linked::dynamic(snapshot, builder, command)?;
    let message = format!("a program that is linked to {} can't start in an image {}", name(built), with(libc));
    let mut finding = Finding::new(source.span, message)
        .because(command.span, format!("linked here, because of {}", reason.chain.join(" → ")));
    finding = finding.because(snapshot.file().instructions[stage.from].span, format!("an image {}", with(libc)));
    finding = finding.fix(disable(snapshot, command, &reason));
    if reason.needs_cgo == Answer::Yes {
        finding = finding.fixed_later(builder, enable_cgo::fixes);
    }
    Some(finding)
}

fn name(libc: Libc) -> &'static str {
    match libc {
        Libc::Glibc => "glibc",
        Libc::Musl => "musl",
        Libc::None => "no C library",
    }
}

fn with(libc: Libc) -> &'static str {
    match libc {
        Libc::Glibc => "with glibc",
        Libc::Musl => "with musl",
        Libc::None => "without a C library",
    }
}

/// Without cgo the program needs no C library.
fn disable(snapshot: &Snapshot, command: &GoCommand, reason: &Reason) -> Option<Fix> {
    let title = "build without cgo";
    let edit = match command.command.env.get("CGO_ENABLED").and_then(|variable| variable.span) {
        Some(span) => {
            let at = snapshot[span].rfind('1')? as u32 + span.start;
            Edit::replace(Span::new(at, at + 1), "0")
        }
        None if snapshot.file().instructions[command.instruction].command()?.exec().is_some() => return None,
        None => Edit::insert(command.span.start, "CGO_ENABLED=0 "),
    };
    match reason.needs_cgo {
        Answer::Yes => None,
        Answer::No => Fix::safe(title, vec![edit]),
        Answer::Unknown => Fix::unsafe_(title, vec![edit]),
    }
}
