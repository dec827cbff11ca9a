//! The image that ships is made for the platform of the builder.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Libc;
use crate::model::stage::Base;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::from;
use crate::text::edit::Edit;
use crate::text::span::Span;

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
    let instruction = &snapshot.file().instructions[stage.from];
    // What is only exported is of no platform; a stage has its own, and an image without a C library has no programs.
    let end = &snapshot.stage(stage).end;
    let starts = end.image().is_some()
        && !end.libc().is(|libc| *libc == Libc::None)
        && stage.base == Base::Image
        && ships(snapshot, stage);
    if !is_last || !starts {
        return;
    }
    let Some(flag) = instruction.flags_named(snapshot.text(), "platform").next() else { return };
    let value = flag.value.as_ref().map_or("", |value| value.raw(snapshot.text()));
    if !matches!(value, "$BUILDPLATFORM" | "${BUILDPLATFORM}") {
        return;
    }
    let Some(image) = from(snapshot, stage).and_then(|from| from.image.as_ref()) else { return };
    let message = "the image that ships gets the files of the builder's platform, whatever it is built for";
    let fix = Fix::unsafe_(
        "use the platform that is built for",
        vec![Edit::delete(Span::new(flag.span.start, image.span.start))],
    );
    findings.push(Finding::new(flag.span, message).fix(fix));
}

/// It starts something.
fn ships(snapshot: &Snapshot, stage: &Stage) -> bool {
    use crate::model::instruction::Kind;
    let mut instructions = snapshot.file().stage_instructions(stage);
    instructions.any(|(_, instruction)| matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint))
}
