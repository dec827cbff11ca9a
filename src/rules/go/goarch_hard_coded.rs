//! GOARCH is a constant, so that images for other platforms get a program that does not start.
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::go_words::is_goarch;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::walk::CgoNeed;
use crate::rewrite::{cross_compile, env_pairs};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::started::is_for_developers;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Stages that have to do with one which are looked at; where there are more, nobody can tell.
const MAX_LINKED: usize = 32;

/// Words of names and commands that say: this is for one architecture.
const ARCHITECTURES: [&str; 10] =
    ["amd64", "arm64", "x86", "aarch64", "armv", "armhf", "arm32", "i386", "s390x", "ppc64"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut builds = snapshot.stage(stage).go.iter().filter(|go| is_build(go));
    let Some((command, value, span)) = builds.find_map(|go| constant(snapshot, go)) else { return };
    let starts = |stage: &Stage| {
        let mut instructions = snapshot.file().stage_instructions(stage);
        instructions.any(|(_, instruction)| matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint))
    };
    let is_meant = is_for_developers(snapshot, stage) || is_for_one(snapshot, stage);
    if is_meant || !snapshot.linked(stage).any(starts) || !is_without_cgo(snapshot, stage, command) {
        return;
    }
    let message =
        format!("always builds for {value}: an image for another platform gets a program that can't start there");
    let finding = Finding::new(span, message).because(command.verb_span, "builds for it");
    findings.push(finding.fixed_later(stage, fixes));
}

/// Cross-compilation; where that is not sure to work, no constant, so that Go builds for the platform of its own image.
fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let cross = cross_compile::fixes(snapshot, stage);
    if !cross.is_empty() || cross_compile::is_on_builder(snapshot, &snapshot.file().stages[stage.root]) {
        return cross;
    }
    let chain = source::chain(snapshot, stage);
    let first = snapshot.stage(stage).go.iter().filter(|go| is_build(go)).find_map(|go| constant(snapshot, go));
    let edits = first.and_then(|(command, _, span)| env_pairs::unset(snapshot, &chain, command, span));
    edits.and_then(|edits| Fix::unsafe_("build for the platform of the image", edits)).into_iter().collect()
}

fn is_build(go: &GoCommand) -> bool {
    go.builds() && go.is_of_module()
}

/// The architecture that `command` builds for, written as a constant in this file, and where.
fn constant<'s>(snapshot: &Snapshot, command: &'s GoCommand) -> Option<(&'s GoCommand, &'s str, Span)> {
    let variable = command.command.env.get("GOARCH")?;
    let value = variable.value.as_ref()?.as_str();
    let span = variable.span?;
    let written = matches!(variable.origin, Origin::Env | Origin::Shell) && snapshot[span].contains(value);
    let linux = command.command.env.known("GOOS").is_none_or(|os| matches!(os, "" | "linux"));
    let real = is_goarch(value) && value != "wasm";
    (written && linux && real && !command.command.broken && !command.command.conditional)
        .then_some((command, value, span))
}

/// Another platform's compiler is more than a variable.
fn is_without_cgo(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    match command.cgo() {
        Answer::No => true,
        Answer::Yes => false,
        Answer::Unknown => {
            command.command.env.get("CGO_ENABLED").is_none()
                && matches!(source::cgo_need(snapshot, stage, command), CgoNeed::No)
        }
    }
}

/// True for a file that is for one architecture on purpose, by its name or its images; or that builds for several.
fn is_for_one(snapshot: &Snapshot, stage: &Stage) -> bool {
    let named = |text: &str| ARCHITECTURES.iter().any(|word| text.contains(word));
    let path = snapshot.path().map(|path| path.iter().rev().take(3).collect::<Vec<_>>()).unwrap_or_default();
    if path.iter().any(|name| named(&name.to_string_lossy().to_ascii_lowercase())) {
        return true;
    }
    if snapshot.linked(stage).nth(MAX_LINKED).is_some() {
        return true;
    }
    let mut first: Option<&str> = None;
    snapshot.linked(stage).any(|linked| {
        let mut values = snapshot.stage(linked).go.iter().filter_map(|go| go.command.env.known("GOARCH"));
        named(&snapshot[snapshot.file().instructions[linked.from].span])
            || values.any(|value| *first.get_or_insert(value) != value)
    })
}
