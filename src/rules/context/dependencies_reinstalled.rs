//! A stage installs what an earlier one has installed, from the same files on the same image.
use super::dependencies_after_source::is_for_work;
use crate::analysis::copy::CopyFrom;
use crate::analysis::dependencies::{Arrived, Install, installs, manifests};
use crate::analysis::env::Env;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::chain;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::called;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Variables that decide what is installed begin like this.
const PREFIXES: [&str; 14] = [
    "NODE_ENV",
    "NPM_",
    "npm_",
    "YARN_",
    "PNPM",
    "BUN_",
    "PIP_",
    "UV_",
    "POETRY_",
    "PIPENV_",
    "BUNDLE_",
    "COMPOSER",
    "CI",
    "VIRTUAL_ENV",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() || stage.index == 0 {
        return;
    }
    let again = installs(snapshot.stage(stage)).filter(|install| !install.tool.builds);
    findings.extend(again.take(1).find_map(|install| finding(snapshot, stage, &install)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, install: &Install) -> Option<Finding> {
    let own = chain(snapshot, stage);
    let mut earlier = snapshot.linked(stage).filter(|other| other.index < stage.index);
    let (other, first) = earlier.find_map(|other| {
        let related = own.iter().any(|stage| stage.index == other.index);
        let same_image = !related && has_same_image(snapshot, stage, other);
        let mut theirs = installs(snapshot.stage(other)).filter(|_| same_image);
        let same = theirs.find(|theirs| is_same(snapshot, (stage, install), (other, theirs)))?;
        Some((other, same))
    })?;
    if is_for_work(snapshot, stage)
        || is_for_work(snapshot, other)
        || is_built_once(snapshot, (stage, install), (other, &first))
    {
        return None;
    }
    let message = format!("`{}` has run in {} already: copy what it installed", install.title(snapshot), called(other));
    let finding = Finding::new(install.command.span, message);
    Some(finding.because(first.command.span, "installs the same"))
}

/// The same image, for the same platform.
fn has_same_image(snapshot: &Snapshot, one: &Stage, other: &Stage) -> bool {
    let reference = |stage: &Stage| snapshot.stage(stage).start.reference.clone();
    let platform = |stage: &Stage| {
        let root = &snapshot.file().stages[stage.root];
        let flag = snapshot.file().instructions[root.from].flag(snapshot.text(), "platform");
        flag.and_then(|flag| flag.value.as_ref()).map(|value| &snapshot[value.span])
    };
    reference(one).is_some() && reference(one) == reference(other) && platform(one) == platform(other)
}

fn is_same(snapshot: &Snapshot, (stage, install): (&Stage, &Install), (other, theirs): (&Stage, &Install)) -> bool {
    let names =
        |found: Option<Vec<Arrived>>| found.map(|found| found.into_iter().map(|file| file.path).collect::<Vec<_>>());
    let told = |install: &Install| -> Vec<String> {
        // Variables may hold anything.
        install.command.args.iter().map(|arg| arg.value.as_ref().cloned().unwrap_or_default()).collect()
    };
    install.tool == theirs.tool
        && install.words == theirs.words
        && told(install) == told(theirs)
        && install.command.args.iter().all(|arg| arg.value.as_ref().is_some())
        && settings(&install.command.env).is_some_and(|own| Some(own) == settings(&theirs.command.env))
        && brings_nothing(snapshot, stage, install)
        && brings_nothing(snapshot, other, theirs)
        && names(manifests(snapshot, stage, install))
            .is_some_and(|own| Some(own) == names(manifests(snapshot, other, theirs)))
}

/// The variables that decide what is installed; `None` when one of them is not known.
fn settings(env: &Env) -> Option<Vec<(&str, &str)>> {
    let named = env.iter().filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)));
    let known = named.map(|(name, variable)| match &variable.value {
        Known::Known(value) => Some((name, value.as_str())),
        Known::Unknown => None,
    });
    known.collect()
}

/// True when nothing of another stage is there before the install: it may install on top of it.
fn brings_nothing(snapshot: &Snapshot, stage: &Stage, install: &Install) -> bool {
    let copies = chain(snapshot, stage).into_iter().flat_map(|stage| &snapshot.stage(stage).copies);
    { copies }.all(|copy| !matches!(copy.from, CopyFrom::Stage(_)) || copy.instruction > install.command.instruction)
}

/// True when both stages are the same up to the install: BuildKit builds them once.
fn is_built_once(
    snapshot: &Snapshot,
    (stage, install): (&Stage, &Install),
    (other, theirs): (&Stage, &Install),
) -> bool {
    let steps = |stage: &Stage, last: usize| -> Vec<&str> {
        let file = snapshot.file();
        let chain = chain(snapshot, stage).into_iter();
        let all = chain.flat_map(|stage| stage.instructions.clone()).filter(|&index| index <= last);
        let counts = |index: &usize| {
            let kind = file.instructions[*index].kind;
            !matches!(kind, Kind::From | Kind::Label | Kind::Expose | Kind::Cmd | Kind::Entrypoint | Kind::Maintainer)
        };
        all.filter(counts).map(|index| &snapshot[file.instructions[index].span]).collect()
    };
    steps(stage, install.command.instruction) == steps(other, theirs.command.instruction)
}
