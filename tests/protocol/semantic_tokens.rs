//! Semantic tokens through the protocol.
use serde_json::{Value, json};

use crate::lsp_client::{Client, edit, range};

fn asks(delta: bool) -> Value {
    json!({ "textDocument": { "semanticTokens": {
        "requests": { "range": true, "full": { "delta": delta } },
        "tokenTypes": ["keyword"], "tokenModifiers": [], "formats": ["relative"] } } })
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

#[test]
fn colours_follow_the_text() {
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": asks(true) }))["capabilities"].clone();
    let provider = &offered["semanticTokensProvider"];
    assert_eq!((&provider["range"], &provider["full"]["delta"]), (&json!(true), &json!(true)));
    let types = provider["legend"]["tokenTypes"].as_array().unwrap();
    let index = |name: &str| types.iter().position(|known| known == name).unwrap() as u64;
    client.open("FROM golang\nENV A=😀 B=1\n");
    let full = client.about("semanticTokens/full", json!({}));
    let mut data = numbers(&full["data"]);
    let tokens: Vec<&[u64]> = data.chunks(5).collect();
    assert_eq!(tokens[0], [0, 0, 4, index("keyword"), 0]);
    assert_eq!(tokens[5], [0, 1, 2, index("string"), 0], "a surrogate pair");
    assert_eq!(tokens[6], [0, 3, 1, index("variable"), 1], "declared behind it");
    // What changed makes the new of the old, as often as one likes.
    for (version, text) in (2..).zip(["x", "é=", "\n"]) {
        let before = client.about("semanticTokens/full/delta", json!({ "previousResultId": "unknown" }));
        assert!(before.get("data").is_some(), "all of them for an id that was never given");
        client.change(version, json!([edit(1, 5, 5, text)]));
        let delta =
            client.about("semanticTokens/full/delta", json!({ "previousResultId": before["resultId"].clone() }));
        assert!(delta.get("data").is_none() && delta["resultId"] != before["resultId"], "{delta}");
        for change in delta["edits"].as_array().unwrap() {
            let start = change["start"].as_u64().unwrap() as usize;
            let end = start + change["deleteCount"].as_u64().unwrap() as usize;
            data.splice(start..end, numbers(&change["data"]));
        }
        let full = client.about("semanticTokens/full", json!({}));
        assert_eq!((numbers(&full["data"]), &full["resultId"]), (data.clone(), &delta["resultId"]));
        let same = client.about("semanticTokens/full/delta", json!({ "previousResultId": full["resultId"].clone() }));
        assert_eq!(same["edits"], json!([]));
    }
    let part = client.about("semanticTokens/range", json!({ "range": range(0, 0, 0, 4) }));
    assert_eq!(part, json!({ "data": [0, 0, 4, index("keyword"), 0] }));
    let nowhere = client.about("semanticTokens/range", json!({ "range": range(9, 0, u32::MAX, u32::MAX) }));
    assert_eq!(nowhere, json!({ "data": [] }));
}

#[test]
fn a_closed_document_has_no_earlier_answer() {
    let mut client = Client::start(&asks(true));
    client.open("FROM a\n");
    let full = client.about("semanticTokens/full", json!({}));
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": crate::lsp_client::URI } }));
    let since = json!({ "previousResultId": full["resultId"].clone() });
    assert_eq!(client.about("semanticTokens/full/delta", since.clone()), Value::Null);
    client.open("FROM a\n");
    let again = client.about("semanticTokens/full/delta", since);
    assert_eq!(again["data"], full["data"]);
    assert_ne!(again["resultId"], full["resultId"]);
}

#[test]
fn editors_that_take_less_get_less() {
    let mut client = Client::start(&asks(false));
    client.open("FROM a\n");
    let full = client.about("semanticTokens/full", json!({}));
    assert!(full.get("resultId").is_none());
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": {} }))["capabilities"].clone();
    assert!(offered.get("semanticTokensProvider").is_none());
}
