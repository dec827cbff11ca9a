//! Editors that say things otherwise than the protocol does.
use serde_json::{Value, json};

use crate::lsp_client::{Client, change, edit};
use crate::names;

#[test]
fn a_change_without_a_version_counts() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a AS one\n");
    let mut params = change(2, json!([edit(0, 10, 13, "two")]));
    params["textDocument"]["version"] = Value::Null;
    client.notify("textDocument/didChange", params.clone());
    params["textDocument"].as_object_mut().unwrap().remove("version");
    params["contentChanges"] = json!([edit(0, 13, 13, "s")]);
    client.notify("textDocument/didChange", params);
    assert_eq!(names(&mut client), ["twos"]);
}

#[test]
fn params_of_another_type_are_refused_alone() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a AS one\n");
    for params in [json!([]), json!(["x"]), json!({ "textDocument": [1] }), json!({ "textDocument": "x" }), json!({})] {
        client.notify("textDocument/didChange", params);
    }
    assert_eq!(names(&mut client), ["one"]);
}

#[test]
fn capabilities_that_cannot_be_read_are_not_there() {
    let named = json!({ "rename": { "prepareSupport": true }, "semanticTokens": {}, "hover": 1 });
    for (params, prepares) in [
        (json!({ "processId": null, "rootPath": "/", "capabilities": null }), false),
        (json!({ "workspaceFolders": null }), false),
        (json!({ "capabilities": { "textDocument": named, "workspace": null, "window": [] } }), true),
    ] {
        let mut client = Client::spawn(&[]);
        let offered = client.initialize(params)["capabilities"].clone();
        assert_eq!(offered["renameProvider"].is_object(), prepares);
        client.open("FROM a AS one\n");
        assert_eq!(names(&mut client), ["one"]);
    }
}
