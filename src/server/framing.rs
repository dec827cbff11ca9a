//! Where messages begin and end. tower-lsp ends the session at the first message that it can't read: what is no message
//! is taken out in front of it, and answered as an error.
use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream};
use tower_lsp::jsonrpc::Request;

/// Stands for a message that could not be read.
pub const BROKEN: &str = "(a message that can't be read)";

/// Messages are read in pieces of this size.
const PIECE: usize = 1 << 16;
/// A longer header line is none.
const MAX_LINE: u64 = 1 << 12;
/// A longer message ends the session.
const MAX_MESSAGE: u64 = 1 << 30;

/// Standard input, with only messages in it.
pub fn stdin() -> DuplexStream {
    let (mut inner, outer) = tokio::io::duplex(PIECE);
    tokio::spawn(async move {
        let mut input = BufReader::with_capacity(PIECE, tokio::io::stdin());
        if let Err(error) = pump(&mut input, &mut inner).await {
            tracing::info!("the input ends: {error}");
        }
    });
    outer
}

type Input<'i> = &'i mut (dyn AsyncBufRead + Unpin + Send);
type Output<'o> = &'o mut (dyn AsyncWrite + Unpin + Send);

async fn pump(input: Input<'_>, output: Output<'_>) -> io::Result<()> {
    while let Some(body) = next(input).await? {
        let body = match serde_json::from_slice::<Request>(&body) {
            Ok(_) => body,
            Err(error) => {
                tracing::warn!("a message can't be read: {error}");
                serde_json::json!({ "jsonrpc": "2.0", "id": Value::Null, "method": BROKEN }).to_string().into_bytes()
            }
        };
        let mut message = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        message.extend(body);
        output.write_all(&message).await?;
    }
    Ok(())
}

/// The body of the next message; `None` at the end of the input.
async fn next(input: Input<'_>) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim(), length) {
            ("", Some(length)) => return body(input, length).await.map(Some),
            (line, _) => length = content_length(line).or(length),
        }
    }
}

fn content_length(line: &str) -> Option<u64> {
    let (name, value) = line.split_once(':')?;
    value.trim().parse().ok().filter(|_| name.eq_ignore_ascii_case("content-length"))
}

async fn body(input: Input<'_>, length: u64) -> io::Result<Vec<u8>> {
    if length > MAX_MESSAGE {
        return Err(io::Error::other("a message is too long"));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body).await?;
    if (body.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pumped(input: &str) -> String {
        let mut output = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(pump(&mut input.as_bytes(), &mut output));
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn headers_are_read_generously() {
        let body = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let plain = format!("Content-Length: 30\r\n\r\n{body}");
        assert_eq!(pumped(&plain), plain);
        assert_eq!(pumped(&format!("content-length:30\nContent-Type: application/json\n\n{body}")), plain);
        assert_eq!(pumped(&format!("\r\nnoise\r\n\r\n{plain}{plain}")), plain.repeat(2));
        assert_eq!(pumped("Content-Length: 99\r\n\r\n{}"), "");
        assert_eq!(pumped("Content-Length: 99999999999\r\n\r\n{}"), "");
    }

    #[test]
    fn what_is_no_message_is_replaced() {
        let deep = "[".repeat(200);
        for body in ["{", "[]", "{}", "1", "\u{0}", r#"{"jsonrpc":"2.0","id":{}}"#, &deep] {
            let out = pumped(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
            assert!(out.contains(BROKEN), "{body}: {out}");
        }
    }
}
