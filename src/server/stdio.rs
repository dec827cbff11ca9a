//! Standard input and output, each with a thread of its own: the message loop never waits for a pipe. What the pipe takes at
//! once is written at once, as waking a thread takes longer than most answers do.
//!
//! tower-lsp ends the session at the first message that it can't read: what is no message is taken out in front of it,
//! and answered as an error. It would also end when nobody reads its answers while it has some, hence the queue.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::Builder;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tower_lsp::jsonrpc::Request;

/// Stands for a message that could not be read.
pub const BROKEN: &str = "(a message that can't be read)";

/// The input is read in pieces of this size.
const PIECE: usize = 1 << 16;
/// So many messages wait to be handled; then the pipe has to.
const MAX_WAITING: usize = 256;
/// A longer header line is none.
const MAX_LINE: u64 = 1 << 12;
/// A longer message ends the session.
const MAX_MESSAGE: u64 = 1 << 30;
/// When so many bytes wait for an editor that does not read, the output ends.
const MAX_UNREAD: usize = 1 << 28;
/// A pipe takes no more at once; what is longer is for the thread anyway.
const AT_ONCE: usize = 1 << 16;
/// At the end, what waits has this long to be written.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Standard input, with only messages in it.
pub struct Input {
    messages: mpsc::Receiver<Vec<u8>>,
    current: Vec<u8>,
    taken: usize,
}

/// Standard output; writing never waits.
pub struct Output(Outlet);

/// Where messages go to be written.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// Locked while a message is handed over, so that none comes between the parts of another.
    output: Arc<Mutex<File>>,
    queue: mpsc::UnboundedSender<Vec<u8>>,
    /// The bytes in the queue, and those that the thread writes.
    waiting: Arc<AtomicUsize>,
}

/// Says when everything is written.
pub struct Written(std::sync::mpsc::Receiver<()>);

impl Input {
    /// Starts to read.
    ///
    /// # Errors
    /// When there is no standard input or no thread to be had.
    pub fn open() -> io::Result<Self> {
        let (sender, messages) = mpsc::channel(MAX_WAITING);
        let mut input = BufReader::with_capacity(PIECE, stdin()?);
        Builder::new().name("stdin".to_owned()).spawn(move || {
            let mut send = |message| sender.blocking_send(message).is_ok();
            if let Err(error) = read_messages(&mut input, &mut send) {
                tracing::info!("the input ends: {error}");
            }
        })?;
        Ok(Self { messages, current: Vec::new(), taken: 0 })
    }
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = to.filled().len();
        while to.remaining() > 0 {
            if this.taken == this.current.len() {
                match this.messages.poll_recv(context) {
                    Poll::Ready(Some(message)) => (this.current, this.taken) = (message, 0),
                    Poll::Pending if to.filled().len() == before => return Poll::Pending,
                    Poll::Ready(None) | Poll::Pending => break,
                }
            }
            let piece = &this.current[this.taken..];
            let piece = &piece[..piece.len().min(to.remaining())];
            to.put_slice(piece);
            this.taken += piece.len();
        }
        Poll::Ready(Ok(()))
    }
}

impl Output {
    /// Starts to write.
    ///
    /// # Errors
    /// When there is no standard output or no thread to be had.
    pub fn open() -> io::Result<(Self, Written)> {
        Self::to(stdout()?)
    }

    fn to(mut output: File) -> io::Result<(Self, Written)> {
        let (queue, mut messages) = mpsc::unbounded_channel::<Vec<u8>>();
        let (done, written) = std::sync::mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let (counter, direct) = (waiting.clone(), Arc::new(Mutex::new(output.try_clone()?)));
        Builder::new().name("stdout".to_owned()).spawn(move || {
            while let Some(message) = messages.blocking_recv() {
                if output.write_all(&message).is_err() {
                    break;
                }
                counter.fetch_sub(message.len(), Ordering::Release);
            }
            drop(done);
        })?;
        Ok((Self(Outlet { output: direct, queue, waiting }), Written(written)))
    }

    /// A second way to the same output.
    pub fn outlet(&self) -> Outlet {
        self.0.clone()
    }
}

impl Outlet {
    /// Writes a message, whose body is in pieces.
    pub fn send(&self, pieces: &[&[u8]]) {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let header = format!("Content-Length: {length}\r\n\r\n");
        let mut message = Vec::with_capacity(header.len() + length);
        message.extend(header.as_bytes());
        for piece in pieces {
            message.extend(*piece);
        }
        if let Err(error) = self.write(message) {
            tracing::info!("the output ends: {error}");
        }
    }

