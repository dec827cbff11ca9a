//! Code actions: what is made later, what can't be chosen, what is a command.
use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use url::Url;

use crate::lsp_client::{Client, URI, range};

const TEXT: &str = "FROM scratch\nRUM x\nRUM 😀\n";
const ALL: &str = "Apply all safe fixes";
const OF_RULE: &str = "Apply all safe fixes of unknown-instruction";

/// An editor that asks for edits when it needs them.
fn resolves() -> Value {
    json!({
        "textDocument": { "codeAction": {
            "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
            "dataSupport": true, "disabledSupport": true, "resolveSupport": { "properties": ["edit"] },
        } },
        "workspace": { "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] }, "applyEdit": true },
    })
}

fn actions(client: &mut Client, line: u32, context: Value) -> Vec<Value> {
    let mut context = context;
    context["diagnostics"] = json!([]);
    let answer = client.about("codeAction", json!({ "range": range(line, 0, line, 0), "context": context }));
    answer.as_array().unwrap().clone()
}

fn titled<'a>(actions: &'a [Value], title: &str) -> &'a Value {
    actions.iter().find(|action| action["title"] == title).unwrap_or_else(|| panic!("{title}: {actions:?}"))
}

#[test]
fn what_takes_in_the_file_is_made_when_it_is_chosen() {
    let mut client = Client::start(&resolves());
    client.open(TEXT);
    let offered = actions(&mut client, 1, json!({}));
    let own = offered.iter().find(|action| action["isPreferred"] == true).unwrap();
    assert!(own["edit"].is_object() && own.get("data").is_none(), "a fix is sent along: {own}");
    for title in [ALL, OF_RULE] {
        let action = titled(&offered, title);
        assert!(action.get("edit").is_none(), "{action}");
        let resolved = client.request("codeAction/resolve", action.clone())["result"].clone();
        let edits = resolved["edit"]["documentChanges"][0]["edits"].as_array().unwrap().clone();
        let ranges: Vec<_> = edits.iter().map(|edit| edit["range"].clone()).collect();
        assert_eq!(ranges, [range(1, 0, 1, 3), range(2, 0, 2, 3)], "{title}");
        assert_eq!(resolved["title"], *title);
    }
    // Made for another text, it would break this one.
    client.change(2, json!([{ "range": range(0, 0, 0, 0), "text": "# x\n" }]));
    let late = client.request("codeAction/resolve", titled(&offered, ALL).clone());
    assert_eq!(late["error"]["code"], -32801, "{late}");
}

#[test]
fn what_fixes_uncover_is_fixed_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module example.com/a\n\ngo 1.25\n\nrequire example.com/b v1.0.0\n")
        .unwrap();
    fs::write(folder.path().join("go.sum"), "").unwrap();
    fs::write(folder.path().join("main.go"), "package main\n\nimport _ \"example.com/b\"\n\nfunc main() {}\n").unwrap();
    let uri: String = Url::from_file_path(folder.path().join("Dockerfile")).unwrap().into();
    let root: String = Url::from_file_path(folder.path()).unwrap().into();
    let mut client = Client::start_with(json!({ "rootUri": root, "capabilities": resolves() }));
    client.open_as(&uri, "FROM golang:1.27\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n");
    let at = json!({ "textDocument": { "uri": uri }, "range": range(2, 0, 2, 0), "context": { "diagnostics": [] } });
    let layer = "download the modules before the source is copied";
    let end = Instant::now() + Duration::from_secs(20);
    // The project is read meanwhile.
    let action = loop {
        let offered = client.request("textDocument/codeAction", at.clone())["result"].as_array().unwrap().clone();
        if offered.iter().any(|action| action["title"] == layer && action["kind"] == "quickfix") {
            break titled(&offered, ALL).clone();
        }
        assert!(Instant::now() < end, "{offered:?}");
    };
    let resolved = client.request("codeAction/resolve", action)["result"].clone();
    let edits = resolved["edit"]["documentChanges"][0]["edits"].as_array().unwrap().clone();
    let written: Vec<_> =
        edits.iter().map(|edit| (edit["range"]["start"]["line"].as_u64(), edit["newText"].as_str())).collect();
    // The new layer shares the cache that the build gets.
    let mount = "RUN --mount=type=cache,target=/go/pkg/mod";
    let copied = format!("COPY go.mod go.sum ./\n{mount} go mod download\n");
    let built = format!("{mount} --mount=type=cache,target=/root/.cache/go-build \\\n    go build -o /app .\n");
    assert_eq!(written, [(Some(2), Some(&*copied)), (Some(3), Some(&*built))]);
}

