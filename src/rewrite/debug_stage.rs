//! A stage like the last one, with a shell and tools, for a look inside.
//!
//! The last stage is what `docker build` makes without `--target`, and a stage can only be built on an earlier one: so the new
//! stage goes in front of the last one, starts from an image of the same family, and does what the last one does.
use super::fix::Fix;
use super::{final_base, lines, packages, shipping};
use crate::analysis::copy::CopyFrom;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::distros::{Libc, PackageManager};
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{self, Stage};
use crate::text::span::Span;

/// What the stage is called.
const NAME: &str = "debug";

/// What is installed where something can be: every package manager has them under these names.
const TOOLS: [&str; 2] = ["curl", "strace"];

/// The stage in front of the last one; `None` where it can't be written, or is there already.
pub fn fix(snapshot: &Snapshot) -> Option<Fix> {
    let file = snapshot.file();
    let last = file.final_stage().filter(|last| last.index > 0)?;
    let is_there = file.stages.iter().any(|stage| stage.name.as_deref() == Some(NAME));
    if is_there || last.instructions.clone().any(|index| file.is_refused(index)) || !ships(snapshot, last) {
        return None;
    }
    let image = image(snapshot, last)?;
    let mut new = comments(snapshot);
    new.push(lines::line(
        snapshot,
        last.from,
        Kind::From,
        &format!("{} {} {NAME}", image.reference, as_word(snapshot, last)),
    ));
    new.extend(body(snapshot, last, &image)?);
    new.push(String::new());
    let title = format!("add a stage `{NAME}` with a shell, on {}", image.reference);
    let fix = Fix::unsafe_(title, vec![lines::insert_before(snapshot, last.from, &new)])?;
    works(snapshot, &fix).then_some(fix)
}

/// Something is built in another stage and shipped here; else the new stage would repeat the whole build.
fn ships(snapshot: &Snapshot, last: &Stage) -> bool {
    snapshot.stage(last).copies.iter().any(|copy| matches!(copy.from, CopyFrom::Stage(_)))
}

/// What the new stage starts from.
struct Image {
    /// Behind FROM: an image, or a stage.
    reference: String,
    /// The last stage starts from the same; else only its files and its environment can be had.
    same: bool,
    /// It has the users of the last stage's image.
    users: bool,
}

fn image(snapshot: &Snapshot, last: &Stage) -> Option<Image> {
    let analysis = snapshot.stage(last);
    match analysis.end.has_shell() {
        Answer::Yes => Some(Image { reference: written_base(snapshot, last)?, same: true, users: true }),
        Answer::Unknown => None,
        Answer::No => {
            let start = &analysis.start;
            if let Some(debug) = start.reference.as_deref().and_then(distroless_debug) {
                return Some(Image { reference: debug, same: false, users: true });
            }
            let reference = match start.libc().as_ref()? {
                Libc::Glibc => final_base::debian_slim(final_base::newest_debian())?,
                Libc::Musl | Libc::None => final_base::alpine(None),
            };
            Some(Image { reference, same: false, users: false })
        }
    }
}

/// What stands behind the FROM of the last stage, its flags too.
fn written_base(snapshot: &Snapshot, last: &Stage) -> Option<String> {
    let instruction = &snapshot.file().instructions[last.from];
    let Body::From(from) = &instruction.body else { return None };
    let image = from.image.as_ref()?.span;
    let start = instruction.flags.first().map_or(image.start, |flag| flag.span.start.min(image.start));
    Some(snapshot[Span::new(start, image.end)].to_owned())
}

/// `gcr.io/distroless/static-debian13:nonroot` → `…:debug`, which has BusyBox.
fn distroless_debug(reference: &str) -> Option<String> {
    let image = ImageRef::parse(reference);
    image.repository.starts_with("gcr.io/distroless/").then(|| format!("{}:debug", image.repository))
}

