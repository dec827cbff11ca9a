//! Switch cgo on in a stage, with the compiler and libraries that it needs, and give the final stage the matching C library.
use super::fix::Fix;
use super::needs::{self, Needs};
use super::shipping::{self, Target};
use super::{go_flags, lines, packages};
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::{Musl, Phase};
use crate::knowledge::distros::{Distro, Libc, PackageManager};
use crate::knowledge::packages::{package_provides, packages_for};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::settings::AlpinePackages;
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// The ways to build `stage` with cgo, the preferred one first; empty where nothing is missing or nothing can be done.
pub fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let commands = compiling(snapshot, stage);
    let needs = needs::of(snapshot, stage, &commands);
    if commands.is_empty() || !can_have_cgo(snapshot, stage, &commands, &needs) {
        return Vec::new();
    }
    let Some(build) = build_part(snapshot, stage, &commands, &needs) else { return Vec::new() };
    let mut targets = shipping::targets(snapshot, stage, &commands);
    if !is_dynamic(snapshot, stage, &build, &needs) {
        for target in &mut targets {
            target.fits = true;
        }
    }
    let matching = with_matching_base(snapshot, stage, &build, &targets, &needs);
    let linked = with_static_link(snapshot, stage, &commands, &build, &targets, &needs);
    matching.into_iter().chain(linked).filter(|fix| works(snapshot, stage, fix)).collect()
}

/// The commands of `stage` that compile the project.
pub fn compiling<'s>(snapshot: &'s Snapshot, stage: &Stage) -> Vec<&'s GoCommand> {
    snapshot.stage(stage).go.iter().filter(|command| command.compiles() && command.is_of_module()).collect()
}

/// False where we would only make another error: another platform's compiler, archives that musl can't link, Windows.
fn can_have_cgo(snapshot: &Snapshot, stage: &Stage, commands: &[&GoCommand], needs: &Needs) -> bool {
    let text = snapshot.text();
    let froms = source::chain(snapshot, stage).into_iter().map(|stage| &snapshot.file().instructions[stage.from]);
    let on_builder = froms.into_iter().any(|from| from.flag(text, "platform").is_some());
    let no_musl = needs.modules.iter().any(|module| module.musl == Musl::No);
    commands.iter().all(|command| {
        let cross = on_builder && command.variable("GOARCH").is_some() || is_wrapped(snapshot, command);
        let musl = command.state.libc().is(|libc| *libc == Libc::Musl);
        let linux = command.variable("GOOS").is_none_or(|goos| goos.is(|goos| goos.is_empty() || goos == "linux"));
        let windows = command.state.distro().is(|distro| *distro == Distro::Windows);
        let unfit = cross || windows || (musl && no_musl);
        linux && !unfit
    })
}

/// `xx-go` chooses compilers by itself.
pub fn is_wrapped(snapshot: &Snapshot, command: &GoCommand) -> bool {
    snapshot[command.command.name_span].ends_with("xx-go")
}

/// What is done in the stage that compiles.
struct Build {
    edits: Vec<Edit>,
    words: Vec<String>,
}

fn build_part(snapshot: &Snapshot, stage: &Stage, commands: &[&GoCommand], needs: &Needs) -> Option<Build> {
    let first = commands.first()?;
    let wanted = build_packages(snapshot, first, needs)?;
    let mut edits = Vec::new();
    let mut behind_from = Vec::new();
    if !wanted.is_empty() {
        match packages::append(snapshot, stage, &wanted, first.span.start) {
            Some(appended) => edits.extend(appended),
            None => behind_from.extend(packages::install_lines(snapshot, stage, &wanted)?),
        }
    }
    let off: Vec<&&GoCommand> = commands.iter().filter(|command| command.cgo() != Answer::Yes).collect();
    let mut add_env = false;
    for command in &off {
        match switch_on(snapshot, stage, command) {
            Some(edit) if edits.contains(&edit) => {}
            Some(edit) => edits.push(edit),
            None => add_env = true,
        }
    }
    if add_env {
        behind_from.push(lines::line(snapshot, stage.from, Kind::Env, "CGO_ENABLED=1"));
    }
    if !behind_from.is_empty() {
        edits.push(lines::insert_after(snapshot, stage.from, &behind_from));
    }
    for command in commands {
        edits.extend(alpine_tags(snapshot, command, needs));
    }
    let enable = (!off.is_empty()).then(|| "enable cgo".to_owned());
    let install = (!wanted.is_empty()).then(|| format!("install {}", wanted.join(" ")));
    Some(Build { edits, words: enable.into_iter().chain(install).collect() })
}

