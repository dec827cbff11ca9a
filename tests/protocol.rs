//! The rules of the server layer, each against the real program.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "a test may panic, and `json!` makes values")]
#[path = "protocol/actions.rs"]
mod actions;
#[path = "protocol/completion.rs"]
mod completion;
#[path = "protocol/format.rs"]
mod format;
#[path = "protocol/help.rs"]
mod help;
#[cfg(unix)]
#[path = "protocol/input.rs"]
mod input;
#[path = "protocol/lenient.rs"]
mod lenient;
#[path = "support/lsp_client.rs"]
mod lsp_client;
#[path = "protocol/navigate.rs"]
mod navigate;
#[path = "protocol/project.rs"]
mod project;
#[path = "protocol/registry.rs"]
mod registry;
#[path = "support/registry_server.rs"]
mod registry_server;
#[path = "protocol/semantic_tokens.rs"]
mod semantic_tokens;
#[cfg(unix)]
#[path = "protocol/shellcheck.rs"]
mod shellcheck;
#[path = "protocol/standing.rs"]
mod standing;
#[path = "protocol/trace.rs"]
mod trace;
#[path = "protocol/workspace.rs"]
mod workspace;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lsp_client::{Client, URI, change, edit, encode, range};
use serde_json::{Value, json};

/// An editor that asks for diagnostics.
fn pulls() -> Value {
    json!({ "textDocument": { "diagnostic": {} }, "workspace": { "diagnostics": { "refreshSupport": true } } })
}

/// The names of the top-level symbols: what the server thinks the text is.
fn names(client: &mut Client) -> Vec<String> {
    let symbols = client.about("documentSymbol", json!({}));
    let name = |symbol: &Value| symbol["name"].as_str().unwrap().to_owned();
    symbols.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn says_who_it_is() {
    let mut client = Client::spawn(&[]);
    let result = client.initialize(json!({ "capabilities": {} }));
    assert_eq!(result["serverInfo"]["name"], "dockline");
    assert_eq!(result["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(result["capabilities"]["textDocumentSync"]["change"], 2);
    assert!(result["capabilities"].get("diagnosticProvider").is_none(), "for an editor that can't ask");
}

#[test]
fn changes_are_taken_in_order() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a AS n0\nRUN true\n");
    let (mut bytes, mut length) = (Vec::new(), 2);
    for (version, padding) in (1..=400).zip((1..7).cycle()) {
        // A longer and a shorter name in turn: out of order, the ranges would hit something else.
        let name = format!("n{}{version}", "x".repeat(padding));
        let params = change(version + 1, json!([edit(0, 10, 10 + length, &name)]));
        bytes.extend(encode(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params })));
        length = name.len() as u32;
    }
    client.write(&bytes);
    let hover = client.about("hover", json!({ "position": { "line": 1, "character": 1 } }));
    assert_eq!(hover["range"], range(1, 0, 1, 3));
    assert_eq!(names(&mut client), ["nxxxx400", "RUN true"]);
}

#[test]
fn a_request_sees_the_version_in_front_of_it() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a AS one\n");
    let params = json!({ "textDocument": { "uri": URI } });
    let first = client.ask("textDocument/documentSymbol", params.clone());
    client.change(2, json!([edit(0, 10, 13, "two")]));
    let second = client.ask("textDocument/documentSymbol", params);
    assert_eq!(client.answer(first)["result"][0]["name"], "one");
    assert_eq!(client.answer(second)["result"][0]["name"], "two");
}

#[test]
fn a_burst_is_answered_once() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\nRUM x\n");
    assert_eq!(client.published(1).len(), 1);
    client.seen.clear();
    let mut bytes = Vec::new();
    for version in 2..=501 {
        let params = change(version, json!([edit(1, 4, 4, "x")]));
        bytes.extend(encode(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params })));
    }
    client.write(&bytes);
    client.published(501);
    assert!(client.count("textDocument/publishDiagnostics") < 5, "{:?}", client.seen);
}

#[test]
fn a_burst_of_single_writes_is_answered_once() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\nRUM x\n");
    client.published(1);
    for version in 2..=501 {
        client.change(version, json!([edit(1, 4, 4, "x")]));
    }
    client.published(501);
    assert!(client.count("textDocument/publishDiagnostics") < 5, "{:?}", client.seen);
}

#[test]
fn pushed_diagnostics_follow_the_text() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\nRUM x\n");
    let found = client.published(1);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["source"], "dockline");
    assert_eq!(found[0]["code"], "unknown-instruction");
    assert_eq!(found[0]["range"], range(1, 0, 1, 3));
    client.change(2, json!([edit(1, 2, 3, "N")]));
    assert_eq!(client.published(2), Vec::<Value>::new());
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    let closed = client.wait_for("textDocument/publishDiagnostics");
    assert_eq!(closed["params"]["diagnostics"], json!([]));
}

