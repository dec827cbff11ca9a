//! Paths: of the build context, of stages, of images.
use std::collections::BTreeMap;

use super::place::Spot;
use super::typed::Typed;
use super::{Item, ItemKind, Offer, usual};
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::path::{base, in_context, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::state::ImageState;
use crate::knowledge::base_images::base_image;
use crate::model::image::ImageRef;
use crate::model::instruction::Kind as Instruction;
use crate::model::stage::Stage;
use crate::project::files::Kind;
use crate::project::ignore::{Dockerignore, Line};
use crate::project::{Facts, paths};

/// So many entries of a folder are listed.
const MAX_ENTRIES: usize = 300;
/// Files that a module's dependencies are known from.
const GO_FILES: [&str; 3] = ["go.mod", "go.sum", "go.work"];
/// Behind everything else.
const LAST: u32 = 900;

/// The folder in front of the last slash and the name behind it.
struct Split {
    folder: String,
    name: Typed,
    /// A slash follows already.
    has_slash: bool,
    /// It stands in quotes of the JSON form.
    quoted: bool,
}

fn split(typed: &Typed) -> Split {
    let name = typed.part(&['/']);
    let folder = typed.left[..typed.left.len() - name.left.len()].to_owned();
    let has_slash = typed.right[name.right.len()..].starts_with('/');
    Split { folder, name, has_slash, quoted: false }
}

/// True for names that need neither quotes nor escapes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "\"'\\`$*?[]<>#,;&|(){}".contains(c))
}

/// The same between quotes, where the builder still expands variables and patterns.
fn is_plain_quoted(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_control() || "\"\\`$*?[".contains(c))
}

/// The entries of the context's folder at the cursor; none where they are not known.
pub fn of_context(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let snapshot = spot.snapshot;
    let facts = snapshot.facts();
    if facts.context.is_none() || spot.trigger || typed.left.contains(['$', '*', '?', '[', '\\']) {
        return Vec::new();
    }
    let mut split = split(typed);
    split.quoted = is_copy(spot) && snapshot[spot.node.arguments].starts_with('[');
    let folder = in_context(&split.folder);
    let copied = copied(spot);
    let mut offer = Offer::new(&split.name);
    for (name, kind) in facts.paths.children(&folder).unwrap_or_default() {
        let path = paths::join(&folder, name);
        // Files that begin with a dot are looked for by name.
        let is_hidden = name.starts_with('.') || facts.dockerfile.as_deref() == Some(&path);
        let (rank, detail) = match is_ignored(facts, &path, kind) {
            true => (LAST, "ignored by .dockerignore"),
            false if is_hidden => (200, ""),
            false if GO_FILES.contains(&name) && !copied.contains(&path) => (10, ""),
            false if copied.contains(&path) => (150, "copied already"),
            false if kind == Kind::Directory => (50, ""),
            false => (60, ""),
        };
        entry(&mut offer, &split, name, kind, detail, rank);
    }
    offer.items.truncate(MAX_ENTRIES);
    offer.items
}

fn is_copy(spot: &Spot) -> bool {
    matches!(spot.node.kind, Instruction::Copy | Instruction::Add)
}

fn entry(offer: &mut Offer, split: &Split, name: &str, kind: Kind, detail: &str, rank: u32) {
    let fits = if split.quoted { is_plain_quoted } else { is_plain };
    if !fits(name) {
        return;
    }
    let is_folder = kind == Kind::Directory;
    let label = if is_folder { format!("{name}/") } else { name.to_owned() };
    let insert = if is_folder && !split.has_slash { label.clone() } else { name.to_owned() };
    let kind = if is_folder { ItemKind::Folder } else { ItemKind::File };
    offer.add_as(kind, &label, insert, detail, String::new(), rank);
}

/// A folder of which something gets through is not ignored.
fn is_ignored(facts: &Facts, path: &str, kind: Kind) -> bool {
    if facts.is_ignored(path) != Some(true) {
        return false;
    }
    let below = |line: &Line| line.negated && paths::strip(&line.pattern, path).is_some();
    let lines = facts.ignore.as_ref().map(Dockerignore::lines).unwrap_or_default();
    kind != Kind::Directory || !lines.iter().any(below)
}

/// What COPYs in front take from the context.
fn copied(spot: &Spot) -> Vec<String> {
    let Some(stage) = spot.stage else { return Vec::new() };
    let copies = spot.snapshot.stage(stage).copies.iter().filter(|copy| copy.instruction < spot.index);
    let sources = copies.filter(|copy| copy.from == CopyFrom::Context).flat_map(|copy| &copy.sources);
    sources.filter_map(|source| source.path.as_ref().cloned()).filter(|path| !path.is_empty()).collect()
}

