//! The image that ships holds the Go toolchain and the source of the program.
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer;
use crate::analysis::path::{base, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::command::Command;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rewrite::multi_stage;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::text::span::Span;

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
    let Some((start, program)) = program(snapshot, stage) else { return };
    let chain = source::chain(snapshot, stage);
    let builds = chain.iter().flat_map(|stage| snapshot.stage(stage).go.iter().map(move |go| (*stage, go)));
    let mut builds = builds.filter(|(_, go)| matches!(go.verb.as_str(), "build" | "install") && go.is_of_module());
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

/// Names that say: not what ships.
const FOR_DEVELOPERS: [&str; 11] =
    ["dev", "devel", "develop", "development", "debug", "test", "tests", "testing", "e2e", "local", "devcontainer"];

/// Folders of what is only there for tests.
const FOR_TESTS: [&str; 10] =
    ["test", "tests", "testing", "e2e", "testdata", "integration", "mock", "mocks", "dummy", "fixtures"];

fn is_for_developers(snapshot: &Snapshot, stage: &Stage) -> bool {
    let named = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| FOR_DEVELOPERS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let Some(path) = snapshot.path() else { return stage.name.as_deref().is_some_and(named) };
    let names: Vec<String> = path.iter().rev().take(6).map(|name| name.to_string_lossy().into_owned()).collect();
    // The last folder counts: docker/dev/Dockerfile; further up only what never means a whole project.
    let (near, far) = names.split_at(names.len().min(2));
    let is_test = |name: &String| FOR_TESTS.contains(&name.to_ascii_lowercase().as_str());
    stage.name.as_deref().is_some_and(named) || near.iter().any(|name| named(name)) || far.iter().any(is_test)
}

/// What the container starts, as a path or a bare name, and where that is written.
fn program(snapshot: &Snapshot, stage: &Stage) -> Option<(Span, String)> {
    let chain = source::chain(snapshot, stage);
    let last = |kind: Kind| {
        let instructions = chain.iter().flat_map(|stage| snapshot.file().stage_instructions(stage));
        instructions.filter(|(_, instruction)| instruction.kind == kind).last().map(|(_, instruction)| instruction)
    };
    let instruction = last(Kind::Entrypoint).or_else(|| last(Kind::Cmd))?;
    let words: Vec<String> = match instruction.command()? {
        Command::Missing => return None,
        Command::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
        Command::Shell(span) => snapshot[*span].split_whitespace().map(str::to_owned).collect(),
    };
    let mut words = words.iter().flat_map(|word| word.split_whitespace());
    let first = words.find(|word| !is_wrapper(word))?;
    Some((instruction.span, first.trim_matches(['"', '\'']).to_owned()))
}

/// Shells, their flags, and programs that only start another one.
fn is_wrapper(word: &str) -> bool {
    matches!(base(word), "sh" | "bash" | "ash" | "-c" | "-ec" | "-lc" | "exec" | "tini" | "dumb-init" | "--" | "\\")
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