#[test]
fn pulled_diagnostics_are_full_or_unchanged() {
    let mut client = Client::start(&pulls());
    client.open("FROM a\nRUM x\n");
    let first = client.about("diagnostic", json!({}));
    assert_eq!((&first["kind"], first["items"].as_array().unwrap().len()), (&json!("full"), 1));
    let again = client.about("diagnostic", json!({ "previousResultId": first["resultId"] }));
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": first["resultId"] }));
    client.change(2, json!([edit(1, 2, 3, "N")]));
    let changed = client.about("diagnostic", json!({ "previousResultId": first["resultId"] }));
    assert_eq!((&changed["kind"], &changed["items"]), (&json!("full"), &json!([])));
    assert_ne!(changed["resultId"], first["resultId"]);
    // The same version number after a reopening is another text.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    client.open("FROM b\nRUM y\n");
    let reopened = client.about("diagnostic", json!({ "previousResultId": first["resultId"] }));
    assert_eq!(reopened["kind"], "full");
    assert_eq!(client.count("textDocument/publishDiagnostics"), 0);
}

#[test]
fn requests_can_be_cancelled() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a\n");
    client.published(1);
    // In one write that a pipe takes as a whole, so that nearly all of it has been read before an answer is worked out.
    let mut bytes = Vec::new();
    for id in 1000..1012 {
        let params = json!({ "textDocument": { "uri": URI } });
        bytes.extend(encode(
            &json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/foldingRange", "params": params }),
        ));
    }
    for id in 1000..1012 {
        bytes.extend(encode(&json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": id } })));
    }
    assert!(bytes.len() <= 4096, "{}", bytes.len());
    client.write(&bytes);
    let answers: Vec<Value> = (1000..1012).map(|id| client.answer(id)).collect();
    let cancelled = answers.iter().filter(|answer| answer["error"]["code"] == -32800).count();
    let done = answers.iter().filter(|answer| answer.get("result").is_some()).count();
    assert_eq!(cancelled + done, answers.len(), "{answers:?}");
    assert!(cancelled > 0, "{answers:?}");
    assert_eq!(names(&mut client), ["a"]);
}

#[test]
fn registers_only_what_the_editor_allows() {
    let mut client = Client::start(&json!({ "workspace": {
        "didChangeConfiguration": { "dynamicRegistration": false }, "didChangeWatchedFiles": {} } }));
    client.open("FROM a\n");
    client.published(1);
    assert_eq!(client.count("client/registerCapability"), 0);

    let watch = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let mut client = Client::start(&json!({ "workspace": watch }));
    let request = client.wait_for("client/registerCapability");
    let list = request["params"]["registrations"].as_array().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["method"], "workspace/didChangeWatchedFiles");
    let globs = list[0]["registerOptions"]["watchers"].as_array().unwrap();
    for wanted in ["**/go.mod", "**/*.go", "**/dockline.toml", "**/.dockerignore", "**/vendor/modules.txt"] {
        assert!(globs.iter().any(|glob| glob["globPattern"] == wanted), "{wanted}");
    }

    let settings = json!({ "didChangeConfiguration": { "dynamicRegistration": true } });
    let mut client = Client::start(&json!({ "workspace": settings }));
    let request = client.wait_for("client/registerCapability");
    assert_eq!(request["params"]["registrations"][0]["method"], "workspace/didChangeConfiguration");
}

#[test]
fn no_handler_waits_for_the_editor() {
    let mut client = Client::spawn(&[]);
    client.answers = false;
    let said = json!({ "configuration": true, "didChangeWatchedFiles": { "dynamicRegistration": true } });
    client.initialize(json!({ "capabilities": { "workspace": said } }));
    client.open("FROM a AS one\n");
    for _ in 0..10 {
        client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    }
    assert_eq!(names(&mut client), ["one"]);
}

/// Debug builds panic in the request that the variable names.
#[cfg(debug_assertions)]
#[test]
fn a_panic_costs_one_answer() {
    let mut client = Client::spawn(&[("DOCKLINE_TEST_PANIC", "hover")]);
    client.initialize(json!({ "capabilities": {} }));
    client.open("FROM a\n");
    let at = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 1 } });
    for _ in 0..3 {
        assert_eq!(client.request("textDocument/hover", at.clone())["error"]["code"], -32603);
    }
    assert_eq!(names(&mut client), ["a"]);
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn exit_codes() {
    let mut client = Client::start(&json!({}));
    assert_eq!(client.request("shutdown", Value::Null)["result"], Value::Null);
    let refused = client.request("textDocument/hover", json!({ "textDocument": { "uri": URI }, "position": {} }));
    assert_eq!(refused["error"]["code"], -32600, "after shutdown");
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0), "shutdown and exit, the input still open");

    let mut client = Client::start(&json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1), "exit alone");

    let mut client = Client::spawn(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1), "exit before initialize");

    let mut client = Client::start(&json!({}));
    client.end_input();
    assert_eq!(client.exit_code(), Some(1), "end of input");

    let mut client = Client::start(&json!({}));
    client.request("shutdown", Value::Null);
    client.end_input();
    assert_eq!(client.exit_code(), Some(0), "end of input after shutdown");
}

