//! The words of instructions other than RUN, ENV and ARG.
use super::place::{Spot, WordPlace};
use super::strings::{self, Strings};
use super::typed::Typed;
use super::{Item, ItemKind, Offer, images, paths, users, usual};
use crate::analysis::known::Known;
use crate::analysis::path::{base, relative};
use crate::analysis::state::ImageState;
use crate::knowledge::go_calls::{CallKind, go_call};
use crate::knowledge::usual_values::usual_values;
use crate::model::instruction::Kind;
use crate::model::value::SIGNALS;
use crate::project::packages::{GoFile, Package};

/// Files of the project that are searched for ports.
const MAX_FILES: usize = 2_000;
/// Folders that hold no programs.
const DATA: [&str; 2] = ["/etc/", "/usr/share/"];

/// The words that may stand there.
pub fn items(place: &WordPlace) -> Vec<Item> {
    let (spot, typed) = (&place.spot, &place.typed);
    let first = place.before.is_empty();
    match spot.node.kind {
        Kind::From => from(place),
        Kind::Copy | Kind::Add => copy(place),
        Kind::User if first => users::items(spot, typed),
        Kind::Stopsignal if first => signals(typed),
        Kind::Shell => shell(place),
        Kind::Expose => ports(place),
        Kind::Workdir if first => folders(spot, typed, "WORKDIR"),
        Kind::Volume if !spot.snapshot[spot.node.arguments].starts_with('[') => folders(spot, typed, "VOLUME"),
        Kind::Healthcheck if first => usual::items("HEALTHCHECK", &ImageState::unknown(), typed, 0),
        Kind::Label => labels(place),
        Kind::Cmd | Kind::Entrypoint => programs(place),
        _ => Vec::new(),
    }
}

fn from(place: &WordPlace) -> Vec<Item> {
    let (spot, typed) = (&place.spot, &place.typed);
    let snapshot = spot.snapshot;
    match place.before.as_slice() {
        [] => typed.plain().map(|typed| images::bases(spot, &typed)).unwrap_or_default(),
        [_] => {
            let lower = snapshot[spot.node.keyword].starts_with(|first: char| first.is_ascii_lowercase());
            let mut offer = Offer::new(typed);
            offer.add(ItemKind::Keyword, if lower { "as" } else { "AS" }, "a name for the stage", String::new(), 0);
            offer.items
        }
        [_, word] if snapshot[*word].eq_ignore_ascii_case("as") => {
            let mut items = usual::items("FROM AS", &ImageState::unknown(), typed, 0);
            let own = spot.stage.map_or(usize::MAX, |stage| stage.index);
            let taken = |label: &str| {
                snapshot.file().stages.iter().any(|other| other.index != own && other.name.as_deref() == Some(label))
            };
            items.retain(|item| !taken(&item.label));
            items
        }
        _ => Vec::new(),
    }
}

/// Sources, and behind the first one the destination too.
fn copy(place: &WordPlace) -> Vec<Item> {
    let spot = &place.spot;
    let Some((typed, is_last)) = path_at(place) else { return Vec::new() };
    if !is_last {
        return paths::of_sources(spot, &typed);
    }
    let mut items = paths::destinations(spot, &typed);
    // From a stage one path is taken, from the context several; what begins at the root is a destination.
    if spot.node.flag(spot.snapshot.text(), "from").is_none() && !typed.left.starts_with('/') {
        let mut sources = paths::of_sources(spot, &typed);
        for item in &mut sources {
            item.rank += 100;
        }
        items.extend(sources);
    }
    items
}

/// The word, or the string of the JSON form, and whether it may be the destination.
fn path_at(place: &WordPlace) -> Option<(Typed, bool)> {
    let WordPlace { spot, typed, before, behind } = place;
    if !spot.snapshot[spot.node.arguments].starts_with('[') {
        return Some((typed.plain()?, behind.is_empty() && !before.is_empty()));
    }
    let strings = strings_at(place)?;
    Some((strings.typed?, strings.behind.is_empty() && !strings.before.is_empty()))
}

