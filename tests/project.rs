//! Facts about projects: contexts, modules, packages, and what they need.
use std::path::Path;

use dockline::project::walk::Target;
use dockline::project::{Build, CgoNeed, Facts, How, Memory, Needs, scan};

fn needs(sources: &[&str], packages: &[&str]) -> Needs {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Needs { sources: owned(sources), packages: owned(packages) }
}

fn facts(files: &[(&str, &str)]) -> Facts {
    let files = Memory::new(files.iter().copied());
    scan(&files, Path::new("/p/Dockerfile"), Some(Path::new("/p")), &needs(&["."], &["."]), Some(Path::new("/p")))
}

fn cgo(facts: &Facts, module: &str, dir: &str, tags: &[&str]) -> String {
    let build = Build { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Build::default() };
    match facts.reaches_cgo(facts.module_at(module).expect(module), &[dir], &build) {
        CgoNeed::Yes { chain, row, file } => {
            let row = row.map_or("-", |row| row.module);
            format!("{} | {row} | {}", chain.join(" > "), file.unwrap_or_default())
        }
        CgoNeed::No => "no".into(),
        CgoNeed::Unknown => "unknown".into(),
    }
}

const MAIN: &str = "package main\n\nimport \"example.com/app/db\"\n\nfunc main() { db.Open() }\n";

#[test]
fn nothing_is_known_without_a_context() {
    let files = Memory::new([("/p/.git/HEAD", ""), ("/p/a/b/Dockerfile", "")]);
    let needs = needs(&["dist/app"], &[]);
    let facts = scan(&files, Path::new("/p/a/b/Dockerfile"), Some(Path::new("/p")), &needs, None);
    assert!(facts.context.is_none() && facts.modules.is_empty());
    assert_eq!((facts.exists("x"), facts.is_ignored("x"), facts.glob("*")), (None, None, None));
    assert!(Facts::default().resolve_packages("", "./...", &Build::default()).is_none());
}

#[test]
fn what_arrives_in_the_build() {
    let facts = facts(&[
        ("/p/go.mod", "module example.com/app\n"),
        ("/p/.dockerignore", "docs\n*.env\n"),
        ("/p/docs/a.md", ""),
        ("/p/prod.env", ""),
        ("/p/.gitignore", "/bin\n"),
        ("/p/Dockerfile", ""),
    ]);
    assert_eq!((facts.is_git_ignored("bin/app"), facts.is_git_ignored("go.sum")), (Some(true), Some(false)));
    assert_eq!(facts.context.as_ref().map(|context| context.how.clone()), Some(How::Setting));
    assert_eq!(facts.dockerfile.as_deref(), Some("Dockerfile"));
    assert_eq!(
        (facts.arrives("go.mod"), facts.arrives("go.sum"), facts.arrives("docs/a.md")),
        (Some(true), Some(false), Some(false))
    );
    assert_eq!((facts.exists("prod.env"), facts.is_ignored("prod.env")), (Some(true), Some(true)));
    assert_eq!(facts.glob("*.env"), Some(vec!["prod.env"]));
}

#[test]
fn the_dockerfile_may_have_its_own_ignore_file() {
    let files = [("/p/.dockerignore", "*"), ("/p/Dockerfile.dockerignore", "b"), ("/p/a", ""), ("/p/b", "")];
    let facts = facts(&files);
    assert_eq!((facts.is_ignored("a"), facts.is_ignored("b")), (Some(false), Some(true)));
    assert!(facts.ignore_path.unwrap().ends_with("Dockerfile.dockerignore"));
}

