//! Compares our reading of Go packages with `go list`, where a `go` is on the PATH. `DOCKLINE_GO_LIST` may name more
//! directories to compare, as PATH does.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of a test are tests too
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use dockline::project::packages::Module;
use dockline::project::walk::Target;
use dockline::project::{Build, Disk, Facts, Needs, scan};
use serde_json::Value;

/// What both sides say of one package.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listed {
    name: String,
    files: BTreeSet<String>,
    cgo_files: BTreeSet<String>,
    imports: BTreeSet<String>,
    embeds: BTreeSet<String>,
}

const PROJECT: [(&str, &str); 17] = [
    ("go.mod", "module example.com/app\n\ngo 1.22\n"),
    (
        "main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t_ \"example.com/app/internal/db\"\n)\n\nfunc main() { fmt.Println() }\n",
    ),
    ("doc.go", "// Package main.\npackage main\n"),
    ("main_test.go", "package main\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n"),
    ("tools.go", "//go:build tools\n\npackage tools\n\nimport _ \"example.com/tool\"\n"),
    ("internal/db/db.go", "package db\n\nimport \"os\"\n\nvar X = os.Args\n"),
    (
        "internal/db/db_cgo.go",
        "package db\n\n// #include <stdio.h>\nimport \"C\"\n\nimport \"unsafe\"\n\nvar Y unsafe.Pointer\n",
    ),
    ("internal/db/db_windows.go", "package db\n"),
    ("internal/db/db_linux_arm64.go", "package db\n\nimport \"time\"\n\nvar Z = time.Now\n"),
    ("internal/db/old.go", "// +build ignore\n\npackage main\n"),
    ("internal/web/web.go", "package web\n\nimport \"embed\"\n\n//go:embed static/* \"two words\"\nvar FS embed.FS\n"),
    ("internal/web/static/x.txt", "x"),
    ("only_c/c.go", "package c\n\nimport \"C\"\n"),
    ("_hidden/x.go", "package x\n"),
    ("testdata/x.go", "package x\n"),
    ("nested/go.mod", "module example.com/nested\n"),
    (
        "nested/x.go",
        "/* a\n//go:build windows\n*/\n\n//go:build (linux && cgo) || netgo\n// +build windows\n\npackage nested\n",
    ),
];

