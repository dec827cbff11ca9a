//! `RUN --mount`: option by option, those alone that its type takes.
use super::place::Spot;
use super::typed::Typed;
use super::{Item, ItemKind, Offer, docs, images, paths, usual};
use crate::analysis::go_caches;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::instructions::{MountOption, Use, ValueKind, mount_option_doc, mount_options};
use crate::model::mount::{Mount, parse_mount};
use crate::model::stage::find_stage;

/// The types, the most used first.
const TYPES: [&str; 5] = ["cache", "bind", "secret", "ssh", "tmpfs"];
/// The options, the most used first; what is required comes in front of all.
const KEYS: [&str; 13] =
    ["id", "target", "sharing", "from", "source", "env", "required", "uid", "gid", "mode", "size", "rw", "ro"];
/// Of these an option excludes the other.
const EITHER: [(&str, &str); 4] = [("ro", "rw"), ("rw", "ro"), ("source", "id"), ("id", "source")];

/// What is written of a mount besides the option at the cursor.
struct Written<'t> {
    kind: Option<&'t str>,
    /// Keys and values, those of bare words empty.
    options: Vec<(&'t str, &'t str)>,
}

impl<'t> Written<'t> {
    fn read(value: &'t Typed, part: &Typed) -> Self {
        let before = &value.left[..value.left.len() - part.left.len()];
        let behind = value.right.get(part.right.len()..).unwrap_or_default();
        let words = before.split(',').chain(behind.split(',')).filter(|word| !word.is_empty());
        let options: Vec<_> = words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect();
        let kind = options.iter().find(|(key, _)| key.eq_ignore_ascii_case("type")).map(|(_, value)| *value);
        Self { kind, options }
    }

    /// The type; `bind` where none is said.
    fn kind(&self) -> &'t str {
        self.kind.unwrap_or("bind")
    }

    /// The value of an option, by any of its names.
    fn get(&self, key: &str) -> Option<&'t str> {
        let is_it = |name: &str| mount_option_doc(self.kind(), name).is_some_and(|doc| doc.key == key);
        self.options.iter().find(|(name, _)| is_it(name)).map(|(_, value)| *value)
    }
}

/// Options in front of the equals sign, values behind it.
pub fn items(spot: &Spot, value: &Typed) -> Vec<Item> {
    let part = value.part(&[',']);
    let written = Written::read(value, &part);
    match part.name_and_value() {
        Some((key, typed)) => values(spot, &written, key, &typed),
        None => keys(&written, &part),
    }
}

fn keys(written: &Written, typed: &Typed) -> Vec<Item> {
    let has_value = typed.right.contains('=');
    let mut typed = typed.clone();
    typed.cut(&['=']);
    let mut offer = Offer::new(&typed);
    if written.kind.is_none() {
        for (rank, kind) in (0..).zip(TYPES) {
            let Some(doc) = mount_option_doc(kind, "type").filter(|_| !has_value) else { continue };
            offer.add(ItemKind::Flag, &format!("type={kind}"), doc.meaning, docs::mount_option(doc), rank);
        }
        if written.options.is_empty() {
            return offer.items;
        }
    }
    for doc in mount_options(written.kind()).filter(|doc| may_stand(written, doc)) {
        let place = KEYS.iter().position(|key| *key == doc.key).unwrap_or(KEYS.len()) as u32;
        let rank = if doc.usage == Use::Required { place } else { 20 + place };
        let sign = if doc.kind == ValueKind::Bool || has_value { "" } else { "=" };
        let insert = format!("{}{sign}", doc.key);
        offer.add_as(ItemKind::Flag, doc.key, insert, docs::sentence(doc.meaning), docs::mount_option(doc), rank);
    }
    offer.items
}

fn may_stand(written: &Written, doc: &MountOption) -> bool {
    let is_legal = matches!(doc.usage, Use::Required | Use::Optional) && doc.key != "type";
    // A secret has one name; elsewhere source and id are two things.
    let rules_out = |(key, other): &(&str, &str)| {
        let counts = *key != "source" && *key != "id" || written.kind() == "secret";
        counts && doc.key == *key && written.get(other).is_some()
    };
    // What holds anyway, and what means nothing without another option.
    let is_idle = doc.default == "true"
        || doc.key == "source" && !matches!(written.kind(), "bind" | "secret") && written.get("from").is_none();
    is_legal && !is_idle && written.get(doc.key).is_none() && !EITHER.iter().any(rules_out)
}

fn values(spot: &Spot, written: &Written, key: &str, typed: &Typed) -> Vec<Item> {
    let kind = written.kind();
    if key.eq_ignore_ascii_case("type") {
        return types(typed);
    }
    let Some(doc) = mount_option_doc(kind, key).filter(|doc| doc.usage != Use::Error) else { return Vec::new() };
    let state = spot.state();
    match doc.key {
        _ if doc.kind == ValueKind::Bool => super::booleans(typed),
        "sharing" => usual::items("mount sharing", &state, typed, 0),
        "mode" => usual::items("mount mode", &state, typed, 0),
        "size" => usual::items("tmpfs size", &state, typed, 0),
        "from" => images::sources(spot, typed, false),
        "target" => targets(spot, written, typed),
        "source" if matches!(kind, "bind" | "cache") => sources(spot, written, typed),
        "id" => ids(spot, kind, typed),
        "env" => variable_of(written, typed),
        "uid" | "gid" => {
            let user = state.user.as_ref().map(|user| user.split(':').next_back().unwrap_or_default().to_owned());
            let is_number = |user: &String| !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit());
            let mut offer = Offer::new(typed);
            if let Some(user) = user.filter(is_number) {
                offer.add(ItemKind::Value, &user, "the user at this point", String::new(), 0);
            }
            offer.items
        }
        _ => Vec::new(),
    }
}