/// What the file `spot` stands in takes its sources from: the context, a stage, or an image.
pub fn of_sources(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let (snapshot, text) = (spot.snapshot, spot.snapshot.text());
    let Some(flag) = spot.node.flag(text, "from") else { return of_context(spot, typed) };
    let name = flag.value.as_ref().and_then(|value| value.literal(text));
    let (Some(name), Some(stage)) = (name.filter(|name| !name.is_empty()), spot.stage.filter(|_| !spot.trigger)) else {
        return Vec::new();
    };
    match crate::model::stage::find_stage(&snapshot.file().stages, stage.index, &name, true) {
        Some(index) => of_stage(snapshot, index, typed),
        None => of_image(&name, typed),
    }
}

/// Absolute paths with what is known of each; the first word on a path counts.
type Found = BTreeMap<String, (ItemKind, u32, String)>;

/// The paths that are known to be in the stage with that index: its programs first, then what it copies, then what its image has.
pub fn of_stage(snapshot: &Snapshot, index: usize, typed: &Typed) -> Vec<Item> {
    let Some(stage) = snapshot.file().stages.get(index) else { return Vec::new() };
    let mut found = Found::new();
    let mut add = |path: &str, kind: ItemKind, rank: u32, detail: String| {
        found.entry(path.to_owned()).or_insert((kind, rank, detail));
    };
    let analyses = source::analyses(snapshot, stage);
    for (path, verb) in built(snapshot, stage, usize::MAX) {
        add(&path, ItemKind::File, 0, format!("built by go {verb}"));
    }
    for command in analyses.iter().flat_map(|analysis| &analysis.commands) {
        for (path, kind) in written(command) {
            add(&path, kind, 20, format!("made by {}", command.name));
        }
    }
    let copies: Vec<&CopyFact> = analyses.iter().flat_map(|analysis| &analysis.copies).collect();
    for copy in &copies {
        for target in copy.sources.iter().filter_map(|source| copy.target(source).as_ref().cloned()) {
            let is_folder =
                copy.sources.iter().any(|source| is_folder_of_context(snapshot, copy, source.path.as_ref()));
            add(&target, if is_folder { ItemKind::Folder } else { ItemKind::File }, 30, "copied".to_owned());
        }
    }
    let end = &snapshot.stage(stage).end;
    if let Some(folder) = end.workdir.as_ref().filter(|folder| *folder != "/") {
        add(folder, ItemKind::Folder, 40, "the working directory".to_owned());
    }
    known_of_image(end, &mut add);
    let mut items = offered(found, typed);
    items.extend(below_copies(snapshot, &copies, typed));
    items
}

/// The programs that go builds in the stage in front of the instruction `before`, and in the stages that it starts from; with
/// the verb that does it.
pub fn built(snapshot: &Snapshot, stage: &Stage, before: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let commands = source::analyses(snapshot, stage).into_iter().flat_map(|analysis| &analysis.go);
    for go in commands.filter(|go| go.builds() && go.command.instruction < before) {
        let module = if go.is_of_module() { source::module_of(snapshot, stage, go) } else { None };
        let outputs = go.outputs(module.map(|module| module.module.go_mod.path().to_owned()).as_deref());
        found.extend(outputs.unwrap_or_default().into_iter().map(|path| (path, go.verb.clone())));
    }
    found
}

/// Where folders of the context were copied to in the stage, and in those that it starts from.
pub fn copied_folders(snapshot: &Snapshot, stage: &Stage) -> Vec<String> {
    let copies = source::analyses(snapshot, stage).into_iter().flat_map(|analysis| &analysis.copies);
    let of_folder =
        |copy: &&CopyFact| copy.sources.iter().any(|source| is_folder_of_context(snapshot, copy, source.path.as_ref()));
    copies.filter(of_folder).filter_map(|copy| copy.destination.as_ref().cloned()).collect()
}

/// What commands in words make for sure.
fn written(command: &crate::analysis::invocation::Invocation) -> Vec<(String, ItemKind)> {
    let kind = match command.name.as_str() {
        "mkdir" => ItemKind::Folder,
        "touch" => ItemKind::File,
        _ => return Vec::new(),
    };
    let Some(cwd) = command.cwd.as_ref() else { return Vec::new() };
    let words = command.args.iter().filter(|arg| !arg.prefix.starts_with('-')).filter_map(|arg| arg.value.as_ref());
    words.filter(|word| word.starts_with('/')).map(|word| (resolve(cwd, word), kind)).collect()
}

