//! The house rules that a compiler does not check: layers, pages, sizes, formatting.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]
use std::path::{Path, PathBuf};
use std::process::Command;

use dockline::actions::ACTIONS;
use dockline::rules::RULES;
use dockline::rules::rule::Default;

/// Each layer may use those in front of it.
const LAYERS: [&str; 15] = [
    "text",
    "knowledge",
    "syntax",
    "project",
    "settings",
    "model",
    "registry",
    "analysis",
    "rewrite",
    "rules",
    "actions",
    "trace",
    "ide",
    "server",
    "cli",
];

/// Lines of one file, unless its doc comment says why it is longer.
const MAX_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with that extension, sorted.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

/// The path below `src/` in parts.
fn parts(path: &Path) -> Vec<String> {
    let path = path.strip_prefix(root().join("src")).unwrap().with_extension("");
    path.iter().map(|part| part.to_str().unwrap().to_owned()).collect()
}

/// The code of a file: no comments, no tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Paths that begin with `crate::`, as far as they are written in one piece: `rules::rule::Fix`.
fn crate_paths(code: &str) -> Vec<String> {
    let rest = code.match_indices("crate::").map(|(at, start)| &code[at + start.len()..]);
    let is_path = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    rest.map(|rest| rest.chars().take_while(|character| is_path(*character)).collect()).collect()
}

#[test]
fn layers_point_one_way() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let own = parts(&path)[0].clone();
        let Some(layer) = LAYERS.iter().position(|name| *name == own) else { continue };
        for used in crate_paths(&code(&path)) {
            let name = used.split("::").next().unwrap();
            let allowed = match LAYERS.iter().position(|layer| *layer == name) {
                Some(other) => other <= layer,
                None => false,
            };
            let vocabulary = own != "actions" || name != "rules" || used.starts_with("rules::rule");
            if !allowed || !vocabulary {
                wrong.push(format!("{} uses crate::{used}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_layer_test_sees_paths() {
    assert_eq!(
        crate_paths("use crate::rules::rule::Fix;\nfn x(a: crate::text::span::Span)"),
        ["rules::rule::Fix", "text::span::Span"]
    );
}

#[test]
fn every_rule_has_a_page() {
    let mut wrong = Vec::new();
    for entry in RULES {
        let mut say = |what: &str| wrong.push(format!("{}: {what}", entry.name));
        if entry.page.lines().next() != Some(&format!("# {}", entry.name)) {
            say("the page's title is not the rule's name");
        }
        if entry.summary().is_empty() || entry.summary().starts_with('#') {
            say("the page has no summary below its title");
        }
        for section in ["## Why", "## Example", "## Not reported"] {
            if !entry.page.lines().any(|line| line == section) {
                say(&format!("the page has no section {section:?}"));
            }
        }
        let silent = entry.page.split("## Not reported").nth(1).unwrap_or_default();
        if !silent.contains("```dockerfile") {
            say("the page shows nothing that is not reported");
        }
    }
    for entry in RULES {
        let default = if entry.rule.default == Default::On { "on" } else { "off" };
        let facts = format!("Group {}, {}, {default} by default", entry.group, entry.rule.severity.word());
        if !entry.page.lines().any(|line| line.starts_with(&facts)) {
            wrong.push(format!("{}: the page does not say {facts:?}", entry.name));
        }
        for alias in entry.rule.aliases.iter().filter(|alias| !entry.page.contains(**alias)) {
            wrong.push(format!("{}: the page does not say that it is {alias} elsewhere", entry.name));
        }
    }
    for entry in ACTIONS {
        if entry.page.lines().next() != Some(&format!("# {}", entry.name)) {
            wrong.push(format!("{}: the page's title is not the action's name", entry.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_page_has_a_rule() {
    let pages = files("src/rules", "md").into_iter().filter(|path| !path.ends_with("README.md"));
    for page in pages {
        let name = page.file_stem().unwrap().to_str().unwrap().replace('_', "-");
        assert!(RULES.iter().any(|entry| entry.name == name), "{} belongs to no rule", page.display());
    }
}

#[test]
fn names_and_aliases_are_unique() {
    let mut names: Vec<&str> = RULES.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for entry in RULES {
        for alias in entry.rule.aliases {
            assert!(!names.contains(alias), "{alias} is a rule and an alias of {}", entry.name);
        }
    }
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        if lines > MAX_LINES && !text.lines().any(|line| line.starts_with("//! Long because ")) {
            long.push(format!("{}: {lines} lines", path.strip_prefix(root()).unwrap().display()));
        }
    }
    assert!(long.is_empty(), "split these or say `//! Long because …`: {long:#?}");
}

/// `cargo fmt` does not see the rules: build.rs includes them by path.
#[test]
fn sources_are_formatted() {
    let sources = files("src", "rs").into_iter().chain(files("tests", "rs"));
    let config = root().join("rustfmt.toml");
    let rustfmt = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--config-path"])
        .arg(config)
        .args(sources)
        .output();
    match rustfmt {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "run rustfmt on these:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => eprintln!("not checked: rustfmt can't be run: {error}"),
    }
}