#[test]
fn packages_of_arguments() {
    let facts = facts(&[
        ("/p/go.mod", "module example.com/app\n\ngo 1.22\n"),
        ("/p/main.go", "package main\nfunc main() {}\n"),
        ("/p/cmd/a/main.go", "package main\nfunc main() {}\n"),
        ("/p/cmd/b/main_windows.go", "package main\nfunc main() {}\n"),
        ("/p/lib/lib.go", "package lib\n"),
        ("/p/testdata/x/x.go", "package x\n"),
        ("/p/sub/go.mod", "module example.com/sub\n"),
        ("/p/sub/s.go", "package sub\n"),
    ]);
    let build = Build::default();
    let dirs = |dir: &str, argument: &str| -> Option<Vec<String>> {
        let found = facts.resolve_packages(dir, argument, &build)?;
        Some(found.into_iter().map(|package| package.dir.clone()).collect())
    };
    assert_eq!(dirs("", "./..."), Some(vec![String::new(), "cmd/a".into(), "lib".into()]));
    assert_eq!(dirs("", "./cmd/..."), Some(vec!["cmd/a".into()]));
    assert_eq!(dirs("", "."), Some(vec![String::new()]));
    assert_eq!(dirs("", "main.go"), Some(vec![String::new()]));
    assert_eq!(dirs("cmd", "./a/main.go"), Some(vec!["cmd/a".into()]));
    assert_eq!(dirs("", "example.com/app/cmd/a"), Some(vec!["cmd/a".into()]));
    assert_eq!(dirs("", "./none"), Some(vec![]));
    assert_eq!(dirs("", "../x"), None);
    assert_eq!(dirs("sub", "."), Some(vec!["sub".into()]));
    let module = facts.module_for("cmd/a").unwrap();
    let mains: Vec<&str> = module.main_packages(&build).map(|package| package.dir.as_str()).collect();
    assert_eq!(mains, ["", "cmd/a"]);
    assert!(module.complete && !facts.truncated);
}

#[test]
fn a_downloaded_module_that_needs_cgo() {
    let db = "package db\n\nimport _ \"github.com/mattn/go-sqlite3\"\n\nfunc Open() {}\n";
    let go_mod = "module example.com/app\n\ngo 1.22\n\nrequire github.com/mattn/go-sqlite3 v1.14.22\n";
    let facts =
        facts(&[("/p/go.mod", go_mod), ("/p/main.go", MAIN), ("/p/db/db.go", db), ("/p/tool/t.go", "package main\n")]);
    let chain = "example.com/app > example.com/app/db > github.com/mattn/go-sqlite3 | github.com/mattn/go-sqlite3 | ";
    assert_eq!(cgo(&facts, "", "", &[]), chain);
    assert_eq!(cgo(&facts, "", "tool", &[]), "no");
}

#[test]
fn tests_tags_and_fallbacks_do_not_count() {
    let go_mod = "module example.com/app\n\ngo 1.22\n\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.22\n\tgithub.com/google/uuid v1.6.0\n)\n";
    let facts = facts(&[
        ("/p/go.mod", go_mod),
        ("/p/main.go", MAIN),
        ("/p/db/db.go", "package db\n\nfunc Open() {}\n"),
        ("/p/db/db_test.go", "package db\n\nimport _ \"github.com/mattn/go-sqlite3\"\n"),
        ("/p/db/sqlite.go", "//go:build sqlite\n\npackage db\n\nimport _ \"github.com/mattn/go-sqlite3\"\n"),
        ("/p/db/fast.go", "package db\n\nimport \"C\"\n"),
        ("/p/db/slow.go", "//go:build !cgo\n\npackage db\n"),
        ("/p/cmd/own/main.go", "package main\n\nimport \"C\"\n\nfunc main() {}\n"),
        ("/p/cmd/uuid/main.go", "package main\n\nimport _ \"github.com/google/uuid\"\n\nfunc main() {}\n"),
    ]);
    assert_eq!(cgo(&facts, "", "", &[]), "no");
    assert!(cgo(&facts, "", "", &["sqlite"]).contains("go-sqlite3"));
    assert_eq!(cgo(&facts, "", "cmd/own", &[]), "example.com/app/cmd/own | - | main.go");
    // Some downloaded module might import sqlite3: go.mod requires it.
    assert_eq!(cgo(&facts, "", "cmd/uuid", &[]), "unknown");
}

