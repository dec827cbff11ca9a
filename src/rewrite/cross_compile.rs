//! Compile for the platform of the image on that of the builder: nothing is emulated, and each platform gets its own program.
//!
//! The stage that compiles moves to `--platform=$BUILDPLATFORM`, and its build commands get GOOS and GOARCH of the target. That is
//! written only where the stages that ship take nothing else of that stage that depends on a platform.
mod command;
mod products;
mod xx;

use super::fix::Fix;
use super::{env_pairs, lines};
use crate::analysis::copy::CopyFrom;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::text::edit::Edit;
use crate::text::span::Span;

use command::Change;

/// Stages on one base that are looked at; no real build has more.
const MAX_STAGES: usize = 16;

/// Build commands that are looked at.
const MAX_BUILDS: usize = 32;

/// The ways to cross-compile what `stage` builds: one, or none where nothing is to be done or it can't be written for sure.
pub fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    fix(snapshot, stage).into_iter().collect()
}

/// The same where cgo is needed.
pub fn with_cgo(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    xx::fix(snapshot, stage)
}

fn fix(snapshot: &Snapshot, stage: &Stage) -> Option<Fix> {
    let group = Group::of(snapshot, stage)?;
    let platform = platform_edit(snapshot, &group)?;
    let moves = !platform.is_empty();
    if moves && products::has_tools(snapshot, &group) {
        return None;
    }
    let mut changes = Vec::new();
    for (stage, command) in &group.builds {
        let change = command::change(snapshot, stage, command, moves)?;
        if !change.is_empty() {
            changes.push((*stage, *command, change));
        }
    }
    if changes.is_empty() && !moves || !products::are_all(snapshot, &group) {
        return None;
    }
    let constants = changes.iter().any(|(.., change)| change.decides);
    let mut edits = platform;
    edits.extend(declarations(snapshot, &changes)?);
    let gone: Vec<Span> = changes.iter().flat_map(|(.., change)| change.env.iter().copied()).collect();
    edits.extend(env_pairs::delete(snapshot, &group.stages, &gone)?);
    for edit in changes.into_iter().flat_map(|(.., change)| change.edits) {
        // Two commands behind one `export`.
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    let title = "cross-compile for the platform of the image";
    let fix = if moves || constants { Fix::unsafe_(title, edits) } else { Fix::safe(title, edits) }?;
    let after = snapshot.with_edits(&fix.here());
    (after.file().problems.len() <= snapshot.file().problems.len()).then_some(fix)
}

/// The stages on one base image, which get one platform, and what they build.
struct Group<'s> {
    root: &'s Stage,
    stages: Vec<&'s Stage>,
    builds: Vec<(&'s Stage, &'s GoCommand)>,
}

impl<'s> Group<'s> {
    fn of(snapshot: &'s Snapshot, stage: &Stage) -> Option<Self> {
        let root = &snapshot.file().stages[stage.root];
        // `FROM $X` may mean a stage, whose platform counts then.
        if root.base != Base::Image || crate::analysis::start::parent(snapshot, root).is_some() {
            return None;
        }
        let stages: Vec<&Stage> =
            snapshot.linked(root).filter(|other| other.root == root.index).take(MAX_STAGES + 1).collect();
        let is_build = |go: &&GoCommand| matches!(go.verb.as_str(), "build" | "install") && go.is_of_module();
        let builds = stages.iter().flat_map(|stage| snapshot.stage(stage).go.iter().map(move |go| (*stage, go)));
        let builds: Vec<(&Stage, &GoCommand)> = builds.filter(|(_, go)| is_build(go)).take(MAX_BUILDS + 1).collect();
        let few = stages.len() <= MAX_STAGES && (1..=MAX_BUILDS).contains(&builds.len());
        few.then_some(Self { root, stages, builds })
    }

    fn contains(&self, index: usize) -> bool {
        self.stages.iter().any(|stage| stage.index == index)
    }
}

