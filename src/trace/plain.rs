//! `--progress=plain`: `#12 [build 4/7] RUN …`, `#12 0.345 output`, `#12 DONE 3.4s`.
use std::collections::HashMap;

use super::line::{payload, plain_number, seconds, shortened, size};
use super::{MAX_BUILDS, MAX_NAME, MAX_STEPS, Outcome, Step, Trace};

/// A build that is being read.
#[derive(Default)]
struct Reading {
    trace: Trace,
    /// Steps by the log's number.
    numbers: HashMap<u32, usize>,
    /// The first and the last time of day.
    times: Option<(f64, f64)>,
}

/// The builds of a log.
pub fn read(text: &str) -> Vec<Trace> {
    let mut builds = Vec::new();
    let mut reading = Reading::default();
    for line in text.lines() {
        let (time, line) = payload(line);
        let Some((number, rest)) = numbered(&line) else { continue };
        if reading.ends_before(number, rest) {
            builds.push(std::mem::take(&mut reading).finished());
            if builds.len() == MAX_BUILDS {
                return builds;
            }
        }
        if let Some(time) = time {
            reading.times = Some(reading.times.map_or((time, time), |(first, _)| (first, time)));
        }
        // 0 says with what the build is made.
        if number > 0 {
            reading.take(number, rest);
        }
    }
    builds.push(reading.finished());
    builds.retain(|build| build.steps.iter().any(|step| !step.name.is_empty() || step.outcome != Outcome::Unfinished));
    builds
}

/// `#12 rest`
fn numbered(line: &str) -> Option<(u32, &str)> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let is_number = !number.is_empty() && number.len() < 7 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Some((number.parse().ok()?, rest)) } else { None }
}

impl Reading {
    /// True when the line begins another build of the same log.
    fn ends_before(&self, number: u32, rest: &str) -> bool {
        match number {
            0 => !self.trace.steps.is_empty() && rest.starts_with("building with "),
            1 => self.numbers.get(&1).is_some_and(|&index| {
                let step = &self.trace.steps[index];
                let is_another = rest.starts_with('[') && rest != step.name;
                step.outcome != Outcome::Unfinished
                    && (is_another || rest.starts_with("[internal] load build definition"))
            }),
            _ => false,
        }
    }

    fn take(&mut self, number: u32, rest: &str) {
        let index = match self.numbers.get(&number) {
            Some(&index) => index,
            None if self.trace.steps.len() < MAX_STEPS => {
                self.trace.steps.push(Step::default());
                self.numbers.insert(number, self.trace.steps.len() - 1);
                self.trace.steps.len() - 1
            }
            None => return,
        };
        event(&mut self.trace.steps[index], rest);
    }

    fn finished(mut self) -> Trace {
        self.trace.wall = self.times.map(|(first, last)| last - first).filter(|wall| *wall > 0.0);
        self.trace
    }
}

/// Takes in what a line says of its step.
fn event(step: &mut Step, rest: &str) {
    let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    if rest == "..." || !step.name.is_empty() && rest.starts_with(&step.name) {
        return;
    }
    match word {
        "DONE" if seconds(behind).is_some() => {
            step.outcome = Outcome::Done;
            step.seconds = seconds(behind);
        }
        "CACHED" if behind.is_empty() => {
            step.outcome = Outcome::Cached;
            step.seconds = Some(0.0);
        }
        "CANCELED" if behind.is_empty() => step.outcome = Outcome::Canceled,
        "ERROR:" => step.outcome = Outcome::Failed(behind.to_owned()),
        _ if plain_number(word).is_some() && word.contains('.') => step.say(plain_number(word), behind),
        _ if rest.starts_with("transferring context:") => {
            let sent = rest.split(' ').nth(2).and_then(size);
            step.bytes = step.bytes.max(sent);
        }
        _ if step.name.is_empty() && !is_status(rest) => shortened(rest, MAX_NAME).clone_into(&mut step.name),
        _ => {}
    }
}

/// What a step without a command says of its work; no name begins so.
fn is_status(rest: &str) -> bool {
    let starts = [
        "transferring ",
        "sha256:",
        "extracting ",
        "resolve ",
        "exporting layers",
        "exporting manifest ",
        "writing ",
        "naming to ",
    ];
    starts.iter().any(|start| rest.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
#0 building with \"default\" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 529B done
#1 DONE 0.0s

#2 [internal] load build context
#2 transferring context: 1.2MB
#2 transferring context: 13.5MB 1.2s done
#2 DONE 1.3s

#3 [build 1/2] FROM docker.io/library/golang:1.27
#3 CACHED

#4 [build 2/2] RUN go build
#4 0.250 go: downloading a v1
#4 ...

#5 [linux/amd64->arm64 check 1/1] RUN x
#5 CANCELED

#4 [build 2/2] RUN go build
#4 2.750 go: downloading b v1
#4 12.75 #1 is no step
#4 ERROR: process \"x\" did not complete successfully: exit code: 1
------
 > [build 2/2] RUN go build:
12.75 #1 is no step
------
";

    #[test]
    fn reads_interleaved_steps() {
        let [build] = read(LOG).try_into().unwrap();
        let outcomes: Vec<_> = build.steps.iter().map(|step| (step.outcome.clone(), step.seconds)).collect();
        let failed = Outcome::Failed("process \"x\" did not complete successfully: exit code: 1".to_owned());
        assert_eq!(
            outcomes,
            [
                (Outcome::Done, Some(0.0)),
                (Outcome::Done, Some(1.3)),
                (Outcome::Cached, Some(0.0)),
                (failed, Some(12.75)),
                (Outcome::Canceled, None)
            ]
        );
        assert_eq!(build.steps[1].bytes, Some(13_500_000));
        let downloads = build.steps[3].downloads.unwrap();
        assert_eq!((downloads.count, downloads.seconds), (2, 2.5));
        assert_eq!(build.steps[3].output.last().unwrap(), "#1 is no step");
        assert!(build.wall.is_none() && !build.measured);
    }

    #[test]
    fn ci_systems_tell_the_time() {
        let stamped: Vec<String> = LOG
            .lines()
            .enumerate()
            .map(|(at, line)| format!("2026-01-01T00:00:{at:02}.5000000Z \u{1b}[36m{line}\u{1b}[0m"))
            .collect();
        let [build] = read(&stamped.join("\r\n")).try_into().unwrap();
        let plain = read(LOG).remove(0);
        assert_eq!(build.wall, Some(24.0));
        assert_eq!(build.steps, plain.steps);
    }

    #[test]
    fn a_log_may_hold_several_builds_and_lack_its_ends() {
        let twice = format!("{LOG}{LOG}");
        assert_eq!(read(&twice), [read(LOG), read(LOG)].concat());
        for (at, _) in LOG.match_indices('\n') {
            let (front, back) = LOG.split_at(at);
            assert!(read(front).len() <= 1 && read(back).len() <= 1, "{front}");
        }
        let [cut] = read("#4 1.5 x\n#4 DONE 2.0s\n#5 [2/2] RUN y\n").try_into().unwrap();
        assert_eq!((cut.steps[0].name.as_str(), cut.steps[0].seconds), ("", Some(2.0)));
        assert_eq!((cut.steps[1].outcome.clone(), cut.steps[1].seconds), (Outcome::Unfinished, None));
    }
}
