//! A small LSP client: starts `dockline lsp` and speaks JSON-RPC with it over pipes.
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longer than anything takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A document that lies nowhere: nothing beside it is looked at.
pub const URI: &str = "untitled:Dockerfile";

pub struct Client {
    pub child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Value>,
    /// What came and was not asked for yet.
    pub seen: Vec<Value>,
    next_id: i64,
    /// Whether requests of the server are answered, with null.
    pub answers: bool,
}

impl Client {
    /// A server that has not been greeted.
    pub fn spawn(environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dockline"))
            .arg("lsp")
            // No ShellCheck: it would say more, and later.
            .env("PATH", "")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { child, stdin, incoming, seen: Vec::new(), next_id: 0, answers: true }
    }

    /// A server after `initialized`, for an editor with these capabilities.
    pub fn start(capabilities: &Value) -> Self {
        Self::start_with(json!({ "capabilities": capabilities }))
    }

    /// A server after `initialized`, with these parameters of `initialize`.
    pub fn start_with(params: Value) -> Self {
        let mut client = Self::spawn(&[]);
        client.initialize(params);
        client
    }

    /// Greets the server; its answer.
    pub fn initialize(&mut self, params: Value) -> Value {
        let answer = self.request("initialize", params);
        self.notify("initialized", json!({}));
        answer["result"].clone()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("the input is open");
        // A server that has ended is noticed by what it doesn't answer.
        let _ = stdin.write_all(bytes).and_then(|()| stdin.flush());
    }

    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.write(&encode(&json!({ "jsonrpc": "2.0", "method": method, "params": params })));
    }

    /// Sends a request; its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let message = json!({ "jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params });
        self.write(&encode(&message));
        self.next_id
    }

    /// The answer to the request `id`.
    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The result of a request about the document [`URI`]; an error fails the test.
    pub fn about(&mut self, method: &str, mut params: Value) -> Value {
        params["textDocument"] = json!({ "uri": URI });
        let answer = self.request(&format!("textDocument/{method}"), params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub fn open(&mut self, text: &str) {
        self.open_as(URI, text);
    }

    pub fn open_as(&mut self, uri: &str, text: &str) {
        let item = json!({ "uri": uri, "languageId": "dockerfile", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Answers a request of the server.
    pub fn reply(&mut self, request: &Value, result: &Value) {
        self.write(&encode(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })));
    }

    pub fn change(&mut self, version: i32, changes: Value) {
        self.notify("textDocument/didChange", change(version, changes));
    }

    /// The first message that `wanted` accepts; requests of the server are answered on the way.
    pub fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_until(PATIENCE, wanted).expect("the server says nothing")
    }

    pub fn wait_until(&mut self, patience: Duration, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        if let Some(index) = self.seen.iter().position(&wanted) {
            return Some(self.seen.remove(index));
        }
        let deadline = Instant::now() + patience;
        loop {
            let message = self.incoming.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()?;
            if self.answers && message.get("method").is_some() && message.get("id").is_some() {
                self.reply(&message, &Value::Null);
            }
            if wanted(&message) {
                return Some(message);
            }
            self.seen.push(message);
        }
    }

    /// The diagnostics that are published for a version.
    pub fn published(&mut self, version: i32) -> Vec<Value> {
        let method = "textDocument/publishDiagnostics";
        let message = self.wait(|message| message["method"] == method && message["params"]["version"] == version);
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// The first message with this method.
    pub fn wait_for(&mut self, method: &str) -> Value {
        self.wait(|message| message["method"] == method)
    }

    /// How many messages of this method came that were not asked for.
    pub fn count(&self, method: &str) -> usize {
        self.seen.iter().filter(|message| message["method"] == method).count()
    }

    /// Waits for the end of the process; its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not end");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The parameters of a `didChange` of [`URI`].
pub fn change(version: i32, changes: Value) -> Value {
    json!({ "textDocument": { "uri": URI, "version": version }, "contentChanges": changes })
}

/// Replaces the columns `start..end` of a line.
pub fn edit(line: u32, start: u32, end: u32, text: &str) -> Value {
    json!({ "range": range(line, start, line, end), "text": text })
}

pub fn range(line: u32, start: u32, end_line: u32, end: u32) -> Value {
    json!({ "start": { "line": line, "character": start }, "end": { "line": end_line, "character": end } })
}

/// A message with its header.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The next message; `None` at the end. Anything that is no message fails the test: the output belongs to the protocol.
fn read(from: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        let (name, value) = line.trim_end().split_once(": ").expect("a header");
        if name == "Content-Length" {
            length = value.parse::<usize>().ok();
        }
    }
    let mut body = vec![0; length.expect("a length")];
    from.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("JSON"))
}