/// Are programs linked to the C library once `build` is done?
fn is_dynamic(snapshot: &Snapshot, stage: &Stage, build: &Build, needs: &Needs) -> bool {
    let Some(edits) = EditSet::new(build.edits.clone()) else { return true };
    let after = snapshot.with_edits(&edits);
    let Some(stage) = after.file().stages.get(stage.index) else { return true };
    compiling(&after, stage).iter().any(|command| command.linkage(needs.cgo) == Linkage::Dynamic)
}

/// What has to be installed in front of the first command; `None` when something has to be but nothing can be.
pub(super) fn build_packages(snapshot: &Snapshot, first: &GoCommand, needs: &Needs) -> Option<Vec<String>> {
    let state = &first.state;
    let lacks_compiler = state.has_c_compiler() != Answer::Yes;
    let manager = match state.package_manager() {
        Known::Known(PackageManager::None) if lacks_compiler => return None,
        Known::Known(manager) => manager,
        Known::Unknown => return Some(Vec::new()),
    };
    let t64 = state.image().is_some_and(crate::knowledge::base_images::BaseImage::has_t64_names);
    let tool = if needs.cpp() { "c++-compiler" } else { "c-compiler" };
    let mut wanted: Vec<&str> = if lacks_compiler { packages_for(manager, tool).to_vec() } else { Vec::new() };
    wanted.extend(needs.packages(manager, Phase::Build, t64));
    let mut wanted = packages::missing(state, &wanted);
    let wolfi = state.distro().is(|distro| *distro == Distro::Wolfi);
    let all_in_one = wolfi || snapshot.settings().actions.alpine_packages == AlpinePackages::BuildBase;
    if manager == PackageManager::Apk && lacks_compiler && all_in_one {
        let brought = package_provides(manager, "build-base");
        wanted.retain(|package| {
            let tools = package_provides(manager, package);
            tools.is_empty() || !tools.iter().all(|tool| brought.contains(tool))
        });
        wanted.insert(0, "build-base".to_owned());
    }
    // g++ depends on gcc everywhere.
    if wanted.iter().any(|package| package == "g++") {
        wanted.retain(|package| package != "gcc");
    }
    Some(wanted)
}

