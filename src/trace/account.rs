//! Where the time of a build went.
use super::matching::{Match, is_named, matches, missing, places, step_name};
use super::role::{Role, role};
use super::{Outcome, Step, Trace, timeline};
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Base;

/// The time of one build, step by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// What is known of each step, in the order of the log.
    pub rows: Vec<Row>,
    /// Seconds from the beginning of the build to its end.
    pub wall: f64,
    /// Seconds of it in which at least one step ran.
    pub attributed: f64,
    /// Instructions of stages that were built which have no step: the log ends before them, or is of another text.
    pub missing: Vec<usize>,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The instruction that it belongs to.
    pub instruction: Option<Match>,
    /// When it began, in seconds since the build did; `None`: not known.
    pub began: Option<f64>,
    /// Its part of the wall time, from 0 to 1: a moment in which several steps run is divided evenly between them.
    pub share: f64,
}

/// Where the time of `trace` went, seen from the Dockerfile of `snapshot`.
pub fn account(snapshot: &Snapshot, trace: &Trace) -> Account {
    let found = matches(snapshot, trace);
    let spans = timeline::spans(trace, &names(snapshot, trace, &found), &|name| parent(snapshot, name));
    let all = spans.concat();
    let attributed = timeline::union(&all);
    let end = all.iter().map(|(_, end)| *end).fold(0.0, f64::max);
    let wall = trace.wall.unwrap_or(end).max(attributed);
    let shares = timeline::shared(&spans);
    let rows = found.iter().zip(&spans).zip(shares).map(|((found, spans), share)| Row {
        instruction: *found,
        began: spans.first().map(|(from, _)| *from),
        share: if wall > 0.0 { share / wall } else { 0.0 },
    });
    Account { rows: rows.collect(), wall, attributed, missing: missing(snapshot, &found) }
}

/// The build among `builds` that most probably is of this Dockerfile: the last of those with the most of its instructions.
pub fn best<'t>(snapshot: &Snapshot, builds: &'t [Trace]) -> Option<&'t Trace> {
    if let [only] = builds {
        return Some(only);
    }
    let exact = |trace: &&Trace| matches(snapshot, trace).iter().flatten().filter(|found| found.exact).count();
    builds.iter().max_by_key(exact)
}

/// The steps' names as this build would have them alone: a step that another build of the same builder began is called what it
/// is there.
fn names(snapshot: &Snapshot, trace: &Trace, found: &[Option<Match>]) -> Vec<String> {
    let places = places(snapshot);
    let name = |(step, found): (&Step, &Option<Match>)| {
        let Role::Instruction(it) = role(&step.name) else { return step.name.clone() };
        let place = found.and_then(|found| places.get(&found.instruction));
        let Some((stage, place)) = place.and_then(|(stage, place)| Some((snapshot.file().stages.get(*stage)?, place)))
        else {
            return step.name.clone();
        };
        let platform = it.platform.map_or_else(String::new, |platform| format!("{platform} "));
        format!("[{platform}{} {}/{}] {}", step_name(stage), place + 1, place + 1, it.text)
    };
    trace.steps.iter().zip(found).map(name).collect()
}

/// The stage that a stage is built on, both as steps name them.
fn parent(snapshot: &Snapshot, name: &str) -> Option<String> {
    let stages = &snapshot.file().stages;
    let stage = stages.iter().rfind(|stage| is_named(stage, name));
    // Some name a stage by its number, though it has a name.
    let number = || name.strip_prefix("stage-")?.parse().ok().and_then(|index: usize| stages.get(index));
    let stage = stage.or_else(number)?;
    match stage.base {
        Base::Stage(parent) => Some(step_name(&stages[parent])),
        _ => None,
    }
}

impl Account {
    /// The steps that took time, the slowest first; then those that took none, in the order of the log.
    pub fn slowest(&self, trace: &Trace) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let seconds = |step: &Step| step.seconds.unwrap_or_default();
        order.sort_by(|&one, &other| seconds(&trace.steps[other]).total_cmp(&seconds(&trace.steps[one])));
        order
    }
}

impl Trace {
    /// The step that failed.
    pub fn failed(&self) -> Option<usize> {
        self.steps.iter().position(|step| matches!(step.outcome, Outcome::Failed(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::read;

    const TEXT: &str =
        "FROM a AS base\nRUN one\nFROM base AS build\nRUN two\nFROM base\nRUN three\nCOPY --from=build x y\n";
    const LOG: &str = "\
#1 [base 1/2] FROM docker.io/library/a
#1 CACHED
#2 [base 2/2] RUN one
#2 DONE 2.0s
#3 [build 1/1] RUN two
#3 DONE 6.0s
#4 [stage-2 1/2] RUN three
#4 DONE 2.0s
#5 [stage-2 2/2] COPY --from=build x y
#5 DONE 1.0s
#6 exporting to image
#6 DONE 1.0s
";

    #[test]
    fn shares_are_the_whole() {
        let snapshot = Snapshot::of_text(TEXT);
        let account = account(&snapshot, &read(LOG)[0]);
        assert_eq!((account.wall, account.attributed, account.missing.len()), (10.0, 10.0, 0));
        let shares: Vec<f64> = account.rows.iter().map(|row| row.share).collect();
        assert_eq!(shares, [0.0, 0.2, 0.5, 0.1, 0.1, 0.1]);
        let began: Vec<f64> = account.rows.iter().filter_map(|row| row.began).collect();
        assert_eq!(began, [0.0, 0.0, 2.0, 2.0, 8.0, 9.0]);
        assert_eq!(account.slowest(&read(LOG)[0])[..2], [2, 1]);
    }

    #[test]
    fn the_build_of_this_file_is_chosen() {
        let other = "#1 [1/2] FROM docker.io/library/z\n#1 DONE 1.0s\n";
        let builds = [read(other), read(LOG)].concat();
        let snapshot = Snapshot::of_text(TEXT);
        assert_eq!(best(&snapshot, &builds), Some(&builds[1]));
        assert_eq!(best(&snapshot, &[]), None);
    }

    #[test]
    fn steps_may_be_called_as_in_another_build() {
        let log = LOG.replace("[base 1/2] FROM", "[1/7] FROM").replace("[base 2/2] RUN one", "[x 6/7] RUN one");
        let snapshot = Snapshot::of_text(TEXT);
        let (usual, other) = (account(&snapshot, &read(LOG)[0]), account(&snapshot, &read(&log)[0]));
        assert_eq!(usual, other);
    }

    #[test]
    fn nothing_takes_no_time() {
        let account = account(&Snapshot::of_text(""), &Trace::default());
        assert_eq!(account, Account::default());
    }
}
