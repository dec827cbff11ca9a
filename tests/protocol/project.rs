//! Settings and what lies beside the document.
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::lsp_client::{Client, edit, range};

/// Two findings with the default settings: an unknown instruction in each line.
const TEXT: &str = "RUM x\nRUM y\n";
const OFF: &str = "[rules]\nunknown-instruction = \"off\"\n";

fn uri(path: &Path) -> String {
    Url::from_file_path(path).unwrap().into()
}

/// A project folder, and the name of the Dockerfile in it.
fn project() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let dockerfile = uri(&folder.path().join("a/Dockerfile"));
    fs::create_dir(folder.path().join("a")).unwrap();
    (folder, dockerfile)
}

/// The rules of the next diagnostics that are published.
fn published(client: &mut Client) -> Vec<String> {
    let message = client.wait_for("textDocument/publishDiagnostics");
    rules(&message["params"]["diagnostics"])
}

/// Waits until so many findings are published.
fn until(client: &mut Client, count: usize) {
    client.seen.clear();
    let method = "textDocument/publishDiagnostics";
    client.wait(|message| message["method"] == method && rules(&message["params"]["diagnostics"]).len() == count);
}

fn rules(diagnostics: &Value) -> Vec<String> {
    let name = |found: &Value| found["code"].as_str().unwrap().to_owned();
    diagnostics.as_array().unwrap().iter().map(name).filter(|name| name == "unknown-instruction").collect()
}

fn touch(client: &mut Client, path: &Path) {
    let changes = json!([{ "uri": uri(path), "type": 2 }]);
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
}

#[test]
fn a_settings_file_is_there_from_the_first_diagnostics() {
    let (folder, dockerfile) = project();
    let file = folder.path().join("dockline.toml");
    fs::write(&file, OFF).unwrap();
    let mut client = Client::start(&json!({}));
    client.open_as(&dockerfile, TEXT);
    assert!(published(&mut client).is_empty());
    fs::write(&file, "").unwrap();
    touch(&mut client, &file);
    until(&mut client, 2);
    fs::write(&file, OFF).unwrap();
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": dockerfile } }));
    until(&mut client, 0);
}