fn is_folder_of_context(snapshot: &Snapshot, copy: &CopyFact, path: Option<&String>) -> bool {
    let facts = snapshot.facts();
    let kind = |path: &String| facts.paths.kind(path) == Some(Kind::Directory);
    copy.from == CopyFrom::Context && facts.context.is_some() && path.is_some_and(kind)
}

/// What images have where it is often copied from.
fn known_of_image(state: &ImageState, add: &mut dyn FnMut(&str, ItemKind, u32, String)) {
    let Some(image) = state.image() else { return };
    let has_certificates = image.ca_certs == Some(true) || state.installed("ca-certificates");
    let has_zones = image.tzdata == Some(true) || state.installed("tzdata");
    if has_certificates {
        add("/etc/ssl/certs/ca-certificates.crt", ItemKind::File, 60, "the certificates of the image".to_owned());
    }
    if has_zones {
        add("/usr/share/zoneinfo", ItemKind::Folder, 61, "the time zones of the image".to_owned());
    }
    if image.shells.as_ref().is_some_and(|shells| !shells.is_empty()) {
        add("/etc/passwd", ItemKind::File, 62, "the users of the image".to_owned());
    }
    if state.go.as_ref().and_then(Option::as_ref).is_some_and(|go| go.official) {
        add("/usr/local/go", ItemKind::Folder, 63, "the toolchain of Go".to_owned());
    }
}

fn of_image(reference: &str, typed: &Typed) -> Vec<Item> {
    let image = ImageRef::parse(reference);
    let Some(known) = base_image(&image.repository, image.tag.as_deref()) else { return Vec::new() };
    let mut found = Found::new();
    known_of_image(&ImageState::of_image(known), &mut |path, kind, rank, detail| {
        found.entry(path.to_owned()).or_insert((kind, rank, detail));
    });
    offered(found, typed)
}

fn offered(found: Found, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (path, (kind, rank, detail)) in found.into_iter().filter(|(path, _)| is_plain(path)) {
        offer.add(kind, &path, &detail, String::new(), rank);
    }
    offer.items
}

/// The entries of a folder that COPY brought from the context.
fn below_copies(snapshot: &Snapshot, copies: &[&CopyFact], typed: &Typed) -> Vec<Item> {
    let split = split(typed);
    let facts = snapshot.facts();
    if split.folder.is_empty() || facts.context.is_none() {
        return Vec::new();
    }
    let folder = resolve("/", &split.folder);
    let mut offer = Offer::new(&split.name);
    for copy in copies.iter().rev().filter(|copy| copy.from == CopyFrom::Context) {
        let Some(destination) = copy.destination.as_ref() else { continue };
        for source in copy.sources.iter().filter_map(|source| source.path.as_ref()) {
            let is_folder = facts.paths.kind(source) == Some(Kind::Directory);
            let Some(rest) = relative(&folder, destination).filter(|_| is_folder) else { continue };
            let from = paths::join(source, rest);
            for (name, kind) in facts.paths.children(&from).unwrap_or_default() {
                if facts.is_ignored(&paths::join(&from, name)) == Some(false) {
                    entry(&mut offer, &split, name, kind, "copied from the context", 35);
                }
            }
        }
    }
    offer.items.truncate(MAX_ENTRIES);
    offer.items
}

/// Where files may go: the working directory, folders that are known, and the usual ones.
pub fn destinations(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let state = spot.state();
    let mut offer = Offer::new(typed);
    if let Some(folder) = state.workdir.as_ref() {
        offer.add(ItemKind::Folder, "./", &format!("the working directory, {folder}"), String::new(), 0);
        if folder != "/" {
            offer.add(ItemKind::Folder, &format!("{folder}/"), "the working directory", String::new(), 1);
        }
    }
    for folder in folders(&state) {
        offer.add(ItemKind::Folder, &format!("{folder}/"), "files are copied there already", String::new(), 2);
    }
    // The program keeps its name where it is a file.
    if let [only] = spot.node.copy().map(|copy| copy.sources.as_slice()).unwrap_or_default()
        && spot.node.flag(spot.snapshot.text(), "from").is_some()
        && let Some(name) = only.literal(spot.snapshot.text()).map(|path| base(&path).to_owned())
        && is_plain(&name)
    {
        offer.add(ItemKind::File, &format!("/{name}"), "", String::new(), 3);
    }
    let mut items = offer.items;
    items.extend(usual::items("COPY destination", &state, typed, 10));
    items.retain(|item| item.label.starts_with(&typed.left));
    items
}

/// The folders that COPY and ADD wrote to, without the root.
pub fn folders(state: &ImageState) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for path in state.files.names() {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !folder.is_empty() && is_plain(folder) && !folders.iter().any(|other| other == folder) {
            folders.push(folder.to_owned());
        }
    }
    folders
}
