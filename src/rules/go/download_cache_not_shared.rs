//! Modules are downloaded where the build does not see them: only one of the two has the cache mount.
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches::{self, Identity};
use crate::analysis::known::{Answer, Known};
use crate::analysis::module_layer;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::rewrite::cache_mounts::{self, Family};
use crate::rules::commands::ENOUGH;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Where a command has its modules.
enum Place<'m> {
    /// In the layer.
    Layer,
    /// In a cache.
    Cache(&'m Mount, Identity),
    /// Nobody can tell, or another mount brings them.
    Unknown,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let go = &snapshot.stage(stage).go;
    let has_cache = |go: &GoCommand| go.mounts.iter().any(|mount| mount.kind() == "cache");
    let stages = source::chain(snapshot, stage);
    let mut chain = stages.iter().flat_map(|stage| &snapshot.stage(stage).go);
    if go.is_empty() || !chain.any(has_cache) {
        return;
    }
    let builds = go.iter().filter(|go| is_readable(snapshot, go) && go.is_of_module() && go.compiles());
    let found = builds.take(ENOUGH).find_map(|build| {
        let (at, download) = download_of(snapshot, &stages, build)?;
        finding(snapshot, stage, build, at, download)
    });
    findings.extend(found);
}

fn is_readable(snapshot: &Snapshot, go: &GoCommand) -> bool {
    !go.command.broken && !snapshot.file().is_refused(go.instruction)
}

/// The one download in front of `build`; `None` where there are several, or where the modules may come from elsewhere.
fn download_of<'s>(
    snapshot: &'s Snapshot,
    stages: &[&'s Stage],
    build: &GoCommand,
) -> Option<(&'s Stage, &'s GoCommand)> {
    let before = |go: &GoCommand| go.span.start < build.span.start;
    let all = || stages.iter().flat_map(|stage| snapshot.stage(stage).go.iter().map(move |go| (*stage, go)));
    let mut fills = all().filter(|(_, go)| before(go) && go.is_download());
    let (at, download) = fills.next().filter(|(_, go)| go.verb == "mod download" && go.packages.is_empty())?;
    let same_run = download.instruction == build.instruction;
    // A build in between that has no mount either has said so.
    (fills.next().is_none() && !same_run && is_readable(snapshot, download)).then_some((at, download))
}

fn finding(snapshot: &Snapshot, stage: &Stage, build: &GoCommand, at: &Stage, download: &GoCommand) -> Option<Finding> {
    let from = place(snapshot, at, download);
    let to = place(snapshot, stage, build);
    let (message, why) = match (&from, &to) {
        (Place::Cache(mount, _), Place::Layer) => (
            "all modules are downloaded again: this RUN lacks the cache mount of the download",
            (mount.span, "what is in here is in no layer"),
        ),
        (Place::Cache(mount, one), Place::Cache(_, other)) if one != other => (
            "all modules are downloaded again: this is another cache than that of the download",
            (mount.span, "the modules are in here"),
        ),
        (Place::Layer, Place::Cache(..)) if is_alone(snapshot, at, build) => (
            "all modules are downloaded again: the cache mount hides those of the layer",
            (download.span, "nothing sees what this downloads"),
        ),
        _ => return None,
    };
    if !needs_download(snapshot, stage, build, at, download) {
        return None;
    }
    let (span, fix) = match (&from, &to) {
        (Place::Cache(mount, _), Place::Layer) => {
            (command_span(build), share(snapshot, stage, (at, download), mount, (stage, build)))
        }
        (Place::Layer, Place::Cache(mount, _)) => {
            (mount.span, share(snapshot, stage, (stage, build), mount, (at, download)))
        }
        (Place::Cache(mount, _), Place::Cache(other, _)) => (other.span, replace(snapshot, mount, other)),
        _ => return None,
    };
    Some(Finding::new(span, message).because(why.0, why.1).fix(fix))
}

fn command_span(go: &GoCommand) -> Span {
    Span::new(go.command.name_span.start, go.verb_span.end.max(go.command.name_span.end))
}

fn place<'m>(snapshot: &Snapshot, stage: &Stage, go: &'m GoCommand) -> Place<'m> {
    let Some(folder) = go_caches::folders(snapshot, stage, go).modules else { return Place::Unknown };
    let mut found = Place::Layer;
    for mount in &go.mounts {
        let touches = match go_caches::target(snapshot, go, mount) {
            Known::Known(target) => is_below(&folder, &target) || is_below(&target, &folder),
            Known::Unknown => !matches!(mount.kind(), "secret" | "ssh"),
        };
        let cache = go_caches::holds(snapshot, go, mount, &folder) == Answer::Yes && mount.from().is_none();
        found = match (touches, cache, &found) {
            (false, ..) => continue,
            (true, true, Place::Layer) => match go_caches::identity(snapshot, go, mount, &folder) {
                Some(identity) => Place::Cache(mount, identity),
                None => return Place::Unknown,
            },
            _ => return Place::Unknown,
        };
    }
    found
}

