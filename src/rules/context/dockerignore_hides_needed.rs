//! All of a folder is copied, but the ignore file keeps out what the build needs of it.
use super::copy_source_ignored::is_kept_out;
use crate::analysis::copy::{CopyFrom, CopySource};
use crate::analysis::dependencies::{Install, folder_in_context, has_known_image, installs};
use crate::analysis::go::GoCommand;
use crate::analysis::module_layer::has_something_to_download;
use crate::analysis::path::{base, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin, SourceModule, chain};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::facts::Facts;
use crate::project::files::Kind as FileKind;
use crate::project::ignore::Dockerignore;
use crate::project::paths;
use crate::project::walk::Target;
use crate::rewrite::ignore_file::{Needed, let_through};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::unfinished::may_bring_more;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Go commands of a stage, and packages of a program, that are looked at.
const MAX_COMMANDS: usize = 4;
const MAX_PACKAGES: usize = 500;

/// Something that a command needs and the ignore file keeps out.
struct Hidden {
    /// In the context.
    path: String,
    /// What the program embeds, if that is why: the pattern, in the context.
    pattern: Option<String>,
    /// In the image, if it were copied.
    image: String,
    /// The command, and what it needs it for.
    command: Span,
    reason: String,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let facts = snapshot.facts();
    let Some(ignore) = facts.ignore.as_ref().filter(|ignore| facts.context.is_some() && !ignore.lines().is_empty())
    else {
        return;
    };
    let analysis = snapshot.stage(stage);
    if analysis.commands.is_empty() || !copies_folders(snapshot, stage) {
        return;
    }
    let by_tool = installs(analysis).find_map(|install| of_install(snapshot, stage, ignore, &install));
    let go = || {
        let commands = analysis.go.iter().take(MAX_COMMANDS).filter(|go| is_clear(go));
        { commands }.find_map(|go| of_go(snapshot, stage, ignore, go))
    };
    let Some((hidden, source)) = by_tool.or_else(go) else { return };
    if may_bring_more(snapshot, stage) {
        return;
    }
    findings.extend(finding(facts, ignore, &hidden, source));
}

fn copies_folders(snapshot: &Snapshot, stage: &Stage) -> bool {
    let copies = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let sources = copies.filter(|copy| copy.from == CopyFrom::Context).flat_map(|copy| &copy.sources);
    let folder = |path: &String| snapshot.facts().paths.kind(path) == Some(FileKind::Directory);
    { sources }.any(|source| source.path.is(folder))
}

fn finding(facts: &Facts, ignore: &Dockerignore, hidden: &Hidden, source: &CopySource) -> Option<Finding> {
    let line = ignore.decider(&hidden.path)?;
    let message = format!("the ignore file keeps `{}` out, and {}", hidden.path, hidden.reason);
    let finding = Finding::new(source.span, message).because(hidden.command, "stops here");
    let finding = finding.because_of(facts.ignore_path.clone()?, line.number, format!("`{}` matches it", line.pattern));
    let needed = hidden.pattern.as_deref().map_or(Needed::Path(&hidden.path), Needed::Pattern);
    Some(finding.fix(let_through(facts, needed)))
}

/// The copy of a whole folder that would bring the file, if it were not kept out; `None` when something else may bring it.
fn bringer<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    before: usize,
    path: &str,
    image: &str,
) -> Option<&'s CopySource> {
    let facts = snapshot.facts();
    let folder = resolve(image, "..");
    let mut found = None;
    for copy in source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies) {
        if copy.instruction > before {
            break;
        }
        if copy.from != CopyFrom::Context && copy.destination.as_ref().is_none_or(|to| relative(image, to).is_some()) {
            return None;
        }
        for source in copy.sources.iter().filter(|_| copy.from == CopyFrom::Context) {
            let from = source.path.as_ref()?;
            // copy-source-ignored speaks of paths that are named.
            if from == path {
                return None;
            }
            let whole = facts.paths.kind(from) == Some(FileKind::Directory);
            let here = whole && folder_in_context(copy, from, &folder).is_some_and(|dir| dir == paths::parent(path));
            found = found.or_else(|| here.then_some(source));
        }
    }
    found
}

