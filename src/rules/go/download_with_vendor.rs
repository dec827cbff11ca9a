//! The modules are downloaded, although the build takes them from vendor/.
use crate::analysis::go::GoCommand;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::model::stage::Stage;
use crate::project::packages::Module;
use crate::project::paths;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    let vendored = |module: &Module| facts.arrives(&paths::join(&module.dir, "vendor/modules.txt")) == Some(true);
    if !facts.modules.iter().any(vendored) {
        return;
    }
    let go = &snapshot.stage(stage).go;
    let plain = |go: &&GoCommand| go.verb == "mod download" && go.packages.is_empty() && go.flag("-modfile").is_none();
    findings.extend({ go.iter() }.filter(plain).find_map(|download| finding(snapshot, stage, download)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, download: &GoCommand) -> Option<Finding> {
    let module = source::module_of(snapshot, stage, download)?;
    let facts = snapshot.facts();
    if facts.work_for(module.module).is_some() {
        return None;
    }
    let mut builds = source::later(snapshot, stage, download).filter(|(_, go)| go.is_of_module() && go.downloads());
    let from_vendor = |(stage, go): (&Stage, &GoCommand)| {
        let of = source::module_of(snapshot, stage, go);
        of.filter(|of| of.module.dir == module.module.dir)
            .is_some_and(|of| source::uses_vendor(snapshot, Some(&of), go))
    };
    let (at, first) = builds.next()?;
    let list = resolve(&module.folder, "vendor/modules.txt");
    let is_there = matches!(source::seen_by(snapshot, at, first, &list), Origin::Context(..));
    if !is_there || !from_vendor((at, first)) || !builds.all(from_vendor) {
        return None;
    }
    let finding = Finding::new(download.span, "nothing uses these modules: the build takes them from vendor/")
        .because(first.span, "builds with vendor/");
    Some(finding.fix(fix(snapshot, stage, download)))
}

/// A RUN that does nothing else goes.
fn fix(snapshot: &Snapshot, stage: &Stage, download: &GoCommand) -> Option<Fix> {
    let commands = &snapshot.stage(stage).commands;
    let alone = commands.iter().filter(|command| command.instruction == download.instruction).count() == 1;
    let edits = alone.then(|| lines::delete(snapshot, &[download.instruction]))?;
    Fix::safe("remove the download", edits)
}
