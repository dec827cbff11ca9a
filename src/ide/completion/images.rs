//! Images and their tags: in FROM, and where COPY and mounts take files from.
use super::place::Spot;
use super::typed::Typed;
use super::{Item, ItemKind, LONG, Offer, stages};
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::ide::markdown::paragraphs;
use crate::knowledge::base_images::{BaseImage, base_image, normalized_repository, repositories};
use crate::knowledge::distros::{Distro, Libc};
use crate::knowledge::golang_tags::{current_suffixes, last_suffixes, latest_patch, supported_minors};
use crate::knowledge::image_names::official_names;
use crate::knowledge::image_tags::image_tags;
use crate::model::instruction::Body;
use crate::registry::tag::best;

/// Behind the stages come images that the file has already, then those of the tables.
const USED: u32 = 1000;
const KNOWN: u32 = 2000;
const NAMES: u32 = 3000;
/// Behind the tags of the tables, and behind ARGs, come those of the registry.
const PUBLISHED: u32 = 800;

/// What FROM may start from.
pub fn bases(spot: &Spot, typed: &Typed) -> Vec<Item> {
    if let Some(items) = tags(spot.snapshot, typed) {
        return items;
    }
    let before = spot.stage.map_or(0, |stage| stage.index);
    let mut items = stages::items(spot.snapshot, before, typed, false);
    items.extend(references(spot, typed));
    let mut offer = Offer::new(typed);
    offer.add(ItemKind::Image, "scratch", "nothing: only for static programs", String::new(), KNOWN + 500);
    items.extend(offer.items);
    items
}

/// What COPY --from (with `numbers`) and `from=` of a mount may name.
pub fn sources(spot: &Spot, typed: &Typed, numbers: bool) -> Vec<Item> {
    if let Some(items) = tags(spot.snapshot, typed) {
        return items;
    }
    let before = spot.stage.filter(|_| !spot.trigger).map_or(0, |stage| stage.index);
    let mut items = stages::items(spot.snapshot, before, typed, numbers);
    // Nobody looks for an image before a letter of its name is there.
    if !typed.left.is_empty() {
        items.extend(references(spot, typed));
    }
    items
}

/// Images with a tag each that one would take.
fn references(spot: &Spot, typed: &Typed) -> Vec<Item> {
    let mut typed = typed.clone();
    // The tag that is there stays where the name is being typed.
    let has_tag = !typed.left.is_empty() && typed.right.contains([':', '@']);
    if has_tag {
        typed.cut(&[':', '@']);
    }
    let left = typed.left.to_ascii_lowercase();
    let mut offer = Offer::new(&typed);
    if !has_tag {
        for (rank, reference) in (USED..).zip(used(spot)).filter(|(_, reference)| begins(reference, &left)) {
            offer.add(ItemKind::Image, &reference, "used in this file", String::new(), rank);
        }
        let golang = golang_tags().into_iter().take(4).map(|tag| format!("golang:{tag}"));
        let others = image_tags().iter().map(|tag| format!("{}:{}", tag.repository, tag.tag));
        for (rank, reference) in (KNOWN..).zip(golang.chain(others)).filter(|(_, reference)| begins(reference, &left)) {
            add(&mut offer, &reference, &reference, rank);
        }
    }
    if !typed.left.is_empty() {
        let is_new =
            |name: &&str| has_tag || *name != "golang" && !image_tags().iter().any(|tag| tag.repository == *name);
        let names = repositories().chain(official_names()).filter(is_new);
        for name in names.filter(|name| *name != "scratch" && begins(name, &left)) {
            offer.add(ItemKind::Image, name, "", String::new(), NAMES);
        }
    }
    offer.items
}

/// True when the name, or a part of its path, begins so: what stands in tags is not looked for.
fn begins(reference: &str, left: &str) -> bool {
    let starts = reference.match_indices('/').map(|(at, _)| at + 1).chain([0]);
    starts.into_iter().any(|at| reference[at..].starts_with(left))
}

/// Adds `label`, which is `reference` or the tag of it, with what is known of that image.
fn add(offer: &mut Offer, label: &str, reference: &str, rank: u32) {
    let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, "latest"));
    let image = base_image(repository, Some(tag));
    let known = image.as_ref().map(summary).unwrap_or_default();
    let said = image_tags().iter().find(|known| known.repository == repository && known.tag == tag);
    let said = said.map_or("", |tag| tag.meaning);
    let detail = if known.is_empty() { said.to_owned() } else { known.clone() };
    let notes = image.map_or("", |image| image.notes);
    offer.add(ItemKind::Image, label, &detail, paragraphs(&[said, &known, notes]), rank);
}

