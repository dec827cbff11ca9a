//! The stages that take a program out of the stage that built it, and whether it starts there.
use super::final_base::{self, Wants};
use super::needs::Needs;
use super::{lines, packages};
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::install::Install;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::analysis::state::ImageState;
use crate::knowledge::base_images::base_image;
use crate::knowledge::cgo_modules::Phase;
use crate::knowledge::distros::{Libc, PackageManager};
use crate::model::command::Command;
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::text::edit::Edit;

/// A stage that ships a program of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its index.
    pub stage: usize,
    /// True when a program that is linked to the builder's C library starts there, as far as we know.
    pub fits: bool,
}

/// The stages that copy what `commands` of `stage` build.
pub fn targets(snapshot: &Snapshot, stage: &Stage, commands: &[&GoCommand]) -> Vec<Target> {
    let outputs: Option<Vec<String>> = commands
        .iter()
        .filter(|command| command.verb != "test")
        .map(|command| command.outputs(None))
        .collect::<Option<Vec<_>>>()
        .map(|lists| lists.concat());
    let builder = &snapshot.stage(stage).end;
    let takes = |target: &&Stage| {
        let copies = &snapshot.stage(target).copies;
        let from_here = copies.iter().filter(|copy| copy.from == CopyFrom::Stage(stage.index));
        from_here.flat_map(|copy| &copy.sources).any(|source| match (&source.path, &outputs) {
            (Known::Unknown, _) => true,
            (Known::Known(path), Some(outputs)) => outputs.iter().any(|output| is_below(output, path)),
            (Known::Known(path), None) => !is_below(path, "/etc") && !is_below(path, "/usr/share"),
        })
    };
    let later = snapshot.linked(stage).filter(|other| other.index > stage.index);
    later
        .filter(takes)
        .map(|target| Target { stage: target.index, fits: fits(builder, &snapshot.stage(target).end) })
        .collect()
}

/// Does a program that is linked to the C library of `builder` start in `image`? True where we can't tell.
fn fits(builder: &ImageState, image: &ImageState) -> bool {
    let (Some(needed), Some(there)) = (builder.libc().as_ref().copied(), image.libc().as_ref().copied()) else {
        return true;
    };
    let copied =
        image.is_tainted() || image.installed("glibc-compat") || image.files.names().any(|path| path.contains("/ld-"));
    let old = |state: &ImageState| state.glibc().is(|version| *version < GLIBC_WITHOUT_LIBPTHREAD);
    needed == Libc::None || (needed != there && copied) || (needed == there && (old(builder) || !old(image)))
}

/// Since this release programs need symbols that older ones lack. Source: glibc's NEWS; checked on trixie and bullseye.
const GLIBC_WITHOUT_LIBPTHREAD: (u32, u32) = (2, 34);

/// What has to change in a stage that ships.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The edits.
    pub edits: Vec<Edit>,
    /// What they do.
    pub title: Option<String>,
}

/// Gives `target` the C library and the libraries that the programs of `stage` need; `None` when that can't be done.
pub fn change(snapshot: &Snapshot, stage: &Stage, target: &Target, needs: &Needs) -> Option<Change> {
    let to = &snapshot.file().stages[target.stage];
    if target.fits { libraries(snapshot, to, needs) } else { other_base(snapshot, stage, to, needs) }
}

/// The same base, with the packages that it lacks.
fn libraries(snapshot: &Snapshot, to: &Stage, needs: &Needs) -> Option<Change> {
    let state = &snapshot.stage(to).end;
    let manager = match state.package_manager() {
        Known::Known(manager) if manager != PackageManager::None => manager,
        _ => return Some(Change::default()),
    };
    let wanted = packages::missing(state, &needs.packages(manager, Phase::Run, has_t64(state)));
    if wanted.is_empty() {
        return Some(Change::default());
    }
    let edits = match packages::append(snapshot, to, &wanted, to.span.end) {
        Some(edits) => edits,
        None => vec![lines::insert_after(snapshot, to.from, &packages::install_lines(snapshot, to, &wanted)?)],
    };
    Some(Change { edits, title: Some(format!("install {} in the final stage", wanted.join(" "))) })
}