#[test]
fn what_was_offered_before_the_project_was_read_is_still_made() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module example.com/a\n\ngo 1.25.0\n").unwrap();
    let uri = String::from(Url::from_file_path(folder.path().join("Dockerfile")).unwrap());
    let mut client = Client::spawn(&[("DOCKLINE_TEST_SLOW_SCAN", "700")]);
    client.initialize(json!({ "capabilities": resolves() }));
    client.open_as(&uri, "FROM golang:1.21\nRUM x\nCOPY go.mod ./\nRUN go mod download\n");
    let context = json!({ "diagnostics": [] });
    let place = json!({ "textDocument": { "uri": uri }, "range": range(1, 0, 1, 0), "context": context });
    let offered = client.request("textDocument/codeAction", place)["result"].clone();
    // The image is older than go.mod: so the project has been read.
    client.wait(|message| message.to_string().contains("go.mod"));
    let all = client.request("codeAction/resolve", titled(offered.as_array().unwrap(), ALL).clone());
    assert!(all["result"]["edit"].is_object(), "{all}");
}

#[test]
fn an_editor_that_resolves_nothing_is_sent_all() {
    let literal = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    let mut client = Client::start(&json!({ "textDocument": { "codeAction": literal } }));
    client.open(TEXT);
    let offered = actions(&mut client, 1, json!({}));
    for title in [ALL, OF_RULE] {
        let edits = &titled(&offered, title)["edit"]["changes"][URI];
        assert_eq!(edits.as_array().unwrap().len(), 2, "{title}");
    }
    let elsewhere = actions(&mut client, 0, json!({}));
    assert!(elsewhere.iter().all(|action| action["title"] != OF_RULE), "{elsewhere:?}");
}

#[test]
fn what_is_done_already_says_so_when_it_is_looked_for() {
    let mut client = Client::start(&resolves());
    client.open("FROM golang:1.27 AS b\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\nCMD [\"/a\"]\n");
    let disabled = |client: &mut Client, context| {
        let all = actions(client, 5, context);
        let found = all.iter().find(|action| action["title"] == "convert to multi-stage");
        found.map(|action| action["disabled"]["reason"].clone())
    };
    let reason = Some(json!("the file is multi-stage already"));
    assert_eq!(disabled(&mut client, json!({ "only": ["refactor"] })), reason);
    assert_eq!(disabled(&mut client, json!({ "triggerKind": 1 })), reason);
    assert_eq!(disabled(&mut client, json!({ "triggerKind": 2 })), None, "nobody asked");
    assert_eq!(disabled(&mut client, json!({ "only": ["quickfix"] })), None);
}

#[test]
fn an_editor_without_edits_is_offered_commands() {
    let mut client = Client::start(&json!({ "workspace": { "applyEdit": true } }));
    client.answers = false;
    client.open(TEXT);
    let offered = actions(&mut client, 1, json!({}));
    let command = titled(&offered, ALL);
    assert_eq!(command["command"], "dockline.applyAction");
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    assert_eq!(client.request("workspace/executeCommand", params)["result"], Value::Null);
    let sent = client.wait_for("workspace/applyEdit");
    assert_eq!(sent["params"]["edit"]["changes"][URI].as_array().unwrap().len(), 2);
    client.reply(&sent, &json!({ "applied": true }));

    let params = json!({ "command": "dockline.fixAll", "arguments": [URI] });
    client.request("workspace/executeCommand", params);
    let sent = client.wait_for("workspace/applyEdit");
    assert_eq!(sent["params"]["edit"]["changes"][URI].as_array().unwrap().len(), 2);
}

