//! Finds the messages in a stream of bytes.
//!
//! tower-lsp ends the session at the first message that it can't read: what is no message is replaced in front of it, and
//! answered as an error.
use std::io;

use memchr::memchr;
use serde_json::Value;
use tower_lsp::jsonrpc::Request;

/// Stands for a message that could not be read.
pub const BROKEN: &str = "(a message that can't be read)";

/// A longer header line is none.
const MAX_LINE: usize = 1 << 12;
/// A longer message ends the session.
const MAX_MESSAGE: usize = 1 << 30;
/// What was used is thrown away when there is so much of it.
const MAX_USED: usize = 1 << 16;

/// Bytes on their way to be messages.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// So many of them were used.
    used: usize,
    /// As the header says that was read last.
    length: Option<usize>,
    /// The header has ended.
    in_body: bool,
}

impl Frames {
    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.used == self.bytes.len() {
            self.bytes.clear();
            self.used = 0;
        } else if self.used > MAX_USED {
            self.bytes.drain(..self.used);
            self.used = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes out the next message, with a header.
    ///
    /// # Errors
    /// When it is too long.
    pub fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        while !self.in_body {
            let Some(line) = self.line() else { return Ok(None) };
            self.header(&line);
        }
        let length = self.length.unwrap_or_default();
        if length > MAX_MESSAGE {
            return Err(io::Error::other("a message is too long"));
        }
        let Some(body) = self.bytes[self.used..].get(..length) else { return Ok(None) };
        let message = framed(body);
        self.used += length;
        (self.length, self.in_body) = (None, false);
        Ok(Some(message))
    }

    fn line(&mut self) -> Option<String> {
        let rest = &self.bytes[self.used..];
        let rest = &rest[..rest.len().min(MAX_LINE)];
        let end = memchr(b'\n', rest).map(|at| at + 1).or((rest.len() == MAX_LINE).then_some(MAX_LINE))?;
        self.used += end;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    fn header(&mut self, line: &str) {
        match (line.trim(), self.length) {
            ("", Some(_)) => self.in_body = true,
            (line, _) => self.length = content_length(line).or(self.length),
        }
    }
}

fn content_length(line: &str) -> Option<usize> {
    let (name, value) = line.split_once(':')?;
    value.trim().parse().ok().filter(|_| name.eq_ignore_ascii_case("content-length"))
}

fn framed(body: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Request>(body) {
        Ok(_) => with_header(body),
        Err(error) => {
            tracing::warn!("a message can't be read: {error}");
            with_header(
                serde_json::json!({ "jsonrpc": "2.0", "id": Value::Null, "method": BROKEN }).to_string().as_bytes(),
            )
        }
    }
}

fn with_header(body: &[u8]) -> Vec<u8> {
    let mut message = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages in `input`, which comes in pieces of `size`.
    fn messages_of(input: &str, size: usize) -> String {
        let mut frames = Frames::default();
        let mut messages = Vec::new();
        for piece in input.as_bytes().chunks(size) {
            frames.push(piece);
            while let Ok(Some(message)) = frames.take() {
                messages.extend(message);
            }
        }
        String::from_utf8(messages).unwrap()
    }

    fn messages(input: &str) -> String {
        let whole = messages_of(input, usize::MAX);
        for size in [1, 7] {
            assert_eq!(messages_of(input, size), whole);
        }
        whole
    }

    #[test]
    fn headers_are_read_generously() {
        let body = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let plain = format!("Content-Length: 30\r\n\r\n{body}");
        assert_eq!(messages(&plain), plain);
        assert_eq!(messages(&format!("content-length:30\nContent-Type: application/json\n\n{body}")), plain);
        assert_eq!(messages(&format!("\r\nnoise\r\n\r\n{plain}{plain}")), plain.repeat(2));
        assert_eq!(messages(&format!("{}\n{plain}", "x".repeat(3 * MAX_LINE))), plain);
        assert_eq!(messages("Content-Length: 99\r\n\r\n{}"), "");
        assert_eq!(messages("Content-Length: 99999999999\r\n\r\n{}"), "");
    }

    #[test]
    fn what_was_used_is_thrown_away() {
        let body = format!(r#"{{"jsonrpc":"2.0","method":"{}"}}"#, "x".repeat(999));
        let plain = format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let mut frames = Frames::default();
        for _ in 0..300 {
            frames.push(&plain[9..]);
            frames.push(&plain[..9]);
            assert!(frames.bytes.len() < 2 * MAX_USED);
            while frames.take().unwrap().is_some() {}
        }
    }

    #[test]
    fn what_is_no_message_is_replaced() {
        let deep = "[".repeat(200);
        for body in ["{", "[]", "{}", "1", "\u{0}", r#"{"jsonrpc":"2.0","id":{}}"#, &deep] {
            let out = messages(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
            assert!(out.contains(BROKEN), "{body}: {out}");
        }
    }
}