/// Every other command that needs modules has the mount as well, and nothing takes them out of the layer.
fn is_alone(snapshot: &Snapshot, at: &Stage, build: &GoCommand) -> bool {
    let family = Family::heirs(snapshot, &snapshot.file().stages[at.index]);
    let all_mounted = family.commands().filter(|(_, go)| go.downloads() && !go.is_download()).all(|(stage, go)| {
        go.instruction == build.instruction || matches!(place(snapshot, stage, go), Place::Cache(..))
    });
    let folder = go_caches::folders(snapshot, at, build).modules;
    let used = |folder: &String| family.is_copied(folder) || family.names_elsewhere(folder) || family.is_filled(folder);
    all_mounted && !family.starts_go() && !family.runs_others() && folder.is_some_and(|folder| !used(&folder))
}

/// The build takes modules of the same go.mod from the module cache; they can't come from elsewhere.
fn needs_download(snapshot: &Snapshot, stage: &Stage, build: &GoCommand, at: &Stage, download: &GoCommand) -> bool {
    let (Known::Known(there), Known::Known(here)) = (download.folder(), build.folder()) else { return false };
    let proxied =
        build.variable("GOPROXY").is_some_and(|proxy| proxy.as_ref().is_none_or(|proxy| proxy.contains("file:")));
    if !is_below(&here, &there) || proxied || source::uses_vendor_flag(build) || source::is_gopath_mode(build) {
        return false;
    }
    let Some(folder) = go_caches::folders(snapshot, stage, build).modules else { return false };
    let family = Family::heirs(snapshot, &snapshot.file().stages[at.index]);
    // What the download's RUN does besides may carry the modules somewhere.
    let others = snapshot.stage(at).commands.iter().filter(|other| other.instruction == download.instruction);
    let carries = |name: &str| matches!(name, "cp" | "mv" | "tar" | "rsync" | "ln" | "find" | "install" | "sh" | "");
    let carried = others.into_iter().any(|other| carries(&other.name));
    if carried || family.is_filled(&folder) || snapshot.facts().vendor_around {
        return false;
    }
    match source::module_of(snapshot, stage, build) {
        Some(module) => module_layer::has_something_to_download(snapshot, &module, build),
        None => snapshot.facts().context.is_none(),
    }
}

/// Gives the mount of one RUN to another whose user keeps its modules in the same folder.
fn share(
    snapshot: &Snapshot,
    stage: &Stage,
    (at, with): (&Stage, &GoCommand),
    mount: &Mount,
    (to, without): (&Stage, &GoCommand),
) -> Option<Fix> {
    let text = &snapshot[mount.span];
    let folder = go_caches::folders(snapshot, at, with).modules?;
    let same_folder = go_caches::folders(snapshot, to, without).modules.as_ref() == Some(&folder);
    let same_user = with.state.user == without.state.user;
    let same_meaning = !text.contains(['$', '\n']) && mount.target().is_some_and(|target| target.starts_with('/'));
    if !same_folder || !same_user || !same_meaning {
        return None;
    }
    // The rest of the stage wants it too.
    let lacks = |go: &&GoCommand| {
        let later = go.instruction >= without.instruction;
        later
            && go.downloads()
            && go.is_of_module()
            && go.state.user == with.state.user
            && matches!(place(snapshot, stage, go), Place::Layer)
    };
    let mut runs: Vec<usize> = vec![without.instruction];
    runs.extend({ snapshot.stage(stage).go.iter() }.filter(lacks).map(|go| go.instruction));
    runs.sort_unstable();
    runs.dedup();
    let readable = runs.iter().all(|index| !snapshot.file().is_refused(*index));
    let edits = runs.iter().map(|index| cache_mounts::insert(snapshot, *index, &[text])).collect();
    if readable { Fix::safe("mount the same cache here", edits) } else { None }
}

/// Writes the mount of the download instead of another that holds nothing but modules.
fn replace(snapshot: &Snapshot, mount: &Mount, other: &Mount) -> Option<Fix> {
    let text = &snapshot[mount.span];
    let same_target = mount.target() == other.target() && mount.get(&["uid", "gid"]) == other.get(&["uid", "gid"]);
    let plain = !text.contains(['$', '\n']) && same_target;
    plain.then(|| Fix::safe("mount the cache of the download", vec![Edit::replace(other.span, text)])).flatten()
}
