//! Answers and diagnostics as JSON text, straight to the output. tower-lsp would make a tree of each, write the tree and drop it,
//! which takes longer than most answers do.
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tower_lsp::gen_lsp_types::ProgressToken;
use tower_lsp::jsonrpc::Response;

use super::output::Outlet;

/// What a handler leaves to be written in place of what it returns.
#[derive(Debug)]
pub struct Shortcut {
    outlet: Outlet,
    /// Taken in the same poll in which its handler ends, so there is never another one.
    result: Mutex<Option<Vec<u8>>>,
}

impl Shortcut {
    /// Nothing is left yet.
    pub fn new(outlet: Outlet) -> Self {
        Self { outlet, result: Mutex::default() }
    }

    /// Leaves the result of a request, as JSON. The handler returns at once, whatever it likes.
    pub fn leave(&self, result: Vec<u8>) {
        *self.slot() = Some(result);
    }

    /// Writes what was left in place of `response`, which is given back when nothing was.
    pub fn answer(&self, response: Response) -> Option<Response> {
        let Some(result) = self.slot().take() else { return Some(response) };
        let Ok(id) = serde_json::to_vec(response.id()) else { return Some(response) };
        self.outlet.send(&[br#"{"jsonrpc":"2.0","id":"#, &id, br#","result":"#, &result, b"}"]);
        None
    }

    /// Pushes diagnostics, a JSON array.
    pub fn publish(&self, uri: &str, version: Option<i32>, diagnostics: &[u8]) {
        let Ok(uri) = serde_json::to_vec(uri) else { return };
        let version = version.map_or_else(String::new, |version| format!(r#","version":{version}"#));
        let head = br#"{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":{"uri":"#;
        self.outlet.send(&[head, &uri, version.as_bytes(), br#","diagnostics":"#, diagnostics, b"}}"]);
    }

    /// Reports to `token`, of a request that is not answered yet. What tower-lsp sends may come behind the answer.
    pub fn progress(&self, token: &ProgressToken, value: &impl Serialize) {
        let (Ok(token), Ok(value)) = (serde_json::to_vec(token), serde_json::to_vec(value)) else { return };
        let head = br#"{"jsonrpc":"2.0","method":"$/progress","params":{"token":"#;
        self.outlet.send(&[head, &token, br#","value":"#, &value, b"}}"]);
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
