//! Times of a recorded build, beside the instructions.
use std::fs;

use serde_json::{Value, json};
use url::Url;

use crate::lsp_client::{Client, range};

const TEXT: &str = "FROM a\nRUN one\nRUN two\n";

fn log(seconds: &str) -> String {
    format!(
        "#1 [1/3] FROM docker.io/library/a\n#1 CACHED\n#2 [2/3] RUN one\n#2 DONE {seconds}s\n#3 [3/3] RUN two\n#3 DONE 0.0s\n"
    )
}

/// An editor that watches files and shows hints.
fn shows_hints() -> Value {
    json!({ "workspace": { "inlayHint": { "refreshSupport": true },
        "didChangeWatchedFiles": { "dynamicRegistration": true } } })
}

fn labels(client: &mut Client, uri: &str) -> Vec<String> {
    let params = json!({ "textDocument": { "uri": uri }, "range": range(0, 0, 3, 0) });
    let hints = client.request("textDocument/inlayHint", params)["result"].clone();
    hints.as_array().unwrap().iter().map(|hint| hint["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn times_of_a_log_are_hints() {
    let folder = tempfile::tempdir().unwrap();
    let uri = |name: &str| String::from(Url::from_file_path(folder.path().join(name)).unwrap());
    fs::write(folder.path().join("dockline.toml"), "build-log = \"out/build.log\"\n").unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    let file = folder.path().join("out/build.log");
    fs::write(&file, log("7.5")).unwrap();
    let mut client = Client::start(&shows_hints());
    client.open_as(&uri("Dockerfile"), TEXT);
    client.wait_for("workspace/inlayHint/refresh");
    assert_eq!(labels(&mut client, &uri("Dockerfile")), ["cached", "7.5 s"]);
    let names_log = |message: &Value| {
        message["method"] == "client/registerCapability" && message.to_string().contains("out/build.log")
    };
    client.wait(names_log);
    // Another build.
    fs::write(&file, log("9.5")).unwrap();
    let changes = json!([{ "uri": uri("out/build.log"), "type": 2 }]);
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    while labels(&mut client, &uri("Dockerfile")) != ["cached", "9.5 s"] {
        client.wait_for("workspace/inlayHint/refresh");
    }
    // What was edited since took another time.
    let edit = json!([{ "range": range(1, 4, 1, 7), "text": "other" }]);
    let document = json!({ "uri": uri("Dockerfile"), "version": 2 });
    client.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": edit }));
    assert_eq!(labels(&mut client, &uri("Dockerfile")), ["cached"]);
}

#[test]
fn without_a_log_there_are_no_hints() {
    let mut client = Client::start(&shows_hints());
    client.open(TEXT);
    assert_eq!(client.about("inlayHint", json!({ "range": range(0, 0, 3, 0) })), json!([]));
    client.published(1);
    assert_eq!(client.count("workspace/inlayHint/refresh"), 0);
}
