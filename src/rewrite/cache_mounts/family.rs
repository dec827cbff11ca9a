//! Stages that are built on one another, and what they and others do with a folder that a cache mount would cover.
use super::runners;
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches;
use crate::analysis::invocation::Invocation;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::{install, source};
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::go_users::{may_compile, uses_caches};
use crate::model::instruction::{Body, From, Kind};
use crate::model::stage::{Base, Stage, find_stage};

/// Stages that share their base, in order.
pub struct Family<'s> {
    /// The file.
    pub snapshot: &'s Snapshot,
    /// The stages.
    pub stages: Vec<&'s Stage>,
    /// Their programs that run Go, with the stage of each.
    runners: Vec<(&'s Stage, GoCommand)>,
}

impl<'s> Family<'s> {
    /// All stages that start from the same one as `stage`, by way of other stages.
    pub fn of(snapshot: &'s Snapshot, stage: &'s Stage) -> Self {
        Self::heirs(snapshot, source::chain(snapshot, stage)[0])
    }

    /// `stage` and those that are built on it, or may be when their FROM gets its image.
    pub fn heirs(snapshot: &'s Snapshot, stage: &'s Stage) -> Self {
        let nameless = snapshot.file().has_no_name(stage);
        let may_stand_on = |before: &&Stage| {
            let may = before.base == Base::Missing || nameless && is_bare_name(snapshot, before);
            may && before.index > stage.index
        };
        let is_heir = |heir: &&Stage| {
            source::chain(snapshot, heir).iter().any(|before| before.index == stage.index || may_stand_on(before))
        };
        let all = &snapshot.file().stages;
        let stages = if all.iter().any(|other| may_stand_on(&other)) {
            all.iter().filter(is_heir).collect()
        } else {
            snapshot.linked(stage).filter(is_heir).collect()
        };
        Self::of_stages(snapshot, stages)
    }

    /// These stages.
    pub fn of_stages(snapshot: &'s Snapshot, stages: Vec<&'s Stage>) -> Self {
        let runners =
            stages.iter().flat_map(|stage| runners::of(snapshot, stage).into_iter().map(|runner| (*stage, runner)));
        let runners = runners.collect();
        Self { snapshot, stages, runners }
    }

    /// The Go commands, and the programs that run Go, each with its stage.
    pub fn commands(&self) -> impl Iterator<Item = (&'s Stage, &GoCommand)> {
        let snapshot = self.snapshot;
        let go = self.stages.iter().flat_map(move |stage| snapshot.stage(stage).go.iter().map(move |go| (*stage, go)));
        go.chain(self.runners.iter().map(|(stage, runner)| (*stage, runner)))
    }

