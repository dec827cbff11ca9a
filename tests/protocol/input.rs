//! What editors may connect us with: pipes (the other tests), sockets as Node's `spawn` has them, files.
use std::fs::File;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::lsp_client::encode;

fn session() -> Vec<u8> {
    let text = format!("FROM golang:1.22\n{}", "RUN true # é\n".repeat(9_000));
    let document = json!({ "uri": "file:///x/Dockerfile", "languageId": "dockerfile", "version": 1, "text": text });
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "textDocument/documentSymbol",
                "params": { "textDocument": { "uri": "file:///x/Dockerfile" } } }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }),
    ];
    messages.iter().flat_map(|message: &Value| encode(message)).collect()
}

/// Serves a whole session, to the end of the input; the exit code says that `shutdown` was read.
fn serve(input: Stdio, output: Stdio) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockline"));
    command.arg("lsp").stdin(input).stdout(output).stderr(Stdio::null()).spawn().unwrap()
}

fn assert_answered(output: &[u8]) {
    let output = String::from_utf8_lossy(output);
    // The outline, which is longer than a pipe, ends in front of the next answer.
    assert!(output.contains(r#""id":2"#) && output.matches("RUN true").count() >= 9_000, "{} bytes", output.len());
    assert!(output.contains(r#""id":3"#));
}

#[test]
fn a_socket() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (input, output) = (OwnedFd::from(theirs.try_clone().unwrap()), OwnedFd::from(theirs));
    let mut child = serve(input.into(), output.into());
    let mut reader = ours.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut output = Vec::new();
        reader.read_to_end(&mut output).unwrap();
        output
    });
    let mut writer = ours;
    for piece in session().chunks(50_000) {
        writer.write_all(piece).unwrap();
    }
    writer.shutdown(Shutdown::Write).unwrap();
    assert!(child.wait().unwrap().success());
    assert_answered(&reading.join().unwrap());
}

#[test]
fn a_file() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&session()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (path, input) = (folder.path().join("out"), rewound(file));
    let output = File::create(&path).unwrap();
    assert!(serve(input.into(), output.into()).wait().unwrap().success());
    assert_answered(&std::fs::read(path).unwrap());
}

fn rewound(mut file: File) -> File {
    use std::io::Seek;
    file.rewind().unwrap();
    file
}
