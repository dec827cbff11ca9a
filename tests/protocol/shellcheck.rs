//! What the server does with ShellCheck, by a program that says what it is told to; the real one is asked in tests/shellcheck.
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::lsp_client::{Client, URI, edit};

/// Says of each text that its second line begins with a mistake.
const PROGRAM: &str = r#"#!/bin/sh
[ "$1" = --version ] && echo "version: 0.11.0" && exit
echo x >> "$LOG"
for last; do :; done
comments=
for file in $(/usr/bin/seq 0 "$last"); do
  comments="$comments,{\"file\":\"$file\",\"line\":2,\"endLine\":2,\"column\":1,\"endColumn\":2,\"level\":\"warning\",\"code\":2154,\"message\":\"Hm.\",\"fix\":null}"
done
echo "{\"comments\":[${comments#,}]}"
"#;

fn start(folder: &Path) -> Client {
    let program = folder.join("shellcheck");
    std::fs::write(&program, PROGRAM).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let log = folder.join("log");
    let mut client = Client::spawn(&[("LOG", log.to_str().unwrap())]);
    let settings = json!({ "shellcheck": { "path": program } });
    client.initialize(json!({ "capabilities": {}, "initializationOptions": settings }));
    client
}

/// The lines of what is published, as soon as they are those.
fn published(client: &mut Client, lines: &[u64]) {
    loop {
        let message = client.wait_for("textDocument/publishDiagnostics");
        let found = message["params"]["diagnostics"].as_array().unwrap();
        let ours: Vec<&Value> = found.iter().filter(|found| found["code"] == "SC2154").collect();
        let found: Vec<u64> = ours.iter().map(|found| found["range"]["start"]["line"].as_u64().unwrap()).collect();
        if found == lines {
            return;
        }
    }
}

#[test]
fn texts_are_looked_at_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = start(folder.path());
    client.open("FROM a\nRUN one\nRUN two\n");
    published(&mut client, &[1, 2]);
    client.change(2, json!([edit(0, 6, 6, "\n")]));
    published(&mut client, &[2, 3]);
    client.change(3, json!([edit(2, 4, 7, "three")]));
    published(&mut client, &[3]);
    published(&mut client, &[2, 3]);
    let calls = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(calls.lines().count(), 2, "what stays the same is not asked again");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
}

#[test]
fn without_it_the_log_says_so() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\nRUN one\n");
    let logged = client.wait_for("window/logMessage");
    assert!(logged["params"]["message"].as_str().unwrap().starts_with("ShellCheck is not used"), "{logged}");
}