fn types(typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (rank, kind) in (0..).zip(TYPES) {
        let Some(doc) = mount_option_doc(kind, "type") else { continue };
        offer.add(ItemKind::Value, kind, doc.meaning, doc.meaning.to_owned(), rank);
    }
    offer.items
}

/// The mounts of the instruction itself, the one at the cursor among them.
fn mounts(spot: &Spot) -> Vec<Mount> {
    let text = spot.snapshot.text();
    let flags = spot.node.flags_named(text, "mount");
    flags.filter_map(|flag| Some(parse_mount(text, flag.span, flag.value.as_ref()?))).collect()
}

/// For a cache the folders that the commands behind it fill, else the usual ones.
fn targets(spot: &Spot, written: &Written, typed: &Typed) -> Vec<Item> {
    let state = spot.state();
    let kind = written.kind();
    let mut items = Vec::new();
    let mut offer = Offer::new(typed);
    if kind == "cache" {
        for (rank, (folder, meaning)) in (0..).zip(go_folders(spot)) {
            offer.add(ItemKind::Folder, &folder, meaning, String::new(), rank);
        }
        items = usual::items("cache target", &state, typed, 10);
        let has_go = !offer.items.is_empty();
        items.retain(|item| !has_go || !item.detail.ends_with("Go.") && !item.detail.ends_with("Go downloads."));
    } else if kind == "secret" {
        items = usual::items("secret target", &state, typed, 10);
        if let Some(id) = written.get("id") {
            offer.add(ItemKind::File, &format!("/run/secrets/{id}"), "the default", String::new(), 0);
        }
    } else if kind == "tmpfs" {
        items = usual::items("tmpfs target", &state, typed, 10);
    } else if let Some(folder) = state.workdir.as_ref() {
        offer.add(ItemKind::Folder, folder, "the working directory", String::new(), 0);
    }
    items.extend(offer.items);
    let taken = mounts(spot);
    let is_taken = |label: &String| taken.iter().any(|mount| mount.target() == Some(label));
    items.retain(|item| !is_taken(&item.label) || item.label.len() == typed.left.len() + typed.right.len());
    items
}

/// Where the Go commands of this RUN, else those of the stage, keep modules and results.
fn go_folders(spot: &Spot) -> Vec<(String, &'static str)> {
    let Some(stage) = spot.stage.filter(|_| !spot.trigger) else { return Vec::new() };
    let commands = &spot.snapshot.stage(stage).go;
    let here = commands.iter().find(|go| go.instruction == spot.index && (go.compiles() || go.downloads()));
    let nearest = || commands.iter().find(|go| go.compiles() || go.downloads());
    let Some(command) = here.or_else(nearest) else { return Vec::new() };
    let folders = go_caches::folders(spot.snapshot, stage, command);
    let modules = folders.modules.map(|folder| (folder, "the modules that Go downloads"));
    let builds = folders.builds.map(|folder| (folder, "the build results of Go"));
    modules.into_iter().chain(builds).collect()
}

/// Paths of the context, or of the stage that `from` names.
fn sources(spot: &Spot, written: &Written, typed: &Typed) -> Vec<Item> {
    match (written.get("from"), spot.stage) {
        (Some(from), Some(stage)) => match find_stage(&spot.snapshot.file().stages, stage.index, from, false) {
            Some(index) => paths::of_stage(spot.snapshot, index, typed),
            None => Vec::new(),
        },
        (None, _) if written.kind() == "bind" => paths::of_context(spot, typed),
        _ => Vec::new(),
    }
}

/// The ids that mounts of the same type have elsewhere in the file.
fn ids(spot: &Spot, kind: &str, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (rank, id) in (0..).zip(all_ids(spot.snapshot, kind, spot.index)) {
        offer.add(ItemKind::Value, &id, "another mount of this file has it", String::new(), rank);
    }
    offer.items
}

fn all_ids(snapshot: &Snapshot, kind: &str, but: usize) -> Vec<String> {
    let runs = snapshot.stages().into_iter().flat_map(|stage| &stage.runs).filter(|run| run.instruction != but);
    let mounts = runs.flat_map(|run| &run.mounts).filter(|mount| mount.kind() == kind);
    let mut ids: Vec<String> = mounts.filter_map(|mount| mount.get(&["id"])).map(str::to_owned).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// `github-token` → `GITHUB_TOKEN`
fn variable_of(written: &Written, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    if let Some(id) = written.get("id").filter(|id| !id.is_empty()) {
        let upper = |byte: char| if byte.is_ascii_alphanumeric() { byte.to_ascii_uppercase() } else { '_' };
        let name: String = id.chars().map(upper).collect();
        offer.add(ItemKind::Variable, &name, "named like the secret", String::new(), 0);
    }
    offer.items
}