#[test]
fn exit_does_not_wait_for_a_reader() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_dockline"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let mut send = |mut message: Value| {
        message["jsonrpc"] = json!("2.0");
        input.write_all(&encode(&message)).unwrap();
    };
    send(json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    let text = "LABEL a=b\n".repeat(3000);
    let item = json!({ "uri": URI, "languageId": "dockerfile", "version": 1, "text": text });
    send(json!({ "method": "textDocument/didOpen", "params": { "textDocument": item } }));
    // Far more than a pipe holds.
    for id in 2..6 {
        let params = json!({ "textDocument": { "uri": URI } });
        send(json!({ "id": id, "method": "textDocument/documentSymbol", "params": params }));
    }
    send(json!({ "id": 9, "method": "shutdown" }));
    send(json!({ "method": "exit" }));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = server.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it waits");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn ends_with_its_editor() {
    let mut editor = Command::new("sleep").arg("600").spawn().unwrap();
    let mut client = Client::start_with(json!({ "processId": editor.id(), "capabilities": {} }));
    client.open("FROM a\n");
    client.published(1);
    assert!(client.child.try_wait().unwrap().is_none());
    editor.kill().unwrap();
    editor.wait().unwrap();
    assert_eq!(client.exit_code(), Some(1));
}

#[cfg(unix)]
#[test]
fn an_editor_that_was_never_seen_is_not_missed() {
    // No process has this number: it is over the kernel's limit.
    let mut client = Client::start_with(json!({ "processId": i32::MAX, "capabilities": {} }));
    std::thread::sleep(Duration::from_millis(1500));
    client.open("FROM a\n");
    assert_eq!(names(&mut client), ["a"]);
}

#[test]
fn position_encodings() {
    // The columns of `B` in the last line and of the end of the emoji in front of it.
    for (encoding, column, behind) in [("utf-8", 12, 11), ("utf-16", 9, 8), ("utf-32", 8, 7)] {
        let said = json!({ "general": { "positionEncodings": [encoding, "utf-16"] } });
        let mut client = Client::spawn(&[]);
        let result = client.initialize(json!({ "capabilities": said }));
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        client.open("FROM a\nENV A=é B=1\nUSER é😀$B\n");
        let line = json!({ "line": 2, "character": column });
        let found = client.about("definition", json!({ "position": line }));
        let start = if encoding == "utf-8" { 9 } else { 8 };
        assert_eq!(found["range"], range(1, start, 1, start + 1), "{encoding}");
        client.change(2, json!([edit(2, behind, behind, "!")]));
        let symbols = client.about("documentSymbol", json!({}));
        assert!(symbols.to_string().contains("USER é😀!$B"), "{encoding}: {symbols}");
    }
}

#[test]
fn the_first_encoding_that_we_know_is_taken() {
    let said = json!({ "general": { "positionEncodings": ["utf-7", "utf-32", "utf-8"] } });
    let mut client = Client::spawn(&[]);
    assert_eq!(client.initialize(json!({ "capabilities": said }))["capabilities"]["positionEncoding"], "utf-32");
}

#[test]
fn hostile_ranges() {
    let mut client = Client::start(&json!({}));
    client.open("FROM a AS one\r\nUSER 😀\n");
    let most = u32::MAX;
    client.change(2, json!([{ "range": range(0, 13, 0, 10), "text": "two" }]));
    client.change(3, json!([{ "range": range(most, most, most, 0), "text": "RUN x" }]));
    client.change(4, json!([{ "range": range(0, most, 0, most), "text": "2" }]));
    // The middle of a surrogate pair.
    client.change(5, json!([{ "range": range(1, 6, 1, 6), "text": "y" }]));
    assert_eq!(names(&mut client), ["two2", "USER y😀", "RUN x"]);
    for method in ["hover", "definition", "references", "documentHighlight", "prepareRename"] {
        for position in [json!({ "line": most, "character": most }), json!({ "line": 1, "character": most })] {
            client.about(method, json!({ "position": position, "context": { "includeDeclaration": true } }));
        }
    }
    for span in [range(9, 9, 0, 0), range(0, most, most, 0)] {
        client.about("codeAction", json!({ "range": span, "context": { "diagnostics": [] } }));
    }
}

