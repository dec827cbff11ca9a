//! The Go toolchain of the image is older than go.mod allows.
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, SourceModule};
use crate::knowledge::golang_tags::{GoVersion, bump_golang_tag};
use crate::model::image::ImageRef;
use crate::model::instruction::Body;
use crate::model::stage::{Base, Stage};
use crate::model::word::{Part, Word};
use crate::project::go_mod;
use crate::project::paths;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

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

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

/// The Go commands of the stages that are built on `stage`, itself included.
fn commands<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> impl Iterator<Item = (&'s Stage, &'s GoCommand)> {
    let is_heir = move |heir: &&Stage| heir.root == stage.index;
    let stages = snapshot.file().stages.iter().filter(is_heir);
    stages.flat_map(|heir| snapshot.stage(heir).go.iter().map(move |go| (heir, go))).take(MAX_COMMANDS)
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
    Some(finding.fix(fix(snapshot, stage, word, need)))
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

/// The version that the go.mod in question, or its workspace, asks for.
fn needed(snapshot: &Snapshot, source: &SourceModule, command: &GoCommand) -> Option<GoVersion> {
    let workspace_off = command.variable("GOWORK").is_some();
    let facts = snapshot.facts();
    match facts.work_for(source.module) {
        Some(work) if !workspace_off && facts.arrives(&paths::join(&work.dir, "go.work")) == Some(true) => {
            facts.required_go(source.module)
        }
        _ => source.module.go_mod.go_version(),
    }
}

/// A tag without a patch release floats to the newest one.
fn is_older(image: GoVersion, need: GoVersion) -> bool {
    if image.patch.is_none() && image.pre.is_none() {
        (image.major, image.minor) < (need.major, need.minor)
    } else {
        image < need
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

/// The tag that is new enough, where it is written: in FROM or in the default of an ARG.
fn fix(snapshot: &Snapshot, stage: &Stage, word: &Word, need: GoVersion) -> Option<Fix> {
    let reference = snapshot.stage(stage).start.reference.as_ref()?;
    let image = ImageRef::parse(reference);
    let old = image.tag?;
    let new = bump_golang_tag(&old, need)?;
    let text = snapshot.text();
    let (holder, expected) = match word.literal(text) {
        Some(_) => (word.span, old.as_str()),
        // A registry before the name: the tag is written here.
        None if word.raw(text).ends_with(&format!(":{old}")) => (word.span, old.as_str()),
        None => default_of(snapshot, word)?,
    };
    let written = &snapshot[holder];
    let (from, to) = if expected == old {
        (old.clone(), new.clone())
    } else {
        let (front, back) = old.split_once(expected)?;
        (expected.to_owned(), new.strip_prefix(front)?.strip_suffix(back)?.to_owned())
    };
    let at = holder.start + written.rfind(&from)? as u32;
    let mut edits = vec![Edit::replace(Span::new(at, at + from.len() as u32), to)];
    if let Some(digest) = written.find('@') {
        edits.push(Edit::delete(Span::new(holder.start + digest as u32, holder.end)));
        return Fix::unsafe_(format!("use {}:{new}, without the digest of the old image", image.repository), edits);
    }
    let suffix = |tag: &str| tag.split_once('-').map(|(_, suffix)| suffix.to_owned());
    let title = format!("use {}:{new}", image.repository);
    if suffix(&old) == suffix(&new) { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
}

/// The value of the global ARG that the only variable of `word` names, and the part of the tag that it gives.
fn default_of<'s>(snapshot: &'s Snapshot, word: &Word) -> Option<(Span, &'s str)> {
    let text = snapshot.text();
    let mut variables = word.parts.iter().filter_map(|part| if let Part::Variable(v) = part { Some(v) } else { None });
    let variable = variables.next().filter(|variable| variable.operator.is_none())?;
    if variables.next().is_some() || word.raw(text).contains('@') {
        return None;
    }
    let name = &text[variable.name.range()];
    let pairs = snapshot.file().global_args().flat_map(|index| snapshot.file().instructions[index].pairs());
    let value = pairs.filter(|pair| pair.name.raw(text) == name).last()?.value.as_ref()?;
    let literal = value.literal(text)?;
    let raw = value.raw(text).trim_matches(['"', '\'']);
    if raw != literal {
        return None;
    }
    let tag = raw.rsplit_once(':').map_or(raw, |(_, tag)| tag);
    Some((value.span, tag))
}
