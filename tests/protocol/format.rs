//! Formatting through the protocol.
use serde_json::{Value, json};

use crate::lsp_client::{Client, range};

/// `text` after the edits, in units of UTF-16.
fn edited(text: &str, edits: &Value) -> String {
    let mut lines: Vec<Vec<u16>> = text.split('\n').map(|line| line.encode_utf16().collect()).collect();
    for edit in edits.as_array().unwrap().iter().rev() {
        let place = |end: &str| {
            let at = &edit["range"][end];
            (at["line"].as_u64().unwrap() as usize, at["character"].as_u64().unwrap() as usize)
        };
        let ((first, from), (last, to)) = (place("start"), place("end"));
        let new = edit["newText"].as_str().unwrap();
        let before = String::from_utf16(&lines[first][..from]).unwrap();
        let behind = String::from_utf16(&lines[last][to..]).unwrap();
        let joined = format!("{before}{new}{behind}");
        lines.splice(first..=last, joined.split('\n').map(|line| line.encode_utf16().collect()));
    }
    lines.iter().map(|line| String::from_utf16(line).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn formatting_counts_in_utf16() {
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": {} }))["capabilities"].clone();
    assert_eq!(offered["documentFormattingProvider"], true);
    assert_eq!(offered["documentRangeFormattingProvider"], true);
    assert_eq!(offered["documentOnTypeFormattingProvider"], json!({ "firstTriggerCharacter": "\n" }));
    let text = "FROM a as b\nENV A=😀   B=é  \nCMD [ \"😀\",\"b\" ]\nRUN echo 😀 && \\\nls  \n\n\n";
    client.open(text);
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let edits = client.about("formatting", json!({ "options": options }));
    let formatted = "FROM a AS b\nENV A=😀 B=é\nCMD [\"😀\", \"b\"]\nRUN echo 😀 && \\\n    ls\n";
    assert_eq!(edited(text, &edits), formatted);
    assert_eq!(edits[1], json!({ "range": range(1, 8, 1, 11), "newText": " " }), "only what changes: {edits}");

    let part = client.about("rangeFormatting", json!({ "range": range(2, 9, 2, 9), "options": options }));
    assert_eq!(edited(text, &part), text.replace("[ \"😀\",\"b\" ]", "[\"😀\", \"b\"]"));

    client.change(2, json!([{ "text": formatted }]));
    assert_eq!(client.about("formatting", json!({ "options": options })), json!([]));
}

#[test]
fn several_ranges_are_formatted_at_once() {
    let mut client = Client::spawn(&[]);
    let said = json!({ "textDocument": { "rangeFormatting": { "rangesSupport": true } } });
    let offered = client.initialize(json!({ "capabilities": said }))["capabilities"].clone();
    assert_eq!(offered["documentRangeFormattingProvider"], json!({ "rangesSupport": true }));
    let text = "FROM a as b\nENV A=😀   B=é\nCMD [ \"😀\" ]\n";
    client.open(text);
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let ranges = json!([range(2, 9, 2, 9), range(0, 0, 0, 4), range(2, 0, 2, 1)]);
    let edits = client.about("rangesFormatting", json!({ "ranges": ranges, "options": options }));
    assert_eq!(edited(text, &edits), "FROM a AS b\nENV A=😀   B=é\nCMD [\"😀\"]\n");
}

#[test]
fn a_new_line_of_a_continued_instruction_is_indented() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\nRUN echo 😀 && \\\n");
    let ask = |client: &mut Client, line: u32, character: u32| {
        let options = json!({ "tabSize": 8, "insertSpaces": true });
        let at = json!({ "line": line, "character": character });
        client.about("onTypeFormatting", json!({ "position": at, "ch": "\n", "options": options }))
    };
    assert_eq!(ask(&mut client, 2, 0), json!([{ "range": range(2, 0, 2, 0), "newText": "    " }]));
    client.change(2, json!([{ "range": range(2, 0, 2, 0), "text": "    ls 😀\n    " }]));
    assert_eq!(ask(&mut client, 3, 4), json!([{ "range": range(3, 0, 3, 4), "newText": "" }]));
    assert_eq!(ask(&mut client, u32::MAX, 0), json!([{ "range": range(3, 0, 3, 4), "newText": "" }]));
    assert_eq!(ask(&mut client, 0, 0), json!([]));
}

#[test]
fn what_is_refused_stays_as_it_is() {
    let mut client = Client::start(&json!({}));
    let text = "FROM a as b\nRUM   x\nRUN <<EOF\n";
    client.open(text);
    assert_eq!(
        client.about("formatting", json!({ "options": { "tabSize": 4, "insertSpaces": true } })),
        json!([]),
        "where does the document end?"
    );
    client.change(2, json!([{ "range": range(2, 4, 2, 9), "text": "x" }]));
    let edits = client.about("formatting", json!({ "options": { "tabSize": 4, "insertSpaces": true } }));
    assert_eq!(edits, json!([{ "range": range(0, 7, 0, 9), "newText": "AS" }]));
}
