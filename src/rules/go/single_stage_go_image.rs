//! The image that ships holds the Go toolchain and the source of the program.
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::stage::Stage;
use crate::rewrite::multi_stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::started::{is_for_developers, words};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let is_last = stage.index + 1 == snapshot.file().stages.len();
    if !is_last || !module_layer::is_golang_image(snapshot, stage) || is_for_developers(snapshot, stage) {
        return;
    }
    let Some((start, words)) = words(snapshot, stage) else { return };
    let Some(program) = words.into_iter().next() else { return };
    let chain = source::chain(snapshot, stage);
    let builds = chain.iter().flat_map(|stage| snapshot.stage(stage).go.iter().map(move |go| (*stage, go)));
    let mut builds = builds.filter(|(_, go)| go.builds() && go.is_of_module());
    let Some((at, build)) = builds.find(|(at, go)| writes(snapshot, stage, at, go, &program)) else { return };
    if needs_toolchain(snapshot, at, build) {
        return;
    }
    let from = &snapshot.file().instructions[stage.from];
    let finding = Finding::new(from.span, "the image that ships holds the Go toolchain and the source")
        .because(build.span, "the program is built here")
        .because(start, "and started from the same image");
    findings.push(finding.fixed_later(stage, multi_stage::fixes));
}

/// True when `command` of stage `at` writes the file that `program` means at the end of `stage`.
fn writes(snapshot: &Snapshot, stage: &Stage, at: &Stage, command: &GoCommand, program: &str) -> bool {
    let module = source::module_of(snapshot, at, command).map(|source| source.module.go_mod.path().to_owned());
    let outputs = command.outputs(module.as_deref()).unwrap_or_default();
    let end = &snapshot.stage(stage).end;
    if program.contains('/') {
        let Some(workdir) = end.workdir.as_ref() else { return false };
        return outputs.contains(&resolve(workdir, program));
    }
    let path = end.env.known("PATH").unwrap_or("/go/bin:/usr/local/bin:/usr/bin:/bin");
    outputs.iter().any(|output| path.split(':').any(|folder| resolve(folder, program) == *output))
}

/// Programs that load Go packages run the go command.
fn needs_toolchain(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    const LOADERS: [&str; 5] = ["golang.org/x/tools/go/packages", "go/build", "go/importer", "plugin", "go/types"];
    let reached = || {
        let module = source::module_of(snapshot, stage, command)?;
        let build = source::build_of(command, true)?;
        let packages = source::packages_of(snapshot, &module, command, &build)?;
        let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
        let walk = snapshot.facts().walk(module.module, &dirs, &build);
        Some(walk.reached.iter().any(|reached| LOADERS.contains(&reached.import_path.as_str())))
    };
    reached().unwrap_or(false)
}
