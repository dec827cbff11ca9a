//! Values of Go's variables and flags, those first that suit the project.
use super::typed::Typed;
use super::{Item, ItemKind, Offer};
use crate::analysis::env::Env;
use crate::analysis::go::GoCommand;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::ide::go_project;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::git_hosts;
use crate::knowledge::go_values::go_values;
use crate::knowledge::go_words::{go_env, godebug_keys, is_goarch, is_goos, platforms};
use crate::model::stage::Stage;
use crate::project::build_tags::{Constraint, Expr};
use crate::project::packages::Module;
use crate::project::walk::CgoNeed;

/// What is known where something is typed.
pub struct Around<'s> {
    /// All of the file.
    pub snapshot: &'s Snapshot,
    /// `None` in front of the first FROM.
    pub stage: Option<&'s Stage>,
    /// Where the cursor is.
    pub offset: u32,
    /// The variables that have a value there.
    pub env: Env,
}

/// Behind those that the table lists.
const OTHERS: u32 = 100;

/// The values of the variable `name`.
pub fn of_variable(around: &Around, name: &str, typed: &Typed) -> Vec<Item> {
    match name {
        "CGO_ENABLED" => cgo_enabled(around, typed),
        "GOOS" => platform(around, typed, "GOOS", |(os, _)| os),
        "GOARCH" => architecture(around, typed),
        "GOTOOLCHAIN" => toolchain(around, typed),
        "GOFLAGS" => flags(around, typed),
        "GODEBUG" => debug(typed),
        "GOPRIVATE" | "GONOPROXY" | "GONOSUMDB" => private(around, typed),
        _ => listed(name, typed),
    }
}

/// The values of `flag` of a command of `module`.
pub fn of_flag(flag: &str, module: Option<&Module>, typed: &Typed) -> Vec<Item> {
    match flag {
        "-tags" => tags(module, typed),
        "-mod" => vendored(typed, "-mod", "vendor", module),
        "-ldflags" => linker(typed),
        _ => listed(flag, typed),
    }
}

/// What the tables list.
fn listed(of: &str, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    for (rank, value) in (0..).zip(go_values(of)) {
        offer.add(ItemKind::Value, value.value, value.meaning, value.meaning.to_owned(), rank);
    }
    let allowed = go_env(of).map(|variable| variable.allowed.as_slice()).unwrap_or_default();
    let is_new = |value: &&&str| !go_values(of).any(|listed| listed.value == **value);
    for value in allowed.iter().filter(is_new) {
        offer.add(ItemKind::Value, value, "", String::new(), OTHERS);
    }
    offer.items
}

/// Puts the item called `label` first.
fn first(mut items: Vec<Item>, label: &str, detail: &str) -> Vec<Item> {
    for item in &mut items {
        item.rank += 1;
        if item.label == label {
            item.rank = 0;
            detail.clone_into(&mut item.detail);
        }
    }
    items
}

/// The command that a variable is for, with its stage; without one the stage of the variable.
fn command<'s>(around: &Around<'s>) -> Option<(&'s Stage, Option<&'s GoCommand>)> {
    let stage = around.stage?;
    let found = go_project::command_behind(around.snapshot, stage, around.offset);
    Some(found.map_or((stage, None), |(stage, command)| (stage, Some(command))))
}

fn module<'s>(around: &Around<'s>) -> Option<&'s Module> {
    let (stage, command) = command(around)?;
    go_project::module(around.snapshot, stage, command)
}

/// What the programs need is the first, with the reason.
fn cgo_enabled(around: &Around, typed: &Typed) -> Vec<Item> {
    let mut items = listed("CGO_ENABLED", typed);
    let Some((stage, command)) = command(around) else { return items };
    let need = go_project::cgo_need(around.snapshot, stage, command);
    let here = item("cgo here", &go_project::cgo_text(&need));
    for item in &mut items {
        item.documentation = paragraphs(&[&item.documentation, here.trim_end()]);
    }
    match &need {
        CgoNeed::Yes { chain, .. } => {
            let needs = chain.last().map(String::as_str).unwrap_or_default();
            first(items, "1", &format!("{needs} needs cgo"))
        }
        CgoNeed::No => first(items, "0", "no program here needs cgo"),
        CgoNeed::Unknown => items,
    }
}