fn has_t64(state: &ImageState) -> bool {
    state.image().is_some_and(crate::knowledge::base_images::BaseImage::has_t64_names)
}

/// A base that has the builder's C library. Installations are translated; what can't be is left alone.
fn other_base(snapshot: &Snapshot, stage: &Stage, to: &Stage, needs: &Needs) -> Option<Change> {
    if matches!(to.base, Base::Stage(_) | Base::Missing) {
        return None;
    }
    let (builder, analysis) = (&snapshot.stage(stage).end, snapshot.stage(to));
    let Body::From(from) = &snapshot.file().instructions[to.from].body else { return None };
    let manager = *builder.package_manager().as_ref()?;
    let mut wanted: Vec<String> =
        needs.packages(manager, Phase::Run, has_t64(builder)).into_iter().map(str::to_owned).collect();
    let in_cc = |name: &String| final_base::IN_DISTROLESS_CC.contains(&name.as_str());
    let libraries = builder.libc().is(|libc| *libc == Libc::Glibc) && !wanted.iter().all(in_cc);
    let shell = !analysis.runs.is_empty() || needs_shell(snapshot, to) || libraries;
    let nonroot = analysis.start.reference.as_deref().is_some_and(|reference| reference.ends_with(":nonroot"));
    let base = final_base::for_dynamic(builder, Wants { shell, cpp: needs.cpp(), nonroot, same_release: libraries })?;
    if image_state(&base).package_manager() == Known::Known(PackageManager::None) {
        wanted.clear();
    }
    let replaced = translate_runs(snapshot, to, manager, &mut wanted)?;
    let had_certificates = analysis.start.image().and_then(|image| image.ca_certs) == Some(true);
    let lacks_certificates = image_state(&base).image().and_then(|image| image.ca_certs) == Some(false);
    if had_certificates && lacks_certificates && !wanted.iter().any(|name| name == "ca-certificates") {
        wanted.push("ca-certificates".to_owned());
    }
    let mut edits = vec![Edit::replace(from.image.as_ref()?.span, base.clone())];
    edits.extend(install_edits(snapshot, to, &wanted, manager, &replaced)?);
    edits.extend(user_edits(snapshot, to, &base)?);
    Some(Change { edits, title: Some(format!("ship on {base}")) })
}

/// Adds to `wanted` what the RUNs of `to` install, in the words of `manager`; the RUNs that install. `None`:
/// a RUN does something that another distribution does otherwise.
fn translate_runs(
    snapshot: &Snapshot,
    to: &Stage,
    manager: PackageManager,
    wanted: &mut Vec<String>,
) -> Option<Vec<usize>> {
    let mut installing = Vec::new();
    for run in &snapshot.stage(to).runs {
        match installation(snapshot, to, run) {
            Some(list) => {
                let names = translate(&list, manager)?;
                wanted.extend(names.into_iter().filter(|name| !wanted.contains(name)).collect::<Vec<_>>());
                installing.push(run.instruction);
            }
            None if is_portable(snapshot, to, run) => {}
            None => return None,
        }
    }
    Some(installing)
}

/// Users that the old base has and the new one lacks become numbers; who was not root stays so.
fn user_edits(snapshot: &Snapshot, to: &Stage, base: &str) -> Option<Vec<Edit>> {
    const NONROOT: &str = "65532:65532";
    let has_nonroot = base.starts_with("gcr.io/distroless/");
    let mut users =
        snapshot.file().stage_instructions(to).filter(|(_, instruction)| instruction.kind == Kind::User).peekable();
    if users.peek().is_none() {
        let was_root = snapshot.stage(to).start.is_root() != Answer::No;
        if was_root || image_state(base).is_root() == Answer::No {
            return Some(Vec::new());
        }
        let starts = |kind| matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
        let first = snapshot.file().stage_instructions(to).find(|(_, instruction)| starts(instruction.kind));
        let line = [lines::line(snapshot, to.from, Kind::User, NONROOT)];
        let last = to.instructions.end - 1;
        return Some(vec![first.map_or_else(
            || lines::insert_after(snapshot, last, &line),
            |(index, _)| lines::insert_before(snapshot, index, &line),
        )]);
    }
    let mut edits = Vec::new();
    for (_, user) in users {
        let word = user.value()?;
        let name = word.literal(snapshot.text())?;
        let name = name.split(':').next().unwrap_or_default();
        match name {
            "nonroot" if !has_nonroot => edits.push(Edit::replace(word.span, NONROOT)),
            "root" | "nobody" | "nonroot" => {}
            _ if name.bytes().all(|byte| byte.is_ascii_digit()) => {}
            _ => return None,
        }
    }
    Some(edits)
}

