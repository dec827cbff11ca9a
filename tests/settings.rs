//! Settings as the command line reads them: presets, the files of hadolint, `dockline config`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// DL3006, an error of the syntax, DL3025, and a rule that hadolint does not have.
const TEXT: &str = "FROM debian\nCOPPY a b\nENV TOKEN_KEY=x\nCMD echo $HOME\n";

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockline"));
    // No ShellCheck: it would say more.
    let output = command.current_dir(folder).args(arguments).env("PATH", "").output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// `rule level`, as often as it is found.
fn found(folder: &Path, more: &[&str]) -> Vec<String> {
    let (_, out, _) = run(folder, &[&["check", "--format", "json", "--level", "hint"], more].concat());
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let files = report["files"].as_array().unwrap();
    let all = files.iter().flat_map(|file| file["diagnostics"].as_array().unwrap());
    all.map(|found| format!("{} {}", found["rule"].as_str().unwrap(), found["severity"].as_str().unwrap())).collect()
}

#[test]
fn the_preset_of_hadolint() {
    let folder = project(&[("Dockerfile", TEXT)]);
    let hadolint = found(folder.path(), &["--preset", "hadolint"]);
    assert!(hadolint.contains(&"untagged-image warning".to_owned()), "{hadolint:?}");
    assert!(hadolint.contains(&"unknown-instruction error".to_owned()), "{hadolint:?}");
    for entry in dockline::rules::RULES {
        let dl = entry.rule.aliases.iter().any(|alias| alias.starts_with("DL")) || entry.group == "syntax";
        assert!(dl || !hadolint.iter().any(|found| found.starts_with(entry.name)), "{} {hadolint:?}", entry.name);
    }
}

#[test]
fn some_rules_alone() {
    let folder = project(&[("Dockerfile", TEXT), ("dockline.toml", "[rules]\nuntagged-image = \"off\"\n")]);
    assert_eq!(found(folder.path(), &["--rules", "unknown-instruction"]), ["unknown-instruction error"]);
    // What settings switch off is run when it is asked for, by any of its names.
    assert_eq!(found(folder.path(), &["--rules", "DL3006,unknown-instruction"]).len(), 2);
    assert_eq!(found(folder.path(), &["--rules", "dl3006"]), ["untagged-image warning"]);
    let (code, out, err) = run(folder.path(), &["check", "--rules", "unknown-instructoin"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(err, "error: there is no rule unknown-instructoin: did you mean unknown-instruction?\n");
}

#[test]
fn settings_of_hadolint_count_where_there_are_none_of_ours() {
    let yaml = "ignored:\n  - DL3006\n  - SC2086\n  - DL3999\nfailure-threshold: error\nformat: tty\n";
    let folder = project(&[
        ("a/.hadolint.yaml", yaml),
        ("a/b/Dockerfile", "FROM debian\n"),
        ("c/.hadolint.yml", "override:\n  error: DL3006\n"),
        ("c/Dockerfile", "FROM debian\n"),
        ("d/.hadolint.yaml", yaml),
        ("d/dockline.toml", ""),
        ("d/Dockerfile", "FROM debian\n"),
        ("e/.hadolint.yaml", "ignored: [DL3006\nno-fail: true\n"),
        ("e/Dockerfile", "FROM debian\n"),
        ("f/.hadolint.yaml", "no-fail: true\nignore: [DL3006]\n"),
        ("f/Dockerfile", "FROM debian\n"),
    ]);
    let found = |path: &str| found(folder.path(), &[path]);
    assert_eq!(found("a"), [] as [&str; 0]);
    assert_eq!(found("c"), ["untagged-image error"]);
    assert_eq!(found("d"), ["untagged-image warning"]);
    assert_eq!(run(folder.path(), &["check", "a"]), (0, String::new(), String::new()));
    let (code, _, err) = run(folder.path(), &["check", "e"]);
    assert!(code == 2 && err.contains(".hadolint.yaml: line "), "{err}");
    let (code, _, err) = run(folder.path(), &["check", "f"]);
    assert!(code == 0 && err.contains("line 2: there is no key ignore: did you mean ignored?"), "{err}");
    assert_eq!(run(folder.path(), &["check", "f", "--fail-on", "warning"]).0, 1);
}

#[test]
fn settings_of_hadolint_become_ours() {
    let yaml = "ignored: [DL3006, SC2086, DL3999]\noverride:\n  info: [DL3011]\nfailure-threshold: info\n\
                label-schema:\n  version: semver\nstrict-labels: true\n";
    let folder = project(&[(".hadolint.yaml", yaml), ("Dockerfile", TEXT)]);
    let before = found(folder.path(), &[]);
    let (code, out, err) = run(folder.path(), &["config", "--from-hadolint"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("# Left out, as nothing here reports it: DL3999\n"), "{out}");
    let settings = dockline::settings::Settings::from_toml(&out).unwrap();
    assert_eq!(settings.rules.keys().collect::<Vec<_>>(), ["SC2086", "invalid-port", "untagged-image"]);
    assert!(settings.labels.strict && settings.labels.schema.len() == 1);
    let (code, out, _) = run(folder.path(), &["config", "--from-hadolint", ".hadolint.yaml", "--write"]);
    assert!(code == 0 && out.starts_with("created dockline.toml"), "{out}");
    assert_eq!(found(folder.path(), &[]), before);
    let (code, _, err) = run(folder.path(), &["config", "--from-hadolint", "--write"]);
    assert!(code == 2 && err.contains("dockline.toml: "), "{err}");
    let empty = project(&[]);
    assert_eq!(run(empty.path(), &["config", "--from-hadolint", "x.yaml"]).0, 2);
}

#[test]
fn settings_in_force_and_their_origin() {
    let text =
        "preset = \"pedantic\"\ncontext = \".\"\n[rules]\nlatest-tag = \"off\"\n[rules.DL3026]\nallowed = [\"a b\"]\n";
    let folder = project(&[("a/dockline.toml", text), ("b/x", "")]);
    let (code, out, err) = run(folder.path(), &["config", "a/Dockerfile"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let line =
        |start: &str| out.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {out}"));
    assert!(line("preset = \"pedantic\"").ends_with("a/dockline.toml"), "{out}");
    assert!(line("fail-on = \"warning\"").ends_with("# default"), "{out}");
    assert!(line("latest-tag = \"off\"").ends_with("a/dockline.toml"), "{out}");
    assert!(out.contains("[rules.DL3026]\nallowed = [\"a b\"]"), "{out}");
    // What is printed is a settings file itself.
    assert!(dockline::settings::Settings::from_toml(&out).is_ok(), "{out}");
    let (_, out, _) = run(folder.path(), &["config", "b"]);
    assert!(out.starts_with("# settings file: none\n") && !out.contains("dockline.toml"), "{out}");
    assert_eq!(run(folder.path(), &["config", "none/Dockerfile"]).0, 2);
}
