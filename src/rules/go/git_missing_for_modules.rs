//! Modules are fetched with Git, which the image does not have.
use crate::analysis::go::GoCommand;
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::stage::Stage;
use crate::rewrite::{lines, packages, private_modules};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::may_bring_more;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    findings
        .extend(go.iter().filter(|go| go.downloads() && go.is_of_module()).find_map(|go| finding(snapshot, stage, go)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    if command.state.has_command("git") != Answer::No || command.command.broken || command.command.conditional {
        return None;
    }
    if may_bring_more(snapshot, stage) {
        return None;
    }
    let module = source::module_of(snapshot, stage, command)?;
    let vendored = source::uses_vendor(snapshot, Some(&module), command);
    let mounted = command.mounts.iter().any(|mount| mount.kind() == "cache");
    if vendored || mounted || module.module.go_mod.requires.is_empty() {
        return None;
    }
    let why = match command.variable("GOPROXY") {
        Some(Known::Known(proxy)) if proxy.split([',', '|']).next() == Some("direct") => {
            "GOPROXY=direct fetches every module"
        }
        Some(_) => return None,
        None if private_modules::is_private(snapshot, command, &module) => "GOPRIVATE fetches some modules",
        None => return None,
    };
    let finding = Finding::new(command.span, format!("{why} with git, which this image does not have"));
    let set = ["GOPROXY", "GOPRIVATE"].into_iter().find_map(|name| command.command.env.get(name)?.span);
    let finding = set.into_iter().fold(finding, |finding, span| finding.because(span, "set here"));
    Some(finding.fix(fix(snapshot, stage)))
}

fn fix(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let install = packages::install_lines(snapshot, stage, &["git".to_owned()])?;
    Fix::safe("install git", vec![lines::insert_after(snapshot, stage.from, &install)])
}
