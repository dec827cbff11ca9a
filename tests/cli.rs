//! The contracts of the command line, tried on the program itself.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "cli/beside.rs"]
mod beside;
#[path = "cli/generated.rs"]
mod generated;
#[path = "cli/registry.rs"]
mod registry;
#[path = "support/registry_server.rs"]
mod registry_server;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const CLEAN: &str = "FROM scratch\nCOPY app /app\n";
const BROKEN: &str = "FROM scratch\nCOPPY app /app\n";
/// A warning, and no more: the comment's words become part of a path.
const DUBIOUS: &str = "FROM scratch\nWORKDIR /src # sources\n";

/// A directory with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn dockline(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockline"));
    command.current_dir(folder).args(arguments).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    // No ShellCheck: it would say more.
    command.env("PATH", "");
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    texts(&dockline(folder, arguments).output().unwrap())
}

fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let piped = |command: &mut Command| {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut child = piped(&mut dockline(folder, arguments));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    texts(&child.wait_with_output().unwrap())
}

fn texts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["check", "--format", "json"];
    all.extend(arguments);
    serde_json::from_str(&run(folder, &all).1).unwrap()
}

#[test]
fn a_clean_file_is_quiet() {
    let folder = project(&[("Dockerfile", CLEAN)]);
    assert_eq!(run(folder.path(), &["check"]), (0, String::new(), String::new()));
}

#[test]
fn findings_have_frames_and_a_summary() {
    let folder = project(&[("Dockerfile", BROKEN), ("b/Dockerfile", DUBIOUS)]);
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("error[unknown-instruction]: `COPPY` is no instruction"), "{out}");
    assert!(out.contains(" --> Dockerfile:2:1\n") && out.contains(" --> b/Dockerfile:2:14\n"), "{out}");
    assert!(out.contains("\n1 error, 1 warning in 2 files\n"), "{out}");
    assert!(!out.contains('\x1b'), "no colours without a terminal");
    assert!(run(folder.path(), &["check", "--color", "always"]).1.contains('\x1b'));
}

#[test]
fn levels_decide_what_is_shown_and_what_fails() {
    let folder = project(&[("Dockerfile", DUBIOUS)]);
    let code = |arguments: &[&str]| run(folder.path(), &[&["check"], arguments].concat()).0;
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-on", "error"]), 0);
    assert_eq!(run(folder.path(), &["check", "--level", "error"]), (0, String::new(), String::new()));
    assert_eq!(json(folder.path(), &["--level", "error"])["files"][0]["diagnostics"], serde_json::json!([]));
    let hint = "FROM scratch\n# dockline: ignore=unknown-flag\nCOPY a /b\n";
    write(folder.path(), "Dockerfile", hint.as_bytes());
    assert_eq!(run(folder.path(), &["check"]), (0, String::new(), String::new()));
    assert_eq!(code(&["--fail-on", "hint"]), 1);
    assert!(run(folder.path(), &["check", "--level", "hint"]).1.contains("hint[unused-suppression]"));
}

#[test]
fn one_bad_file_hides_nothing() {
    let folder = project(&[("a.Dockerfile", BROKEN), ("b.Dockerfile", BROKEN)]);
    let (code, out, err) = run(folder.path(), &["check", "a.Dockerfile", "missing", "b.Dockerfile"]);
    assert_eq!(code, 2);
    assert!(out.contains("a.Dockerfile:2") && out.contains("b.Dockerfile:2"), "{out}");
    assert!(err.starts_with("error: missing: "), "{err}");
    assert_eq!(run(folder.path(), &["check", "missing"]).0, 2);
    assert_eq!(run(folder.path(), &["check", "--no-such-flag"]).0, 2);
    let empty = project(&[]);
    assert_eq!(run(empty.path(), &["check"]), (2, String::new(), "error: no Dockerfile found\n".into()));
}