/// True for a stage that runs on the builder's platform, whatever is built for.
pub fn is_on_builder(snapshot: &Snapshot, root: &Stage) -> bool {
    platform(snapshot, &snapshot.file().instructions[root.from]) == Some("BUILDPLATFORM")
}

/// True for a stage whose image has the platform that is built for.
pub fn is_for_target(snapshot: &Snapshot, root: &Stage) -> bool {
    matches!(platform(snapshot, &snapshot.file().instructions[root.from]), None | Some("TARGETPLATFORM"))
}

/// The variable that is the platform of a FROM; empty for any other value, `None` where none is written.
fn platform<'s>(snapshot: &'s Snapshot, from: &'s Instruction) -> Option<&'s str> {
    let value = from.flag(snapshot.text(), "platform")?.value.as_ref().map_or("", |value| value.raw(snapshot.text()));
    let name = value.trim_matches('"').strip_prefix('$').unwrap_or_default();
    Some(name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name))
}

/// Moves the base of the group to the builder's platform; no edit where it is there. `None` where that would change an image that
/// is started, or a platform that was chosen.
fn platform_edit(snapshot: &Snapshot, group: &Group) -> Option<Vec<Edit>> {
    let (file, text) = (snapshot.file(), snapshot.text());
    let from = &file.instructions[group.root.from];
    let Body::From(arguments) = &from.body else { return None };
    let image = arguments.image.as_ref()?;
    let set_by_hand = snapshot.globals().get("BUILDPLATFORM").is_some_and(|variable| variable.span.is_some());
    if file.is_refused(group.root.from) || set_by_hand {
        return None;
    }
    let edit = match platform(snapshot, from) {
        Some("BUILDPLATFORM") => return Some(Vec::new()),
        Some("TARGETPLATFORM") => {
            let value = from.flag(text, "platform")?.value.as_ref()?;
            Edit::replace(value.span, "$BUILDPLATFORM")
        }
        Some(_) => return None,
        None => Edit::insert(image.span.start, "--platform=$BUILDPLATFORM "),
    };
    let starts = |instruction: &Instruction| matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint | Kind::Onbuild);
    let ships = |stage: &&Stage| {
        stage.index + 1 == file.stages.len()
            || file.stage_instructions(stage).any(|(_, instruction)| starts(instruction))
    };
    (!group.stages.iter().any(ships)).then(|| vec![edit])
}

/// `ARG TARGETOS TARGETARCH` in front of the first command that wants them, so that the layers above are the same for all platforms.
fn declarations(snapshot: &Snapshot, changes: &[(&Stage, &GoCommand, Change)]) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut declared: Vec<(usize, &str)> = Vec::new();
    for (stage, command, _) in changes {
        let above: Vec<usize> = source::chain(snapshot, stage).iter().map(|stage| stage.index).collect();
        let mut missing: Vec<&str> = Vec::new();
        let of_stage = changes.iter().filter(|(other, ..)| other.index == stage.index);
        for name in of_stage.flat_map(|(.., change)| change.names.iter().copied()) {
            match command.command.env.get(name).map(|variable| &variable.value) {
                // A default stands in the way of what the builder sets.
                Some(Known::Known(_)) => return None,
                Some(Known::Unknown) => {}
                None if missing.contains(&name) => {}
                None if declared.iter().any(|(at, known)| *known == name && above.contains(at)) => {}
                None => missing.push(name),
            }
        }
        if !missing.is_empty() {
            let line = lines::line(snapshot, command.instruction, Kind::Arg, &missing.join(" "));
            edits.push(lines::insert_before(snapshot, command.instruction, &[line]));
            declared.extend(missing.into_iter().map(|name| (stage.index, name)));
        }
    }
    Some(edits)
}

/// True when `copies` of `target` take something from a stage of `group`.
fn takes(snapshot: &Snapshot, target: &Stage, group: &Group) -> bool {
    let copies = &snapshot.stage(target).copies;
    copies.iter().any(|copy| matches!(copy.from, CopyFrom::Stage(from) if group.contains(from)))
}
