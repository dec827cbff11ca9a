//! Lists `src/rules/*/*.rs`, `src/actions/*.rs` and their pages, so that a new file is a new rule; and the tables of
//! `src/knowledge`.
#![allow(clippy::unnecessary_debug_formatting, reason = "it quotes paths for the compiler")]
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    write(&out.join("rules.rs"), &rules(&root.join("src/rules")));
    write(&out.join("actions.rs"), &actions(&root.join("src/actions")));
    write(&out.join("tables.rs"), &tables(&root.join("src/knowledge")));
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The entries of `folder`, sorted; cargo is told to look at it again when it changes.
fn entries(folder: &Path) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let list = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = list.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn rules(folder: &Path) -> String {
    let mut modules = String::new();
    let mut table = String::new();
    for group in entries(folder).into_iter().filter(|path| path.is_dir()) {
        let name = stem(&group);
        let _ = writeln!(modules, "#[doc = \"Rules of the group `{name}`.\"]\npub mod {name}_group {{");
        for file in entries(&group) {
            let module = stem(&file);
            let page = file.with_extension("md");
            if is(&file, "rs") {
                let _ = writeln!(modules, "#[path = {file:?}]\npub mod {module};");
                entry(&mut table, &name, &module, &format!("&{name}_group::{module}::RULE"), &page);
            } else if name == "syntax" && is(&file, "md") {
                let rule = format!("&syntax_rules::{}", module.to_uppercase());
                entry(&mut table, &name, &module, &rule, &file);
            }
        }
        modules.push_str("}\n");
    }
    format!("{modules}\n/// Every rule, by group and name.\npub static RULES: &[Entry] = &[\n{table}];\n")
}

fn entry(table: &mut String, group: &str, module: &str, rule: &str, page: &Path) {
    let name = module.replace('_', "-");
    let _ = writeln!(
        table,
        "    Entry {{ name: {name:?}, group: {group:?}, rule: {rule}, page: include_str!({page:?}) }},"
    );
}

fn actions(folder: &Path) -> String {
    let mut modules = String::new();
    let mut table = String::new();
    for file in entries(folder).into_iter().filter(|path| is(path, "rs") && !matches!(&*stem(path), "mod" | "action")) {
        let module = stem(&file);
        let name = module.replace('_', "-");
        let page = file.with_extension("md");
        let _ = writeln!(modules, "#[path = {file:?}]\npub mod {module};");
        let _ =
            writeln!(table, "    Entry {{ name: {name:?}, action: &{module}::ACTION, page: include_str!({page:?}) }},");
    }
    format!("{modules}\n/// Every action.\npub static ACTIONS: &[Entry] = &[\n{table}];\n")
}

fn tables(folder: &Path) -> String {
    let mut table = String::new();
    for file in entries(folder).into_iter().filter(|path| is(path, "tsv")) {
        let name = stem(&file).replace('_', "-");
        let _ = writeln!(table, "    Table {{ name: {name:?}, text: include_str!({file:?}) }},");
    }
    format!("/// Every table, by name.\npub static TABLES: &[Table] = &[\n{table}];\n")
}