#[test]
fn agrees_with_go_list() {
    if Command::new("go").arg("version").output().is_err() {
        println!("skipped: no go on the PATH");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in PROJECT {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut failures = compare(dir.path());
    let more = std::env::var_os("DOCKLINE_GO_LIST").unwrap_or_default();
    for more in std::env::split_paths(&more).filter(|path| !path.as_os_str().is_empty()) {
        failures.extend(compare(&more));
    }
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

fn builds() -> Vec<Build> {
    let build = Build::default();
    let tagged = Build { tags: vec!["tools".into(), "netgo".into()], goarch: "arm64".into(), ..build.clone() };
    let elsewhere = Build { goos: "windows".into(), goarch: "386".into(), ..build.with_cgo(false) };
    vec![build.with_cgo(false), build, tagged, elsewhere]
}

fn compare(root: &Path) -> Vec<String> {
    let facts = scan(&Disk, &root.join("Dockerfile"), None, &Needs::default(), Some(root));
    assert!(facts.context.is_some());
    let mut failures = Vec::new();
    let mut packages = 0;
    for module in facts.modules.iter().filter(|module| module.complete) {
        for build in builds() {
            let Some(theirs) = go_list(root, module, &build) else {
                println!("not listed by go: {} {}", root.display(), module.dir);
                continue;
            };
            let ours = ours(&facts, module, &build);
            packages += ours.len();
            failures.extend(differences(&ours, &theirs).into_iter().map(|text| format!("{}: {text}", root.display())));
        }
        if module.uses_vendor() {
            failures.extend(compare_programs(root, module));
        }
    }
    println!("{}: {} modules, {packages} packages compared", root.display(), facts.modules.len());
    failures
}

/// The packages of a program by import path, with their cgo files.
type Program = BTreeMap<String, BTreeSet<String>>;

/// Programs of a module with vendor/ that are compared; each is a walk through all that it imports.
const MAX_PROGRAMS: usize = 5;

/// What programs are made of, vendored modules included.
fn compare_programs(root: &Path, module: &Module) -> Vec<String> {
    let mut failures = Vec::new();
    for build in builds() {
        let mains = module.packages_below(&module.dir, &build);
        let mains = mains.filter(|package| package.name(&build) == Some("main") && !package.dir.contains("vendor/"));
        for main in mains.take(MAX_PROGRAMS) {
            let needs = Needs { packages: vec![main.dir.clone()], ..Needs::default() };
            let facts = scan(&Disk, &root.join("Dockerfile"), None, &needs, Some(root));
            let module = facts.module_at(&module.dir).unwrap();
            let walk = facts.walk(module, &[&main.dir], &build);
            let Some(theirs) = go_list_deps(root, &main.dir, &build).filter(|_| walk.complete) else {
                println!("not compared: {} {}", root.display(), main.dir);
                continue;
            };
            let ours = walk.reached.iter().filter_map(|reached| match &reached.target {
                Target::Dir(dir) => Some((reached.import_path.clone(), cgo_files(&facts, dir, &build))),
                _ => None,
            });
            let ours: Program = ours.collect();
            println!("{} {}: a program of {} packages", root.display(), main.dir, ours.len());
            if ours != theirs {
                let only = |a: &Program, b: &Program| -> Vec<String> {
                    a.iter().filter(|(path, files)| b.get(*path) != Some(files)).map(|it| format!("{it:?}")).collect()
                };
                failures.push(format!(
                    "{} {}:\n  ours {:?}\n  go   {:?}",
                    root.display(),
                    main.dir,
                    only(&ours, &theirs),
                    only(&theirs, &ours)
                ));
            }
        }
    }
    failures
}

fn cgo_files(facts: &Facts, dir: &str, build: &Build) -> BTreeSet<String> {
    let files = facts.package_at(dir).into_iter().flat_map(|package| package.selected(build));
    files.filter(|file| file.source.imports("C")).map(|file| file.name.clone()).collect()
}

/// What go says; `None` when go refuses the module.
fn go_list_deps(root: &Path, dir: &str, build: &Build) -> Option<Program> {
    let output = go(build)
        .args(["list", "-e", "-deps", "-json=ImportPath,Standard,CgoFiles,Error", "-mod=vendor"])
        .arg(format!("-tags={}", build.tags.join(",")))
        .arg(".")
        .current_dir(root.join(dir))
        .output()
        .unwrap();
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let mut found = Program::new();
    for value in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let value = value.unwrap();
        if value["Standard"] == true {
            continue;
        }
        let files =
            value["CgoFiles"].as_array().into_iter().flatten().filter_map(|file| Some(file.as_str()?.to_owned()));
        found.insert(value["ImportPath"].as_str()?.to_owned(), files.collect());
    }
    Some(found)
}

fn go(build: &Build) -> Command {
    let mut go = Command::new("go");
    go.env("CGO_ENABLED", if build.cgo { "1" } else { "0" })
        .envs([("GOOS", build.goos.as_str()), ("GOARCH", build.goarch.as_str()), ("GOWORK", "off")])
        .envs([("GOFLAGS", ""), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local")]);
    go
}

fn differences(ours: &BTreeMap<String, Listed>, theirs: &BTreeMap<String, Listed>) -> Vec<String> {
    let mut found = Vec::new();
    for dir in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        if ours.get(dir) != theirs.get(dir) {
            found.push(format!("{dir}\n  ours {:?}\n  go   {:?}", ours.get(dir), theirs.get(dir)));
        }
    }
    found
}

fn ours(facts: &Facts, module: &Module, build: &Build) -> BTreeMap<String, Listed> {
    let mut found = BTreeMap::new();
    for package in module.packages_below(&module.dir, build) {
        assert_eq!(facts.module_for(&package.dir).map(|owner| &owner.dir), Some(&module.dir));
        let mut listed = Listed { name: package.name(build).unwrap_or_default().to_owned(), ..Listed::default() };
        for file in package.selected(build) {
            let files = if file.source.imports("C") { &mut listed.cgo_files } else { &mut listed.files };
            files.insert(file.name.clone());
            listed.imports.extend(file.source.imports.iter().map(|import| import.path.clone()));
            listed.embeds.extend(file.source.embeds.iter().map(|(pattern, _)| pattern.clone()));
        }
        found.insert(package.dir.clone(), listed);
    }
    found
}

/// `None` when go refuses the module as a whole.
fn go_list(root: &Path, module: &Module, build: &Build) -> Option<BTreeMap<String, Listed>> {
    let scratch = tempfile::tempdir().unwrap();
    let modfile = scratch.path().join("go.mod");
    // Without its requirements the module is listed without any download.
    let version = module.go_mod.go.as_ref().map_or("1.22", |word| word.text.as_str());
    let ignores: Vec<String> = module.go_mod.ignores.iter().map(|word| format!("ignore {}\n", word.text)).collect();
    std::fs::write(&modfile, format!("module {}\n\ngo {version}\n{}", module.go_mod.path(), ignores.concat())).unwrap();
    let output = go(build)
        .args(["list", "-e", "-json", "-mod=readonly", "-modfile"])
        .arg(&modfile)
        .arg(format!("-tags={}", build.tags.join(",")))
        .arg("./...")
        .current_dir(root.join(&module.dir))
        .output()
        .unwrap();
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let mut found = BTreeMap::new();
    for value in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let value = value.unwrap();
        let dir = Path::new(value["Dir"].as_str().unwrap_or_default());
        let real_root = root.canonicalize().unwrap();
        let Ok(dir) = dir.strip_prefix(&real_root).or_else(|_| dir.strip_prefix(root)) else { continue };
        let listed = from_json(&value);
        // Packages without a file for the build are listed only where something imports them.
        if !listed.files.is_empty() || !listed.cgo_files.is_empty() {
            found.insert(dir.to_str().unwrap().to_owned(), listed);
        }
    }
    Some(found)
}

fn from_json(value: &Value) -> Listed {
    let strings = |key: &str| -> BTreeSet<String> {
        let list = value[key].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mut imports = strings("Imports");
    if !strings("CgoFiles").is_empty() {
        imports.insert("C".into());
    }
    let name = value["Name"].as_str().unwrap_or_default().to_owned();
    Listed {
        name,
        files: strings("GoFiles"),
        cgo_files: strings("CgoFiles"),
        imports,
        embeds: strings("EmbedPatterns"),
    }
}