/// The JSON array that the cursor is in.
fn strings_at(place: &WordPlace) -> Option<Strings> {
    strings::at(place.spot.snapshot, place.spot.node.arguments, place.typed.offset())
}

fn signals(typed: &Typed) -> Vec<Item> {
    let upper = typed.left.to_ascii_uppercase();
    // The first letters are left out as one likes.
    let first = if "SIG".starts_with(&upper) || upper.starts_with("SIG") { "SIG" } else { "" };
    let mut offer = Offer::new(typed);
    for (rank, signal) in (0..).zip(usual_values("STOPSIGNAL")) {
        let name = signal.value.strip_prefix("SIG").unwrap_or(signal.value);
        offer.add(ItemKind::Value, &format!("{first}{name}"), signal.meaning, signal.meaning.to_owned(), rank);
    }
    for name in SIGNALS {
        offer.add(ItemKind::Value, &format!("{first}{name}"), "", String::new(), 100);
    }
    offer.items
}

/// The whole list at once: only where nothing else is written.
fn shell(place: &WordPlace) -> Vec<Item> {
    let is_begun = place.typed.left.starts_with('[') || place.typed.left.is_empty();
    if !place.before.is_empty() || !place.behind.is_empty() || !is_begun {
        return Vec::new();
    }
    // What is there of it is replaced, brackets that an editor put in too.
    let mut items =
        usual::items("SHELL", &place.spot.state(), &Typed { left: String::new(), ..place.typed.clone() }, 0);
    items.retain(|item| item.label.starts_with(&place.typed.left));
    for item in &mut items {
        item.span = place.typed.span();
    }
    items
}

/// Ports that the code listens on, that variables hold, that other stages expose, and usual ones.
fn ports(place: &WordPlace) -> Vec<Item> {
    let (spot, typed) = (&place.spot, &place.typed);
    let snapshot = spot.snapshot;
    if typed.left.contains('/') {
        return usual::items("EXPOSE protocol", &ImageState::unknown(), &typed.part(&['/']), 0);
    }
    let is_taken = |port: &str| {
        place.before.iter().chain(&place.behind).any(|word| snapshot[*word].split('/').next() == Some(port))
    };
    let state = spot.state();
    let mut offer = Offer::new(typed);
    for (port, file) in listened(spot).into_iter().filter(|(port, _)| !is_taken(port)) {
        offer.add(ItemKind::Value, &port, &format!("{file} listens on it"), String::new(), 0);
    }
    for (name, variable) in state.env.iter().filter(|(name, _)| name.to_ascii_uppercase().contains("PORT")) {
        let Known::Known(port) = &variable.value else { continue };
        if port.parse::<u16>().is_ok_and(|number| number > 0) && !is_taken(port) {
            offer.add(ItemKind::Value, port, &format!("the value of {name}"), String::new(), 1);
        }
    }
    let mut items = offer.items;
    items.extend(usual::items("EXPOSE", &state, typed, 10).into_iter().filter(|item| !is_taken(&item.label)));
    items
}

/// The ports of calls that listen, with the file; not those that are for the container alone.
fn listened(spot: &Spot) -> Vec<(String, String)> {
    let modules = spot.snapshot.facts().modules.iter();
    let own = |package: &&Package| !package.dir.split('/').any(|part| part == "vendor" || part == "testdata");
    let packages = modules.flat_map(|module| module.packages.values()).filter(own);
    let files = packages.flat_map(|package| package.files.iter().map(move |file| (package, file))).take(MAX_FILES);
    let mut found = Vec::new();
    for (package, file) in files {
        for port in ports_of(file) {
            let place = crate::project::paths::join(&package.dir, &file.name);
            if !found.iter().any(|(known, _)| *known == port) {
                found.push((port, place));
            }
        }
    }
    found
}