/// How it is used. BuildKit takes the line that begins with the name for the description of the stage.
fn comments(snapshot: &Snapshot) -> Vec<String> {
    let file = snapshot.path().and_then(|path| path.file_name()?.to_str()).filter(|name| *name != "Dockerfile");
    let file = file.map(|name| format!("-f {name} ")).unwrap_or_default();
    vec![
        format!(
            "# docker build {file}--target {NAME} -t app:{NAME} . && docker run -it --rm --entrypoint sh app:{NAME}"
        ),
        format!("# In a cluster: kubectl debug -it POD --image=app:{NAME} --target=CONTAINER -- sh"),
        format!("# {NAME} is the last stage with a shell, for a look inside. A plain docker build leaves it out."),
    ]
}

fn as_word(snapshot: &Snapshot, last: &Stage) -> &'static str {
    let keyword = lines::keyword(snapshot, &snapshot.file().instructions[last.from], Kind::From);
    if keyword.starts_with('f') { "as" } else { "AS" }
}

/// The instructions of the last stage, and of those below it where the image is another; root and tools behind them.
fn body(snapshot: &Snapshot, last: &Stage, image: &Image) -> Option<Vec<String>> {
    let file = snapshot.file();
    let stages = if image.same { vec![last] } else { source::chain(snapshot, last) };
    let known = stages.iter().all(|stage| !matches!(stage.base, stage::Base::Missing));
    let indices: Vec<usize> = stages.iter().flat_map(|stage| stage.from + 1..stage.instructions.end).collect();
    let last_run = indices.iter().rposition(|&index| file.instructions[index].kind == Kind::Run);
    if !known || (last_run.is_some() && !image.same) {
        return None;
    }
    let mut found = Vec::new();
    for (at, &index) in indices.iter().enumerate() {
        let instruction = &file.instructions[index];
        match instruction.kind {
            Kind::Expose | Kind::Healthcheck | Kind::Label | Kind::Maintainer | Kind::Stopsignal | Kind::Volume => {}
            // Who it is matters to the RUNs behind it alone.
            Kind::User if last_run.is_none_or(|run| run < at) => {}
            Kind::Onbuild | Kind::Unknown | Kind::From => return None,
            Kind::Entrypoint | Kind::Cmd
                if instruction.command().is_some_and(|command| command.exec().is_none()) && !image.same => {}
            _ => found.push(copied(snapshot, instruction, image)),
        }
    }
    found.push(lines::line(snapshot, last.from, Kind::User, "root"));
    let manager = shipping::image_state(&image.reference).package_manager();
    let manager = if image.same { snapshot.stage(last).end.package_manager() } else { manager };
    let tools: Vec<String> = TOOLS.map(str::to_owned).to_vec();
    if let Some(manager) = manager.as_ref().filter(|manager| **manager != PackageManager::None) {
        found.push(lines::line(snapshot, last.from, Kind::Run, &packages::install_command(*manager, &tools)?));
    }
    Some(found)
}

/// An instruction as written; users that the image does not know are left out.
fn copied(snapshot: &Snapshot, instruction: &Instruction, image: &Image) -> String {
    let text = snapshot.text();
    let written = &snapshot[instruction.span];
    let owner = instruction.flag(text, "chown").filter(|_| !image.users && !image.same);
    let named = owner.filter(|flag| {
        flag.value.as_ref().is_some_and(|value| value.raw(text).contains(|c: char| c.is_ascii_alphabetic()))
    });
    let Some(flag) = named else { return written.to_owned() };
    let before = &snapshot[Span::new(instruction.span.start, flag.span.start)];
    let after = &snapshot[Span::new(flag.span.end, instruction.span.end)];
    format!("{before}{}", after.trim_start_matches([' ', '\t']))
}

/// Looks at the result: no new problem, one stage more, the last one as it was, and a shell in the new one.
fn works(snapshot: &Snapshot, fix: &Fix) -> bool {
    let after = snapshot.with_edits(&fix.here());
    let (before, stages) = (&snapshot.file().stages, &after.file().stages);
    let new = stages.len().checked_sub(2).map(|index| &stages[index]);
    let clean = after.file().problems.len() <= snapshot.file().problems.len();
    let has_shell =
        |stage: &Stage| stage.name.as_deref() == Some(NAME) && after.stage(stage).end.has_shell() == Answer::Yes;
    clean && stages.len() == before.len() + 1 && new.is_some_and(has_shell)
}