/// Turns the setting of CGO_ENABLED that `command` sees to 1; `None` when this stage sets nothing.
fn switch_on(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Edit> {
    set_cgo(snapshot, stage, command, "1")
}

/// Turns the setting of CGO_ENABLED that `command` sees to `value`; `None` when this stage sets nothing.
pub fn set_cgo(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, value: &str) -> Option<Edit> {
    let span = command.command.env.get("CGO_ENABLED")?.span.filter(|span| stage.span.contains(*span))?;
    let instructions = snapshot.file().stage_instructions(stage);
    let pair = instructions.flat_map(|(_, instruction)| instruction.pairs()).find(|pair| pair.span == span);
    Some(match pair.map(|pair| pair.value.as_ref()) {
        Some(Some(old)) => Edit::replace(old.span, value),
        Some(None) => Edit::insert(span.end, format!("={value}")),
        None => Edit::replace(span, format!("CGO_ENABLED={value}")),
    })
}

/// Some modules need a build tag where the C library is musl.
fn alpine_tags(snapshot: &Snapshot, command: &GoCommand, needs: &Needs) -> Vec<Edit> {
    let tags: Vec<&str> = needs.modules.iter().flat_map(|module| module.alpine_tags.iter().copied()).collect();
    let musl = command.state.libc().is(|libc| *libc == Libc::Musl);
    if !musl || tags.is_empty() {
        return Vec::new();
    }
    go_flags::add_tags(snapshot, command, &tags).unwrap_or_default()
}

/// The build, and the final stages moved to an image that has its C library where they lack it.
fn with_matching_base(
    snapshot: &Snapshot,
    stage: &Stage,
    build: &Build,
    targets: &[Target],
    needs: &Needs,
) -> Option<Fix> {
    let (mut edits, mut words) = (build.edits.clone(), build.words.clone());
    for target in targets {
        let change = shipping::change(snapshot, stage, target, needs)?;
        edits.extend(change.edits);
        words.extend(change.title.filter(|title| !words.contains(title)));
    }
    fix(&words, edits, targets.is_empty() && needs.cgo == Answer::Yes)
}

/// The build linked statically, where a final stage lacks its C library; shared libraries can't be had that way.
fn with_static_link(
    snapshot: &Snapshot,
    stage: &Stage,
    commands: &[&GoCommand],
    build: &Build,
    targets: &[Target],
    needs: &Needs,
) -> Option<Fix> {
    let manager = *snapshot.stage(stage).end.package_manager().as_ref()?;
    let libc = *snapshot.stage(stage).end.libc().as_ref()?;
    let runs_with_libraries = !needs.packages(manager, Phase::Run, false).is_empty();
    if targets.iter().all(|target| target.fits) || runs_with_libraries {
        return None;
    }
    let mut edits = build.edits.clone();
    for command in commands.iter().filter(|command| command.builds()) {
        edits.push(go_flags::add_ldflags(snapshot, command, "-linkmode external -extldflags=-static")?);
        if libc == Libc::Glibc {
            edits.extend(go_flags::add_tags(snapshot, command, &["netgo", "osusergo"])?);
        }
    }
    let words: Vec<String> = build.words.iter().cloned().chain(["link statically".to_owned()]).collect();
    fix(&words, edits, false)
}

fn fix(words: &[String], edits: Vec<Edit>, safe: bool) -> Option<Fix> {
    let title = words.join(", ");
    if edits.is_empty() {
        return None;
    }
    if safe { Fix::safe(title, edits) } else { Fix::unsafe_(title, edits) }
}

/// Looks at the result: every command must have cgo and a compiler, and what is shipped must start.
fn works(snapshot: &Snapshot, stage: &Stage, fix: &Fix) -> bool {
    let after = snapshot.with_edits(&fix.here());
    let Some(new_stage) = after.file().stages.get(stage.index) else { return false };
    let commands = compiling(&after, new_stage);
    let enabled = commands.iter().all(|command| {
        command.variable("CGO_ENABLED") == Some(Known::Known("1".to_owned())) || command.cgo() == Answer::Yes
    });
    let compiles = commands.iter().all(|command| command.state.has_c_compiler() != Answer::No);
    let is_dynamic = commands.iter().any(|command| command.linkage(Answer::Unknown) == Linkage::Dynamic);
    let starts = !is_dynamic || shipping::targets(&after, new_stage, &commands).iter().all(|target| target.fits);
    let clean = after.file().problems.len() <= snapshot.file().problems.len();
    enabled && compiles && starts && clean
}

/// What `fixes` says of the stages that `selection` is about; where it is several, titles name the stage.
pub fn of_stages(snapshot: &Snapshot, selection: Span, fixes: impl Fn(&Stage) -> Vec<Fix>) -> Vec<Fix> {
    let stages = snapshot.file().stages.iter().filter(|stage| is_in(stage, selection));
    let mut found: Vec<(&Stage, Vec<Fix>)> = stages.map(|stage| (stage, fixes(stage))).collect();
    found.retain(|(_, fixes)| !fixes.is_empty());
    let several = found.len() > 1;
    let named = |(stage, fixes): (&Stage, Vec<Fix>)| {
        let name = stage.name.clone().unwrap_or_else(|| stage.index.to_string());
        fixes.into_iter().map(move |mut fix| {
            if several {
                fix.title = format!("{} (stage {name})", fix.title);
            }
            fix
        })
    };
    found.into_iter().flat_map(named).collect()
}

/// True when `span`, a selection, is about `stage`.
pub fn is_in(stage: &Stage, span: Span) -> bool {
    stage.span.touches(span.start) || stage.span.overlaps(span)
}