fn ports_of(file: &GoFile) -> impl Iterator<Item = String> {
    let calls = file.source.mentions.iter().filter(|mention| go_call(&mention.name) == Some(CallKind::Listen));
    calls.filter_map(|mention| {
        let is_net = mention.name.starts_with("net.");
        let address = if is_net { mention.literals.get(1) } else { mention.literals.first() }?;
        let (host, port) = address.rsplit_once(':')?;
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let number: u16 = port.parse().ok().filter(|number| *number > 0 && !is_local)?;
        Some(number.to_string())
    })
}

fn folders(spot: &Spot, typed: &Typed, of: &str) -> Vec<Item> {
    let Some(typed) = typed.plain() else { return Vec::new() };
    let state = spot.state();
    let mut offer = Offer::new(&typed);
    let known = paths::folders(&state);
    let workdir = state.workdir.as_ref().filter(|folder| *folder != "/");
    for folder in workdir.into_iter().chain(&known) {
        offer.add(ItemKind::Folder, folder, "known in the image", String::new(), 20);
    }
    let mut items = usual::items(of, &state, &typed, 0);
    items.extend(offer.items);
    items
}

fn labels(place: &WordPlace) -> Vec<Item> {
    let snapshot = place.spot.snapshot;
    let Some(mut typed) = place.typed.plain().filter(|typed| !typed.left.contains('=')) else { return Vec::new() };
    let sign = if typed.right.contains('=') { "" } else { "=" };
    typed.cut(&['=']);
    let words = place.before.iter().chain(&place.behind);
    let taken: Vec<&str> = words.map(|word| snapshot[*word].split('=').next().unwrap_or_default()).collect();
    // In the old form the second word is the value.
    if place.before.first().is_some_and(|first| !snapshot[*first].contains('=')) {
        return Vec::new();
    }
    let schema = snapshot.settings().labels.schema.keys().map(|name| (name.as_str(), "asked for by the settings"));
    let known = usual_values("LABEL").map(|value| (value.value, value.meaning));
    let mut offer = Offer::new(&typed);
    for (rank, (name, meaning)) in (0..).zip(schema.chain(known)).filter(|(_, (name, _))| !taken.contains(name)) {
        offer.add_as(ItemKind::Variable, name, format!("{name}{sign}"), meaning, meaning.to_owned(), rank);
    }
    offer.items
}

/// In a string of the list: the programs that go built in this stage, then the files that COPY brought. A word that begins
/// with `./` is a path from the working directory.
fn programs(place: &WordPlace) -> Vec<Item> {
    let spot = &place.spot;
    let Some(typed) = strings_at(place).and_then(|strings| strings.typed) else { return Vec::new() };
    let state = spot.state();
    let folder = state.workdir.as_ref().filter(|_| typed.left.starts_with("./"));
    let mut offer = Offer::new(&typed);
    for (path, detail, rank) in files(spot, &state) {
        let from_here = folder.and_then(|folder| relative(&path, folder)).filter(|path| !path.is_empty());
        let label = from_here.map_or_else(|| path.clone(), |path| format!("./{path}"));
        offer.add(ItemKind::File, &label, &detail, String::new(), rank);
    }
    offer.items
}

/// Files of the image that a container may start, each with where it comes from and its rank.
fn files(spot: &Spot, state: &ImageState) -> Vec<(String, String, u32)> {
    let stage = spot.stage.filter(|_| !spot.trigger);
    let built = stage.map(|stage| paths::built(spot.snapshot, stage, spot.index)).unwrap_or_default();
    let folders = stage.map(|stage| paths::copied_folders(spot.snapshot, stage)).unwrap_or_default();
    let is_data =
        |path: &&str| DATA.iter().any(|folder| path.starts_with(folder)) || path.contains('*') || *path == "/";
    let is_known =
        |path: &str| folders.iter().any(|folder| folder == path) || built.iter().any(|(other, _)| other == path);
    let copied = state.files.names().filter(|path| !is_data(path) && !is_known(path)).map(|path| {
        let rank = if base(path).contains('.') { 10 } else { 0 };
        (path.to_owned(), "copied into the image".to_owned(), rank)
    });
    let programs = built.iter().map(|(path, verb)| (path.clone(), format!("built by go {verb}"), 0));
    programs.chain(copied).collect()
}
