//! Renaming, highlights, selections, definitions in other files, hints, lenses and workspace symbols through the protocol.
use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use url::Url;

use crate::lsp_client::{Client, URI, edit, range};

fn at(line: u32, character: u32) -> Value {
    json!({ "position": { "line": line, "character": character } })
}

/// An editor that asks before it renames and wants versions.
fn renames() -> Value {
    json!({ "textDocument": { "rename": { "prepareSupport": true } },
        "workspace": { "workspaceEdit": { "documentChanges": true } } })
}

#[test]
fn renames_what_is_half_typed() {
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": renames() }))["capabilities"].clone();
    assert_eq!(offered["renameProvider"], json!({ "prepareProvider": true }));
    client.open("FROM golang:1.27 AS build\nLABEL a=\"😀\" b=$V\nFROM scratch\nCOPY --from=buil");
    assert_eq!(client.about("prepareRename", at(3, 13)), Value::Null);
    client.change(2, json!([edit(3, 16, 16, "d")]));
    let found = client.about("prepareRename", at(3, 13));
    assert_eq!(found, json!({ "range": range(3, 12, 3, 17), "placeholder": "build" }));
    let mut params = at(3, 13);
    params["newName"] = json!("compile");
    let changes = client.about("rename", params)["documentChanges"].clone();
    assert_eq!(changes[0]["textDocument"], json!({ "uri": URI, "version": 2 }));
    let edit = |range: Value| json!({ "range": range, "newText": "compile" });
    assert_eq!(changes[0]["edits"], json!([edit(range(0, 20, 0, 25)), edit(range(3, 12, 3, 17))]));
    assert_eq!(changes.as_array().unwrap().len(), 1);
}

#[test]
fn a_stage_is_renamed_where_it_is_built_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "FROM golang:1.27 AS build\nFROM alpine\nCOPY --from=build /app /app\n";
    let compose = folder.path().join("compose.yaml");
    fs::write(&compose, "services:\n  é: { build: { context: ., target: build } }\n").unwrap();
    fs::write(folder.path().join("Makefile"), "x:\n\tdocker build --target=build .\n").unwrap();
    let name = |file: &str| Url::from_file_path(folder.path().join(file)).unwrap().to_string();
    let (uri, compose_uri, makefile) = (name("Dockerfile"), name("compose.yaml"), name("Makefile"));
    let asked = |extra: Value| {
        let mut params = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 21 } });
        params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        params
    };
    let started = |capabilities: Value| {
        let mut client = Client::start_with(json!({ "rootUri": name(""), "capabilities": capabilities }));
        client.open_as(&uri, text);
        let end = Instant::now() + Duration::from_secs(20);
        let references = asked(json!({ "context": { "includeDeclaration": false } }));
        // The project is read meanwhile.
        while client.request("textDocument/references", references.clone())["result"].as_array().unwrap().len() < 3 {
            assert!(Instant::now() < end);
        }
        client
    };
    let rename = asked(json!({ "newName": "compile" }));
    let mut client = started(json!({}));
    let changes = client.request("textDocument/rename", rename.clone())["result"]["changes"].clone();
    let edit = |range: Value| json!([{ "range": range, "newText": "compile" }]);
    assert_eq!(changes[&compose_uri], edit(range(1, 36, 1, 41)));
    assert_eq!(changes[&makefile], edit(range(1, 23, 1, 28)));
    assert_eq!(changes[&uri].as_array().unwrap().len(), 2);
    let mut client = started(renames());
    let changes = client.request("textDocument/rename", rename.clone())["result"]["documentChanges"].clone();
    let documents: Vec<&Value> = changes.as_array().unwrap().iter().map(|one| &one["textDocument"]).collect();
    assert_eq!(documents[0], &json!({ "uri": uri, "version": 1 }));
    assert_eq!(
        documents[1..],
        [&json!({ "uri": makefile, "version": null }), &json!({ "uri": compose_uri, "version": null })]
    );
    fs::write(&compose, "services: {}\n").unwrap();
    let refused = client.request("textDocument/rename", rename)["error"].clone();
    assert_eq!(refused["code"], -32803);
}

