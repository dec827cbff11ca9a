//! The words behind `go`: commands, flags with their values, packages of the project.
use super::go_values::Around;
use super::go_variables::{Names, assignment};
use super::typed::Typed;
use super::{Item, ItemKind, Offer, go_values};
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::source;
use crate::ide::markdown::{item, paragraphs};
use crate::ide::{go_docs, go_project};
use crate::knowledge::go_words::{GoFlag, go_commands, go_flag_of, go_flags};
use crate::project::paths;

/// Commands with commands of their own.
const TWO_WORDS: [&str; 3] = ["mod", "work", "tool"];
/// Commands that take packages.
const PACKAGES: [&str; 10] = ["build", "install", "run", "test", "vet", "list", "generate", "fmt", "fix", "clean"];
/// Flags of so few commands are more telling than those of every build.
const FEW: usize = 4;
/// A listing of more programs helps nobody.
const MAX_PACKAGES: usize = 50;

/// What stands in front of the cursor.
#[derive(Default)]
struct Before<'c> {
    /// The words of the command: `mod download`; empty in front of it.
    verb: String,
    /// True when the word at the cursor is the command's second one.
    second: bool,
    /// The flag whose value the word at the cursor is.
    flag: Option<&'c str>,
    /// So many words are neither.
    operands: usize,
    /// `go env -w`
    writes: bool,
}

/// The items for the argument `at` of `command`; `go` is what was understood of it.
pub fn items(around: &Around, command: &Invocation, go: Option<&GoCommand>, at: usize, typed: &Typed) -> Vec<Item> {
    let before = read(command.args.get(..at).unwrap_or_default());
    let module = || go_project::module(around.snapshot, around.stage?, go.filter(|go| go.is_of_module()));
    if let Some(flag) = before.flag {
        return typed.plain().map(|value| go_values::of_flag(flag, module(), &value)).unwrap_or_default();
    }
    if typed.left.starts_with('-') {
        return match typed.name_and_value() {
            Some((flag, value)) => {
                let flag = flag.replacen("--", "-", 1);
                value.plain().map(|value| go_values::of_flag(&flag, module(), &value)).unwrap_or_default()
            }
            None => typed.plain().map(|typed| flags(&before, command, at, &typed)).unwrap_or_default(),
        };
    }
    let is_printed = before.verb == "env";
    if is_printed {
        let names = if before.writes { Names::Assigned } else { Names::Printed };
        return assignment(around, typed, &[], names);
    }
    let Some(typed) = typed.plain() else { return Vec::new() };
    if before.verb.is_empty() || before.second || before.verb == "help" {
        return commands(&before, &typed.with_next(around.snapshot.text()));
    }
    let may_follow = before.operands == 0 || before.verb != "run";
    if may_follow && PACKAGES.contains(&before.verb.as_str()) {
        return packages(around, go, &before.verb, &typed);
    }
    Vec::new()
}

fn read(args: &[Arg]) -> Before<'_> {
    let mut before = Before::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let text = arg.prefix.as_str();
        if text.starts_with('-') && text.len() > 1 && (before.operands == 0 || before.verb == "test") {
            before.writes |= before.verb == "env" && text.trim_start_matches('-') == "w";
            let takes_word = |flag: &GoFlag| !flag.is_bool() && !text.contains('=');
            let flag = go_flag_of(&before.verb, text).filter(|flag| takes_word(flag));
            if flag.is_some() && args.next().is_none() {
                before.flag = flag.map(|flag| flag.name);
            }
        } else if before.verb.is_empty() {
            text.clone_into(&mut before.verb);
            before.second = TWO_WORDS.contains(&text);
        } else if before.second {
            before.verb = format!("{} {text}", before.verb);
            before.second = false;
        } else {
            before.operands += 1;
        }
    }
    before
}

fn commands(before: &Before, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    let within = if before.second { before.verb.as_str() } else { "" };
    for (rank, command) in (0..).zip(go_commands()) {
        let (parent, name) = command.name.split_once(' ').unwrap_or(("", command.name));
        if parent == within {
            offer.add(ItemKind::Command, name, sentence(command.meaning), go_docs::command(command), rank);
        }
    }
    offer.items
}

fn sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

/// Those that the command knows and that are not there yet. Only tests have flags behind packages.
fn flags(before: &Before, command: &Invocation, at: usize, typed: &Typed) -> Vec<Item> {
    if before.second || before.operands > 0 && before.verb != "test" {
        return Vec::new();
    }
    let others = command.args.iter().enumerate().filter(|(place, _)| *place != at);
    let taken: Vec<&str> = others.map(|(_, arg)| arg.prefix.split('=').next().unwrap_or_default()).collect();
    let mut typed = typed.clone();
    let has_value = typed.right.contains('=');
    typed.cut(&['=']);
    let dashes = if typed.left.starts_with("--") { "-" } else { "" };
    let mut offer = Offer::new(&typed);
    for (rank, flag) in (0..).zip(go_flags()) {
        let label = format!("{dashes}{}", flag.name);
        // In front of the command only this one.
        let fits = if before.verb.is_empty() { flag.name == "-C" } else { flag.fits(&before.verb) };
        if fits && !taken.iter().any(|other| other.trim_start_matches('-') == &flag.name[1..]) {
            let insert = if has_value { label.clone() } else { format!("{label}{}", separator(flag)) };
            let rank = if flag.commands.len() <= FEW && flag.commands != ["*"] { rank } else { rank + 1000 };
            offer.add_as(ItemKind::Flag, &label, insert, sentence(flag.meaning), go_docs::flag(flag), rank);
        }
    }
    offer.items
}

/// What stands between a flag and its value by custom: `-o out`, `-mod=vendor`.
fn separator(flag: &GoFlag) -> &'static str {
    match flag.name.len() {
        _ if flag.value == "bool" => "",
        2 => " ",
        _ => "=",
    }
}

/// The programs of the module that the command works on, and all its packages.
fn packages(around: &Around, go: Option<&GoCommand>, verb: &str, typed: &Typed) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    if let Some((stage, go)) = around.stage.zip(go)
        && matches!(verb, "build" | "install" | "run" | "test" | "vet" | "list")
        && let Some(source) = source::module_of(around.snapshot, stage, go)
    {
        let build = source::build_of(go, true).unwrap_or_default();
        let module = item("module", &go_project::module_text(around.snapshot, source.module));
        for package in source.module.main_packages(&build).take(MAX_PACKAGES) {
            let Some(path) = from(&package.dir, &source.cwd) else { continue };
            let import = source.module.import_path(&package.dir).unwrap_or_default();
            let documentation = paragraphs(&[&format!("Program `{import}`"), module.trim_end()]);
            let depth = path.matches('/').count() as u32;
            offer.add(ItemKind::Package, &path, "program", documentation, depth);
        }
    }
    if verb != "run" {
        let all = "All packages of the module from this folder on.";
        // Several programs are no argument of a build with one result.
        let rank = if matches!(verb, "build" | "install") { 100 } else { 0 };
        offer.add(ItemKind::Package, "./...", "all packages", all.to_owned(), rank);
    }
    offer.items
}

/// The folder `dir` as a package argument in the folder `cwd`, both from the context on.
fn from(dir: &str, cwd: &str) -> Option<String> {
    match paths::strip(dir, cwd) {
        Some("") => Some(".".to_owned()),
        Some(below) => Some(format!("./{below}")),
        // Above the folder of the module nothing is built.
        None if cwd.is_empty() || dir.is_empty() => None,
        None => Some(format!("{}{dir}", "../".repeat(cwd.split('/').count()))),
    }
}
