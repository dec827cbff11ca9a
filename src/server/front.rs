//! The front door: every message passes here before tower-lsp queues it.
//!
//! * Each handler is polled once as soon as its message is read, so the part before its first `.await` runs in the order
//!   of the messages and does not wait for one of the concurrent slots.
//! * What some editors say otherwise than the protocol does is put right (`lenient`).
//! * A panic in a handler costs one answer, not the session.
//! * A handler's answer may go straight to the output (`shortcut`).
//! * It is remembered whether `shutdown` was seen, for the exit code.
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_service::Service;

use super::framing::BROKEN;
use super::lenient::repaired;
use super::shortcut::Shortcut;

/// A service in front of tower-lsp's.
pub struct Front<S> {
    /// What answers.
    pub inner: S,
    /// Set by the request `shutdown`.
    pub shutdown: Arc<AtomicBool>,
    /// Past tower-lsp to the output.
    pub shortcut: Arc<Shortcut>,
}

type Answer<E> = Result<Option<Response>, E>;
type Running<E> = Pin<Box<dyn Future<Output = Answer<E>> + Send>>;

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Guarded<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match request.method() {
            "shutdown" => self.shutdown.store(true, Ordering::Relaxed),
            BROKEN => {
                let answer = Response::from_error(Id::Null, Error::parse_error());
                return Guarded { id: None, run: None, done: Some(Ok(Some(answer))), shortcut: self.shortcut.clone() };
            }
            _ => {}
        }
        let request = repaired(request);
        let id = request.id().cloned();
        // tower-lsp takes what begins so for a notification, which nobody answers.
        if let Some(id) = id.clone().filter(|_| request.method().starts_with("$/")) {
            let answer = Response::from_error(id, Error::method_not_found());
            return Guarded { id: None, run: None, done: Some(Ok(Some(answer))), shortcut: self.shortcut.clone() };
        }
        let (run, shortcut) = (Some(Box::pin(self.inner.call(request)) as Running<_>), self.shortcut.clone());
        let mut guarded = Guarded { id, run, done: None, shortcut };
        if let Poll::Ready(answer) = Pin::new(&mut guarded).poll(&mut Context::from_waker(Waker::noop())) {
            guarded.done = Some(answer);
        }
        guarded
    }
}

/// A handler that is running; its panic is its answer.
pub struct Guarded<E> {
    id: Option<Id>,
    run: Option<Running<E>>,
    done: Option<Answer<E>>,
    shortcut: Arc<Shortcut>,
}

impl<E> Unpin for Guarded<E> {}

impl<E> Future for Guarded<E> {
    type Output = Answer<E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer<E>> {
        if let Some(answer) = self.done.take() {
            return Poll::Ready(answer);
        }
        let this = &mut *self;
        let Some(run) = this.run.as_mut() else { return Poll::Ready(Ok(None)) };
        match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context))) {
            Ok(poll) => poll.map_ok(|response| response.and_then(|response| this.shortcut.answer(response))),
            Err(panic) => {
                this.run = None;
                let error = Error { message: text(&*panic).to_owned().into(), ..Error::internal_error() };
                Poll::Ready(Ok(this.id.take().map(|id| Response::from_error(id, error))))
            }
        }
    }
}

fn text(panic: &dyn Any) -> &str {
    let string = || panic.downcast_ref::<String>().map(String::as_str);
    panic.downcast_ref::<&str>().copied().or_else(string).unwrap_or("internal error")
}
