//! `-mod=vendor`, but no vendor folder is in the image.
use crate::analysis::go::GoCommand;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::ignore_file::let_first_through;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() {
        return;
    }
    let go = &snapshot.stage(stage).go;
    let wants = |go: &&GoCommand| {
        let flag = go.flag("-mod").is_some_and(|flag| flag.value.is(|mode| mode == "vendor"));
        flag && go.is_of_module() && go.compiles() && !go.command.conditional && !go.command.broken
    };
    findings.extend(go.iter().filter(wants).find_map(|go| finding(snapshot, stage, go)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    let module = source::module_of(snapshot, stage, command)?;
    let facts = snapshot.facts();
    let made = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.go);
    let made = { made }.any(|go| go.verb.ends_with("vendor") && go.span.start < command.span.start);
    let alone = facts.work_for(module.module).is_none() && !module.module.go_mod.requires.is_empty();
    if made || !alone || command.state.files.opened_by().is_some() {
        return None;
    }
    let list = resolve(&module.folder, "vendor/modules.txt");
    let brought = source::seen_by(snapshot, stage, command, &list) != Origin::Nowhere;
    if brought || source::may_come_from_image(snapshot, stage, command, &list) {
        return None;
    }
    let path = paths::join(&module.module.dir, "vendor/modules.txt");
    let why = match (facts.exists(&path)?, facts.is_ignored(&path)?) {
        (true, true) => ".dockerignore keeps vendor/ out of the build",
        (true, false) => "no COPY brings vendor/",
        // It may be made before the build.
        (false, _) if facts.is_git_ignored(&path)? => return None,
        (false, _) => "the project has no vendor/modules.txt",
    };
    let flag = command.flag("-mod")?;
    let finding = Finding::new(flag.span, format!("go stops for want of the vendored modules: {why}"));
    Some(finding.fix(let_first_through(facts, [paths::parent(&path), &path])))
}
