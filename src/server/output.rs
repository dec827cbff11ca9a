//! Standard output. What the pipe takes at once is written at once, as waking a thread takes longer than most answers do; the
//! rest by a thread: the message loop never waits for a pipe.
//!
//! tower-lsp would end the session when nobody reads its answers while it has some, hence the queue.
use std::fs::File;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::Builder;
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::sync::mpsc;

/// When so many bytes wait for an editor that does not read, the output ends.
const MAX_UNREAD: usize = 1 << 28;
/// A pipe takes so many bytes at once: the most that Linux gives to everybody.
#[cfg(target_os = "linux")]
const PIPE: usize = 1 << 20;
/// At the end, what waits has this long to be written.
const LAST_WORDS: Duration = Duration::from_millis(500);

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

impl Output {
    /// Starts to write.
    ///
    /// # Errors
    /// When there is no standard output or no thread to be had.
    pub fn open() -> io::Result<(Self, Written)> {
        Self::to(stdout()?)
    }

    fn to(mut output: File) -> io::Result<(Self, Written)> {
        enlarge(&output);
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
        let message: Vec<&[u8]> = std::iter::once(header.as_bytes()).chain(pieces.iter().copied()).collect();
        if let Err(error) = self.write(&message) {
            tracing::info!("the output ends: {error}");
        }
    }

    /// # Errors
    /// When nobody reads.
    fn write(&self, pieces: &[&[u8]]) -> io::Result<()> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = if self.waiting.load(Ordering::Acquire) == 0 { write_at_once(&output, pieces) } else { 0 };
        let mut rest = Vec::new();
        for piece in pieces {
            let done = written.min(piece.len());
            rest.extend_from_slice(&piece[done..]);
            written -= done;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let waiting = self.waiting.fetch_add(rest.len(), Ordering::Relaxed);
        if waiting > MAX_UNREAD || self.queue.send(rest).is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Always whole messages, so what others send never comes between.
        Poll::Ready(self.0.write(&[bytes]).map(|()| bytes.len()))
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

/// Long answers need not be read before the rest of them is written.
#[cfg(target_os = "linux")]
fn enlarge(output: &File) {
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(output, PIPE) {
        tracing::debug!("the output is no pipe that can be enlarged: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn enlarge(_: &File) {}

/// Writes what can be written without waiting: so many bytes. The thread writes the rest, and finds out what is wrong where
/// something is.
#[cfg(target_os = "linux")]
fn write_at_once(output: &File, pieces: &[&[u8]]) -> usize {
    let pieces: Vec<io::IoSlice<'_>> = pieces.iter().map(|piece| io::IoSlice::new(piece)).collect();
    rustix::io::pwritev2(output, &pieces, u64::MAX, rustix::io::ReadWriteFlags::NOWAIT).unwrap_or(0)
}

/// Other systems can't be asked not to wait for this once: whether a pipe waits is a matter of all who share it.
#[cfg(not(target_os = "linux"))]
fn write_at_once(_: &File, _: &[&[u8]]) -> usize {
    0
}

// Without the buffer of `std::io::stdout`, which would write the header alone.
#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn messages_stay_whole_and_in_order() {
        use std::io::Read;
        use std::os::fd::OwnedFd;

        // More than a pipe takes.
        let bodies: Vec<String> = (0..300).map(|number: usize| number.to_string().repeat(20 * number)).collect();
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
}