#[test]
fn columns_are_those_of_the_editor() {
    let text = "FROM alpine\nARG É=1 V=2\nLABEL a=\"😀é\" b=$V\nRUN echo '😀' $V\n";
    for (encoding, [first, second]) in [("utf-16", [17, 15]), ("utf-8", [20, 17]), ("utf-32", [16, 14])] {
        let mut client = Client::start(&json!({ "general": { "positionEncodings": [encoding] } }));
        client.open(text);
        let column = if encoding == "utf-8" { 9 } else { 8 };
        let found = client.about("documentHighlight", at(1, column));
        let places: Vec<Value> = found.as_array().unwrap().iter().map(|one| one["range"].clone()).collect();
        let wanted = [range(1, column, 1, column + 1), range(2, first, 2, first + 1), range(3, second, 3, second + 1)];
        assert_eq!(places, wanted, "{encoding}");
        assert_eq!((&found[0]["kind"], &found[1]["kind"]), (&json!(3), &json!(2)));
        let mut params = at(3, second);
        params["newName"] = json!("W");
        let edits = client.about("rename", params)["changes"][URI].clone();
        let places: Vec<Value> = edits.as_array().unwrap().iter().map(|one| one["range"].clone()).collect();
        assert_eq!(places, wanted, "{encoding}");
    }
}

#[test]
fn refusals_are_errors_with_a_reason() {
    let mut client = Client::start(&renames());
    client.open("FROM golang:1.27 AS build\nENV GOFLAGS=-v\nFROM alpine AS other\n");
    let mut ask = |method: &str, mut params: Value| {
        params["textDocument"] = json!({ "uri": URI });
        client.request(&format!("textDocument/{method}"), params)
    };
    let error = ask("prepareRename", at(1, 5))["error"].clone();
    assert_eq!(error, json!({ "code": -32803, "message": "`GOFLAGS` has a meaning for Go" }));
    let mut params = at(0, 21);
    params["newName"] = json!("other");
    let error = ask("rename", params)["error"].clone();
    assert_eq!(error, json!({ "code": -32602, "message": "`other` is the name of the stage of line 3" }));
    assert_eq!(ask("prepareRename", at(0, 1))["result"], Value::Null);
    assert_eq!(ask("prepareRename", at(u32::MAX, u32::MAX))["result"], Value::Null);
    let mut params = at(0, 1);
    params["newName"] = json!("x");
    assert_eq!(ask("rename", params)["result"], Value::Null);
}

#[test]
fn editors_that_cannot_prepare_are_told_less() {
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": {} }))["capabilities"].clone();
    assert_eq!(offered["renameProvider"], true);
}

#[test]
fn selections_grow() {
    let mut client = Client::start(&json!({}));
    client.open("FROM alpine\nRUN echo 😀 && apk add curl\n");
    let positions = json!([{ "line": 1, "character": 24 }, { "line": 9, "character": 9 }]);
    let found = client.about("selectionRange", json!({ "positions": positions }));
    let mut chain = vec![found[0].clone()];
    while let Some(parent) = chain.last().and_then(|last| last.get("parent")).cloned() {
        chain.push(parent);
    }
    let ranges: Vec<Value> = chain.iter().map(|one| one["range"].clone()).collect();
    let wanted = [
        range(1, 23, 1, 27),
        range(1, 15, 1, 27),
        range(1, 4, 1, 27),
        range(1, 0, 1, 27),
        range(0, 0, 1, 27),
        range(0, 0, 2, 0),
    ];
    assert_eq!(ranges, wanted);
    assert_eq!(found[1]["range"], range(0, 0, 2, 0));
}

