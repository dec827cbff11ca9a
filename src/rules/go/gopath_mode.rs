//! Modules are switched off, although the project has a go.mod.
use crate::analysis::env::Origin as Set;
use crate::analysis::go::GoCommand;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::model::stage::Stage;
use crate::project::packages::Module;
use crate::project::paths;
use crate::rewrite::env_pairs;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = snapshot.stage(stage).go.iter().take(MAX_COMMANDS);
    let mut off = go.filter_map(|command| Some((command, switch(command)?)));
    findings.extend(off.find_map(|(command, span)| finding(snapshot, stage, command, span)));
}

/// Where `GO111MODULE=off` stands that `command` sees.
fn switch(command: &GoCommand) -> Option<Span> {
    let variable = command.command.env.get("GO111MODULE")?;
    let is_off = variable.value.is(|value| value == "off") && variable.origin != Set::Arg;
    variable.span.filter(|_| is_off && !command.command.broken && !command.command.conditional)
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, span: Span) -> Option<Finding> {
    let finding = if needs_modules(command) {
        let message = format!("modules are switched off here, and without them `go {}` stops", command.verb);
        Finding::new(span, message).because(command.span, "go stops here").at_level(Severity::Error)
    } else {
        let module = ignored(snapshot, stage, command)?;
        let message = "modules are switched off: what go.mod requires, and in which version, does not count";
        let required = &module.go_mod.requires.first()?.path.text;
        Finding::new(span, message).because(command.span, format!("builds without the {required} of go.mod"))
    };
    Some(finding.fix(fix(snapshot, stage, command, span)))
}

/// `go mod …`, and `go install tool@version`. Checked with Go 1.27: "modules disabled by GO111MODULE=off".
fn needs_modules(command: &GoCommand) -> bool {
    let versioned = || command.packages.iter().any(|package| package.prefix.contains('@'));
    match command.verb.as_str() {
        "install" | "get" | "run" => versioned(),
        verb => verb.starts_with("mod "),
    }
}

/// The module in whose folder `command` runs, if it requires others that no vendor folder brings.
fn ignored<'s>(snapshot: &'s Snapshot, stage: &Stage, command: &GoCommand) -> Option<&'s Module> {
    let facts = snapshot.facts();
    facts.context.as_ref()?;
    if !matches!(command.verb.as_str(), "build" | "install" | "test" | "vet" | "run") {
        return None;
    }
    let mut folder = command.folder().as_ref()?.clone();
    let dir = loop {
        match source::seen_by(snapshot, stage, command, &resolve(&folder, "go.mod")) {
            Origin::Context(path, _) => break paths::parent(&path).to_owned(),
            Origin::Unknown => return None,
            Origin::Nowhere if folder == "/" => return None,
            Origin::Nowhere => folder = resolve(&folder, ".."),
        }
    };
    let module = facts.module_at(&dir)?;
    let vendored = facts.exists(&paths::join(&dir, "vendor")) != Some(false);
    (!vendored && !module.go_mod.requires.is_empty()).then_some(module)
}

fn fix(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, span: Span) -> Option<Fix> {
    Fix::unsafe_("leave modules on", env_pairs::unset(snapshot, &source::chain(snapshot, stage), command, span)?)
}