#[test]
fn a_broken_settings_file_is_told_once() {
    let (folder, dockerfile) = project();
    fs::write(folder.path().join("dockline.toml"), "rules = 1\n").unwrap();
    let mut client = Client::start(&json!({}));
    client.open_as(&dockerfile, TEXT);
    assert_eq!(published(&mut client).len(), 2, "the defaults are kept");
    let told = client.wait_for("window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("dockline.toml"), "{told}");
    touch(&mut client, &folder.path().join("a/go.mod"));
    assert!(
        client.wait_until(Duration::from_millis(300), |message| message["method"] == "window/showMessage").is_none()
    );
}

#[test]
fn initialization_options_are_settings() {
    let (_folder, dockerfile) = project();
    for options in [
        json!({ "rules": { "unknown-instruction": "off" } }),
        json!({ "dockline": { "rules": { "unknown-instruction": { "level": "off" } } }, "other": 1 }),
    ] {
        let mut client = Client::start_with(json!({ "capabilities": {}, "initializationOptions": options }));
        client.open_as(&dockerfile, TEXT);
        assert!(published(&mut client).is_empty(), "{options}");
    }
}

#[test]
fn settings_that_are_sent() {
    let (_folder, dockerfile) = project();
    let mut client = Client::start(&json!({}));
    client.open_as(&dockerfile, TEXT);
    assert_eq!(published(&mut client).len(), 2);
    let settings = json!({ "dockline": { "rules": { "unknown-instruction": "off" } } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    until(&mut client, 0);
    for harmless in [json!(null), json!([1]), json!({ "dockline": { "rules": { "x": 1 }, "y": {} } })] {
        client.notify("workspace/didChangeConfiguration", json!({ "settings": harmless }));
    }
    until(&mut client, 2);
}

#[test]
fn settings_that_are_asked_for() {
    let (_folder, dockerfile) = project();
    let mut client = Client::spawn(&[]);
    client.answers = false;
    let pulls = json!({ "textDocument": { "diagnostic": {} },
        "workspace": { "configuration": true, "diagnostics": { "refreshSupport": true } } });
    client.initialize(json!({ "capabilities": pulls }));
    let asked = client.wait_for("workspace/configuration");
    assert_eq!(asked["params"]["items"], json!([{ "section": "dockline" }]));
    client.open_as(&dockerfile, TEXT);
    let document = json!({ "textDocument": { "uri": dockerfile } });
    let first = client.request("textDocument/diagnostic", document.clone())["result"].clone();
    assert_eq!(rules(&first["items"]).len(), 2);
    client.reply(&asked, &json!([{ "rules": { "unknown-instruction": "off" } }]));
    let mut again = document.clone();
    again["previousResultId"] = first["resultId"].clone();
    loop {
        // The end of the scan and the settings each lead to one; the first may come late.
        let refresh = client.wait_for("workspace/diagnostic/refresh");
        client.reply(&refresh, &Value::Null);
        let second = client.request("textDocument/diagnostic", again.clone())["result"].clone();
        if second["kind"] == "full" && rules(&second["items"]).is_empty() {
            break;
        }
    }
}

#[test]
fn no_refresh_for_those_who_can_not() {
    let (folder, dockerfile) = project();
    let mut client = Client::start(&json!({ "textDocument": { "diagnostic": {} } }));
    client.open_as(&dockerfile, TEXT);
    let file = folder.path().join("dockline.toml");
    fs::write(&file, OFF).unwrap();
    touch(&mut client, &file);
    let document = json!({ "textDocument": { "uri": dockerfile } });
    let start = Instant::now();
    while !rules(&client.request("textDocument/diagnostic", document.clone())["result"]["items"]).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    assert_eq!(client.count("workspace/diagnostic/refresh"), 0);
}

#[test]
fn a_scan_keeps_the_newest_text() {
    let (folder, dockerfile) = project();
    let mut client = Client::start(&json!({}));
    client.open_as(&dockerfile, TEXT);
    for version in 2..=50 {
        let item = json!({ "uri": dockerfile, "version": version });
        let changes = json!([edit(0, 4, 5, if version % 2 == 0 { "z" } else { "x" })]);
        client.notify("textDocument/didChange", json!({ "textDocument": item, "contentChanges": changes }));
        fs::write(folder.path().join("dockline.toml"), if version % 3 == 0 { OFF } else { "" }).unwrap();
        touch(&mut client, &folder.path().join("dockline.toml"));
    }
    fs::write(folder.path().join("dockline.toml"), "").unwrap();
    let item = json!({ "uri": dockerfile, "version": 51 });
    let changes = json!([edit(0, 2, 3, "N")]);
    client.notify("textDocument/didChange", json!({ "textDocument": item, "contentChanges": changes }));
    touch(&mut client, &folder.path().join("dockline.toml"));
    let last =
        |message: &Value| message["params"]["version"] == 51 && rules(&message["params"]["diagnostics"]).len() == 1;
    client.wait(last);
}

#[test]
fn what_lies_beside_the_document() {
    let (folder, dockerfile) = project();
    let folder = folder.path().join("a");
    let text = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/a .\n";
    let count = |message: &Value| message["params"]["diagnostics"].to_string().matches("modules-after-source").count();
    fs::write(folder.join("main.go"), "package main\n").unwrap();
    fs::write(folder.join("go.mod"), "module example.com/a\n\ngo 1.25\n").unwrap();
    let mut client = Client::start(&json!({}));
    client.open_as(&dockerfile, text);
    // What the Dockerfile alone proves; then go.mod, which requires nothing, has been read.
    client.wait(|message| message["method"] == "textDocument/publishDiagnostics" && count(message) == 0);
    client.seen.clear();
    let required = "module example.com/a\n\ngo 1.25\n\nrequire example.com/b v1.0.0\n";
    fs::write(folder.join("go.mod"), required).unwrap();
    touch(&mut client, &folder.join("go.mod"));
    client.wait(|message| message["method"] == "textDocument/publishDiagnostics" && count(message) == 1);
}

#[test]
fn an_action_is_for_its_version() {
    let (_folder, dockerfile) = project();
    let actions = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    let said = json!({ "textDocument": { "codeAction": actions }, "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut client = Client::start(&said);
    client.open_as(&dockerfile, TEXT);
    let item = json!({ "uri": dockerfile, "version": 7 });
    let text = "FROM scratch\nRUM x\n";
    client.notify("textDocument/didChange", json!({ "textDocument": item, "contentChanges": [{ "text": text }] }));
    let mut ask = |only: Value| {
        let params = json!({ "textDocument": { "uri": dockerfile }, "range": range(1, 1, 1, 1),
            "context": { "diagnostics": [], "only": only } });
        client.request("textDocument/codeAction", params)["result"].clone()
    };
    let fixes = ask(json!(["quickfix"]));
    let fix = &fixes[0];
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)), "{fixes}");
    assert_eq!(fix["diagnostics"][0]["code"], "unknown-instruction");
    let change = &fix["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 7);
    assert_eq!(change["edits"][0]["newText"], "RUN");
    assert_eq!(change["edits"][0]["range"], range(1, 0, 1, 3));
    let titles: Vec<&str> = fixes.as_array().unwrap().iter().map(|fix| fix["title"].as_str().unwrap()).collect();
    let last = ["ignore unknown-instruction here", "ignore unknown-instruction in this file"];
    assert_eq!(titles[titles.len() - 2..], last, "{fixes}");
    let edit = &fixes[titles.len() - 2]["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(
        (&edit["range"], &edit["newText"]),
        (&range(1, 0, 1, 0), &json!("# dockline: ignore=unknown-instruction\n"))
    );
    for (only, kind) in [("source", "source.fixAll.dockline"), ("source.fixAll", "source.fixAll.dockline")] {
        let all = ask(json!([only]));
        assert!(all.as_array().unwrap().iter().all(|action| action["kind"] == kind), "{only}: {all}");
    }
    assert_eq!(ask(json!(["source.organizeImports"])), json!([]));
}

#[test]
fn an_action_for_the_ignore_file() {
    let (folder, dockerfile) = project();
    let folder = folder.path().join("a");
    fs::create_dir(folder.join("dist")).unwrap();
    let ignore = folder.join(".dockerignore");
    for (name, text) in [("dist/é", ""), ("go.mod", "module example.com/a\n")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let text = "FROM alpine:3.22\nCOPY dist/é go.mod /x/\n";
    let method = "textDocument/publishDiagnostics";
    let found = |message: &Value| message["params"]["diagnostics"].to_string().contains("copy-source-ignored");
    let actions = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    for changes in [true, false] {
        fs::write(&ignore, "\u{feff}dist/😀\r\ndist").unwrap();
        let said = json!({ "textDocument": { "codeAction": actions },
            "workspace": { "workspaceEdit": { "documentChanges": changes } } });
        let mut client = Client::start(&said);
        client.open_as(&dockerfile, text);
        client.wait(|message| message["method"] == method && found(message));
        let mut ask = || {
            let params = json!({ "textDocument": { "uri": dockerfile }, "range": range(1, 6, 1, 6),
                "context": { "diagnostics": [], "only": ["quickfix"] } });
            let answer = client.request("textDocument/codeAction", params)["result"].clone();
            let is_ours = |action: &&Value| action["title"] == "let `dist/é` through in .dockerignore";
            answer.as_array().unwrap().iter().find(is_ours).map(|action| action["edit"].clone())
        };
        let edits = json!([{ "range": range(1, 4, 1, 4), "newText": "\r\n!dist/é" }]);
        let edit = if changes {
            json!({ "documentChanges": [{ "textDocument": { "uri": uri(&ignore), "version": null }, "edits": edits }] })
        } else {
            json!({ "changes": { uri(&ignore): edits } })
        };
        assert_eq!(ask().unwrap(), edit);
        // What the edit was made for is not there any more.
        fs::write(&ignore, "a\ndist\n").unwrap();
        assert_eq!(ask(), None);
    }
}

#[test]
fn what_is_typed_is_looked_for() {
    let (folder, dockerfile) = project();
    fs::write(folder.path().join("a/go.mod"), "module example.com/a\n\ngo 1.25.0\n").unwrap();
    let folders = json!([{ "uri": uri(folder.path()), "name": "w" }]);
    let mut client = Client::start_with(json!({ "capabilities": {}, "workspaceFolders": folders }));
    client.open_as(&dockerfile, "FROM golang:1.20\n");
    client.wait_until(Duration::from_millis(300), |_| false);
    let item = json!({ "uri": dockerfile, "version": 2 });
    let typed = edit(1, 0, 0, "COPY a/go.mod ./\nRUN go mod download\n");
    client.notify("textDocument/didChange", json!({ "textDocument": item, "contentChanges": [typed] }));
    // That file is none of the folder that looked like the context before.
    let is_refused = |message: &Value| {
        let all = message["params"]["diagnostics"].to_string();
        all.contains("image-older-than-go-mod") && !all.contains("copy-source-missing")
    };
    client.wait_until(Duration::from_secs(10), is_refused).expect("the context is looked for again");
}
