//! The program of the image that ships runs as root.
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::{non_root, shipped};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::{chain, effective, from, is_refused, may_bring_more};
use crate::rules::started::is_for_developers;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// GitHub's runner wants the containers of actions to run as root.
/// Source: docs.github.com, "Dockerfile support for GitHub Actions", 2026-11-22.
const ACTION_FILES: [&str; 2] = ["action.yml", "action.yaml"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || end.base == Base::Unknown || end.is_root() != Answer::Yes {
        return;
    }
    // Who writes USER root has thought of it, who makes a user means it to be used.
    let has_user = effective(snapshot, stage, Kind::User).is_some();
    let may_come =
        is_refused(snapshot, stage, &[Kind::User, Kind::Cmd, Kind::Entrypoint]) || may_bring_more(snapshot, stage);
    if has_user || may_come || makes_users(snapshot, stage) || is_for_developers(snapshot, stage) {
        return;
    }
    let Some((start, words)) = shipped::start_words(snapshot, stage) else { return };
    let facts = snapshot.facts();
    let is_action = ACTION_FILES.iter().any(|name| facts.exists(name) == Some(true));
    if is_action || is_tool(&words) || non_root::needs_root(snapshot, stage) {
        return;
    }
    // What nobody has read may need anything: only programs whose packages are known, and those of nobody's business.
    let program = shipped::program(snapshot, stage);
    let code = program.as_ref().and_then(|program| shipped::code(snapshot, program));
    if code.as_ref().is_some_and(non_root::imports_need_root) {
        return;
    }
    let Some(image) = from(snapshot, stage).and_then(|from| from.image.as_ref()) else { return };
    let start = &snapshot.file().instructions[start];
    let finding = Finding::new(image.span, "the program runs as root: no USER says otherwise, nor does the image");
    findings.push(finding.because(start.span, "started here").fixed_later(stage, non_root::fixes));
}

/// True when a command adds a user, or anything may have.
fn makes_users(snapshot: &Snapshot, stage: &Stage) -> bool {
    let mut commands = chain(snapshot, stage).flat_map(|stage| &snapshot.stage(stage).commands);
    let tainted = snapshot.stage(stage).end.packages.opened_by().is_some();
    tainted || commands.any(|command| matches!(command.name.as_str(), "useradd" | "adduser"))
}

/// True for what is started to look around, to test or to build: a shell, the go command.
fn is_tool(words: &[String]) -> bool {
    const TOOLS: [&str; 12] =
        ["go", "make", "echo", "cat", "ls", "true", "cp", "git", "npm", "yarn", "pnpm", "python3"];
    let name = words.first().map(|word| crate::analysis::path::base(word)).unwrap_or_default();
    name.is_empty() || name.starts_with('-') || TOOLS.contains(&name)
}
