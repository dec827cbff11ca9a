//! A progress bar on standard error, for runs that take long.
use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Before this nothing is drawn.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it moves.
const TICK: Duration = Duration::from_millis(100);
/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// How far a run is. Where standard error is no terminal nothing is ever drawn.
pub struct Progress {
    bar: ProgressBar,
    /// Tells the thread that would draw that the run is over.
    over: Option<Sender<()>>,
}

impl Progress {
    /// Begins; nothing is drawn yet.
    pub fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        style(&bar, "{spinner} searching for Dockerfiles");
        let over = stderr().is_terminal().then(|| {
            let (over, wait) = channel();
            let bar = bar.clone();
            thread::spawn(move || {
                if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    show(&bar);
                }
            });
            over
        });
        Self { bar, over }
    }

    /// So many files there are.
    pub fn expect(&self, files: usize) {
        style(&self.bar, "checking {pos}/{len} {wide_bar} {eta}");
        self.bar.set_length(files as u64);
    }

    /// One more file is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn end(mut self) {
        self.over.take();
        self.bar.finish_and_clear();
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn show(bar: &ProgressBar) {
    let shown = bar.clone();
    // Without a handler Ctrl-C ends the run all the same, and leaves the bar behind.
    let _ = ctrlc::set_handler(move || {
        shown.finish_and_clear();
        std::process::exit(INTERRUPTED);
    });
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.enable_steady_tick(TICK);
}
