//! A program is written into a cache mount, so it is not in the image.
use crate::analysis::go::GoCommand;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    findings.extend(snapshot.stage(stage).go.iter().find_map(|command| finding(snapshot, stage, command)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    if !command.builds() || command.command.broken {
        return None;
    }
    // What follows in the RUN may move it out.
    let later = |other: &&crate::analysis::invocation::Invocation| {
        other.instruction == command.instruction && other.span.start > command.span.end
    };
    if snapshot.stage(stage).commands.iter().any(|other| later(&other)) {
        return None;
    }
    let module = source::module_of(snapshot, stage, command).map(|source| source.module.go_mod.path().to_owned());
    let outputs = command.outputs(module.as_deref())?;
    let workdir = command.state.workdir.as_ref()?;
    let holds = |mount: &&Mount| {
        let target = mount.target().filter(|target| !target.contains('$')).map(|target| resolve(workdir, target));
        mount.kind() == "cache"
            && target
                .is_some_and(|target| !outputs.is_empty() && outputs.iter().all(|output| is_below(output, &target)))
    };
    let mount = command.mounts.iter().find(holds)?;
    let place = command.flag("-o").map_or(command.verb_span, |flag| flag.span);
    let finding = Finding::new(place, "the program is written into a cache mount: it is gone when this RUN ends");
    Some(finding.because(mount.span, "no layer holds what is in here"))
}
