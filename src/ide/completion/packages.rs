//! Words of package managers in RUN: what to do, flags, packages.
use super::shell::{ShellPlace, Slot};
use super::{Item, ItemKind, Offer, usual};
use crate::analysis::invocation::Arg;
use crate::analysis::snapshot::Snapshot;
use crate::ide::go_project;
use crate::knowledge::distros::PackageManager;
use crate::knowledge::packages::{Package, package_name, packages_for, packages_of};
use crate::project::walk::CgoNeed;

/// The words of a package manager, where the command is one.
pub fn items(snapshot: &Snapshot, place: &ShellPlace) -> Vec<Item> {
    let (Slot::Argument(at), Some(command)) = (&place.slot, &place.command) else { return Vec::new() };
    let (Some((manager, words)), Some(typed)) = (manager(&command.name), place.typed.plain()) else {
        return Vec::new();
    };
    let before = command.args.get(..*at).unwrap_or_default();
    let verb = before.iter().find(|arg| !arg.prefix.starts_with('-'));
    let installs = verb.is_some_and(|verb| verb.is("install") || verb.is("add"));
    if typed.left.starts_with('-') {
        let mut items = usual::items(&format!("{words} flag"), &place.state, &typed, 0);
        items.retain(|item| {
            !command.args.iter().enumerate().any(|(place, arg)| place != *at && arg.prefix == item.label)
        });
        items.iter_mut().for_each(|item| item.kind = ItemKind::Flag);
        return if installs || verb.is_none() { items } else { Vec::new() };
    }
    match verb {
        None => {
            let mut items = usual::items(words, &place.state, &typed, 0);
            items.iter_mut().for_each(|item| item.kind = ItemKind::Command);
            items
        }
        Some(_) if installs && !is_value(before.last()) => {
            let taken: Vec<&str> = command
                .args
                .iter()
                .enumerate()
                .filter(|(place, _)| place != at)
                .map(|(_, arg)| package_name(manager, &arg.prefix))
                .collect();
            let mut offer = Offer::new(&typed);
            let wanted = wanted(snapshot, place).map(|tool| packages_for(manager, tool)).unwrap_or_default();
            for (rank, package) in
                (10..).zip(packages_of(manager)).filter(|(_, package)| !taken.contains(&package.name))
            {
                let rank = wanted.iter().position(|name| *name == package.name).map_or(rank, |place| place as u32);
                offer.add(ItemKind::Package, package.name, &brings(package), package.notes.to_owned(), rank);
            }
            offer.items
        }
        Some(_) => Vec::new(),
    }
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
    let lacks = place.state.has_c_compiler() == crate::analysis::known::Answer::No;
    let (stage, go) =
        lacks.then(|| go_project::command_behind(snapshot, place.stage, place.typed.offset())).flatten()?;
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