#[test]
fn standard_input_has_a_name_if_it_is_given_one() {
    let folder = project(&[("x/dockline.toml", "rules.unknown-instruction = \"off\"\n")]);
    let (code, out, _) = run_with_input(folder.path(), &["check", "-"], BROKEN);
    assert!(code == 1 && out.contains(" --> <stdin>:2:1"), "{out}");
    let (code, out, _) = run_with_input(folder.path(), &["check", "-", "--stdin-filename", "y/Dockerfile"], BROKEN);
    assert!(code == 1 && out.contains(" --> y/Dockerfile:2:1"), "{out}");
    assert_eq!(run_with_input(folder.path(), &["check", "-", "--stdin-filename", "x/Dockerfile"], BROKEN).0, 0);
    let (code, out, _) = run_with_input(folder.path(), &["fix", "-"], BROKEN);
    assert_eq!((code, out.as_str()), (0, CLEAN));
}

#[test]
fn directories_are_searched() {
    let folder = project(&[
        ("Dockerfile", BROKEN),
        ("Containerfile", BROKEN),
        ("api.Dockerfile", BROKEN),
        (".devcontainer/Dockerfile.dev", BROKEN),
        ("Dockerfile.dockerignore", BROKEN),
        ("Dockerfile.md", BROKEN),
        ("out/Dockerfile", BROKEN),
        ("node_modules/x/Dockerfile", BROKEN),
        ("vendor/modules.txt", ""),
        ("vendor/x/Dockerfile", BROKEN),
        (".gitignore", "/out\n"),
    ]);
    let files = json(folder.path(), &["."])["files"].clone();
    let paths: Vec<&str> = files.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, [".devcontainer/Dockerfile.dev", "Containerfile", "Dockerfile", "api.Dockerfile"]);
    assert_eq!(json(folder.path(), &["out/Dockerfile", "."])["files"].as_array().unwrap().len(), 5);
}

#[test]
fn json_is_as_promised() {
    let folder = project(&[("go.mod", "module x\n"), ("Dockerfile", "FROM scratch\nLABEL a=\"😀é\" \\\n b=${x\n")]);
    let report = json(folder.path(), &["--context", "."]);
    assert_eq!(report["version"], 1);
    let file = &report["files"][0];
    assert_eq!(file["path"], "Dockerfile");
    assert!(Path::new(file["context"].as_str().unwrap()).is_absolute(), "{file}");
    let found = &file["diagnostics"][0];
    assert_eq!(found["rule"], "invalid-substitution");
    assert_eq!(found["aliases"], serde_json::json!([]));
    assert_eq!(found["severity"], "error");
    assert_eq!(found["message"], "this `${` lacks its `}`");
    assert_eq!(found["related"], serde_json::json!([]));
    assert_eq!(found["range"], serde_json::json!({"start": {"line": 3, "column": 4}, "end": {"line": 3, "column": 6}}));
    let edit = serde_json::json!({
        "path": "Dockerfile",
        "range": {"start": {"line": 3, "column": 7}, "end": {"line": 3, "column": 7}},
        "text": "}",
    });
    assert_eq!(
        found["fixes"],
        serde_json::json!([{"title": "close it with }", "applicability": "safe", "edits": [edit]}])
    );
}

#[test]
fn columns_are_characters() {
    let folder = project(&[("Dockerfile", "FROM scratch\nEXPOSE 1 2 😀 x\n")]);
    let found = json(folder.path(), &[])["files"][0]["diagnostics"].clone();
    assert_eq!(found[1]["range"]["start"]["column"], 14, "{found}");
}

#[test]
fn settings_lie_beside_or_above() {
    let folder = project(&[
        ("dockline.toml", "[rules]\nunknown-instruction = \"hint\"\n"),
        ("a/b/Dockerfile", BROKEN),
        ("broken/dockline.toml", "\n[rules]\nunknown-instruction = \"loud\"\n"),
        ("broken/Dockerfile", BROKEN),
        ("typo/dockline.toml", "[rules]\nunknown-instructions = \"off\"\n"),
        ("typo/Dockerfile", BROKEN),
    ]);
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!(code, 2);
    assert!(out.contains("typo/Dockerfile:2:1") && !out.contains("a/b/Dockerfile"), "{out}");
    assert!(err.contains("broken") && err.contains("dockline.toml") && err.contains("line 3"), "{err}");
    assert!(err.contains("there is no rule unknown-instructions: did you mean unknown-instruction?"), "{err}");
    assert_eq!(run(folder.path(), &["check", "a/b/Dockerfile"]).0, 0);
    assert_eq!(run(folder.path(), &["check", "a", "--config", "typo/dockline.toml"]).0, 1);
}

