//! Run the program of a stage as a user that is not root.
mod account;
mod needs_root;
mod places;

pub use needs_root::{imports_need_root, needs_root};

use account::Account;
use places::Places;

use super::fix::Fix;
use super::{lines, shipped};
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::state::Base as Image;
use crate::knowledge::distros::Distro;
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::{Base, Stage};
use crate::text::edit::Edit;

/// The way to run what `stage` starts as another user; empty where it needs root, does so already, or that can't be told.
pub fn fixes(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let fix = || {
        let start = start(snapshot, stage)?;
        let places = Places::read(snapshot, stage)?;
        tag_fix(snapshot, stage, &places, start).or_else(|| user_fix(snapshot, stage, &places))
    };
    fix().into_iter().collect()
}

/// The instruction that starts something in `stage` as root, where that can be changed.
fn start(snapshot: &Snapshot, stage: &Stage) -> Option<usize> {
    let (file, analysis) = (snapshot.file(), snapshot.stage(stage));
    let end = &analysis.end;
    let foreign = end.base == Image::Unknown || end.distro().is(|distro| *distro == Distro::Windows);
    if end.is_root() != Answer::Yes || foreign || file.escape == b'`' || needs_root(snapshot, stage) {
        return None;
    }
    let (start, _) = shipped::start_words(snapshot, stage)?;
    let is_built_upon = snapshot.linked(stage).any(|other| other.base == Base::Stage(stage.index));
    let chain = source::chain(snapshot, stage);
    let mut instructions = chain.iter().flat_map(|stage| file.stage_instructions(stage));
    let stands_in_the_way = instructions.any(|(index, instruction)| match instruction.kind {
        Kind::Onbuild | Kind::Unknown => true,
        // Who it is may be said from outside.
        Kind::User => instruction.value().is_none_or(|user| user.literal(snapshot.text()).is_none()),
        _ => file.is_refused(index),
    });
    let mut commands = chain.iter().flat_map(|stage| &snapshot.stage(stage).commands);
    // A user that is there already has a purpose, which is not known.
    let has_users = commands.any(|command| matches!(command.name.as_str(), "useradd" | "adduser"));
    (!is_built_upon && !stands_in_the_way && !has_users).then_some(start)
}

/// The variant of a distroless image that has another user.
fn tag_fix(snapshot: &Snapshot, stage: &Stage, places: &Places, start: usize) -> Option<Fix> {
    let analysis = snapshot.stage(stage);
    let image = analysis.start.image()?;
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    let word = from.image.as_ref().filter(|_| image.repository.starts_with("gcr.io/distroless/"))?;
    let written = word.literal(snapshot.text()).filter(|name| *name == *word.raw(snapshot.text()))?;
    let reference = ImageRef::parse(&written);
    let tag = match (reference.tag.as_deref(), &reference.digest) {
        (None | Some("latest"), None) => "nonroot",
        (Some("debug"), None) => "debug-nonroot",
        _ => return None,
    };
    let users = snapshot.file().stage_instructions(stage).any(|(_, instruction)| instruction.kind == Kind::User);
    let fits = !users && analysis.runs.is_empty() && places.owned.is_empty() && places.root.is_none();
    if stage.base != Base::Image || !fits || !keeps_workdir(snapshot, stage, start) {
        return None;
    }
    let new = format!("{}:{tag}", reference.repository);
    let title = format!("run as nonroot: ship on {new}{}", places.note());
    Fix::unsafe_(title, vec![Edit::replace(word.span, new)])
}

/// True when another WORKDIR of the base image changes nothing: the stage sets its own before it uses one, or does not use
/// any.
fn keeps_workdir(snapshot: &Snapshot, stage: &Stage, start: usize) -> bool {
    let text = snapshot.text();
    let is_absolute = |written: &str| written.trim_start_matches(['"', '\'']).starts_with('/');
    let mut steps = snapshot.file().stage_instructions(stage).map(|(_, instruction)| instruction);
    let first = steps.find(|step| matches!(step.kind, Kind::Workdir | Kind::Copy | Kind::Add));
    if first.is_some_and(|step| step.kind == Kind::Workdir && step.value().is_some_and(|w| is_absolute(w.raw(text)))) {
        return true;
    }
    let copies = &snapshot.stage(stage).copies;
    let destinations = copies.iter().filter_map(|copy| {
        let copy = snapshot.file().instructions[copy.instruction].copy()?;
        Some(copy.destination.as_ref()?.raw(text))
    });
    let program = shipped::start_words(snapshot, stage).and_then(|(_, words)| words.into_iter().next());
    let only_program = copies.len() == 1 && copies.iter().all(|copy| copy.sources.len() == 1);
    let in_own_stage = stage.instructions.contains(&start);
    only_program
        && in_own_stage
        && destinations.into_iter().all(is_absolute)
        && program.is_some_and(|program| is_absolute(&program))
}