/// The builder's own value where the stage has it, then the usual ones, then all that Go builds for.
fn platform(
    around: &Around,
    typed: &Typed,
    of: &str,
    part: fn((&'static str, &'static str)) -> &'static str,
) -> Vec<Item> {
    let mut items = first(listed(of, typed), "", "");
    let mut offer = Offer::new(typed);
    let argument = of.replacen("GO", "TARGET", 1);
    if around.env.get(&argument).is_some() {
        let meaning = "What the image is built for.";
        offer.add(ItemKind::Value, &format!("${argument}"), meaning, meaning.to_owned(), 0);
    }
    let mut others: Vec<&str> =
        platforms().map(part).filter(|name| !go_values(of).any(|value| value.value == *name)).collect();
    others.sort_unstable();
    others.dedup();
    for name in others {
        offer.add(ItemKind::Value, name, "", String::new(), OTHERS);
    }
    items.extend(offer.items);
    items
}

/// Of the GOOS that is set, else of Linux.
fn architecture(around: &Around, typed: &Typed) -> Vec<Item> {
    let os = around.env.known("GOOS").filter(|os| is_goos(os)).unwrap_or("linux").to_owned();
    let known: Vec<&str> = platforms().filter(|(name, _)| *name == os).map(|(_, arch)| arch).collect();
    let mut items = platform(around, typed, "GOARCH", |(_, arch)| arch);
    items.retain(|item| !is_goarch(&item.label) || known.is_empty() || known.contains(&item.label.as_str()));
    items
}

/// `auto` first where go.mod wants a newer Go than the image has.
fn toolchain(around: &Around, typed: &Typed) -> Vec<Item> {
    let items = listed("GOTOOLCHAIN", typed);
    let command = command(around).and_then(|(_, command)| command);
    let Some((command, module)) = command.zip(module(around)) else { return items };
    let wanted = around.snapshot.facts().required_go(module);
    let Known::Known(Some(toolchain)) = &command.state.go else { return items };
    match (wanted, toolchain.version.as_ref()) {
        (Some(wanted), Some(there)) if (wanted.major, wanted.minor) > (there.major, there.minor) => {
            first(items, "auto", &format!("go.mod wants Go {wanted}, the image has {there}"))
        }
        _ => items,
    }
}

/// One of several, separated by blanks inside the quotes.
fn flags(around: &Around, typed: &Typed) -> Vec<Item> {
    let (part, taken) = list(typed, &[' ', '\t']);
    let mut items = vendored(&part, "GOFLAGS", "-mod=vendor", module(around));
    let name = |flag: &str| flag.split('=').next().unwrap_or_default().to_owned();
    items.retain(|item| !taken.iter().any(|other| name(other) == name(&item.label)));
    items
}

/// One of several; `-X` may stand several times.
fn linker(typed: &Typed) -> Vec<Item> {
    let (part, taken) = list(typed, &[' ', '\t']);
    let mut items = listed("-ldflags", &part);
    let is_there = |label: &str| taken.iter().any(|other| other.split('=').next() == label.split('=').next());
    items.retain(|item| item.label == "-X" || !is_there(&item.label));
    items
}

/// Dependencies from vendor/ first where there is one, last where there is none.
fn vendored(typed: &Typed, of: &str, label: &str, module: Option<&Module>) -> Vec<Item> {
    let items = listed(of, typed);
    let Some(module) = module else { return items };
    if module.uses_vendor() {
        return first(items, label, "the module has vendor/");
    }
    let mut items = items;
    for item in items.iter_mut().filter(|item| item.label == label && module.vendor.is_none()) {
        (item.rank, item.detail) = (OTHERS, "the module has no vendor/".to_owned());
    }
    items
}

fn debug(typed: &Typed) -> Vec<Item> {
    let (part, _) = list(typed, &[',']);
    let mut items = listed("GODEBUG", &part);
    let mut offer = Offer::new(&part);
    for key in godebug_keys() {
        offer.add(ItemKind::Value, &format!("{key}="), "", String::new(), OTHERS);
    }
    items.extend(offer.items);
    items
}