#[test]
fn documents_that_are_not_open() {
    let mut client = Client::start(&pulls());
    client.change(2, json!([{ "text": "FROM a\n" }]));
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": URI } }));
    let at = json!({ "position": { "line": 0, "character": 0 }, "range": range(0, 0, 0, 0),
        "context": { "includeDeclaration": true, "diagnostics": [] }, "ch": "\n",
        "options": { "tabSize": 4, "insertSpaces": true } });
    for method in [
        "hover",
        "definition",
        "references",
        "documentSymbol",
        "foldingRange",
        "codeAction",
        "formatting",
        "rangeFormatting",
        "onTypeFormatting",
        "documentHighlight",
        "prepareRename",
        "codeLens",
        "inlayHint",
    ] {
        assert_eq!(client.about(method, at.clone()), Value::Null, "{method}");
    }
    assert_eq!(client.about("diagnostic", json!({})), json!({ "kind": "full", "items": [] }));
}

#[test]
fn documents_that_are_no_files() {
    let mut client = Client::start(&json!({}));
    for uri in ["untitled:Untitled-1", "no uri at all", "file:///a%20b/%E2%82%AC/Dockerfile", ""] {
        client.open_as(uri, "RUM x\n");
        let method = "textDocument/publishDiagnostics";
        let message = client.wait(|message| message["method"] == method && message["params"]["uri"] == uri);
        assert!(!message["params"]["diagnostics"].as_array().unwrap().is_empty(), "{uri}");
    }
}

#[test]
fn nothing_is_answered_before_initialize() {
    let mut client = Client::spawn(&[]);
    client.open("FROM a\n");
    let at = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 0 } });
    assert_eq!(client.request("textDocument/hover", at)["error"]["code"], -32002);
    client.initialize(json!({ "capabilities": {} }));
    client.open("FROM a AS b\n");
    assert_eq!(names(&mut client), ["b"]);
}

#[test]
fn unknown_methods_and_broken_messages() {
    let mut client = Client::start(&json!({}));
    assert_eq!(client.request("dockline/nothing", json!({}))["error"]["code"], -32601);
    assert_eq!(client.request("$/nothing", json!({}))["error"]["code"], -32601);
    client.notify("$/nothing", json!({}));
    client.notify("dockline/nothing", json!([1, 2]));
    for broken in ["{\"broken\"", "[]", "\u{0}", "{\"jsonrpc\":\"2.0\",\"id\":[1]}"] {
        client.write(format!("Content-Length: {}\r\n\r\n{broken}", broken.len()).as_bytes());
        assert_eq!(client.wait(|message| message["error"]["code"] == -32700)["id"], Value::Null);
    }
    let bad = client.request("textDocument/hover", json!({ "textDocument": 1 }));
    assert_eq!(bad["error"]["code"], -32602);
    client.open("FROM a\n");
    assert_eq!(names(&mut client), ["a"]);
}

#[test]
fn fifty_thousand_lines() {
    let mut client = Client::start(&json!({}));
    let mut text = String::from("FROM a AS one\n");
    for line in 0..50_000 {
        text.push_str(if line % 5 == 0 { "# a comment\n" } else { "LABEL a=b\n" });
    }
    client.open(&text);
    client.change(2, json!([edit(50_000, 6, 7, "z")]));
    let symbols = client.about("documentSymbol", json!({}));
    assert_eq!(symbols.as_array().unwrap().len(), 40_001, "a flat list, one for each instruction");
    assert!(symbols[40_000]["name"] == "LABEL z=b", "{}", symbols[40_000]);
    client.published(2);
}

#[test]
fn windows_line_ends() {
    let hierarchical = json!({ "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } });
    let mut client = Client::start(&json!({ "textDocument": hierarchical }));
    client.open("FROM a AS one\r\nRUN x \\\r\n  && y\r\nRUM z\r\n");
    assert_eq!(client.published(1)[0]["range"], range(3, 0, 3, 3));
    let symbols = client.about("documentSymbol", json!({}));
    assert_eq!(symbols[0]["children"][0]["range"], range(1, 0, 2, 6));
    assert_eq!(symbols[0]["selectionRange"], range(0, 10, 0, 13));
    let folds = client.about("foldingRange", json!({}));
    assert_eq!((&folds[1]["startLine"], &folds[1]["endLine"]), (&json!(1), &json!(2)));
    client.change(2, json!([{ "range": range(2, 6, 3, 3), "text": "\r\nRUN" }]));
    assert_eq!(client.published(2), Vec::<Value>::new());
}

#[test]
fn folds_are_what_the_editor_takes() {
    let said = json!({ "foldingRange": { "lineFoldingOnly": true, "rangeLimit": 2 } });
    let mut client = Client::start(&json!({ "textDocument": said }));
    client.open("FROM a\nRUN x \\\n y\n\nFROM b\nRUN z\n");
    let folds = client.about("foldingRange", json!({}));
    assert_eq!(folds.as_array().unwrap().len(), 2);
    assert!(folds[0].get("endCharacter").is_none());
}
