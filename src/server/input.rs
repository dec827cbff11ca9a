//! Standard input, with only messages in it: read by the message loop itself where the system says when there is something to
//! read (Linux), as handing a message from one thread to another takes longer than most answers do; else by a thread.
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::Builder;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

use super::framing::Frames;

/// The input is read in pieces of this size.
const PIECE: usize = 1 << 16;
/// So many messages wait to be handled; then the pipe has to.
const MAX_WAITING: usize = 256;

/// Messages to be read.
pub struct Input {
    source: Source,
    current: Vec<u8>,
    taken: usize,
}

enum Source {
    #[cfg(target_os = "linux")]
    Here(here::Reader),
    Thread(mpsc::Receiver<Vec<u8>>),
}

impl Input {
    /// Starts to read. Must be called in a runtime.
    ///
    /// # Errors
    /// When there is no standard input or no thread to be had.
    pub fn open() -> io::Result<Self> {
        Ok(Self { source: source(stdin()?)?, current: Vec::new(), taken: 0 })
    }
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = to.filled().len();
        while to.remaining() > 0 {
            if this.taken == this.current.len() {
                match this.source.poll_message(context) {
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

impl Source {
    /// The next message; `None` at the end.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Here(reader) => {
                reader.poll_message(context).map(|message| message.unwrap_or_else(|error| ended(&error)))
            }
            Self::Thread(messages) => messages.poll_recv(context),
        }
    }
}

/// Files can't be waited for, and need not be.
#[cfg(target_os = "linux")]
fn source(input: File) -> io::Result<Source> {
    here::Reader::new(input.try_clone()?).map(Source::Here).or_else(|_| thread(input))
}

#[cfg(not(target_os = "linux"))]
fn source(input: File) -> io::Result<Source> {
    thread(input)
}

fn thread(mut input: File) -> io::Result<Source> {
    let (sender, messages) = mpsc::channel(MAX_WAITING);
    Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut send = |message| sender.blocking_send(message).is_ok();
        read_messages(&mut input, &mut send).unwrap_or_else(|error| ended(&error));
    })?;
    Ok(Source::Thread(messages))
}

/// Sends messages on, until the end or until nobody listens.
fn read_messages(input: &mut dyn Read, send: &mut dyn FnMut(Vec<u8>) -> bool) -> io::Result<()> {
    let (mut frames, mut piece) = (Frames::default(), vec![0; PIECE]);
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => frames.push(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        while let Some(message) = frames.take()? {
            if !send(message) {
                return Ok(());
            }
        }
    }
}

fn ended<T: Default>(error: &io::Error) -> T {
    tracing::info!("the input ends: {error}");
    T::default()
}

#[cfg(target_os = "linux")]
mod here {
    use std::task::ready;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::retry_on_intr;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::{Context, File, Frames, PIECE, Poll, Read, io};

    /// Reads without a thread.
    pub struct Reader {
        input: AsyncFd<File>,
        frames: Frames,
        piece: Vec<u8>,
    }

    impl Reader {
        /// # Errors
        /// For a file.
        pub fn new(input: File) -> io::Result<Self> {
            #[expect(
                deprecated,
                reason = "its successor is unsafe: not every type keeps its descriptor, as a File does"
            )]
            let input = AsyncFd::with_interest(input, Interest::READABLE)?;
            Ok(Self { input, frames: Frames::default(), piece: vec![0; PIECE] })
        }

        pub fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Vec<u8>>>> {
            loop {
                if let Some(message) = self.frames.take()? {
                    return Poll::Ready(Ok(Some(message)));
                }
                if ready!(self.poll_fill(context))? == 0 {
                    return Poll::Ready(Ok(None));
                }
            }
        }

        fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
            loop {
                let mut ready = ready!(self.input.poll_read_ready_mut(context))?;
                // The input may be shared with others, so it still waits when there is nothing to read.
                if !is_readable(ready.get_inner())? {
                    ready.clear_ready();
                    continue;
                }
                match ready.get_inner_mut().read(&mut self.piece) {
                    Ok(length) => {
                        self.frames.push(&self.piece[..length]);
                        return Poll::Ready(Ok(length));
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        }
    }

    /// True when reading does not wait: there is something, or never will be.
    fn is_readable(input: &File) -> io::Result<bool> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let ready = retry_on_intr(|| poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&now)))?;
        Ok(ready > 0)
    }
}

#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}