    /// # Errors
    /// When nobody reads.
    fn write(&self, mut bytes: Vec<u8>) -> io::Result<()> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() <= AT_ONCE && self.waiting.load(Ordering::Acquire) == 0 {
            bytes.drain(..write_at_once(&output, &bytes));
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let waiting = self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        if waiting > MAX_UNREAD || self.queue.send(bytes).is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Always whole messages, so what others send never comes between.
        Poll::Ready(self.0.write(bytes.to_vec()).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Written {
    /// Waits until all is written, but not for an editor that does not read. The [`Output`] must be dropped before.
    pub fn wait(&self) {
        // The thread says nothing; it ends.
        let _ = self.0.recv_timeout(LAST_WORDS);
    }
}

/// Writes what can be written without waiting: so many bytes. The thread writes the rest, and finds out what is wrong where
/// something is.
#[cfg(target_os = "linux")]
fn write_at_once(output: &File, bytes: &[u8]) -> usize {
    let bytes = [io::IoSlice::new(bytes)];
    rustix::io::pwritev2(output, &bytes, u64::MAX, rustix::io::ReadWriteFlags::NOWAIT).unwrap_or(0)
}

/// Other systems can't be asked not to wait for this once: whether a pipe waits is a matter of all who share it.
#[cfg(not(target_os = "linux"))]
fn write_at_once(_: &File, _: &[u8]) -> usize {
    0
}

// Without the buffer of `std::io::stdout`, which would write the header alone.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

/// Sends on what is a message, until the end or until nobody listens.
fn read_messages(input: &mut dyn BufRead, send: &mut dyn FnMut(Vec<u8>) -> bool) -> io::Result<()> {
    while let Some(body) = next(input)? {
        let body = match serde_json::from_slice::<Request>(&body) {
            Ok(_) => body,
            Err(error) => {
                tracing::warn!("a message can't be read: {error}");
                serde_json::json!({ "jsonrpc": "2.0", "id": Value::Null, "method": BROKEN }).to_string().into_bytes()
            }
        };
        let mut message = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        message.extend(body);
        if !send(message) {
            break;
        }
    }
    Ok(())
}

/// The body of the next message; `None` at the end of the input.
fn next(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim(), length) {
            ("", Some(length)) => return body(input, length).map(Some),
            (line, _) => length = content_length(line).or(length),
        }
    }
}

fn content_length(line: &str) -> Option<u64> {
    let (name, value) = line.split_once(':')?;
    value.trim().parse().ok().filter(|_| name.eq_ignore_ascii_case("content-length"))
}

fn body(input: &mut dyn BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > MAX_MESSAGE {
        return Err(io::Error::other("a message is too long"));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(input: &str) -> String {
        let mut output = Vec::new();
        let mut send = |message: Vec<u8>| {
            output.extend(message);
            true
        };
        let _ = read_messages(&mut input.as_bytes(), &mut send);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn headers_are_read_generously() {
        let body = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let plain = format!("Content-Length: 30\r\n\r\n{body}");
        assert_eq!(messages(&plain), plain);
        assert_eq!(messages(&format!("content-length:30\nContent-Type: application/json\n\n{body}")), plain);
        assert_eq!(messages(&format!("\r\nnoise\r\n\r\n{plain}{plain}")), plain.repeat(2));
        assert_eq!(messages("Content-Length: 99\r\n\r\n{}"), "");
        assert_eq!(messages("Content-Length: 99999999999\r\n\r\n{}"), "");
    }

    #[cfg(unix)]
    #[test]
    fn messages_stay_whole_and_in_order() {
        use std::os::fd::OwnedFd;

        // More than a pipe takes.
        let bodies: Vec<String> = (0..300).map(|number: usize| number.to_string().repeat(number)).collect();
        let framed = bodies.iter().map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let expected: String = framed.collect();
        let (mut reader, writer) = io::pipe().unwrap();
        let (output, _written) = Output::to(OwnedFd::from(writer).into()).unwrap();
        let send = |bodies: &[String]| bodies.iter().for_each(|body| output.0.send(&[body.as_bytes()]));
        let mut read = vec![0; expected.len()];
        for _ in 0..2 {
            send(&bodies);
            reader.read_exact(&mut read).unwrap();
            assert!(read == expected.as_bytes());
        }
        send(&bodies[..2]);
        drop(output);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert!(expected.starts_with(&rest) && rest.len() > 40);
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
