//! The Go toolchain of the image is older than go.mod allows.
use crate::analysis::go::GoCommand;
use crate::analysis::go_version::{commands, is_older, needed};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, SourceModule};
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::Body;
use crate::model::stage::{Base, Stage};
use crate::project::go_mod;
use crate::project::paths;
use crate::rewrite::go_version;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if matches!(stage.base, Base::Stage(_)) {
        return;
    }
    // The stages built on it run the same toolchain.
    let refused = commands(snapshot, stage).find_map(|(heir, command)| {
        refused(snapshot, heir, command).map(|(module, image, need)| (command, module, image, need))
    });
    let Some((command, module, image, need)) = refused else { return };
    if is_confirmed(snapshot, stage, &module) {
        findings.extend(finding(snapshot, stage, command, &module, image, need));
    }
}

/// The module that the toolchain refuses, the toolchain's version, and the one that is needed.
fn refused<'s>(
    snapshot: &'s Snapshot,
    heir: &'s Stage,
    command: &GoCommand,
) -> Option<(SourceModule<'s>, GoVersion, GoVersion)> {
    let toolchain = command.state.go.as_ref()?.as_ref()?;
    let image = *toolchain.version.as_ref()?;
    if !command.is_of_module() || !toolchain.official || command.command.name != "go" || sets_toolchain(snapshot, heir)
    {
        return None;
    }
    let module = source::module_of(snapshot, heir, command)?;
    let need = needed(snapshot, &module, command)?;
    let refuses = if image < GoVersion::minor(1, 21) {
        is_unreadable(&module, image, need)
    } else {
        let local = command.variable("GOTOOLCHAIN").is_some_and(|value| value.is(|value| value == "local"));
        local && is_older(image, need)
    };
    refuses.then_some((module, image, need))
}

fn finding(
    snapshot: &Snapshot,
    stage: &Stage,
    command: &GoCommand,
    module: &SourceModule,
    image: GoVersion,
    need: GoVersion,
) -> Option<Finding> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    let word = from.image.as_ref()?;
    let message = format!("Go {image} of this image can't build a module that requires Go {need}");
    let mut finding = Finding::new(word.span, message).because(command.span, "the go command refuses go.mod here");
    if let Some((file, line)) = place(snapshot, module, need) {
        finding = finding.because_of(file, line, format!("requires Go {need}"));
    }
    Some(finding.fix(go_version::bump(snapshot, stage, need)))
}

/// True unless packages are built and none of them is found in the module: then it is another module's go.mod.
fn is_confirmed(snapshot: &Snapshot, stage: &Stage, source: &SourceModule) -> bool {
    let builds = commands(snapshot, stage).filter(|(_, go)| go.verb == "build" && go.is_of_module());
    let mut found = builds.map(|(heir, build)| {
        let of = source::module_of(snapshot, heir, build).filter(|of| of.module.dir == source.module.dir)?;
        source::packages_of(snapshot, &of, build, &source::build_of(build, true)?)
    });
    match found.next() {
        None => true,
        Some(first) => first.is_some() || found.any(|packages| packages.is_some()),
    }
}

/// Go before 1.21 reads newer language versions, but neither patch releases nor toolchain lines.
fn is_unreadable(source: &SourceModule, image: GoVersion, need: GoVersion) -> bool {
    let go_mod = &source.module.go_mod;
    is_older(image, need) && (need.patch.is_some() || need.pre.is_some() || go_mod.toolchain.is_some())
}

/// `go env -w GOTOOLCHAIN=auto`, or another toolchain that is fetched.
fn sets_toolchain(snapshot: &Snapshot, stage: &Stage) -> bool {
    source::analyses(snapshot, stage).iter().flat_map(|stage| &stage.go).any(|go| {
        (go.verb == "env" && snapshot[go.span].contains("GOTOOLCHAIN")) || snapshot[go.span].contains("golang.org/dl/")
    })
}

/// The line that asks for the version: in go.mod, if it is there.
fn place(snapshot: &Snapshot, source: &SourceModule, need: GoVersion) -> Option<(std::path::PathBuf, u32)> {
    let word: &go_mod::Word = source.module.go_mod.go.as_ref()?;
    let context = snapshot.facts().context.as_ref()?;
    (GoVersion::parse(&word.text) == Some(need))
        .then(|| (context.dir.join(paths::join(&source.module.dir, "go.mod")), word.line))
}
