//! Hover, signature help and document links through the protocol.
use serde_json::{Value, json};

use crate::lsp_client::{Client, range};

fn at(line: u32, character: u32) -> Value {
    json!({ "position": { "line": line, "character": character } })
}

fn typed(line: u32, character: u32, key: &str) -> Value {
    let context = json!({ "triggerKind": 2, "triggerCharacter": key, "isRetrigger": false });
    json!({ "position": { "line": line, "character": character }, "context": context })
}

fn said(information: &Value) -> Value {
    json!({ "textDocument": { "signatureHelp": { "signatureInformation": information } } })
}

#[test]
fn signatures_with_offsets() {
    let information = json!({
        "documentationFormat": ["markdown"],
        "parameterInformation": { "labelOffsetSupport": true },
        "activeParameterSupport": true,
        "noActiveParameterSupport": true,
    });
    let mut client = Client::spawn(&[]);
    let offered = client.initialize(json!({ "capabilities": said(&information) }))["capabilities"].clone();
    assert_eq!(offered["signatureHelpProvider"], json!({ "triggerCharacters": [" ", ",", "="] }));
    client.open("FROM alpine\nLABEL a=\"😀\" b=é\nCOPY \"😀\" \nRUN --mount=type=cache,target=/x,\nRUN apk add ");
    let help = client.about("signatureHelp", typed(2, 10, " "));
    let form = &help["signatures"][0];
    assert_eq!(form["label"], "COPY [flags] <source>… <destination>");
    // The three bytes of the ellipsis are one unit.
    assert_eq!(form["parameters"][3]["label"], json!([23, 36]));
    assert_eq!((&help["activeSignature"], &help["activeParameter"]), (&json!(0), &json!(3)));
    assert_eq!(form["documentation"]["kind"], "markdown");
    let help = client.about("signatureHelp", at(1, 16));
    assert_eq!((&help["activeParameter"], &help["signatures"][0]["activeParameter"]), (&json!(1), &json!(1)));
    let help = client.about("signatureHelp", typed(3, 33, ","));
    assert_eq!((help["signatures"].as_array().unwrap().len(), &help["activeParameter"]), (1, &Value::Null));
    assert!(help.as_object().unwrap().contains_key("activeParameter"), "null, not nothing");
    assert_eq!(client.about("signatureHelp", typed(4, 12, " ")), Value::Null, "the text of a shell");
    assert_eq!(client.about("signatureHelp", at(4, 12))["activeParameter"], 1, "a person asks");
}

#[test]
fn signatures_for_editors_that_know_less() {
    let mut client = Client::start(&json!({ "general": { "positionEncodings": ["utf-8"] } }));
    client.open("FROM alpine\r\nENV É=é B=\r\nSTOPSIGNAL 9\r\n");
    let help = client.about("signatureHelp", typed(1, 12, "="));
    let form = &help["signatures"][0];
    assert_eq!((&form["parameters"][1]["label"], &help["activeParameter"]), (&json!("<value>"), &json!(1)));
    assert!(form.get("activeParameter").is_none());
    assert_eq!(form["documentation"]["kind"], "plaintext");
    let help = client.about("signatureHelp", at(2, 3));
    assert!(help["signatures"][0]["label"].as_str().unwrap().starts_with("STOPSIGNAL"));
    assert!(help.get("activeParameter").is_none());
    for (line, character) in [(u32::MAX, u32::MAX), (0, u32::MAX), (3, 0)] {
        client.about("signatureHelp", at(line, character));
    }
}