/// `Debian 13, glibc 2.41, Go 1.27`
fn summary(image: &BaseImage) -> String {
    let version = image.version.as_deref().unwrap_or_default();
    let distro = image.distro.filter(|distro| *distro != Distro::None);
    let distro = distro.map_or_else(String::new, |distro| format!("{distro:?} {version}").trim().to_owned());
    let libc = match (image.libc, image.glibc) {
        (Some(Libc::Glibc), Some((major, minor))) => format!("glibc {major}.{minor}"),
        (Some(Libc::Glibc), None) => "glibc".to_owned(),
        (Some(Libc::Musl), _) => "musl".to_owned(),
        (Some(Libc::None), _) => "no C library".to_owned(),
        (None, _) => String::new(),
    };
    let go = image.go_version.map_or_else(String::new, |version| format!("Go {version}"));
    let shell = if image.shells.as_ref().is_some_and(Vec::is_empty) { "no shell" } else { "" };
    let user = image.user.filter(|user| *user != "root").map_or_else(String::new, |user| format!("user {user}"));
    let parts = [distro, libc, go, shell.to_owned(), user];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The images that other FROM lines name, without variables.
fn used(spot: &Spot) -> Vec<String> {
    let snapshot = spot.snapshot;
    let mut used = Vec::new();
    for stage in snapshot.file().stages.iter().filter(|stage| stage.from != spot.index) {
        let Body::From(from) = &snapshot.file().instructions[stage.from].body else { continue };
        let image = from.image.as_ref().and_then(|image| image.literal(snapshot.text()));
        let is_stage = |name: &str| snapshot.file().stages.iter().any(|other| other.name.as_deref() == Some(name));
        if let Some(image) =
            image.filter(|image| !is_stage(image) && image != "scratch" && !used.contains(&image.to_string()))
        {
            used.push(image.into_owned());
        }
    }
    used
}

/// The tags of the image whose name stands in front of the colon; `None` where there is no colon, nothing for digests.
fn tags(snapshot: &Snapshot, typed: &Typed) -> Option<Vec<Item>> {
    let name = typed.left.rfind('/').map_or(0, |slash| slash + 1);
    let colon = name + typed.left[name..].find([':', '@'])?;
    let mut tag = typed.behind(colon + 1);
    if let Some(at) = typed.left.find('@') {
        return Some(digest(snapshot, &typed.left[..at], &typed.behind(at + 1)));
    }
    tag.cut(&['@']);
    let repository = &typed.left[..colon];
    let mut offer = Offer::new(&tag);
    if normalized_repository(repository) == "golang" {
        for (rank, tag) in (0..).zip(golang_tags().into_iter().chain(older_tags(&tag.left))) {
            add(&mut offer, &tag, &format!("golang:{tag}"), rank);
        }
        wanted(snapshot, &mut offer.items);
    }
    let of_image = image_tags().iter().filter(|tag| tag.repository == normalized_repository(repository));
    for (rank, tag) in (0..).zip(of_image) {
        add(&mut offer, tag.tag, &format!("{}:{}", tag.repository, tag.tag), rank);
    }
    let published = snapshot.published().tags(repository).unwrap_or_default();
    for (rank, tag) in (PUBLISHED..).zip(best(published, &tag.left, LONG)) {
        offer.add(ItemKind::Image, tag, "in the registry", String::new(), rank);
    }
    for (name, _) in snapshot.globals().iter().filter(|(_, variable)| variable.origin == Origin::Arg) {
        offer.add(ItemKind::Variable, &format!("${{{name}}}"), "a global ARG", String::new(), 700);
    }
    Some(offer.items)
}

/// The digest of the image that is named in front of the `@`.
fn digest(snapshot: &Snapshot, name: &str, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    if let Some(image) = snapshot.published().image(name) {
        offer.add(ItemKind::Value, &image.digest, "what it is in the registry now", String::new(), 0);
    }
    offer.items
}

/// Tags of golang that still get fixes, the newest release first: without a suffix, Alpine, Debian; exact ones last.
fn golang_tags() -> Vec<String> {
    let mut tags = Vec::new();
    let suffixes = |go: (u32, u32)| in_order(current_suffixes(go));
    let name = |version: String, suffix: &str| if suffix.is_empty() { version } else { format!("{version}-{suffix}") };
    for go in supported_minors().into_iter().rev() {
        tags.extend(suffixes(go).into_iter().map(|suffix| name(format!("{}.{}", go.0, go.1), suffix)));
    }
    for go in supported_minors().into_iter().rev() {
        let Some(patch) = latest_patch(go) else { continue };
        tags.extend(suffixes(go).into_iter().map(|suffix| name(format!("{}.{}.{patch}", go.0, go.1), suffix)));
    }
    tags
}

/// Tags of the minor release that is typed in full, where it gets no fixes any more: `1.18-al`.
fn older_tags(typed: &str) -> Vec<String> {
    let version = typed.split('-').next().unwrap_or_default();
    let go = version.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    let Some(go) = go.filter(|go| !supported_minors().contains(go)) else { return Vec::new() };
    let suffixes = in_order(last_suffixes(go)).into_iter();
    suffixes.map(|suffix| if suffix.is_empty() { version.to_owned() } else { format!("{version}-{suffix}") }).collect()
}

/// Without those of Windows: the empty one first, then Alpine.
fn in_order(suffixes: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut found: Vec<_> = suffixes.filter(|suffix| !suffix.contains("server")).collect();
    found.sort_by_key(|suffix| {
        (!suffix.is_empty(), *suffix != "alpine", suffix.contains('.'), std::cmp::Reverse(*suffix))
    });
    found
}

/// Says which Go the project wants, where all its modules want the same.
fn wanted(snapshot: &Snapshot, items: &mut [Item]) {
    let facts = snapshot.facts();
    let Some(go) = facts.modules.iter().filter_map(|module| facts.required_go(module)).max() else { return };
    for item in items {
        item.documentation = paragraphs(&[&item.documentation, &format!("go.mod wants Go {go}.")]);
    }
}
