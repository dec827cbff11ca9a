//! Document links: the pages of images, files of the build context, addresses of ADD, and the pages of rules.
use std::path::PathBuf;

use super::image_page::of_reference;
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::path::in_context;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::analysis::start::parent;
use crate::model::instruction::Body;
use crate::model::stage::Stage;
use crate::project::files::Kind;
use crate::rules::stages::sources;
use crate::rules::{self, suppress};
use crate::text::span::Span;

/// A place that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it is written.
    pub span: Span,
    /// Where it leads.
    pub target: Target,
    /// What is there.
    pub tooltip: String,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Page(String),
    /// A file on this machine.
    File(PathBuf),
}

/// Every link of the file, in the order of the text.
pub fn links(snapshot: &Snapshot) -> Vec<Link> {
    let mut found = Vec::new();
    comments(snapshot, &mut found);
    for stage in &snapshot.file().stages {
        images(snapshot, stage, &mut found);
        let analysis = snapshot.stage(stage);
        for copy in analysis.copies.iter().filter(|copy| copy.from == CopyFrom::Context) {
            copied(snapshot, copy, &mut found);
        }
        analysis.runs.iter().for_each(|run| mounted(snapshot, run, &mut found));
    }
    found.sort_by_key(|link| link.span);
    found
}

fn page(span: Span, address: String, tooltip: &str) -> Link {
    Link { span, target: Target::Page(address), tooltip: tooltip.to_owned() }
}

/// The images that a stage names: that of FROM, and those that it copies from.
fn images(snapshot: &Snapshot, stage: &Stage, found: &mut Vec<Link>) {
    let link = |span: Span, reference: &str| Some(page(span, of_reference(reference)?, reference));
    if let Body::From(from) = &snapshot.file().instructions[stage.from].body
        && let Some(image) = &from.image
        && parent(snapshot, stage).is_none()
        && let Some(reference) = snapshot.stage(stage).start.reference.as_deref()
    {
        found.extend(link(image.span, reference));
    }
    let stages = &snapshot.file().stages;
    let others = sources(snapshot, stage).filter(|source| source.stage(stages).is_none());
    found
        .extend(others.filter(|source| source.number().is_none()).filter_map(|source| link(source.span, &source.name)));
}

fn copied(snapshot: &Snapshot, copy: &CopyFact, found: &mut Vec<Link>) {
    for source in &copy.sources {
        let Some(path) = source.path.as_ref() else { continue };
        if source.remote {
            found.extend(is_web(path).then(|| page(source.span, path.clone(), "what ADD fetches")));
        } else if !source.is_glob() {
            found.extend(file(snapshot, source.span, path));
        }
    }
}

/// True for an address that a browser opens as it is.
fn is_web(address: &str) -> bool {
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`'));
    plain && (address.starts_with("https://") || address.starts_with("http://"))
}

/// The files that bind mounts show.
fn mounted(snapshot: &Snapshot, run: &RunFact, found: &mut Vec<Link>) {
    for mount in run.mounts.iter().filter(|mount| mount.kind() == "bind" && mount.from().is_none()) {
        let source = mount.options.iter().find(|option| matches!(option.key.as_str(), "source" | "src"));
        let Some((path, span)) = source.and_then(|option| option.value.as_ref()) else { continue };
        if !path.contains('$') {
            found.extend(file(snapshot, *span, &in_context(path)));
        }
    }
}

/// A file of the build context, if it is there.
fn file(snapshot: &Snapshot, span: Span, path: &str) -> Option<Link> {
    let facts = snapshot.facts().likely();
    let dir = &facts.context.as_ref()?.dir;
    let ignored = facts.is_ignored(path) == Some(true);
    let tooltip = match ignored {
        true => "the ignore file keeps it out of the build",
        false if snapshot.facts().context.is_none() => "in what is probably the build context",
        false => "in the build context",
    };
    let target = Target::File(dir.join(path));
    (facts.paths.kind(path) == Some(Kind::File)).then(|| Link { span, target, tooltip: tooltip.to_owned() })
}

/// The frontend that `# syntax=` names, and the rules that comments name.
fn comments(snapshot: &Snapshot, found: &mut Vec<Link>) {
    let (file, text) = (snapshot.file(), snapshot.text());
    for directive in &file.directives {
        let name = &snapshot[directive.name];
        if name.eq_ignore_ascii_case("syntax") {
            // A blank ends the name of the image.
            let length = snapshot[directive.value].split_whitespace().next().unwrap_or_default().len();
            let span = Span::new(directive.value.start, directive.value.start + length as u32);
            found.extend(of_reference(&snapshot[span]).map(|address| page(span, address, &snapshot[span])));
        } else if name.eq_ignore_ascii_case("check") {
            let names = suppress::check_names(text, directive.value);
            found.extend(names.into_iter().filter_map(|name| rule(snapshot, name)));
        }
    }
    for comment in &file.comments {
        let names = suppress::names_in(text, *comment);
        found.extend(names.into_iter().filter_map(|name| rule(snapshot, name)));
    }
}

fn rule(snapshot: &Snapshot, span: Span) -> Option<Link> {
    let entry = rules::find(&snapshot[span])?;
    Some(page(span, entry.url_of(&snapshot[span])?, &entry.summary()))
}