/// Modules of the owner of this one.
fn private(around: &Around, typed: &Typed) -> Vec<Item> {
    let (part, taken) = list(typed, &[',']);
    let mut offer = Offer::new(&part);
    let owner = module(around).and_then(|module| owner(module.go_mod.path()));
    if let Some(owner) = owner.filter(|owner| !taken.contains(owner)) {
        let meaning = "All modules of the same owner as this one.";
        offer.add(ItemKind::Value, &owner, meaning, meaning.to_owned(), 0);
    }
    offer.items
}

/// `github.com/owner/*`; on a host of one's own all of it.
fn owner(module: &str) -> Option<String> {
    let mut parts = module.split('/');
    let host = parts.next().filter(|host| host.contains('.') && !host.starts_with('.'))?;
    match parts.next() {
        Some(owner) if git_hosts::token_user(host).is_some() => Some(format!("{host}/{owner}/*")),
        Some(_) => Some(format!("{host}/*")),
        None => None,
    }
}

/// The tags that files of the module ask for, then those of the standard library.
fn tags(module: Option<&Module>, typed: &Typed) -> Vec<Item> {
    let (part, taken) = list(typed, &[',', ' ']);
    let mut items = listed("-tags", &part);
    for item in &mut items {
        item.rank += OTHERS;
    }
    let mut offer = Offer::new(&part);
    let known = module.map(tags_of).unwrap_or_default();
    for tag in known.iter().filter(|tag| !items.iter().any(|item| item.label == **tag)) {
        offer.add(ItemKind::Value, tag, "files of this module ask for it", String::new(), 0);
    }
    items.extend(offer.items);
    items.retain(|item| !taken.contains(&item.label));
    items
}

fn tags_of(module: &Module) -> Vec<String> {
    let own = module.packages.values().filter(|package| !package.dir.split('/').any(|part| part == "vendor"));
    let mut tags = Vec::new();
    for file in own.flat_map(|package| &package.files) {
        if let Constraint::Expr(expr) = &file.source.constraint {
            collect(expr, &mut tags);
        }
    }
    tags.sort_unstable();
    tags.dedup();
    tags.into_iter().filter(|tag| is_chosen(tag)).map(str::to_owned).collect()
}

fn collect<'e>(expr: &'e Expr, tags: &mut Vec<&'e str>) {
    match expr {
        Expr::Tag(tag) => tags.push(tag),
        Expr::Not(inner) => collect(inner, tags),
        Expr::And(left, right) | Expr::Or(left, right) => {
            collect(left, tags);
            collect(right, tags);
        }
    }
}

/// False for tags that Go sets by itself, and for the one that by custom nobody sets.
fn is_chosen(tag: &str) -> bool {
    let by_go = ["unix", "cgo", "gc", "gccgo", "race", "msan", "asan", "ignore"];
    !by_go.contains(&tag)
        && !tag.starts_with("go1.")
        && !tag.starts_with("goexperiment.")
        && !is_goos(tag)
        && !is_goarch(tag)
}

/// The part of a list at the cursor, and the other parts.
fn list(typed: &Typed, separators: &[char]) -> (Typed, Vec<String>) {
    let part = typed.part(separators);
    let before = typed.left.rsplit_once(separators).map_or("", |(before, _)| before);
    let behind = typed.right.get(part.right.len()..).unwrap_or_default();
    let words = before.split(separators).chain(behind.split(separators));
    (part, words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners() {
        assert_eq!(owner("github.com/acme/app/v2").as_deref(), Some("github.com/acme/*"));
        assert_eq!(owner("git.example.com/app").as_deref(), Some("git.example.com/*"));
        assert!(owner("app").is_none() && owner("example.com").is_none() && owner("").is_none());
    }

    #[test]
    fn lists_have_parts() {
        let typed = Typed { left: "a,b".into(), right: "c,d".into(), start: 7 };
        let (part, others) = list(&typed, &[',']);
        assert_eq!((part.left.as_str(), part.right.as_str(), part.start), ("b", "c", 9));
        assert_eq!(others, ["a", "d"]);
    }
}