/// An account, and USER.
fn user_fix(snapshot: &Snapshot, stage: &Stage, places: &Places) -> Option<Fix> {
    let account = Account::choose(snapshot, stage);
    let mut edits = Vec::new();
    if let Some((span, _)) = &places.root {
        edits.push(Edit::replace(*span, "/app"));
    }
    let line = |kind: Kind, text: &str| lines::line(snapshot, stage.from, kind, text);
    let user = line(Kind::User, account.user);
    let last = last_step(snapshot, stage);
    let last_is_user = snapshot.file().instructions[last].kind == Kind::User;
    let place = |new: &[String]| match new {
        [user] if last_is_user => lines::replace(snapshot, last, user.as_str()),
        _ => insert(snapshot, stage, last, new),
    };
    let own = places.own(&account)?;
    match (account.make, own) {
        (None, None) => edits.push(user_place(snapshot, stage, places, &user).unwrap_or_else(|| place(&[user]))),
        (make, Some(own)) => {
            // What changes behind VOLUME is lost in some builders.
            if places::volume_before(snapshot, stage, last) {
                return None;
            }
            let script = make.map_or_else(|| own.clone(), |make| format!("{make} && {own}"));
            edits.push(place(&[line(Kind::Run, &script), user]));
        }
        (Some(make), None) => match early(snapshot, stage, last) {
            Some(early) => {
                edits.push(lines::insert_after(snapshot, early, &[line(Kind::Run, make)]));
                edits.push(place(&[user]));
            }
            None => edits.push(place(&[line(Kind::Run, make), user])),
        },
    }
    let moved = if places.root.is_some() { ", WORKDIR becomes /app" } else { "" };
    Fix::unsafe_(format!("run as user {}{moved}{}", account.user, places.note()), edits)
}

/// The last instruction of `stage` that root should carry out; its FROM where there is none.
fn last_step(snapshot: &Snapshot, stage: &Stage) -> usize {
    let steps = snapshot
        .file()
        .stage_instructions(stage)
        .filter(|(_, instruction)| matches!(instruction.kind, Kind::Run | Kind::Copy | Kind::Add | Kind::User));
    steps.map(|(index, _)| index).last().unwrap_or(stage.from)
}

/// Puts `new` behind `last` and in front of what starts the program, or of the volumes.
fn insert(snapshot: &Snapshot, stage: &Stage, last: usize, new: &[String]) -> Edit {
    let is_start = |kind: Kind| matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Volume);
    let mut behind = snapshot.file().stage_instructions(stage).filter(|(index, _)| *index > last);
    match behind.find(|(_, instruction)| is_start(instruction.kind)) {
        Some((index, _)) => lines::insert_before(snapshot, index, new),
        None => lines::insert_after(snapshot, last, new),
    }
}

/// In front of WORKDIR, where the program writes there and nothing else can give it the folder: the builder makes the folder
/// for the user of that line.
fn user_place(snapshot: &Snapshot, stage: &Stage, places: &Places, user: &str) -> Option<Edit> {
    let index = places.workdir_by_user?;
    Some(lines::insert_before(snapshot, index, &[user.to_owned()])).filter(|_| index > stage.from)
}

/// Where the account can be made so that the layer survives changes of the program: behind the last RUN or FROM, when files
/// are copied behind it.
fn early(snapshot: &Snapshot, stage: &Stage, last: usize) -> Option<usize> {
    let kinds = |index: &usize| snapshot.file().instructions[*index].kind;
    let steps = || stage.instructions.clone();
    let run = steps().rfind(|index| kinds(index) == Kind::Run).unwrap_or(stage.from);
    let plain = steps().all(|index| !matches!(kinds(&index), Kind::User | Kind::Shell));
    (plain && run < last && matches!(stage.base, Base::Image)).then_some(run)
}
