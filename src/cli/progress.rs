//! A progress bar on standard error, for runs that take long.
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Before this nothing is drawn.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// How far a run is.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: AtomicBool,
}

impl Progress {
    /// Begins; nothing is drawn yet.
    pub fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("checking {pos}/{len} {wide_bar} {eta}") {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now(), shown: AtomicBool::new(false) }
    }

    /// So many files there are.
    pub fn expect(&self, files: usize) {
        self.bar.set_length(files as u64);
    }

    /// One more file is done.
    pub fn step(&self) {
        self.bar.inc(1);
        if self.started.elapsed() >= PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            // Where standard error is no terminal this draws nothing.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            let bar = self.bar.clone();
            let ended = ctrlc::set_handler(move || {
                bar.finish_and_clear();
                std::process::exit(INTERRUPTED);
            });
            // Without a handler Ctrl-C ends the run all the same.
            drop(ended);
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
