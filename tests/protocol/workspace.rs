//! Findings of the whole workspace, as an editor asks for them.
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::lsp_client::Client;

fn uri(path: &Path) -> String {
    Url::from_file_path(path).unwrap().into()
}

/// An editor that asks, and says which files change, with one workspace folder of two Dockerfiles.
fn start() -> (TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("a/Dockerfile", "FROM scratch\nRUM x\n"), ("b/app.Dockerfile", "FROM scratch\n")] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
    });
    let folders = json!([{ "uri": uri(folder.path()), "name": "w" }]);
    let client = Client::start_with(json!({ "capabilities": capabilities, "workspaceFolders": folders }));
    (folder, client)
}

/// Each report by the last two parts of its file's name: `(kind, rules)`.
fn told(items: &Value) -> Vec<(String, String, Vec<String>)> {
    let one = |item: &Value| {
        let uri = item["uri"].as_str().unwrap();
        let name = uri.rsplitn(3, '/').take(2).collect::<Vec<_>>();
        let rule = |found: &Value| found["code"].as_str().unwrap().to_owned();
        let rules = item["items"].as_array().into_iter().flatten().map(rule).collect();
        (format!("{}/{}", name[1], name[0]), item["kind"].as_str().unwrap().to_owned(), rules)
    };
    items.as_array().unwrap().iter().map(one).collect()
}

fn entry(name: &str, kind: &str, rules: &[&str]) -> (String, String, Vec<String>) {
    (name.to_owned(), kind.to_owned(), rules.iter().map(|&rule| rule.to_owned()).collect())
}

/// What the editor would send with its next question.
fn known(items: &Value) -> Value {
    let known = |item: &Value| json!({ "uri": item["uri"], "value": item["resultId"] });
    items.as_array().unwrap().iter().map(known).collect()
}

#[test]
fn all_dockerfiles_are_reported_and_only_changes_again() {
    let (folder, mut client) = start();
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let first = answer["result"]["items"].clone();
    assert_eq!(
        told(&first),
        [entry("a/Dockerfile", "full", &["unknown-instruction"]), entry("b/app.Dockerfile", "full", &[])]
    );

    let id = client.ask("workspace/diagnostic", json!({ "previousResultIds": known(&first) }));
    let answered = |message: &Value| message["id"] == id && message.get("method").is_none();
    assert!(client.wait_until(Duration::from_millis(400), answered).is_none(), "it waits for a change");

    let changed = folder.path().join("b/app.Dockerfile");
    fs::write(&changed, "FROM scratch\nRUM y\n").unwrap();
    let changes = json!([{ "uri": uri(&changed), "type": 2 }]);
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    let second = client.answer(id)["result"]["items"].clone();
    assert_eq!(
        told(&second),
        [entry("a/Dockerfile", "unchanged", &[]), entry("b/app.Dockerfile", "full", &["unknown-instruction"])]
    );

    fs::remove_file(&changed).unwrap();
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&changed), "type": 3 }] }));
    let third = client.request("workspace/diagnostic", json!({ "previousResultIds": known(&second) }));
    assert_eq!(
        told(&third["result"]["items"]),
        [entry("a/Dockerfile", "unchanged", &[]), entry("b/app.Dockerfile", "full", &[])],
        "what is gone has no findings"
    );
}

#[test]
fn an_open_document_is_reported_as_the_editor_has_it() {
    let (folder, mut client) = start();
    let name = uri(&folder.path().join("a/Dockerfile"));
    client.open_as(&name, "FROM scratch\n");
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = &answer["result"]["items"];
    assert_eq!(told(items)[0], entry("a/Dockerfile", "full", &[]));
    assert_eq!(items[0]["version"], 1);
    let own = client.request("textDocument/diagnostic", json!({ "textDocument": { "uri": name } }));
    assert_eq!(own["result"]["resultId"], items[0]["resultId"], "one name for one answer");

    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": name } }));
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": known(items) }));
    assert_eq!(told(&answer["result"]["items"])[0], entry("a/Dockerfile", "full", &["unknown-instruction"]));
}

