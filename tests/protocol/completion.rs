//! Completion through the protocol.
use serde_json::{Value, json};

use crate::lsp_client::{Client, edit, range};

fn ask(client: &mut Client, line: u32, character: u32) -> Value {
    client.about("completion", json!({ "position": { "line": line, "character": character } }))
}

fn labels(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn completes_what_is_half_typed() {
    let said = json!({ "textDocument": { "completion": { "completionItem": {
        "documentationFormat": ["markdown", "plaintext"] } } } });
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": said }))["capabilities"].clone();
    let triggers = &offered["completionProvider"]["triggerCharacters"];
    assert!(triggers.as_array().unwrap().contains(&json!("-")), "{triggers}");
    assert!(!triggers.as_array().unwrap().contains(&json!(" ")), "{triggers}");
    assert!(offered["completionProvider"].get("resolveProvider").is_none());
    client.open("FROM golang:1.27\nRUN echo 😀 && go bui");
    let list = ask(&mut client, 1, 21);
    assert_eq!((&list["isIncomplete"], labels(&list)), (&json!(false), vec!["build"]));
    let item = &list["items"][0];
    assert_eq!(item["textEdit"], json!({ "range": range(1, 18, 1, 21), "newText": "build" }), "in units of UTF-16");
    assert_eq!((&item["documentation"]["kind"], &item["kind"]), (&json!("markdown"), &json!(3)));
    assert!(item["documentation"]["value"].as_str().unwrap().starts_with("**go build**"));
    // The rest is typed, key by key.
    client.change(2, json!([edit(1, 18, 21, "build -"), edit(1, 25, 25, "tri")]));
    let list = ask(&mut client, 1, 28);
    assert_eq!(labels(&list), ["-trimpath"]);
    assert_eq!(list["items"][0]["textEdit"]["range"], range(1, 24, 1, 28));
    client.change(3, json!([edit(1, 24, 28, "-mod=")]));
    let list = ask(&mut client, 1, 29);
    assert_eq!(labels(&list), ["vendor", "readonly", "mod"]);
    assert_eq!(list["items"][0]["sortText"], "000");
    assert_eq!(ask(&mut client, 1, 8), Value::Null, "a word of another command");
}

#[test]
fn plain_documentation_for_editors_that_want_it() {
    let mut client = Client::start(&json!({ "general": { "positionEncodings": ["utf-8"] } }));
    client.open("FROM golang:1.27\nENV É=é CGO_ENA\n");
    let list = ask(&mut client, 1, 17);
    assert_eq!(labels(&list), ["CGO_ENABLED"]);
    assert_eq!(list["items"][0]["documentation"]["kind"], "plaintext");
    assert_eq!(list["items"][0]["textEdit"], json!({ "range": range(1, 10, 1, 17), "newText": "CGO_ENABLED=" }));
}

#[test]
fn completes_nothing_at_places_that_are_not_there() {
    let mut client = Client::start(&json!({}));
    assert_eq!(ask(&mut client, 0, 0), Value::Null, "the document is not open");
    client.open("FROM golang\r\nENV A=😀");
    let most = u32::MAX;
    for (line, character) in [(most, most), (most, 0), (1, most), (1, 7), (2, 1)] {
        assert_eq!(ask(&mut client, line, character), Value::Null, "{line}:{character}");
    }
}

/// What an editor says that fills places in.
fn fills_places() -> Value {
    json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } })
}

#[test]
fn writes_a_file_from_nothing() {
    let mut client = Client::start(&fills_places());
    client.open("");
    assert_eq!(labels(&ask(&mut client, 0, 0))[..2], ["FROM", "ARG"]);
    client.change(2, json!([edit(0, 0, 0, "FROM golang:")]));
    assert_eq!(labels(&ask(&mut client, 0, 12))[..2], ["1.27", "1.27-alpine"]);
    client.change(3, json!([edit(0, 12, 12, "1.27 AS build\r\n# é😀\r\nENV É=é\r\nFROM alpine:3.24\r\nCO")]));
    let list = ask(&mut client, 4, 2);
    let (keyword, snippet) = (&list["items"][0], &list["items"][1]);
    assert_eq!(keyword["textEdit"], json!({ "range": range(4, 0, 4, 2), "newText": "COPY " }));
    assert!(keyword.get("insertTextFormat").is_none());
    assert_eq!((&snippet["kind"], &snippet["insertTextFormat"]), (&json!(15), &json!(2)));
    assert_eq!(snippet["textEdit"]["newText"], "COPY ${1:source} ${2:destination}");
    client.change(4, json!([edit(4, 0, 2, "COPY --from=")]));
    assert_eq!(labels(&ask(&mut client, 4, 12)), ["build"]);
    client.change(5, json!([edit(4, 12, 12, "build /x /\r\nRUN --mount=type=cache,")]));
    let list = ask(&mut client, 5, 23);
    assert_eq!(labels(&list)[0], "target");
    assert_eq!(list["items"][0]["textEdit"], json!({ "range": range(5, 23, 5, 23), "newText": "target=" }));
}

#[test]
fn no_places_for_editors_that_can_t_fill_them() {
    let mut client = Client::start(&json!({}));
    client.open("FROM alpine:3.24\nARG É=1 V=😀\nCO\nENV W=é${V:\n");
    let list = ask(&mut client, 2, 2);
    assert_eq!(labels(&list), ["COPY"]);
    let list = ask(&mut client, 3, 11);
    assert_eq!(labels(&list)[0], ":-");
    assert_eq!(list["items"][0]["textEdit"], json!({ "range": range(3, 10, 3, 11), "newText": ":-" }));
    assert!(list["items"][0].get("insertTextFormat").is_none());
}

#[test]
fn asks_at_what_begins_a_value_but_not_at_a_blank() {
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": {} }))["capabilities"].clone();
    let triggers = &offered["completionProvider"]["triggerCharacters"];
    assert_eq!(triggers, &json!(["-", "=", "/", ",", "$", "{", ":"]));
    client
        .open("FROM alpine:3.24\nRUN echo a: \"b/ {\" # $\n# see: a/b=c, ${D}\nRUN <<EOF python3\na = {b: c/d}\nEOF\n");
    for (line, character) in
        [(1, 11), (1, 15), (1, 17), (2, 6), (2, 9), (2, 11), (2, 13), (2, 15), (4, 5), (4, 7), (4, 10)]
    {
        assert_eq!(ask(&mut client, line, character), Value::Null, "{line}:{character}");
    }
}
