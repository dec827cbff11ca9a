//! Words of package managers in RUN: what to do, flags, packages.
use super::shell::{ShellPlace, Slot};
use super::typed::Typed;
use super::{Item, ItemKind, Offer, usual};
use crate::analysis::invocation::Arg;
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::ide::go_project;
use crate::knowledge::distros::{Distro, PackageManager};
use crate::knowledge::packages::{Package, package_name, packages_for, packages_of};
use crate::project::walk::CgoNeed;

/// The words of a package manager, where the command is one.
pub fn items(snapshot: &Snapshot, place: &ShellPlace) -> Vec<Item> {
    if place.slot == Slot::Name {
        return programs(snapshot, place);
    }
    let (Slot::Argument(at), Some(command)) = (&place.slot, &place.command) else { return Vec::new() };
    let (Some((manager, words)), Some(typed)) = (manager(&command.name), place.typed.plain()) else {
        return Vec::new();
    };
    let before = command.args.get(..*at).unwrap_or_default();
    let others: Vec<&Arg> =
        command.args.iter().enumerate().filter(|(place, _)| place != at).map(|(_, arg)| arg).collect();
    let verb = before.iter().find(|arg| !arg.prefix.starts_with('-'));
    let installs = verb.is_some_and(|verb| verb.is("install") || verb.is("add"));
    if typed.left.starts_with('-') {
        let may_stand = installs || verb.is_none();
        return if may_stand { flags(place, words, &others, &typed) } else { Vec::new() };
    }
    match verb {
        None => {
            let verb = typed.with_next(snapshot.text());
            of_kind(usual::items(words, &place.state, &verb, 0), ItemKind::Command)
        }
        Some(_) if installs && !is_value(before.last()) => packages(snapshot, place, manager, &others, &typed),
        Some(_) => Vec::new(),
    }
}

fn of_kind(mut items: Vec<Item>, kind: ItemKind) -> Vec<Item> {
    for item in &mut items {
        item.kind = kind;
    }
    items
}

fn flags(place: &ShellPlace, words: &str, others: &[&Arg], typed: &Typed) -> Vec<Item> {
    let mut items = usual::items(&format!("{words} flag"), &place.state, typed, 0);
    items.retain(|item| !others.iter().any(|other| other.prefix == item.label));
    of_kind(items, ItemKind::Flag)
}

/// What is missing first, then all that the tables know.
fn packages(
    snapshot: &Snapshot,
    place: &ShellPlace,
    manager: PackageManager,
    others: &[&Arg],
    typed: &Typed,
) -> Vec<Item> {
    let on_alpine = place.state.distro().is(|distro| *distro == Distro::Alpine);
    // Of what apk installs some is only in Wolfi.
    let is_here = |package: &&Package| !(on_alpine && package.notes == "Wolfi");
    let is_new = |package: &&Package| !others.iter().any(|other| package_name(manager, &other.prefix) == package.name);
    let wanted = wanted(snapshot, place).map(|tool| packages_for(manager, tool)).unwrap_or_default();
    let mut offer = Offer::new(typed);
    for (rank, package) in (10..).zip(packages_of(manager).filter(is_here).filter(is_new)) {
        let rank = wanted.iter().position(|name| *name == package.name).map_or(rank, |place| place as u32);
        offer.add(ItemKind::Package, package.name, &brings(package), package.notes.to_owned(), rank);
    }
    offer.items
}

/// The package manager of the image, and `go` where it is.
fn programs(snapshot: &Snapshot, place: &ShellPlace) -> Vec<Item> {
    let Some(typed) = place.typed.plain().map(|typed| typed.with_next(snapshot.text())) else { return Vec::new() };
    let manager = match place.state.package_manager() {
        Known::Known(PackageManager::Apk) => "apk",
        Known::Known(PackageManager::Apt) => "apt-get",
        Known::Known(PackageManager::Dnf) => "dnf",
        Known::Known(PackageManager::Microdnf) => "microdnf",
        Known::Known(PackageManager::Yum) => "yum",
        Known::Known(PackageManager::Tdnf) => "tdnf",
        Known::Known(PackageManager::Zypper) => "zypper",
        _ => "",
    };
    let go = if matches!(place.state.go, Known::Known(Some(_))) { "go" } else { "" };
    let named = [(go, "the tool of Go"), (manager, "installs packages")];
    let mut offer = Offer::new(&typed);
    for (rank, (name, detail)) in (0..).zip(named).filter(|(_, (name, _))| name.starts_with(&typed.left)) {
        if !name.is_empty() {
            offer.add(ItemKind::Command, name, detail, String::new(), rank);
        }
    }
    offer.items
}

/// The manager, and the name that its words and flags have in the table.
fn manager(program: &str) -> Option<(PackageManager, &'static str)> {
    Some(match program {
        "apk" => (PackageManager::Apk, "apk"),
        "apt" | "apt-get" => (PackageManager::Apt, "apt-get"),
        "dnf" | "dnf5" => (PackageManager::Dnf, "dnf"),
        "microdnf" => (PackageManager::Microdnf, "dnf"),
        "yum" => (PackageManager::Yum, "dnf"),
        "tdnf" => (PackageManager::Tdnf, "dnf"),
        "zypper" => (PackageManager::Zypper, "zypper"),
        _ => return None,
    })
}

/// True behind a flag that takes the next word.
fn is_value(before: Option<&Arg>) -> bool {
    before.is_some_and(|arg| {
        matches!(arg.prefix.as_str(), "-t" | "--virtual" | "-X" | "--repository" | "-p" | "-o" | "-c")
    })
}

/// A C compiler, where what is built here needs one that the image does not have.
fn wanted(snapshot: &Snapshot, place: &ShellPlace) -> Option<&'static str> {
    let lacks = place.state.has_c_compiler() == Answer::No;
    let (stage, go) =
        lacks.then(|| go_project::command_behind(snapshot, place.stage?, place.typed.offset())).flatten()?;
    let needs = matches!(go_project::cgo_need(snapshot, stage, Some(go)), CgoNeed::Yes { .. });
    needs.then_some("c-compiler")
}

/// `brings git`; the table's own words are for its readers alone.
fn brings(package: &Package) -> String {
    let known = |word: &&str| match *word {
        "c-compiler" => "a C compiler".to_owned(),
        "c++-compiler" => "a C++ compiler".to_owned(),
        "libc-headers" => "the headers of the C library".to_owned(),
        "other-compiler" => "a compiler under another name".to_owned(),
        "glibc-compat" => "what some glibc programs need on musl".to_owned(),
        "other-go" => "Go under another path".to_owned(),
        "ca-certificates" => "the certificates for TLS".to_owned(),
        "tzdata" => "the time zones".to_owned(),
        other => other.to_owned(),
    };
    package
        .provides
        .iter()
        .filter(|word| **word != package.name || matches!(**word, "ca-certificates" | "tzdata"))
        .map(known)
        .collect::<Vec<_>>()
        .join(", ")
}
