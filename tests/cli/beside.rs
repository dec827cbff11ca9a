//! Fixes of files beside the Dockerfile.
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::{json, project, run, write};

/// A Go project whose ignore file keeps out what is copied and needed, and lets .git through.
fn ignoring(ignore: &str) -> TempDir {
    project(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".dockerignore", ignore),
        ("go.mod", "module example.com/a\n\ngo 1.25\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
        ("dist/a", ""),
        ("dist/b", ""),
        ("Dockerfile", &built("COPY dist/a /etc/a\n")),
        ("b.Dockerfile", &built("COPY dist/b /etc/b\n")),
    ])
}

fn built(copy: &str) -> String {
    format!("FROM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\n{copy}RUN CGO_ENABLED=0 go build -o /app .\n")
}

#[test]
fn fixes_of_an_ignore_file_that_dockerfiles_share() {
    let folder = ignoring("\u{feff}*.md\r\ndist");
    let fix = ["fix", "--unsafe", "--level", "hint"];
    let ignore = || fs::read_to_string(folder.path().join(".dockerignore")).unwrap();
    let (code, out, err) = run(folder.path(), &[&fix[..], &["--diff"]].concat());
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(out.matches("--- .dockerignore\n+++ .dockerignore\n").count(), 1, "{out}");
    assert!(out.contains("+.git\r\n+!dist/a\r\n+!dist/b\n"), "{out}");
    assert_eq!(ignore(), "\u{feff}*.md\r\ndist", "--diff changes nothing");
    let (code, out, err) = run(folder.path(), &fix);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("let `dist/a` through in .dockerignore (copy-source-ignored)"), "{out}");
    assert!(out.contains("\n  changed .dockerignore\n"), "{out}");
    assert_eq!(ignore(), "\u{feff}*.md\r\ndist\r\n.git\r\n!dist/a\r\n!dist/b");
    assert_eq!(run(folder.path(), &[&fix[..], &["--diff"]].concat()), (0, String::new(), String::new()));
    assert_eq!(run(folder.path(), &fix), (0, String::new(), String::new()));
}

#[test]
fn an_ignore_file_of_ones_own() {
    let folder = ignoring(".git\n");
    write(folder.path(), "b.Dockerfile.dockerignore", b".git\n**/*.go\ndist\n");
    assert_eq!(run(folder.path(), &["fix", "--unsafe"]).0, 0);
    let own = fs::read_to_string(folder.path().join("b.Dockerfile.dockerignore")).unwrap();
    assert_eq!(own, ".git\n**/*.go\ndist\n!dist/b\n");
    assert_eq!(fs::read_to_string(folder.path().join(".dockerignore")).unwrap(), ".git\n");
}

#[test]
fn edits_of_other_files_are_reported_with_their_file() {
    let folder = ignoring(".git\n  dist\n");
    let found = json(folder.path(), &["Dockerfile"])["files"][0]["diagnostics"].clone();
    let found = found.as_array().unwrap().iter().find(|found| found["rule"] == "copy-source-ignored").unwrap();
    let at = serde_json::json!({ "line": 2, "column": 7 });
    let edit = serde_json::json!({ "path": ".dockerignore", "range": { "start": at, "end": at }, "text": "\n!dist/a" });
    assert_eq!(found["fixes"][0]["edits"], serde_json::json!([edit]));
    assert_eq!(found["fixes"][0]["applicability"], "unsafe");
    let sarif = run(folder.path(), &["check", "--format", "sarif", "Dockerfile"]).1;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let found = results.iter().find(|found| found["ruleId"] == "copy-source-ignored").unwrap();
    let change = &found["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], ".dockerignore", "{change}");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 2, "{change}");
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "\n!dist/a", "{change}");
}

#[test]
fn an_ignore_file_that_can_not_be_written_costs_nothing_else() {
    let folder = ignoring(".git\ndist\n");
    write(folder.path(), "Dockerfile", built("COPY dist/a /etc/a\nCOPPY main.go /x\n").as_bytes());
    let path = folder.path().join(".dockerignore");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let (code, out, err) = run(folder.path(), &["fix", "--unsafe", "Dockerfile"]);
    assert!(code == 2 && err.contains(".dockerignore: ") && err.contains("read-only"), "{err}");
    assert!(out.contains("unknown-instruction") && !out.contains("dist/a") && !out.contains("changed"), "{out}");
    assert!(fs::read_to_string(folder.path().join("Dockerfile")).unwrap().contains("\nCOPY main.go /x\n"));
    // Bytes that are not UTF-8: no fix at all.
    let folder = ignoring("");
    write(folder.path(), ".dockerignore", b".git\n# \xe9\ndist\n");
    assert_eq!(run(folder.path(), &["fix", "--unsafe"]), (0, String::new(), String::new()));
}

#[test]
fn an_ignore_file_that_dockerfiles_share_is_created_once() {
    let dockerfile = "FROM alpine:3.22\nWORKDIR /x\nCOPY . .\n";
    let files = [(".git/HEAD", ""), ("package.json", "{}"), ("Dockerfile", dockerfile), ("b.Dockerfile", dockerfile)];
    let folder = project(&files);
    let (code, out, err) = run(folder.path(), &["fix", "--unsafe", "--diff"]);
    assert_eq!((code, err.as_str(), out.matches("--- /dev/null\n+++ .dockerignore\n").count()), (1, "", 1), "{out}");
    let (code, _, err) = run(folder.path(), &["fix", "--unsafe"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(fs::read_to_string(folder.path().join(".dockerignore")).unwrap().starts_with(".git\n"));
    assert_eq!(run(folder.path(), &["fix", "--unsafe"]), (0, String::new(), String::new()));
}