/// One RUN that installs all, in the place of the first that installed something, or behind FROM.
fn install_edits(
    snapshot: &Snapshot,
    to: &Stage,
    wanted: &[String],
    manager: PackageManager,
    replaced: &[usize],
) -> Option<Vec<Edit>> {
    let (first, superfluous) = match replaced.split_first() {
        Some((first, rest)) if !wanted.is_empty() => (Some(*first), rest),
        _ => (None, replaced),
    };
    let mut edits = lines::delete(snapshot, superfluous);
    if wanted.is_empty() {
        return Some(edits);
    }
    let run = lines::line(snapshot, to.from, Kind::Run, &packages::install_command(manager, wanted)?);
    edits.push(match first {
        Some(index) => lines::replace(snapshot, index, run),
        None => lines::insert_after(snapshot, to.from, &[run]),
    });
    Some(edits)
}

/// What a RUN installs, when it does nothing else.
fn installation<'s>(snapshot: &'s Snapshot, stage: &Stage, run: &RunFact) -> Option<Vec<&'s Install>> {
    let analysis = snapshot.stage(stage);
    let installs: Vec<&Install> =
        analysis.installs.iter().filter(|install| install.instruction == run.instruction).collect();
    let mut commands = analysis.commands.iter().filter(|command| command.instruction == run.instruction);
    let only_that = commands
        .all(|command| matches!(command.name.as_str(), "apk" | "apt-get" | "apt" | "rm" | "dnf" | "microdnf" | "yum"));
    (only_that && !installs.is_empty() && installs.iter().all(|install| !install.open && !install.removes))
        .then_some(installs)
}

fn translate(installs: &[&Install], to: PackageManager) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for install in installs {
        for (package, _) in &install.packages {
            if install.manager == to {
                names.push(package.clone());
                continue;
            }
            names.extend(packages::translated(package, install.manager, to)?.into_iter().map(str::to_owned));
        }
    }
    Some(names)
}

/// True when every command of `run` works alike in every distribution.
fn is_portable(snapshot: &Snapshot, stage: &Stage, run: &RunFact) -> bool {
    const PORTABLE: [&str; 9] = ["mkdir", "chmod", "chown", "ln", "cp", "mv", "rm", "touch", "echo"];
    let mut commands = snapshot.stage(stage).commands.iter().filter(|command| command.instruction == run.instruction);
    commands.all(|command| PORTABLE.contains(&command.name.as_str()))
}

/// True when an instruction of `stage` is run by a shell at the container's start, or may be.
fn needs_shell(snapshot: &Snapshot, stage: &Stage) -> bool {
    let is_shell = |instruction: &Instruction| {
        let runs = matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
        runs && instruction.command().is_some_and(|command| match command {
            Command::Shell(_) => true,
            Command::Exec(words) => words.iter().any(|word| word.value.ends_with("/sh") || word.value == "sh"),
            Command::Missing => false,
        })
    };
    snapshot.file().stage_instructions(stage).any(|(_, instruction)| is_shell(instruction))
}

/// What our table says of `reference`, for those who choose a base.
pub fn image_state(reference: &str) -> ImageState {
    let image = ImageRef::parse(reference);
    if reference == "scratch" {
        return ImageState::scratch();
    }
    base_image(&image.repository, image.tag.as_deref()).map_or_else(ImageState::unknown, ImageState::of_image)
}
