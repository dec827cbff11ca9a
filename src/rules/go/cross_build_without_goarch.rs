//! A stage on the builder's platform compiles without being told for which platform.
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::instruction::{Instruction, Kind, Pair};
use crate::model::stage::Stage;
use crate::rewrite::cross_compile::{self, is_for_target, is_on_builder};
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Stages that take the program which are looked at.
const MAX_TARGETS: usize = 8;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let root = &snapshot.file().stages[stage.root];
    let builds = || snapshot.stage(stage).go.iter().any(|go| is_blind(snapshot, go));
    if !is_on_builder(snapshot, root) || !builds() || is_set_elsewhere(snapshot, stage) {
        return;
    }
    let takes = |target: &&Stage| {
        let analysis = snapshot.stage(target);
        let mut copies = analysis.copies.iter().chain(&analysis.half_copies);
        target.root != stage.root && copies.any(|copy| matches!(copy.from, CopyFrom::Stage(_)))
    };
    let targets = snapshot.linked(stage).filter(|target| target.index > stage.index).filter(takes).take(MAX_TARGETS);
    let targets = targets.filter(|target| is_for_target(snapshot, &snapshot.file().stages[target.root]));
    findings.extend(targets.into_iter().find_map(|target| finding(snapshot, stage, root, target)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, root: &Stage, target: &Stage) -> Option<Finding> {
    let here = |go: &GoCommand| stage.instructions.contains(&go.instruction) && is_blind(snapshot, go);
    let (source, _, command) = linked::copied(snapshot, target).find(|(.., go)| here(go))?;
    let platform = snapshot.file().instructions[root.from].flag(snapshot.text(), "platform")?.span;
    let message = "this builds for the builder's platform, whatever the image is built for: GOARCH is not set";
    let finding = Finding::new(command.command.name_span.cover(command.verb_span), message)
        .because(platform, "runs on the builder's platform")
        .because(source.span, "copied into an image of the platform that is built for");
    Some(finding.fixed_later(stage, cross_compile::fixes))
}

/// A plain `go build` that nobody tells for which architecture.
fn is_blind(snapshot: &Snapshot, command: &GoCommand) -> bool {
    let env = &command.command.env;
    let builds = command.builds() && env.get("GOARCH").is_none();
    let linux = || env.known("GOOS").is_none_or(|os| matches!(os, "" | "linux"));
    // Copied over the root, xx and its like put another `go` in the way.
    let official = || matches!(command.state.go, Known::Known(Some(_)));
    let sure = !command.command.conditional && !command.command.broken;
    builds
        && sure
        && linux()
        && official()
        && snapshot[command.command.name_span].ends_with("go")
        && !snapshot[command.command.name_span].ends_with("xx-go")
}

/// True when the variable may come from where we can't look: a script that is read, `go env -w`, a line that is being typed.
fn is_set_elsewhere(snapshot: &Snapshot, stage: &Stage) -> bool {
    let declares = [Kind::Arg, Kind::Unknown];
    let typed = chain(snapshot, stage).any(|stage| {
        let mut instructions = snapshot.file().stage_instructions(stage);
        let half_typed = |index: usize, it: &Instruction| match it.kind {
            Kind::Copy => it.copy().is_some_and(|copy| copy.sources.is_empty()),
            Kind::Env => snapshot.file().is_refused(index) && !sets_another(snapshot, it),
            _ => false,
        };
        is_refused(snapshot, stage, &declares) || instructions.any(|(index, it)| half_typed(index, it))
    });
    let stages = source::analyses(snapshot, stage);
    let reads =
        |name: &str| matches!(name, "." | "source" | "eval") || name.starts_with("xx-") || name.contains("goxx");
    let reads = stages.iter().flat_map(|stage| &stage.commands).any(|command| reads(&command.name));
    let mut go = stages.iter().flat_map(|stage| &stage.go);
    let writes = go.any(|go| go.verb == "env" && go.packages.iter().any(|word| word.prefix.starts_with("GOARCH")));
    typed || reads || writes
}

/// `ENV NAME` and a blank: what follows is its value, whatever it holds.
fn sets_another(snapshot: &Snapshot, env: &Instruction) -> bool {
    let behind = |end: u32| snapshot.text().as_bytes().get(end as usize);
    match env.pairs() {
        [Pair { name, value: None, .. }] => &snapshot[name.span] != "GOARCH" && behind(name.span.end) == Some(&b' '),
        _ => false,
    }
}
