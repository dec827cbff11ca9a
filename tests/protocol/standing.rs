//! While a line is half typed, what was found on the others stays.
use serde_json::{Value, json};

use crate::lsp_client::{Client, URI, edit};
use crate::pulls;

/// The home folder of whoever builds is not known while USER is half typed, so the missing cache mount is not for sure.
const TEXT: &str = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n\nFROM scratch\nUSER 1000\nCOPY --from=0 /app /app\nENTRYPOINT [\"/app\"]\n";

/// Lines from 0, and rules.
fn found(client: &mut Client) -> Vec<(u64, String)> {
    let items = client.about("diagnostic", json!({}))["items"].clone();
    let place =
        |item: &Value| (item["range"]["start"]["line"].as_u64().unwrap(), item["code"].as_str().unwrap().to_owned());
    items.as_array().unwrap().iter().map(place).collect()
}

fn has(found: &[(u64, String)], line: u64, rule: &str) -> bool {
    found.contains(&(line, rule.to_owned()))
}

fn start() -> Client {
    let mut client = Client::start(&pulls());
    client.open(TEXT);
    assert!(has(&found(&mut client), 3, "build-without-cache-mount"));
    client
}

#[test]
fn a_finding_stays_until_the_line_is_done() {
    let mut client = start();
    let mut version = 1;
    // Behind WORKDIR, where it would decide what the build finds.
    for (column, typed) in ["\nU", "S", "E", "R", " "].into_iter().enumerate() {
        version += 1;
        let (line, at) = if column == 0 { (1, 12) } else { (2, column as u32) };
        client.change(version, json!([edit(line, at, at, typed)]));
        let found = found(&mut client);
        assert!(has(&found, 4, "build-without-cache-mount"), "behind {typed:?}: {found:?}");
    }
    let unfinished = found(&mut client);
    client.change(version + 1, json!([edit(2, 5, 5, "me")]));
    assert_ne!(found(&mut client), unfinished, "done");
}

#[test]
fn what_stands_follows_the_line_that_is_done() {
    let mut client = start();
    let above =
        |found: Vec<(u64, String)>| -> Vec<(u64, String)> { found.into_iter().filter(|(line, _)| *line < 7).collect() };
    let before = above(found(&mut client));
    client.change(2, json!([edit(7, 14, 23, "")]));
    let half = found(&mut client);
    assert!(has(&half, 7, "missing-argument"), "{half:?}");
    assert_eq!(above(half), before);
    client.change(3, json!([edit(7, 0, 14, "")]));
    let done = found(&mut client);
    assert!(has(&done, 0, "unused-stage") && !before.contains(&(0, "unused-stage".to_owned())), "{done:?}");
}

#[test]
fn another_change_or_saving_ends_it() {
    for save in [true, false] {
        let mut client = start();
        client.change(2, json!([edit(1, 12, 12, "\nUSER ")]));
        assert!(has(&found(&mut client), 4, "build-without-cache-mount"));
        if save {
            client.notify("textDocument/didSave", json!({ "textDocument": { "uri": URI } }));
        } else {
            client.change(3, json!([edit(6, 0, 12, "FROM alpine:3.22")]));
        }
        let found = found(&mut client);
        assert!(!has(&found, 4, "build-without-cache-mount"), "{found:?}");
    }
}