#[test]
fn fix_repairs_and_says_what() {
    let folder = project(&[("Dockerfile", "FROM scratch\r\nCOPPY --chwon=1 a /b\r\nHEALTHCHECK --interval=3 NONEE")]);
    let (code, out, err) = run(folder.path(), &["fix", "--diff"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("-COPPY --chwon=1 a /b") && out.contains("+COPY --chown=1 a /b"), "{out}");
    let before = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert!(before.contains("COPPY"), "--diff changes nothing");
    let (code, out, err) = run(folder.path(), &["fix"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("line 2: write COPY (unknown-instruction)") && out.contains("write --chown"), "{out}");
    let after = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert_eq!(after, "FROM scratch\r\nCOPY --chown=1 a /b\r\nHEALTHCHECK --interval=3s NONE");
    assert_eq!(run(folder.path(), &["fix"]), (0, String::new(), String::new()));
    assert_eq!(run(folder.path(), &["fix", "--diff"]), (0, String::new(), String::new()));
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let text = "FROM scratch\nLABEL description='A small tool\n";
    let folder = project(&[("Dockerfile", text)]);
    assert_eq!(run(folder.path(), &["fix"]).1, "");
    assert_eq!(fs::read_to_string(folder.path().join("Dockerfile")).unwrap(), text);
    run(folder.path(), &["fix", "--unsafe"]);
    assert_eq!(
        fs::read_to_string(folder.path().join("Dockerfile")).unwrap(),
        "FROM scratch\nLABEL description='A small tool'\n"
    );
}

#[test]
fn other_encodings_are_read_and_never_written() {
    let folder = project(&[]);
    let bytes = b"FROM scratch\nLABEL a=\xe9\nCOPPY a /b\n";
    write(folder.path(), "Dockerfile", bytes);
    let (code, out, _) = run(folder.path(), &["check"]);
    assert!(code == 1 && out.contains("unknown-instruction"), "{out}");
    let (code, _, err) = run(folder.path(), &["fix"]);
    assert!(code == 2 && err.contains("not UTF-8"), "{err}");
    assert_eq!(fs::read(folder.path().join("Dockerfile")).unwrap(), bytes);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = project(&[("real", BROKEN)]);
    let real = folder.path().join("real");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", folder.path().join("Dockerfile")).unwrap();
    assert_eq!(run(folder.path(), &["fix", "Dockerfile"]).0, 0);
    assert_eq!(fs::read_to_string(&real).unwrap(), CLEAN);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.path().join("Dockerfile")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");

    write(folder.path(), "locked/Dockerfile", BROKEN.as_bytes());
    fs::set_permissions(folder.path().join("locked/Dockerfile"), fs::Permissions::from_mode(0o444)).unwrap();
    let (code, _, err) = run(folder.path(), &["fix", "locked"]);
    assert!(code == 2 && err.contains("read-only"), "{err}");
}

#[test]
fn tables_are_printed() {
    let folder = project(&[]);
    let (code, out, _) = run(folder.path(), &["data"]);
    assert!(code == 0 && out.lines().any(|line| line.starts_with("cgo-modules ") && line.contains("2026-")), "{out}");
    let (code, out, _) = run(folder.path(), &["data", "golang-tags"]);
    assert!(
        code == 0 && out.starts_with("# Tags of the official golang image") && out.contains("\n1.27\talpine\t"),
        "{out}"
    );
    let list: Value = serde_json::from_str(&run(folder.path(), &["data", "--format", "json"]).1).unwrap();
    let tables = list.as_array().unwrap();
    assert!(tables.len() > 30 && tables.iter().all(|table| table["source"].is_string() && table["rows"].is_null()));
    let table: Value =
        serde_json::from_str(&run(folder.path(), &["data", "cgo_modules", "--format", "json"]).1).unwrap();
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len() as u64, table["row_count"].as_u64().unwrap());
    assert!(rows.iter().any(|row| row["module"] == "github.com/mattn/go-sqlite3"));
    let (code, out, err) = run(folder.path(), &["data", "cgo-module"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("did you mean cgo-modules?"), "{err}");
}

#[test]
fn rules_are_explained() {
    let folder = project(&[]);
    let (code, out, _) = run(folder.path(), &["explain", "unknown-instruction"]);
    assert!(code == 0 && out.starts_with("# unknown-instruction\n"), "{out}");
    assert!(run(folder.path(), &["explain", "DL3011"]).1.starts_with("# invalid-port\n"));
    let (code, out, err) = run(folder.path(), &["explain", "unknown-instructoin"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("did you mean unknown-instruction?"), "{err}");
    let (code, out, _) = run(folder.path(), &["rules"]);
    assert!(
        code == 0 && out.lines().any(|line| line.starts_with("  unknown-flag ") && line.contains(" error ")),
        "{out}"
    );
    let rules: Value = serde_json::from_str(&run(folder.path(), &["rules", "--format", "json"]).1).unwrap();
    assert_eq!(rules.as_array().unwrap().len(), dockline::rules::RULES.len());
    assert!(rules[0]["name"].is_string() && rules[0]["summary"].is_string());
}

#[test]
fn the_program_introduces_itself() {
    let folder = project(&[]);
    assert_eq!(run(folder.path(), &["--version"]).1, format!("dockline {}\n", env!("CARGO_PKG_VERSION")));
    let (code, out, _) = run(folder.path(), &["--help"]);
    assert!(code == 0 && out.contains("check") && out.contains("Exit codes"), "{out}");
    assert_eq!(run(folder.path(), &[]).0, 2);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_failure() {
    let folder = project(&[("Dockerfile", &format!("FROM scratch\n{}", "COPPY a b\n".repeat(2000)))]);
    let mut child = dockline(folder.path(), &["check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (_, _, err) = texts(&child.wait_with_output().unwrap());
    assert_eq!(err, "");
}

/// Every planted mistake is found; the good project has none.
#[test]
fn the_examples_show_what_they_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(run(root, &["check", "examples/good"]), (0, String::new(), String::new()));
    let planted = [
        ("examples/hobby-api/Dockerfile", "untagged-image"),
        ("examples/hobby-api/Dockerfile", "secrets-in-arg-or-env"),
        ("examples/hobby-api/Dockerfile", "modules-after-source"),
        ("examples/hobby-api/Dockerfile", "single-stage-go-image"),
        ("examples/hobby-api/Dockerfile", "shell-form-entrypoint"),
        ("examples/hobby-api/cached.Dockerfile", "image-older-than-go-mod"),
        ("examples/hobby-api/cached.Dockerfile", "go-sum-not-copied"),
        ("examples/hobby-api/cached.Dockerfile", "version-arg-not-in-stage"),
        ("examples/hobby-api/cached.Dockerfile", "latest-tag"),
        ("examples/hobby-api/cached.Dockerfile", "broken-json-form"),
        ("examples/cgo-service/Dockerfile", "cgo-disabled-but-needed"),
        ("examples/cgo-service/debian.Dockerfile", "libc-mismatch"),
    ];
    let files = json(root, &["examples"])["files"].clone();
    let found = |path: &str, rule: &str| {
        let file = files.as_array().unwrap().iter().find(|file| file["path"] == path).unwrap();
        file["diagnostics"].as_array().unwrap().iter().any(|found| found["rule"] == rule)
    };
    for (path, rule) in planted {
        assert!(found(path, rule), "{path}: {rule} is not reported");
    }
}

const UNTIDY: &str = "FROM alpine as b\nRUN   a && \\\nb\n";
const TIDY: &str = "FROM alpine AS b\nRUN a && \\\n    b\n";

#[test]
fn fmt_tidies_files() {
    let folder = project(&[
        ("Dockerfile", UNTIDY),
        ("b/x.Dockerfile", TIDY),
        ("out/Dockerfile", UNTIDY),
        (".gitignore", "/out\n"),
    ]);
    let text = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(run(folder.path(), &["fmt", "--check"]), (1, "Dockerfile\n".into(), String::new()));
    let (code, out, err) = run(folder.path(), &["fmt", "--diff"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(
        out,
        "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,3 @@\n-FROM alpine as b\n-RUN   a && \\\n-b\n+FROM alpine AS b\n+RUN a && \\\n+    b\n"
    );
    assert_eq!(text("Dockerfile"), UNTIDY, "they change nothing");
    assert_eq!(run(folder.path(), &["fmt"]), (0, String::new(), String::new()));
    assert_eq!((text("Dockerfile").as_str(), text("out/Dockerfile").as_str()), (TIDY, UNTIDY));
    for arguments in [&["fmt"][..], &["fmt", "--check"], &["fmt", "--diff"], &["fmt", "--check", "Dockerfile", "b"]] {
        assert_eq!(run(folder.path(), arguments), (0, String::new(), String::new()));
    }
    assert_eq!(run(folder.path(), &["fmt", "missing"]).0, 2);
}

#[test]
fn fmt_reads_standard_input() {
    let folder = project(&[("x/dockline.toml", "[format]\nkeyword-case = \"lower\"\nindent = 2\n")]);
    let format =
        |arguments: &[&str], input: &str| run_with_input(folder.path(), &[&["fmt", "-"], arguments].concat(), input);
    assert_eq!(format(&[], UNTIDY), (0, TIDY.into(), String::new()));
    let lower = "from alpine as b\nrun a && \\\n  b\n";
    assert_eq!(format(&["--stdin-filename", "x/Dockerfile"], UNTIDY), (0, lower.into(), String::new()));
    assert_eq!(format(&["--config", "x/dockline.toml"], UNTIDY), (0, lower.into(), String::new()));
    assert_eq!(format(&["--check"], UNTIDY), (1, "<stdin>\n".into(), String::new()));
    assert_eq!(format(&["--check"], TIDY), (0, String::new(), String::new()));
    assert!(format(&["--diff", "--stdin-filename", "y"], UNTIDY).1.starts_with("--- y\n"));
    // A filter gives back what it can't format.
    let (code, out, err) = format(&[], BROKEN);
    assert_eq!((code, out.as_str()), (2, BROKEN));
    assert!(err.starts_with("error: <stdin>: not formatted: line 2: `COPPY` is no instruction"), "{err}");
}

#[test]
fn fmt_leaves_alone_what_it_does_not_understand() {
    let folder = project(&[
        ("a.Dockerfile", "FROM a\nRUN   <<EOF\n"),
        ("b.Dockerfile", UNTIDY),
        ("dockline.toml", "format.indent = 4\n"),
    ]);
    let bytes = b"FROM a as b\nLABEL a=\xe9\n";
    write(folder.path(), "c.Dockerfile", bytes);
    let (code, out, err) = run(folder.path(), &["fmt"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("a.Dockerfile: not formatted: line 2: ")
            && err.contains("c.Dockerfile: not formatted: it is not UTF-8"),
        "{err}"
    );
    assert_eq!(fs::read(folder.path().join("c.Dockerfile")).unwrap(), bytes);
    assert_eq!(fs::read_to_string(folder.path().join("b.Dockerfile")).unwrap(), TIDY, "the others are");
    write(folder.path(), "dockline.toml", b"format.indnt = 4\n");
    let (code, _, err) = run(folder.path(), &["fmt", "b.Dockerfile"]);
    assert!(code == 2 && err.contains("indnt"), "{err}");
}

const TWO_STAGES: &str =
    "FROM alpine AS a\nRUN b\n\nFROM alpine AS c\nLABEL d=e\n# f\nRUN g\n\nFROM alpine\nCOPY --from=c / /\n";

#[test]
fn slice_prints_what_one_line_needs() {
    let folder = project(&[("Dockerfile", TWO_STAGES)]);
    let slice = "FROM alpine AS c\n# f\nRUN g\n";
    assert_eq!(run(folder.path(), &["slice", "Dockerfile:7"]), (0, slice.into(), String::new()));
    assert_eq!(run(folder.path(), &["slice", "Dockerfile:6"]).1, slice, "a comment belongs to what follows");
    assert_eq!(run_with_input(folder.path(), &["slice", "-:7"], TWO_STAGES).1, slice);
    assert_eq!(run(folder.path(), &["slice", "-o", "cut", "Dockerfile:7"]), (0, String::new(), String::new()));
    assert_eq!(fs::read_to_string(folder.path().join("cut")).unwrap(), slice);
    for (place, message) in [
        ("Dockerfile:3", "error: Dockerfile: line 3 is no part of an instruction\n"),
        ("Dockerfile:99", "error: Dockerfile: there is no line 99\n"),
        ("Dockerfile", "error: Dockerfile: not of the form FILE:LINE, such as Dockerfile:12\n"),
    ] {
        assert_eq!(run(folder.path(), &["slice", place]), (2, String::new(), message.into()));
    }
    assert_eq!(run_with_input(folder.path(), &["slice", "-:1"], "ARG A\nFROM b\n").0, 2);
}

#[test]
fn init_writes_what_is_not_there() {
    let main = "package main\n\nfunc main() {}\n";
    let folder =
        project(&[("go.mod", "module example.com/shop\n\ngo 1.27\n"), ("main.go", main), ("cmd/x/main.go", main)]);
    let text = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    let (code, printed, _) = run(folder.path(), &["init", "--print"]);
    assert!(code == 0 && printed.ends_with("ENTRYPOINT [\"/shop\"]\n"), "{printed}");
    let said = "wrote ./Dockerfile\nwrote ./.dockerignore\nbuild it with: docker build -t shop .\n";
    assert_eq!(run(folder.path(), &["init"]), (0, said.into(), String::new()));
    assert_eq!(text("Dockerfile"), printed);
    let clean = ["check", "--preset", "pedantic", "--level", "hint", "--fail-on", "hint", "Dockerfile"];
    assert_eq!(run(folder.path(), &clean), (0, String::new(), String::new()));
    assert_eq!(run(folder.path(), &["init", "--main", "./cmd/x"]).0, 2, "it is there");
    assert_eq!(run(folder.path(), &["init", "--force", "--main", "x", "--base", "scratch"]).0, 0);
    assert!(text("Dockerfile").contains("FROM scratch\n") && text("Dockerfile").ends_with("[\"/x\"]\n"));
    let (code, _, error) = run(folder.path(), &["init", "--print", "--main", "y"]);
    assert_eq!((code, error.as_str()), (2, "error: there is no main package y; there are\n  .\n  ./cmd/x\n"));
}

#[test]
fn init_says_what_it_lacks() {
    let library = project(&[("go.mod", "module example.com/lib\n"), ("lib.go", "package lib\n"), ("in/x.txt", "")]);
    let error = |arguments: &[&str]| run(library.path(), arguments).2;
    assert_eq!(
        error(&["init"]),
        "error: example.com/lib has no main package: there is no program to put into an image\n"
    );
    assert!(error(&["init", "in"]).starts_with("error: no go.mod is found here; the one of this folder is in /"));
    assert_eq!(error(&["init", "none"]), "error: none: there is no such folder\n");
    let empty = project(&[("x.txt", "")]);
    let (code, _, error) = run(empty.path(), &["init"]);
    assert!(code == 2 && error.starts_with("error: no go.mod is found here or below"), "{error}");
}
