//! Logs of builds: what `docker build --progress=plain` or `--progress=rawjson` printed, the times of its steps, the
//! instructions they belong to, and what would make them shorter. Texts in, plain data out; nothing is read here.
pub mod account;
pub mod gains;
mod line;
pub mod matching;
mod plain;
mod rawjson;
pub mod role;
mod timeline;

/// Steps of one build that are kept; what comes behind them is left out.
const MAX_STEPS: usize = 2_000;
/// Builds of one log.
const MAX_BUILDS: usize = 100;
/// Lines in which the format shows.
const HEAD: usize = 2_000;
/// Last lines that are kept of a step's output, and bytes of a line.
const LAST_LINES: usize = 20;
const MAX_LINE: usize = 500;
/// Bytes of a step's name: a long RUN is all in it.
const MAX_NAME: usize = 8_000;

/// One build, as its log tells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The steps in the order in which the log names them.
    pub steps: Vec<Step>,
    /// Seconds from the first moment that the log names to the last; `None` for a plain log without the time of day.
    pub wall: Option<f64>,
    /// The steps say when they ran; else only how long.
    pub measured: bool,
}

/// One step of a build: a vertex of BuildKit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Its name: `[build 2/4] COPY . .`; empty where the log begins behind it.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, in seconds; at least that long where the log does not tell its end. `None`: not known.
    pub seconds: Option<f64>,
    /// When it ran, in seconds since the build began; empty in a plain log.
    pub ran: Vec<(f64, f64)>,
    /// The last lines of its output.
    pub output: Vec<String>,
    /// Bytes that were sent to the builder, for the build context.
    pub bytes: Option<u64>,
    /// The Go modules that it downloaded.
    pub downloads: Option<Downloads>,
}

/// Go modules that a step downloaded, by the lines `go: downloading …` of its output.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Downloads {
    /// How many.
    pub count: u32,
    /// From the first of these lines to the last, in seconds.
    pub seconds: f64,
    /// When the first was printed, in seconds since the step began.
    first: f64,
}

/// What became of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The log ends before it does.
    #[default]
    Unfinished,
    /// It was run.
    Done,
    /// Its result was there already.
    Cached,
    /// It failed, with this message.
    Failed(String),
    /// Another one failed, so it was stopped.
    Canceled,
}

/// The builds that a log tells of, in their order: a CI log may hold several. Empty for a text that is no such log.
pub fn read(text: &str) -> Vec<Trace> {
    let is_json = |line: &str| line.starts_with('{') && (line.len() == 1 || line.starts_with("{\""));
    let mut head = text.lines().take(HEAD).map(|line| line::payload(line).1);
    let builds = if head.any(|line| is_json(&line)) { rawjson::read(text) } else { Vec::new() };
    if builds.is_empty() { plain::read(text) } else { builds }
}

impl Step {
    /// Takes in a line of output that was printed `at` seconds after the step began.
    fn say(&mut self, at: Option<f64>, line: &str) {
        if let Some(at) = at {
            if self.outcome == Outcome::Unfinished {
                self.seconds = Some(self.seconds.unwrap_or_default().max(at));
            }
            if line.starts_with("go: downloading ") {
                let downloads = self.downloads.get_or_insert(Downloads { first: at, ..Downloads::default() });
                downloads.count += 1;
                downloads.seconds = (at - downloads.first).max(0.0);
            }
        }
        if self.output.len() >= LAST_LINES {
            self.output.remove(0);
        }
        self.output.push(line::shortened(line, MAX_LINE).to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_hold_no_builds() {
        for text in
            ["", "\n\n", "hello\n", "{}", "{\"a\": 1}\n", "Step 1/3 : FROM a\n", "# comment\nFROM a\n", "#x y\n", "{\n"]
        {
            assert_eq!(read(text), [], "{text:?}");
        }
    }
}
