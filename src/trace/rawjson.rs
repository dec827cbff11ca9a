//! `--progress=rawjson`: a stream of JSON objects with vertexes, statuses and logs, one a line or laid out over many.
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::line::{base64, payload, point_in_time, shortened};
use super::{MAX_BUILDS, MAX_LINE, MAX_NAME, MAX_STEPS, Outcome, Step, Trace};

/// Places where the stream can't be read and is looked for again: each may cost a look at all of the rest.
const MAX_BROKEN: usize = 100;

/// One object of the stream: BuildKit's `SolveStatus`, as far as we read it.
#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    vertexes: Vec<Vertex>,
    #[serde(default)]
    statuses: Vec<Progress>,
    #[serde(default)]
    logs: Vec<Log>,
}

#[derive(Deserialize)]
struct Vertex {
    digest: String,
    #[serde(default)]
    name: String,
    started: Option<String>,
    completed: Option<String>,
    #[serde(default)]
    cached: bool,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Progress {
    id: String,
    vertex: String,
    #[serde(default)]
    current: i64,
}

#[derive(Deserialize)]
struct Log {
    vertex: String,
    #[serde(default)]
    data: String,
    timestamp: Option<String>,
}

/// A build that is being read.
#[derive(Default)]
struct Reading {
    steps: Vec<Known>,
    /// Steps by digest.
    digests: HashMap<String, usize>,
}

/// What is known of a step.
#[derive(Default)]
struct Known {
    step: Step,
    /// When it began, and when it ended, in seconds since 1970; it may run several times.
    ran: BTreeMap<String, (f64, Option<f64>)>,
    cached: bool,
    error: String,
    /// The beginning of a line whose end is still to come.
    line: String,
    /// When its last output came.
    last: Option<f64>,
}

/// The builds of a log.
pub fn read(text: &str) -> Vec<Trace> {
    let lines: Vec<_> = text.lines().map(|line| payload(line).1).collect();
    let text = lines.join("\n");
    let mut builds = Vec::new();
    let mut reading = Reading::default();
    let mut rest = text.as_str();
    for _ in 0..MAX_BROKEN {
        let Some(start) = next_object(rest) else { break };
        rest = &rest[start..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Status>();
        while let Some(Ok(status)) = stream.next() {
            if reading.ends_before(&status) && builds.len() < MAX_BUILDS {
                builds.push(std::mem::take(&mut reading).finished());
            }
            reading.take(status);
        }
        // What can't be read is passed over, a line at least.
        let read = stream.byte_offset();
        let line = rest[read..].find('\n').map_or(rest.len(), |end| read + end);
        rest = &rest[line..];
    }
    builds.push(reading.finished());
    builds.retain(|build| !build.steps.is_empty());
    builds
}

/// Where the next line begins that may begin an object.
fn next_object(text: &str) -> Option<usize> {
    if text.starts_with('{') { Some(0) } else { text.find("\n{").map(|at| at + 1) }
}

impl Reading {
    /// True when the object begins another build of the same log: its definition is loaded anew.
    fn ends_before(&self, status: &Status) -> bool {
        let exports = |known: &Known| known.step.name.starts_with("exporting to ") || !known.error.is_empty();
        let loads =
            |vertex: &Vertex| vertex.name.starts_with("[internal] load build definition") && vertex.started.is_none();
        status.vertexes.first().is_some_and(loads) && self.steps.iter().any(exports)
    }

    fn step(&mut self, digest: &str) -> Option<&mut Known> {
        let index = match self.digests.get(digest) {
            Some(&index) => index,
            None if self.steps.len() < MAX_STEPS => {
                self.steps.push(Known::default());
                self.digests.insert(digest.to_owned(), self.steps.len() - 1);
                self.steps.len() - 1
            }
            None => return None,
        };
        Some(&mut self.steps[index])
    }

    fn take(&mut self, status: Status) {
        for vertex in status.vertexes {
            if let Some(known) = self.step(&vertex.digest) {
                known.learn(vertex);
            }
        }
        for progress in status.statuses.iter().filter(|progress| progress.id == "transferring context:") {
            if let Some(known) = self.step(&progress.vertex) {
                known.step.bytes = known.step.bytes.max(u64::try_from(progress.current).ok());
            }
        }
        for log in status.logs {
            if let Some(known) = self.step(&log.vertex) {
                known.hear(&log);
            }
        }
    }

    fn finished(self) -> Trace {
        let times = |known: &Known| {
            known.ran.values().flat_map(|(from, to)| [Some(*from), *to, known.last]).collect::<Vec<_>>()
        };
        let all: Vec<f64> = self.steps.iter().flat_map(times).flatten().collect();
        let (first, last) =
            (all.iter().copied().fold(f64::MAX, f64::min), all.iter().copied().fold(f64::MIN, f64::max));
        let steps = self.steps.into_iter().filter(Known::happened).map(|known| known.finished(first, last)).collect();
        Trace { steps, wall: (last > first).then_some(last - first), measured: true }
    }
}

impl Known {
    fn learn(&mut self, vertex: Vertex) {
        if !vertex.name.is_empty() {
            self.step.name = shortened(&vertex.name, MAX_NAME).to_owned();
        }
        self.cached |= vertex.cached;
        if !vertex.error.is_empty() {
            self.error = vertex.error;
        }
        let Some(started) = vertex.started else { return };
        let Some(from) = point_in_time(&started) else { return };
        let to = vertex.completed.as_deref().and_then(point_in_time);
        self.ran.insert(started, (from, to));
    }

    fn hear(&mut self, log: &Log) {
        let time = log.timestamp.as_deref().and_then(point_in_time);
        self.last = time.or(self.last);
        let began = self.ran.values().next().map(|(from, _)| *from);
        let at = time.zip(began).map(|(time, began)| (time - began).max(0.0));
        let Some(text) = base64(&log.data) else { return };
        self.line.push_str(&text);
        let whole = std::mem::take(&mut self.line);
        let (lines, rest) = whole.rsplit_once('\n').unwrap_or(("", &whole));
        lines.lines().for_each(|line| self.step.say(at, line));
        shortened(rest, MAX_LINE).clone_into(&mut self.line);
    }

    /// False for a step that was never come to.
    fn happened(&self) -> bool {
        !self.ran.is_empty() || self.cached || !self.error.is_empty()
    }

    /// `first`, `last`: when the build began and ended.
    fn finished(mut self, first: f64, last: f64) -> Step {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.step.say(None, &line);
        }
        let open = self.ran.values().any(|(_, to)| to.is_none());
        let spans = self.ran.values().map(|(from, to)| (from - first, to.unwrap_or(last) - first));
        self.step.ran = spans.filter(|(from, to)| from <= to).collect();
        self.step.seconds = Some(super::timeline::union(&self.step.ran));
        self.step.outcome = match self.error {
            error if error.ends_with("context canceled") => Outcome::Canceled,
            error if !error.is_empty() => Outcome::Failed(error),
            _ if self.cached => Outcome::Cached,
            _ if open => Outcome::Unfinished,
            _ => Outcome::Done,
        };
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"{"vertexes":[{"digest":"a","name":"[internal] load build definition from Dockerfile"}]}
{"vertexes":[{"digest":"a","name":"[internal] load build definition from Dockerfile","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:01Z"}]}
{"vertexes":[{"digest":"b","name":"[1/2] FROM x","started":"2026-01-01T00:00:01Z","completed":"2026-01-01T00:00:01Z","cached":true},{"digest":"d","name":"never"}]}
{"vertexes":[{"digest":"c","name":"[2/2] RUN y","started":"2026-01-01T00:00:02Z"}],"statuses":[{"id":"transferring context:","vertex":"a","current":7}]}
{"logs":[{"vertex":"c","stream":1,"data":"Z286IGRvd25sb2FkaW5n","timestamp":"2026-01-01T00:00:03Z"},{"vertex":"c","data":"IGEKYg==","timestamp":"2026-01-01T00:00:04Z"}]}
{"vertexes":[{"digest":"c","name":"[2/2] RUN y","started":"2026-01-01T00:00:02Z","completed":"2026-01-01T00:00:06.5Z","error":"exit code: 1"}]}
"#;

    #[test]
    fn reads_times_and_output() {
        let [build] = read(LOG).try_into().unwrap();
        assert_eq!((build.steps.len(), build.wall, build.measured), (3, Some(6.5), true));
        let run = &build.steps[2];
        assert_eq!((run.seconds, &run.outcome), (Some(4.5), &Outcome::Failed("exit code: 1".to_owned())));
        assert_eq!(run.output, ["go: downloading a", "b"]);
        assert_eq!((build.steps[1].outcome.clone(), build.steps[0].bytes), (Outcome::Cached, Some(7)));
    }

    #[test]
    fn layout_and_neighbours_do_not_matter() {
        let plain = read(LOG);
        let values = serde_json::Deserializer::from_str(LOG).into_iter::<serde_json::Value>();
        let pretty: String = values
            .map(|value| {
                serde_json::to_string_pretty(&value.unwrap()).unwrap()
                    + "
"
            })
            .collect();
        assert_eq!(read(&pretty), plain);
        assert_eq!(read(&format!("tail of something\n  }}\n]\n}}\n{LOG}ERROR: failed to solve\n{{ no json\n")), plain);
        let stamped: Vec<String> = pretty.lines().map(|line| format!("2026-01-01T00:00:00.1Z {line}")).collect();
        assert_eq!(read(&stamped.join("\n")), plain);
        assert_eq!(read(&format!("{LOG}{LOG}")), [plain.clone(), plain].concat());
    }

    #[test]
    fn a_log_may_be_cut_anywhere() {
        for (at, _) in LOG.char_indices().step_by(7) {
            assert!(read(&LOG[..at]).len() <= 1 && read(&LOG[at..]).len() <= 1);
        }
        let hostile = "{\"vertexes\":[".repeat(20_000);
        assert!(read(&hostile).is_empty() && read(&hostile.replace(':', ":\n{")).is_empty());
    }
}