#[test]
fn vendored_packages_are_really_read() {
    let go_mod =
        "module example.com/app\n\ngo 1.22\n\nrequire (\n\texample.org/c v1.0.0\n\texample.org/pure v1.0.0\n)\n";
    let facts = facts(&[
        ("/p/go.mod", go_mod),
        ("/p/main.go", "package main\n\nimport _ \"example.org/mid\"\n\nfunc main() {}\n"),
        ("/p/cmd/pure/main.go", "package main\n\nimport _ \"example.org/pure\"\n\nfunc main() {}\n"),
        ("/p/vendor/modules.txt", "# example.org/c v1.0.0\n## explicit\nexample.org/c\n"),
        ("/p/vendor/example.org/mid/mid.go", "package mid\n\nimport _ \"example.org/c\"\n"),
        ("/p/vendor/example.org/c/c.go", "package c\n\n// #include <x.h>\nimport \"C\"\n"),
        ("/p/vendor/example.org/pure/p.go", "package pure\n\nimport _ \"net/http\"\n"),
    ]);
    assert_eq!(cgo(&facts, "", "", &[]), "example.com/app > example.org/mid > example.org/c | - | c.go");
    assert_eq!(cgo(&facts, "", "cmd/pure", &[]), "no");
    let module = facts.module_at("").unwrap();
    assert!(module.uses_vendor());
    let walk = facts.walk(module, &["cmd/pure"], &Build::default());
    assert!(walk.complete && !walk.has_external());
    assert_eq!(walk.find("net/http").map(|index| walk.chain(index).len()), Some(3));
}

#[test]
fn local_replacements_and_workspaces() {
    let facts = facts(&[
        ("/p/go.work", "go 1.24\n\nuse (\n\t./api\n\t./lib\n\t../outside\n)\n"),
        ("/p/api/go.mod", "module api\n\ngo 1.22\n\nrequire example.com/r v0.0.0\n\nreplace example.com/r => ../r\n"),
        (
            "/p/api/main.go",
            "package main\n\nimport (\n\t_ \"example.com/lib/x\"\n\t_ \"example.com/r\"\n\t_ \"api/internal\"\n)\n\nfunc main() {}\n",
        ),
        ("/p/api/internal/i.go", "package internal\n"),
        ("/p/lib/go.mod", "module example.com/lib\n\ngo 1.23\n"),
        ("/p/lib/x/x.go", "package x\n\nimport \"C\"\n"),
        ("/p/r/go.mod", "module example.com/r\n"),
        ("/p/r/r.go", "package r\n"),
    ]);
    let api = facts.module_at("api").unwrap();
    assert_eq!(facts.resolve(api, "api/internal"), Target::Dir("api/internal".into()));
    assert_eq!(facts.resolve(api, "example.com/r"), Target::Dir("r".into()));
    assert_eq!(facts.resolve(api, "example.com/lib/x"), Target::Dir("lib/x".into()));
    assert_eq!(facts.resolve(api, "net/http"), Target::Std);
    assert_eq!(facts.resolve(api, "github.com/a/b"), Target::External);
    assert_eq!(cgo(&facts, "api", "api", &[]), "api > example.com/lib/x | - | x.go");
    assert_eq!(facts.required_go(api).map(|go| go.to_string()).as_deref(), Some("1.24"));
    let outside = facts.work.as_ref().unwrap().module_dirs().filter(Option::is_none).count();
    assert_eq!(outside, 1);
}

#[test]
fn a_replacement_outside_the_context_is_unknown() {
    let go_mod = "module example.com/app\n\ngo 1.22\n\nrequire example.com/r v0.0.0\n\nreplace example.com/r => ../r\n";
    let facts = facts(&[
        ("/p/go.mod", go_mod),
        ("/p/main.go", "package main\n\nimport _ \"example.com/r\"\n\nfunc main() {}\n"),
    ]);
    assert_eq!(facts.resolve(facts.module_at("").unwrap(), "example.com/r"), Target::Outside);
    assert_eq!(facts.local_replaces(facts.module_at("").unwrap()), [("example.com/r", None)]);
    assert_eq!(cgo(&facts, "", "", &[]), "unknown");
}

#[test]
fn broken_files_are_harmless() {
    let facts = facts(&[
        ("/p/go.mod", "module \"\n(((\nrequire ("),
        ("/p/go.work", "use (\n"),
        ("/p/main.go", "package main\nimport (\n\"\n`"),
        ("/p/bad.go", "\u{0}\u{1}//go:build ((((\n"),
        ("/p/vendor/modules.txt", "##\n# \nx"),
        ("/p/.dockerignore", "[\n!\n\\\n"),
    ]);
    assert_eq!(facts.modules.len(), 1);
    assert_eq!(facts.is_ignored("main.go"), Some(false));
    assert_eq!(cgo(&facts, "", "", &[]), "no");
}