#[test]
fn reports_come_in_parts_with_progress() {
    let (folder, mut client) = start();
    for index in 0..45 {
        fs::write(folder.path().join(format!("x{index}.Dockerfile")), "FROM scratch\n").unwrap();
    }
    let params = json!({ "previousResultIds": [], "partialResultToken": "part", "workDoneToken": "work" });
    let answer = client.request("workspace/diagnostic", params);
    let count = |items: &Value| items.as_array().unwrap().len();
    let of = |token: &str| client.seen.iter().filter(|message| message["params"]["token"] == token).collect::<Vec<_>>();
    let parts: Vec<_> = of("part").iter().map(|part| count(&part["params"]["value"]["items"])).collect();
    assert_eq!((parts, count(&answer["result"]["items"])), (vec![20, 20], 7));
    let kinds: Vec<_> = of("work").iter().map(|message| message["params"]["value"]["kind"].clone()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&json!("begin")), Some(&json!("end"))));
    assert_eq!(kinds.len(), 49);
}

#[test]
fn a_question_that_waits_can_be_cancelled_and_does_not_keep_the_server() {
    let (_folder, mut client) = start();
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let params = json!({ "previousResultIds": known(&answer["result"]["items"]) });
    let id = client.ask("workspace/diagnostic", params.clone());
    client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.answer(id)["error"]["code"], -32800);
    client.ask("workspace/diagnostic", params);
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.child.wait().unwrap().code(), Some(0));
}

#[test]
fn files_that_the_editor_moves_are_looked_at() {
    let (folder, mut client) = start();
    let (old, new) = (folder.path().join("a/Dockerfile"), folder.path().join("a/Containerfile"));
    let first = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }))["result"]["items"].clone();
    fs::rename(&old, &new).unwrap();
    client.notify("workspace/didRenameFiles", json!({ "files": [{ "oldUri": uri(&old), "newUri": uri(&new) }] }));
    let second = client.request("workspace/diagnostic", json!({ "previousResultIds": known(&first) }));
    assert_eq!(
        told(&second["result"]["items"]),
        [
            entry("a/Containerfile", "full", &["unknown-instruction"]),
            entry("b/app.Dockerfile", "unchanged", &[]),
            entry("a/Dockerfile", "full", &[]),
        ]
    );
}

#[test]
fn a_slow_look_at_the_project_is_shown() {
    let shows = json!({ "window": { "workDoneProgress": true } });
    for (slowness, kinds) in [("0", vec![]), ("1500", vec!["begin", "end"])] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), "module example.com/a\n\ngo 1.25.0\n").unwrap();
        let mut client = Client::spawn(&[("DOCKLINE_TEST_SLOW_SCAN", slowness)]);
        client.initialize(json!({ "capabilities": shows }));
        client.open_as(
            &uri(&folder.path().join("Dockerfile")),
            "FROM golang:1.20\nCOPY go.mod ./\nRUN go mod download\n",
        );
        let is_known = |message: &Value| message.to_string().contains("go.mod");
        client.wait(is_known);
        let end = |message: &Value| message["params"]["value"]["kind"] == "end";
        client.wait_until(Duration::from_millis(300), |_| false);
        let told = client.seen.iter().filter(|message| message["method"] == "$/progress");
        let told: Vec<_> = told.map(|message| message["params"]["value"]["kind"].as_str().unwrap()).collect();
        assert_eq!(told, kinds, "{slowness} ms");
        assert_eq!(client.seen.iter().any(end), !kinds.is_empty());
    }
}

#[test]
fn answers_are_traced_when_that_is_wanted() {
    let mut client = Client::start(&json!({}));
    let mut trace = |value: &str| {
        client.notify("$/setTrace", json!({ "value": value }));
        client.open("FROM scratch\n");
        client.about("hover", json!({ "position": { "line": 0, "character": 0 } }));
        let traced = |message: &Value| message["method"] == "$/logTrace";
        client.wait_until(Duration::from_millis(300), traced).map(|message| message["params"].clone())
    };
    assert_eq!(trace("off"), None);
    let told = trace("messages").unwrap();
    assert!(told["message"].as_str().unwrap().starts_with("hover: ") && told.get("verbose").is_none(), "{told}");
    assert_eq!(trace("verbose").unwrap()["verbose"], "untitled:Dockerfile, version 1");
    assert_eq!(trace("off"), None);
}