/// True when a RUN up to instruction `before` names the file: it may be made, moved or fetched there.
fn is_named(snapshot: &Snapshot, stage: &Stage, before: usize, name: &str, own: Span) -> bool {
    let file = snapshot.file();
    let runs = chain(snapshot, stage).into_iter().flat_map(|stage| stage.instructions.clone());
    { runs.filter(|&index| index <= before && file.instructions[index].kind == Kind::Run) }.any(|index| {
        let span = file.instructions[index].span;
        let text = if span.overlaps(own) { Span::new(span.start, own.start) } else { span };
        snapshot[text].contains(name)
    })
}

fn of_install<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    ignore: &Dockerignore,
    install: &Install,
) -> Option<(Hidden, &'s CopySource)> {
    let literal = |names: &[&str]| -> Vec<String> {
        names.iter().filter(|name| !name.contains('*')).map(|name| resolve(&install.folder, name)).collect()
    };
    let manifests = if install.named.is_empty() { literal(&install.tool.manifests) } else { install.named.clone() };
    let locks = if install.is_strict() { literal(&install.tool.locks) } else { Vec::new() };
    let before = install.command.instruction;
    let (image, path, source) = [manifests, locks].into_iter().find_map(|group| {
        let mut nowhere = group.iter().map(|image| install.origin(snapshot, stage, image) == Origin::Nowhere);
        if !nowhere.all(|nowhere| nowhere) {
            return None;
        }
        group.into_iter().find_map(|image| {
            let path = in_context(snapshot, stage, ignore, before, &image)?;
            let source = bringer(snapshot, stage, before, &path, &image)?;
            Some((image, path, source))
        })
    })?;
    let own = install.command.span;
    let unclear = !has_known_image(snapshot, stage, install.tool)
        || is_named(snapshot, stage, before, base(&image), own)
        || opened_before(snapshot, stage, before, own);
    let reason = format!("`{}` needs it", install.title(snapshot));
    (!unclear).then_some((Hidden { path, pattern: None, image, command: own, reason }, source))
}

/// The path of the context that a copy of a whole folder would bring as `image`, if it is there and kept out.
fn in_context(snapshot: &Snapshot, stage: &Stage, ignore: &Dockerignore, before: usize, image: &str) -> Option<String> {
    let facts = snapshot.facts();
    let folder = resolve(image, "..");
    let copies = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let mut before = copies.filter(|copy| copy.from == CopyFrom::Context && copy.instruction < before);
    before.find_map(|copy| {
        copy.sources.iter().find_map(|source| {
            let from = source.path.as_ref().filter(|from| facts.paths.kind(from) == Some(FileKind::Directory))?;
            let path = paths::join(&folder_in_context(copy, from, &folder)?, base(image));
            (facts.exists(&path) == Some(true) && is_kept_out(facts, ignore, &path)).then_some(path)
        })
    })
}

/// True when a command in front of `own` may have written files that nobody sees.
fn opened_before(snapshot: &Snapshot, stage: &Stage, before: usize, own: Span) -> bool {
    use crate::knowledge::commands::{Taint, taint};
    let commands = chain(snapshot, stage).into_iter().flat_map(|stage| &snapshot.stage(stage).commands);
    let known = |name: &str| !crate::knowledge::dependency_tools::tools(name).is_empty() || name == "corepack";
    { commands.filter(|command| command.instruction <= before && command.span.start < own.start) }
        .any(|command| taint(&command.name) != Taint::None && !known(&command.name))
}

/// Commands that build packages of the module that they run in, for sure.
fn is_clear(go: &GoCommand) -> bool {
    let builds = go.builds() && go.is_of_module();
    let runs = builds && !go.command.conditional && !go.command.broken;
    runs && go.state.files.opened_by().is_none() && !source::is_gopath_mode(go) && go.flag("-modfile").is_none()
}

fn of_go<'s>(
    snapshot: &'s Snapshot,
    stage: &'s Stage,
    ignore: &Dockerignore,
    go: &GoCommand,
) -> Option<(Hidden, &'s CopySource)> {
    let mut earlier = chain(snapshot, stage).into_iter().flat_map(|stage| &snapshot.stage(stage).go);
    let writes = |verb: &str| verb.starts_with("mod ") || matches!(verb, "get" | "generate" | "run" | "work");
    let written =
        earlier.any(|other| other.span.start < go.span.start && writes(&other.verb) && other.verb != "mod download");
    if written || opened_before(snapshot, stage, go.instruction, go.span) {
        return None;
    }
    let hidden = match source::module_of(snapshot, stage, go) {
        Some(module) => of_module(snapshot, stage, ignore, go, &module)?,
        None => go_mod(snapshot, stage, ignore, go)?,
    };
    let source = bringer(snapshot, stage, go.instruction, &hidden.path, &hidden.image)?;
    let nowhere = source::seen_by(snapshot, stage, go, &hidden.image) == Origin::Nowhere;
    (nowhere && !is_named(snapshot, stage, go.instruction, base(&hidden.image), go.span)).then_some((hidden, source))
}