#[test]
fn links_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Dockerfile");
    std::fs::write(folder.path().join("häuser 😀.txt"), "").unwrap();
    std::fs::write(&path, "").unwrap();
    let uri = url::Url::from_file_path(&path).unwrap().to_string();
    let tooltips = json!({ "documentLink": { "tooltipSupport": true } });
    let root = url::Url::from_file_path(folder.path()).unwrap().to_string();
    let mut client = Client::start_with(json!({
        "capabilities": { "textDocument": tooltips },
        "workspaceFolders": [{ "uri": root, "name": "x" }],
    }));
    client.open_as(&uri, "FROM alpine\nCOPY [\"häuser 😀.txt\", \"/é/\"]\nADD https://example.com/😀 /\n");
    let ask = |client: &mut Client| {
        let answer = client.request("textDocument/documentLink", json!({ "textDocument": { "uri": uri } }));
        answer["result"].as_array().unwrap().clone()
    };
    let mut links = ask(&mut client);
    // Files are known when the folder was looked at.
    for _ in 0..200 {
        if links.len() > 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        links = ask(&mut client);
    }
    assert_eq!(links.len(), 2, "{links:?}");
    assert_eq!(links[0]["target"], "https://hub.docker.com/_/alpine");
    assert_eq!((&links[0]["range"], &links[0]["tooltip"]), (&range(0, 5, 0, 11), &json!("alpine")));
    assert_eq!(links[1]["range"], range(1, 6, 1, 21), "in units of UTF-16");
    assert!(links[1]["target"].as_str().unwrap().ends_with("h%C3%A4user%20%F0%9F%98%80.txt"), "{links:?}");
}

#[test]
fn no_marks_for_editors_that_show_text_as_it_is() {
    let mut client = Client::start(&json!({ "general": { "positionEncodings": ["utf-8"] } }));
    client.open("FROM golang:1.27\nENV GOPRIVATE=a GONOPROXY=b\nCOPY a b\n");
    let hover = client.about("hover", at(1, 18));
    assert_eq!(hover["contents"]["kind"], "plaintext");
    let text = hover["contents"]["value"].as_str().unwrap().to_owned();
    assert!(text.starts_with("GONOPROXY\n\nb (ENV, line 2)\n\nGONOPROXY=b\n"), "{text}");
    assert!(text.contains("- good: *.corp.example.com,github.com/org/*"), "{text}");
    let help = client.about("signatureHelp", at(2, 5));
    let flags = &help["signatures"][0]["parameters"][0]["documentation"]["value"];
    assert!(flags.as_str().unwrap().starts_with("--from, --chown"), "{flags}");
}

#[test]
fn hovers_behind_a_mark_and_with_carriage_returns() {
    let mut client = Client::start(&json!({ "textDocument": { "hover": { "contentFormat": ["markdown"] } } }));
    client.open("# escape=`\r\nFROM scratch\r\nLABEL a=\"😀\" b=${NOPE}\r\nEXPOSE `\r\n  443\r\nSTOPSIGNAL SIGQ");
    let text = |hover: &Value| hover["contents"]["value"].as_str().unwrap_or_default().to_owned();
    assert!(text(&client.about("hover", at(0, 9))).contains("back-tick"));
    let hover = client.about("hover", at(2, 17));
    assert_eq!(hover["range"], range(2, 15, 2, 22));
    assert!(text(&hover).contains("Not set here"));
    assert!(text(&client.about("hover", at(4, 3))).contains("HTTPS"));
    assert_eq!(client.about("hover", at(5, 15)), Value::Null);
}

#[test]
fn the_context_is_still_being_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let uri = format!("file://{}/Dockerfile", folder.path().display());
    let mut client = Client::spawn(&[("DOCKLINE_TEST_SLOW_SCAN", "1500")]);
    client.initialize(json!({ "capabilities": {} }));
    client.open_as(&uri, "FROM alpine:3.24\nCOPY a b /\n");
    let text = |client: &mut Client| {
        let about = json!({ "textDocument": { "uri": uri }, "position": { "line": 1, "character": 1 } });
        client.request("textDocument/hover", about)["result"]["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(text(&mut client).contains("still being looked for"));
    let mut tries = 0..100;
    while text(&mut client).contains("still being looked for") {
        assert!(tries.next().is_some(), "it is never found out");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