#[test]
fn definitions_lead_to_steps_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let uri = |name: &str| String::from(Url::from_file_path(folder.path().join(name)).unwrap());
    fs::write(folder.path().join("go.mod"), "module example.com/app\n").unwrap();
    fs::write(folder.path().join("main.go"), "package main\n").unwrap();
    let mut client = Client::start(&json!({}));
    let text = "FROM golang:1.27 AS build\nCOPY go.mod main.go ./\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /\n";
    client.open_as(&uri("Dockerfile"), text);
    let mut ask = |line: u32, character: u32| {
        let mut params = at(line, character);
        params["textDocument"] = json!({ "uri": uri("Dockerfile") });
        client.request("textDocument/definition", params)["result"].clone()
    };
    assert_eq!(ask(4, 19), json!({ "uri": uri("Dockerfile"), "range": range(2, 4, 2, 22) }));
    // The folder is looked at off the message loop.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while ask(1, 6) == Value::Null && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(ask(1, 6), json!({ "uri": uri("go.mod"), "range": range(0, 0, 0, 0) }));
}

#[test]
fn the_workspace_has_symbols() {
    let folder = tempfile::tempdir().unwrap();
    let uri = |name: &str| String::from(Url::from_file_path(folder.path().join(name)).unwrap());
    fs::create_dir_all(folder.path().join("a/node_modules/x")).unwrap();
    fs::write(folder.path().join("a/Dockerfile"), "ARG VERSION=😀\nFROM golang:1.27 AS 😀build\n").unwrap();
    fs::write(folder.path().join("a/node_modules/x/Dockerfile"), "FROM x AS build\n").unwrap();
    fs::write(folder.path().join("b.Dockerfile"), "FROM debian AS builder\n").unwrap();
    let roots = json!([{ "uri": String::from(Url::from_directory_path(folder.path()).unwrap()), "name": "w" }]);
    let mut client = Client::start_with(json!({ "capabilities": {}, "workspaceFolders": roots }));
    let ask = |client: &mut Client, query: &str| -> Vec<Value> {
        let answer = client.request("workspace/symbol", json!({ "query": query }));
        answer["result"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    };
    let found = ask(&mut client, "bld");
    let names: Vec<&str> = found.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["😀build", "builder"]);
    assert_eq!(found[0]["location"], json!({ "uri": uri("a/Dockerfile"), "range": range(1, 20, 1, 27) }));
    assert_eq!(found[0]["containerName"], "a/Dockerfile");
    assert_eq!(ask(&mut client, "vers")[0]["kind"], 13);
    // What the editor says has changed is read again at once.
    fs::rename(folder.path().join("a"), folder.path().join("c")).unwrap();
    client.notify("workspace/didRenameFiles", json!({ "files": [{ "oldUri": uri("a"), "newUri": uri("c") }] }));
    assert_eq!(ask(&mut client, "vers")[0]["location"]["uri"], uri("c/Dockerfile"));
    // An open document counts as it is in the editor.
    client.open_as(&uri("b.Dockerfile"), "FROM debian AS rebuilt\nFROM");
    let found = ask(&mut client, "bui");
    let names: Vec<&str> = found.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["rebuilt", "😀build"]);
}

#[test]
fn hints_and_lenses_follow_the_settings() {
    let said =
        json!({ "workspace": { "inlayHint": { "refreshSupport": true }, "codeLens": { "refreshSupport": true } } });
    let mut client = Client::start(&said);
    client.open("FROM golang:1.27 AS a\nRUM x\nWORKDIR /😀\nWORKDIR b\n");
    let ask = |client: &mut Client| client.about("inlayHint", json!({ "range": range(0, 0, 9, 0) }));
    let hints = ask(&mut client);
    assert_eq!((&hints[0]["label"], &hints[0]["position"]), (&json!("/😀/b"), &json!({ "line": 3, "character": 9 })));
    assert_eq!(client.about("codeLens", json!({})), json!([]));
    let settings = json!({ "dockline": { "code-lenses": true, "inlay-hints": { "folders": "off" } } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    client.wait_for("workspace/inlayHint/refresh");
    client.wait_for("workspace/codeLens/refresh");
    assert_eq!(ask(&mut client), json!([]));
    let lenses = client.about("codeLens", json!({}));
    let command = json!({ "title": "build target a", "command": "dockline.buildStage", "arguments": [URI, "a"] });
    assert_eq!(lenses[0], json!({ "range": range(0, 0, 0, 4), "command": command }));
    assert_eq!(lenses[1]["command"], json!({ "title": "1 finding", "command": "" }));
}