/// The go.mod of the folder that the command runs in.
fn go_mod(snapshot: &Snapshot, stage: &Stage, ignore: &Dockerignore, go: &GoCommand) -> Option<Hidden> {
    let mut folder = go.folder().as_ref()?.clone();
    loop {
        let image = resolve(&folder, "go.mod");
        if source::seen_by(snapshot, stage, go, &image) != Origin::Nowhere {
            return None;
        }
        if let Some(path) = in_context(snapshot, stage, ignore, go.instruction, &image) {
            let reason = format!("`go {}` needs it", go.verb);
            return Some(Hidden { path, pattern: None, image, command: go.span, reason });
        }
        if folder == "/" {
            return None;
        }
        folder = resolve(&folder, "..");
    }
}

/// The go.sum of a module, packages of its own that the program is made of, and files that they embed.
fn of_module(
    snapshot: &Snapshot,
    stage: &Stage,
    ignore: &Dockerignore,
    go: &GoCommand,
    source: &SourceModule,
) -> Option<Hidden> {
    let facts = snapshot.facts();
    let dir = &source.module.dir;
    let in_image = |path: &str| paths::strip(path, dir).map(|rest| resolve(&source.folder, rest));
    let hidden = |path: String, reason: String| {
        let image = in_image(&path)?;
        Some(Hidden { path, pattern: None, image, command: go.span, reason })
    };
    if let Some(sum) = go_sum(snapshot, stage, ignore, go, source) {
        return hidden(sum, format!("`go {}` needs the checksums", go.verb));
    }
    let build = source::build_of(go, true)?;
    let packages = source::packages_of(snapshot, source, go, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = facts.walk(source.module, &dirs, &build);
    for reached in walk.reached.iter().take(MAX_PACKAGES) {
        let Target::Dir(found) = &reached.target else { continue };
        let vendored = paths::strip(found, &paths::join(dir, "vendor")).is_some();
        if vendored || facts.module_for(found).is_none_or(|module| module.dir != *dir) {
            continue;
        }
        let Some(package) = facts.package_at(found).filter(|package| package.complete) else { continue };
        if !found.is_empty() && facts.exists(found) == Some(true) && is_kept_out(facts, ignore, found) {
            return hidden(found.clone(), format!("`go {}` compiles it", go.verb));
        }
        let embeds = package.selected(&build).flat_map(|file| &file.source.embeds);
        for (pattern, _) in embeds {
            let pattern = paths::join(found, pattern.strip_prefix("all:").unwrap_or(pattern));
            if let Some(path) = all_kept_out(facts, ignore, &pattern) {
                let hidden = hidden(path, format!("`go {}` embeds it", go.verb))?;
                return Some(Hidden { pattern: Some(pattern), ..hidden });
            }
        }
    }
    None
}

/// The path of go.sum, where it is kept out and nothing else says what is right.
fn go_sum(
    snapshot: &Snapshot,
    stage: &Stage,
    ignore: &Dockerignore,
    go: &GoCommand,
    source: &SourceModule,
) -> Option<String> {
    let facts = snapshot.facts();
    let sum = paths::join(&source.module.dir, "go.sum");
    let mut commands = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.go);
    let downloaded = commands.any(|other| other.verb == "mod download" && other.span.start < go.span.start);
    let hidden = facts.exists(&sum) == Some(true) && is_kept_out(facts, ignore, &sum);
    let plain = !downloaded && go.flag("-mod").is_none() && facts.work_for(source.module).is_none();
    (hidden && plain && has_something_to_download(snapshot, source, go)).then_some(sum)
}

/// The first path that the pattern of an embed line matches, when all of them are kept out.
fn all_kept_out(facts: &Facts, ignore: &Dockerignore, pattern: &str) -> Option<String> {
    let found = facts.glob(pattern).filter(|found| !found.is_empty())?;
    let all = found.iter().all(|path| is_kept_out(facts, ignore, path));
    all.then(|| found[0].to_owned())
}