    /// The other commands.
    fn others(&self) -> impl Iterator<Item = &'s Invocation> {
        let snapshot = self.snapshot;
        self.stages
            .iter()
            .flat_map(move |stage| snapshot.stage(stage).commands.iter())
            .filter(|other| other.name != "go" && !self.runners.iter().any(|(_, runner)| runner.span == other.span))
    }

    /// Something in `folder`, or around it, is copied or mounted out of one of the stages.
    pub fn is_copied(&self, folder: &str) -> bool {
        let snapshot = self.snapshot;
        let is_ours = |index: usize| self.stages.iter().any(|stage| stage.index == index);
        let touches = |path: &str| is_below(path, folder) || is_below(folder, path);
        // What names no stage may name one of ours, when it has got its name.
        let nameless = self.stages.iter().find(|stage| snapshot.file().has_no_name(stage)).map(|stage| stage.index);
        self.stages.first().is_some_and(|first| {
            let group = snapshot.links().group(first.index);
            let is_linked = |other: &&Stage| nameless.is_some() || snapshot.links().group(other.index) == group;
            snapshot.file().stages.iter().filter(is_linked).any(|stage| {
                let analysis = snapshot.stage(stage);
                let may_name = nameless.is_some_and(|nameless| nameless < stage.index);
                let copies = analysis.copies.iter().filter(|copy| match copy.from {
                    CopyFrom::Stage(from) => is_ours(from),
                    CopyFrom::Context => false,
                    CopyFrom::Image(_) | CopyFrom::Unknown => may_name,
                });
                let copied = copies.flat_map(|copy| &copy.sources).any(|source| match source.path.as_ref() {
                    Some(path) => touches(path),
                    None => may_touch(&snapshot[source.span], folder),
                });
                let mounts = analysis.runs.iter().flat_map(|run| &run.mounts);
                let mounted = { mounts }.any(|mount| {
                    let from =
                        mount.from().and_then(|name| find_stage(&snapshot.file().stages, stage.index, name, true));
                    from.map_or(may_name && mount.from().is_some(), is_ours)
                        && touches(&resolve("/", mount.source().unwrap_or_default()))
                });
                copied || mounted
            })
        })
    }

    /// A container of one of the stages compiles when it starts.
    pub fn starts_go(&self) -> bool {
        self.stages.iter().any(|stage| {
            self.snapshot.file().stage_instructions(stage).any(|(_, instruction)| {
                let text = &self.snapshot[instruction.span];
                matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint) && may_compile(text)
            })
        })
    }

    /// Behind the first Go command something runs, in a RUN of its own, that may use what go left: make, a script, a linter.
    pub fn runs_others(&self) -> bool {
        self.commands().map(|(_, go)| go.instruction).min().is_some_and(|first| self.runs_others_behind(first))
    }

    /// The same behind instruction `index`.
    pub fn runs_others_behind(&self, index: usize) -> bool {
        let has_go = |index: usize| self.commands().any(|(_, go)| go.instruction == index);
        { self.others() }.any(|other| {
            let path =
                self.snapshot[other.name_span].contains('/') && !self.snapshot[other.name_span].contains("/bin/");
            let unknown = other.name.is_empty() || path || taint(&other.name) == Taint::All || uses_caches(&other.name);
            other.instruction > index && unknown && install::read(other).is_none() && !has_go(other.instruction)
        })
    }

    /// A RUN without a Go command names something in `folder`, or another command runs there.
    pub fn names_elsewhere(&self, folder: &str) -> bool {
        let has_go = |index: usize| self.commands().any(|(_, go)| go.instruction == index);
        self.others().any(|other| {
            let named = other
                .args
                .iter()
                .any(|arg| arg.prefix.contains(folder) || arg.value.is(|value| value.contains(folder)));
            let inside = other.cwd.is(|cwd| is_below(cwd, folder));
            (named && !cleans(other) || inside) && !has_go(other.instruction)
        })
    }

    /// COPY brings something into `folder`, which a mount would cover.
    pub fn is_filled(&self, folder: &str) -> bool {
        let mut copies = self.stages.iter().flat_map(|stage| &self.snapshot.stage(stage).copies);
        copies.any(|copy| match copy.destination.as_ref() {
            Some(to) if copy.from == CopyFrom::Context => is_below(to, folder),
            Some(to) => is_below(to, folder) || is_below(folder, to) && to != "/",
            None => copy.from != CopyFrom::Context,
        })
    }

    /// True when a download without a mount would get one: the modules leave their layer.
    pub fn takes_modules_out(&self) -> bool {
        self.commands().any(|(stage, go)| {
            let folder = go_caches::folders(self.snapshot, stage, go).modules.unwrap_or_default();
            go.is_download()
                && !go.mounts.iter().any(|mount| go_caches::holds(self.snapshot, go, mount, &folder) != Answer::No)
        })
    }

    /// True when what `go` of `stage` leaves in `folder` may be wanted elsewhere: by what runs behind it, by another stage, or
    /// when a container starts.
    pub fn may_want(&self, stage: &Stage, go: &GoCommand, folder: &str) -> bool {
        let heirs = Family::heirs(self.snapshot, &self.snapshot.file().stages[stage.index]);
        heirs.starts_go()
            || heirs.runs_others_behind(go.instruction)
            || heirs.is_copied(folder)
            || self.is_filled(folder)
    }

    /// A mount of `stage` that holds `folder` for the same owner already, as it is written.
    pub fn existing(&self, stage: &Stage, folder: &str, owner: &str) -> Option<String> {
        let commands = self.commands().filter(|(other, _)| other.index == stage.index);
        let mut mounts = commands.flat_map(|(stage, go)| go.mounts.iter().map(move |mount| (stage, go, mount)));
        let (.., mount) = mounts.find(|(stage, go, mount)| {
            go_caches::target(self.snapshot, go, mount) == Known::Known(folder.to_owned())
                && mount.kind() == "cache"
                && go_caches::owner(self.snapshot, stage, go).as_deref() == Some(owner)
        })?;
        super::reusable(self.snapshot, mount)
    }
}

/// `stage` starts from what may be the name of a stage that is not there.
fn is_bare_name(snapshot: &Snapshot, stage: &Stage) -> bool {
    let Body::From(From { image: Some(image), .. }) = &snapshot.file().instructions[stage.from].body else {
        return false;
    };
    stage.base == Base::Image && !snapshot[image.span].contains([':', '@', '/', '.', '$'])
}

/// True unless a path says in front of its first variable that it lies elsewhere than `folder`.
fn may_touch(written: &str, folder: &str) -> bool {
    let start = written.split('$').next().unwrap_or_default();
    !start.starts_with('/') || folder.starts_with(start) || is_below(start, folder)
}

/// `rm`: in a layer of its own it empties nothing that is mounted elsewhere.
fn cleans(command: &Invocation) -> bool {
    matches!(command.name.as_str(), "rm" | "mkdir" | "chown" | "chmod")
}
