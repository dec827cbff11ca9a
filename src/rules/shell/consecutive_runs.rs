//! Two RUNs in a row, each a single command.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::model::stage::{Base, Stage};
use crate::rules::commands::{script_of, wants_each};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3059"],
    check: Check::Stage(check),
};

/// Programs whose work is worth a layer of its own: what they fetch or build stays in the cache while the next one changes.
const WORTH_A_LAYER: &[&str] = &[
    "go", "npm", "pnpm", "yarn", "bun", "pip", "pip3", "uv", "poetry", "cargo", "mvn", "gradle", "gradlew", "mvnw",
    "bundle", "composer", "dotnet", "make", "cmake", "ninja", "apt-get", "apt", "apk", "dnf", "yum", "microdnf",
    "zypper", "curl", "wget", "git",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    // Without an image nobody can tell which shell reads the RUNs.
    if stage.base == Base::Missing {
        return;
    }
    let analysis = snapshot.stage(stage);
    let each = wants_each(snapshot);
    let plain = |run: &RunFact| {
        let alone = script_of(run).is_some_and(|script| script.commands.len() == 1);
        let instruction = &snapshot.file().instructions[run.instruction];
        alone && instruction.heredocs.is_empty() && run.mounts.is_empty()
    };
    let cheap = |run: &RunFact| plain(run) && analysis.commands_of(run.instruction).first().is_some_and(is_cheap);
    let flags = |run: &RunFact| -> Vec<&str> {
        let flags = &snapshot.file().instructions[run.instruction].flags;
        flags.iter().map(|flag| &snapshot[flag.span]).collect()
    };
    let unfinished = |run: &RunFact| is_unfinished(snapshot, analysis, run);
    // Where only the first pair is reported, nothing is said while that may be one that is being typed.
    let half_typed = |pair: &&[RunFact]| {
        let mut between = pair[0].instruction + 1..pair[1].instruction;
        let all = pair.iter().all(|run| cheap(run) || unfinished(run));
        let lacks = pair[0].instruction + 1 < pair[1].instruction || pair.iter().any(unfinished);
        let is_one = all && lacks && between.all(|index| snapshot.file().is_refused(index));
        !each && is_one && !has_comment(snapshot, &pair[0], &pair[1])
    };
    let pairs = analysis.runs.windows(2).take_while(|pair| !half_typed(pair)).filter(|pair| {
        pair[1].instruction == pair[0].instruction + 1
            && (cheap(&pair[0]) || each && plain(&pair[0]))
            && cheap(&pair[1])
            && flags(&pair[0]) == flags(&pair[1])
            && (each || !has_comment(snapshot, &pair[0], &pair[1]))
    });
    for pair in pairs.take(if each { usize::MAX } else { 1 }) {
        let span = |run: &RunFact| snapshot.file().instructions[run.instruction].keyword;
        let finding = Finding::new(span(&pair[1]), "this RUN could be part of the one before it: one layer for both");
        findings.push(finding.because(span(&pair[0]), "the one before it"));
    }
}

/// It is being typed, and may become a single command.
fn is_unfinished(snapshot: &Snapshot, analysis: &StageAnalysis, run: &RunFact) -> bool {
    let broken = run.script.as_ref().filter(|script| script.broken);
    // More than one command only become more.
    let substitutes = || has_substitution(&snapshot[snapshot.file().instructions[run.instruction].arguments]);
    let several = broken.is_some_and(|script| script.commands.len() > 1 || substitutes());
    let may_be_plain = |first: &Invocation| broken.is_some() && is_cheap(first) && !first.in_substitution;
    let one = analysis.commands_of(run.instruction).first().is_none_or(may_be_plain) && !several;
    one || snapshot.file().is_refused(run.instruction)
}

/// True when a command is substituted in another one: two, though the shell can't tell them while the end is missing.
fn has_substitution(script: &str) -> bool {
    // A `case` may come to nothing, and what is quoted too.
    let is_command = |inside: &str| {
        let word = inside.split(' ').next().unwrap_or_default();
        !"case".starts_with(word) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    !script.contains('\'') && script.split("$(").skip(1).any(is_command)
}

fn is_cheap(command: &Invocation) -> bool {
    !command.name.is_empty() && !WORTH_A_LAYER.contains(&command.name.as_str())
}

/// A comment in between says why they are two.
fn has_comment(snapshot: &Snapshot, first: &RunFact, second: &RunFact) -> bool {
    let span = |run: &RunFact| snapshot.file().instructions[run.instruction].span;
    snapshot[Span::new(span(first).end, span(second).start)].contains('#')
}
