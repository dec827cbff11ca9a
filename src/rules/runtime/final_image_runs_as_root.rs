//! The program of the image that ships runs as root.
use crate::analysis::known::Answer;
use crate::analysis::path::base;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::go_calls::CallKind;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::non_root;
use crate::rewrite::shipped::{self, Code};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::{chain, effective, from};
use crate::rules::started::is_for_developers;
use crate::rules::unfinished::{is_refused, may_bring_more};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// GitHub's runner wants the containers of actions to run as root.
/// Source: docs.github.com, "Dockerfile support for GitHub Actions", 2026-11-22.
const ACTION_FILES: [&str; 2] = ["action.yml", "action.yaml"];

/// Programs that run the project's own code. What another program needs that is not built in this file, nobody can tell.
const RUNTIMES: [&str; 10] =
    ["node", "python", "python3", "java", "gunicorn", "uvicorn", "flask", "dotnet", "ruby", "deno"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || end.base == Base::Unknown || end.is_root() != Answer::Yes {
        return;
    }
    // Who writes USER root has thought of it, who makes a user means it to be used.
    let has_user = effective(snapshot, stage, Kind::User).is_some();
    let may_come = is_refused(snapshot, stage, &[Kind::User, Kind::Env, Kind::Cmd, Kind::Entrypoint])
        || may_bring_more(snapshot, stage);
    if has_user || may_come || makes_users(snapshot, stage) || is_for_developers(snapshot, stage) {
        return;
    }
    let Some((start, words)) = shipped::start_words(snapshot, stage) else { return };
    // An image that is named from outside is not known, and one with a toolchain has another fault.
    let image = from(snapshot, stage).and_then(|from| from.image.as_ref());
    let Some(image) = image.filter(|image| image.literal(snapshot.text()).is_some()) else { return };
    if !end.go.is(Option::is_none) {
        return;
    }
    let facts = snapshot.facts();
    let is_action = ACTION_FILES.iter().any(|name| facts.exists(name) == Some(true));
    if is_action || non_root::needs_root(snapshot, stage) {
        return;
    }
    let program = shipped::program(snapshot, stage);
    let code = program.as_ref().and_then(|program| shipped::code(snapshot, program));
    let listens = |code: &Code| code.calls.iter().any(|call| call.kind == CallKind::Listen);
    let serves = is_service(snapshot, stage) || code.as_ref().is_some_and(listens);
    let runtime = words.first().is_some_and(|word| RUNTIMES.contains(&base(word)));
    let is_known = program.is_some() || runtime;
    if !is_known || !serves || code.as_ref().is_some_and(non_root::imports_need_root) {
        return;
    }
    let start = &snapshot.file().instructions[start];
    let finding = Finding::new(image.span, "the program runs as root: no USER says otherwise, nor does the image");
    findings.push(finding.because(start.span, "started here").fixed_later(stage, non_root::fixes));
}

/// True when the Dockerfile says that the program is a service. A tool works on the files of who calls it, often as root on
/// purpose.
fn is_service(snapshot: &Snapshot, stage: &Stage) -> bool {
    [Kind::Expose, Kind::Healthcheck].iter().any(|kind| effective(snapshot, stage, *kind).is_some())
}

/// True when a command adds a user, or anything may have.
fn makes_users(snapshot: &Snapshot, stage: &Stage) -> bool {
    let mut commands = chain(snapshot, stage).flat_map(|stage| &snapshot.stage(stage).commands);
    let tainted = snapshot.stage(stage).end.packages.opened_by().is_some();
    tainted || commands.any(|command| matches!(command.name.as_str(), "useradd" | "adduser"))
}