#[test]
fn a_folder_gets_a_dockerfile() {
    let folder = tempfile::tempdir().unwrap();
    let uri = |name: &str| -> String { Url::from_file_path(folder.path().join(name)).unwrap().into() };
    fs::write(folder.path().join("go.mod"), "module example.com/shop\n\ngo 1.27\n").unwrap();
    fs::write(folder.path().join("main.go"), "package main\n\nfunc main() {}\n").unwrap();
    // As Neovim says it, without `documentChanges`.
    let edits = json!({ "resourceOperations": ["create"] });
    let mut client = Client::start(&json!({ "workspace": { "workspaceEdit": edits, "applyEdit": true } }));
    client.answers = false;
    let generate = json!({ "command": "dockline.generateDockerfile", "arguments": [uri("")] });
    assert_eq!(client.request("workspace/executeCommand", generate.clone())["result"], Value::Null);
    let sent = client.wait_for("workspace/applyEdit");
    let changes = sent["params"]["edit"]["documentChanges"].as_array().unwrap().clone();
    let created: Vec<_> =
        changes.iter().filter(|change| change["kind"] == "create").map(|change| change["uri"].clone()).collect();
    assert_eq!(created, [json!(uri("Dockerfile")), json!(uri(".dockerignore"))]);
    assert!(changes[1]["edits"][0]["newText"].as_str().unwrap().contains("go build"), "{changes:?}");

    fs::write(folder.path().join("Dockerfile"), "").unwrap();
    let again = client.request("workspace/executeCommand", generate);
    assert!(again["error"]["message"].as_str().unwrap().contains("is there already"), "{again}");
}

#[test]
fn of_several_programs_one_has_to_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module example.com/a\n\ngo 1.25\n").unwrap();
    for program in ["cmd/one", "cmd/two"] {
        fs::create_dir_all(folder.path().join(program)).unwrap();
        fs::write(folder.path().join(program).join("main.go"), "package main\n\nfunc main() {}\n").unwrap();
    }
    let mut client = Client::start(&resolves());
    client.answers = false;
    let uri = Url::from_directory_path(folder.path()).unwrap().to_string();
    let mut generate = |arguments: Value| {
        let params = json!({ "command": "dockline.generateDockerfile", "arguments": arguments });
        client.request("workspace/executeCommand", params)
    };
    let titles = generate(json!([uri]))["error"]["data"]["titles"].clone();
    assert_eq!(titles.as_array().map(Vec::len), Some(2), "{titles}");
    assert_eq!(generate(json!([uri, titles[1]]))["result"], Value::Null);
    let sent = client.wait_for("workspace/applyEdit").to_string();
    assert!(sent.contains("cmd/two") && !sent.contains("cmd/one"), "{sent}");
}

#[test]
fn commands_that_can_not_be_executed() {
    let mut client = Client::start(&resolves());
    client.open("FROM scratch\n");
    let mut error = |command: &str, arguments: Value| {
        let params = json!({ "command": command, "arguments": arguments });
        client.request("workspace/executeCommand", params)["error"]["code"].clone()
    };
    assert_eq!(error("dockline.nothing", json!([])), -32602);
    assert_eq!(error("dockline.applyAction", json!([])), -32602);
    assert_eq!(error("dockline.applyAction", json!([{ "uri": URI, "title": "x" }])), -32803);
    assert_eq!(error("dockline.fixAll", json!([URI])), -32803, "there is nothing to fix");
    assert_eq!(error("dockline.fixAll", json!(["file:///nowhere/Dockerfile"])), -32803);
    assert_eq!(error("dockline.generateDockerfile", json!(["untitled:x"])), -32803);
}
