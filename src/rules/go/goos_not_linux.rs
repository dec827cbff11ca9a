//! What a Linux image starts is built for another system.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::distros::Distro;
use crate::knowledge::go_words::is_goos;
use crate::model::stage::Stage;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::started::words;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Programs that are not of the image's system, but are run by something else that is in it.
const RUN_BY_OTHERS: [&str; 2] = ["js", "wasip1"];

/// Copies and stages that are looked at; no build has more.
const MAX_COPIES: usize = 64;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if !sources(snapshot, stage).any(|stage| snapshot.stage(stage).go.iter().any(|go| system(go).is_some())) {
        return;
    }
    let end = &snapshot.stage(stage).end;
    let linux = end.distro().is(|distro| !matches!(distro, Distro::Windows | Distro::None));
    let Some((start, path)) = started(snapshot, stage).filter(|_| linux) else { return };
    // What is here last counts: a copy, or a build in this image.
    let copied = linked::copied(snapshot, stage).filter(|(source, ..)| {
        let mut copies = snapshot.stage(stage).copies.iter();
        copies.any(|copy| copy.sources.iter().any(|own| own.span == source.span) && lands(copy, source.span, &path))
    });
    let built = source::chain(snapshot, stage).into_iter().flat_map(|own| {
        let go = snapshot.stage(own).go.iter();
        go.filter(|go| go.outputs(None).is_some_and(|outputs| outputs.contains(&path)))
    });
    let Some(command) = copied.map(|(.., command)| command).chain(built).last() else { return };
    let Some((system, span)) = system(command) else { return };
    let message = format!("the image is for Linux, and starts a program that is built for {system}: exec format error");
    let finding = Finding::new(span, message).because(command.verb_span, "built here").because(start, "started here");
    findings.push(finding.fix(fix(snapshot, command, span, system)));
}

/// The stages whose programs may be in `stage`: those below it, and those that it copies from with what is below them.
fn sources<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> impl Iterator<Item = &'s Stage> {
    let copied = snapshot.stage(stage).copies.iter().filter_map(|copy| match copy.from {
        CopyFrom::Stage(from) => Some(&snapshot.file().stages[from]),
        _ => None,
    });
    std::iter::once(stage).chain(copied.take(MAX_COPIES)).flat_map(|stage| chain(snapshot, stage).take(MAX_COPIES))
}

/// The system that `command` builds for, if it is another one for sure, and where that is said.
fn system(command: &GoCommand) -> Option<(&str, Span)> {
    let variable = command.command.env.get("GOOS").filter(|_| command.builds())?;
    let value = variable.value.as_ref()?.as_str();
    let other = is_goos(value) && value != "linux" && !RUN_BY_OTHERS.contains(&value);
    (other && variable.origin != Origin::Arg && !command.command.broken).then_some((value, variable.span?))
}

/// The file that the container starts, as a path of the image.
fn started(snapshot: &Snapshot, stage: &Stage) -> Option<(Span, String)> {
    let (start, words) = words(snapshot, stage)?;
    let program = words.into_iter().next()?;
    if program.contains('$') {
        return None;
    }
    let end = &snapshot.stage(stage).end;
    if program.contains('/') {
        return Some((start, resolve(end.workdir.as_ref()?, &program)));
    }
    let folders = end.env.known("PATH")?.split(':');
    let there = |path: &String| end.files.span_of(path).is_some();
    let path = folders.map(|folder| resolve(folder, &program)).find(there)?;
    Some((start, path))
}

/// True when the source at `source` of `copy` becomes the file `path`.
fn lands(copy: &CopyFact, source: Span, path: &str) -> bool {
    let Some(destination) = copy.destination.as_ref() else { return false };
    let from = copy.sources.iter().find(|own| own.span == source).and_then(|own| own.path.as_ref());
    from.is_some_and(|from| {
        let target = if copy.into_folder { resolve(destination, base(from)) } else { destination.clone() };
        // A file may land in a folder that is named without a slash.
        target == path || resolve(destination, base(from)) == path && is_below(path, destination)
    })
}

fn fix(snapshot: &Snapshot, command: &GoCommand, span: Span, system: &str) -> Option<Fix> {
    let at = span.start + snapshot[span].rfind(system)? as u32;
    let edit = Edit::replace(Span::new(at, at + system.len() as u32), "linux");
    let windows = command.flag("-o").is_some_and(|out| out.value.is(|out| out.contains(".exe")));
    Fix::unsafe_("build for Linux", vec![edit]).filter(|_| !windows)
}
