//! When the steps ran. A rawjson log says it. A plain log says how long each took, so they are laid out as BuildKit runs
//! them: each begins when the last of those that it needs has ended, and as many run at once as can.
use std::collections::HashMap;

use super::role::{Numbered, Role, role};
use super::{Outcome, Trace};

/// What is known of the order of stages beside the log: the stage that a stage is built on, both as steps name them.
pub type Parent<'p> = &'p dyn Fn(&str) -> Option<String>;

/// Stages that are built on each other, at most.
const MAX_CHAIN: usize = 20;
/// Stages and images that one instruction is looked at for.
const MAX_SOURCES: usize = 20;
/// Rounds in which ends of steps move later ones; as deep as a chain of steps is at most.
const MAX_ROUNDS: usize = 2_000;

/// When each step ran, in seconds since the build began; nothing for one of which that is not known. `names`: how the steps
/// are called in this build.
pub fn spans(trace: &Trace, names: &[String], parent: Parent<'_>) -> Vec<Vec<(f64, f64)>> {
    if trace.measured {
        return trace.steps.iter().map(|step| step.ran.clone()).collect();
    }
    let layout = Layout::of(trace, names, parent);
    layout.start.iter().zip(&layout.seconds).map(|(&start, &seconds)| vec![(start, start + seconds)]).collect()
}

/// Steps on a line of time.
struct Layout {
    start: Vec<f64>,
    seconds: Vec<f64>,
}

impl Layout {
    fn of(trace: &Trace, names: &[String], parent: Parent<'_>) -> Self {
        let roles: Vec<Role<'_>> = names.iter().map(|name| role(name)).collect();
        let seconds: Vec<f64> = trace.steps.iter().map(|step| step.seconds.unwrap_or_default()).collect();
        let mut layout = Layout { start: vec![0.0; roles.len()], seconds };
        let mut now = layout.in_turn(&roles, Role::Definition, 0.0);
        now = layout.at_once(&roles, Role::Preparation, now);
        let names = Names::of(&roles);
        let needs: Vec<Vec<usize>> = (0..roles.len()).map(|index| names.needs(index, parent)).collect();
        for (index, role) in roles.iter().enumerate() {
            if matches!(role, Role::Instruction(_) | Role::Context | Role::Other) {
                layout.start[index] = now;
            }
        }
        layout.settle(&needs);
        layout.stop_canceled(trace);
        let end = layout.start.iter().zip(&layout.seconds).map(|(start, seconds)| start + seconds).fold(now, f64::max);
        layout.in_turn(&roles, Role::Export, end);
        layout
    }

    /// One behind the other; when the last ends.
    fn in_turn(&mut self, roles: &[Role<'_>], which: Role<'_>, mut now: f64) -> f64 {
        for index in (0..roles.len()).filter(|&index| roles[index] == which) {
            self.start[index] = now;
            now += self.seconds[index];
        }
        now
    }

    /// All at the same time; when the last ends.
    fn at_once(&mut self, roles: &[Role<'_>], which: Role<'_>, now: f64) -> f64 {
        let mut end = now;
        for index in (0..roles.len()).filter(|&index| roles[index] == which) {
            self.start[index] = now;
            end = end.max(now + self.seconds[index]);
        }
        end
    }

    /// Moves steps behind those that they need.
    fn settle(&mut self, needs: &[Vec<usize>]) {
        for _ in 0..MAX_ROUNDS.min(needs.len()) {
            let mut moved = false;
            for (index, needs) in needs.iter().enumerate() {
                let ends = needs.iter().map(|&needed| self.start[needed] + self.seconds[needed]);
                let start = ends.fold(self.start[index], f64::max);
                moved |= start > self.start[index];
                self.start[index] = start;
            }
            if !moved {
                return;
            }
        }
    }

    /// Steps that were stopped ran until the one that failed did.
    fn stop_canceled(&mut self, trace: &Trace) {
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
        let Some(failed) = trace.steps.iter().position(|step| failed(&step.outcome)) else { return };
        let end = self.start[failed] + self.seconds[failed];
        for (index, step) in trace.steps.iter().enumerate() {
            if step.outcome == Outcome::Canceled {
                self.seconds[index] = self.seconds[index].max(end - self.start[index]);
            }
        }
    }
}

/// The steps as their names tell of them.
struct Names<'n> {
    roles: &'n [Role<'n>],
    /// The steps of each stage, by its name in lower case.
    stages: HashMap<Option<String>, Vec<usize>>,
    context: Option<usize>,
}

impl<'n> Names<'n> {
    fn of(roles: &'n [Role<'n>]) -> Self {
        let mut stages: HashMap<Option<String>, Vec<usize>> = HashMap::new();
        for (index, role) in roles.iter().enumerate() {
            if let Role::Instruction(it) = role {
                stages.entry(it.stage.map(str::to_lowercase)).or_default().push(index);
            }
        }
        Self { roles, stages, context: roles.iter().position(|role| *role == Role::Context) }
    }

    /// The steps that the step `index` waits for, as far as names tell.
    fn needs(&self, index: usize, parent: Parent<'_>) -> Vec<usize> {
        let Role::Instruction(own) = self.roles[index] else { return Vec::new() };
        let mut needs = Vec::new();
        let before = self.last_of(own.stage, &own, own.number);
        needs.extend(before.or_else(|| self.last_of_parents(own.stage?, &own, parent)));
        let from = sources(own.text);
        if from.is_empty() && matches!(own.keyword(), "COPY" | "ADD") {
            needs.extend(self.context);
        }
        for name in from {
            let number = name.parse::<usize>().ok().map(|number| format!("stage-{number}"));
            let name = number.as_deref().unwrap_or(name);
            let last = self.last_of(Some(name), &own, u32::MAX);
            needs.extend(last.or_else(|| self.last_of_parents(name, &own, parent)));
        }
        needs.retain(|&needed| needed != index);
        needs
    }

    /// The last step of `stage` in front of `number`, for the same platform if there is one for it.
    fn last_of(&self, stage: Option<&str>, own: &Numbered<'_>, number: u32) -> Option<usize> {
        let steps = self.stages.get(&stage.map(str::to_lowercase))?;
        let ranked = steps.iter().filter_map(|&index| match &self.roles[index] {
            Role::Instruction(it) if it.number < number => Some((it.target() == own.target(), it.number, index)),
            _ => None,
        });
        ranked.max().map(|(_, _, index)| index)
    }

    /// The last step of the stage that `stage` is built on; of the next one, where it has none.
    fn last_of_parents(&self, stage: &str, own: &Numbered<'_>, parent: Parent<'_>) -> Option<usize> {
        let mut stage = stage.to_owned();
        for _ in 0..MAX_CHAIN {
            stage = parent(&stage)?;
            if let Some(found) = self.last_of(Some(&stage), own, u32::MAX) {
                return Some(found);
            }
        }
        None
    }
}

/// The stages and images that an instruction copies or mounts from.
fn sources(text: &str) -> Vec<&str> {
    let flags = text.split_whitespace().skip(1).take_while(|word| word.starts_with("--"));
    let values = flags.flat_map(|flag| {
        let copied = flag.strip_prefix("--from=").into_iter();
        let mounted = flag.strip_prefix("--mount=").into_iter().flat_map(|mount| mount.split(','));
        copied.chain(mounted.filter_map(|option| option.strip_prefix("from=")))
    });
    values.take(MAX_SOURCES).collect()
}

/// The length of what is covered by `spans`.
pub fn union(spans: &[(f64, f64)]) -> f64 {
    let mut sorted = spans.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut covered, mut end) = (0.0, f64::MIN);
    for (from, to) in sorted {
        covered += (to - from.max(end)).max(0.0);
        end = end.max(to);
    }
    covered
}

/// How much of the time belongs to each step: a moment in which several run is divided evenly between them.
pub fn shared(spans: &[Vec<(f64, f64)>]) -> Vec<f64> {
    let mut events: Vec<(f64, bool, usize)> = Vec::new();
    for (step, spans) in spans.iter().enumerate() {
        for &(from, to) in spans.iter().filter(|(from, to)| from < to) {
            events.extend([(from, true, step), (to, false, step)]);
        }
    }
    // Ends in front of beginnings.
    events.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut shares = vec![0.0; spans.len()];
    let (mut running, mut now): (Vec<usize>, f64) = (Vec::new(), 0.0);
    for (at, begins, step) in events {
        let part = (at - now) / count(running.len());
        for &step in &running {
            shares[step] += part;
        }
        now = at;
        if begins {
            running.push(step);
        } else if let Some(place) = running.iter().position(|&running| running == step) {
            running.swap_remove(place);
        }
    }
    shares
}

#[allow(clippy::cast_precision_loss, reason = "there are few steps")]
fn count(number: usize) -> f64 {
    number.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::read;

    fn spans_of(log: &str, parent: Parent<'_>) -> Vec<(f64, f64)> {
        let trace = read(log).remove(0);
        let names: Vec<String> = trace.steps.iter().map(|step| step.name.clone()).collect();
        spans(&trace, &names, parent).concat()
    }

    fn starts(log: &str, parent: Parent<'_>) -> Vec<f64> {
        spans_of(log, parent).iter().map(|span| span.0).collect()
    }

    #[test]
    fn steps_wait_for_what_they_need() {
        let log = "\
#1 [internal] load build definition from Dockerfile
#1 DONE 1.0s
#2 [internal] load metadata for docker.io/library/a
#2 DONE 2.0s
#3 [internal] load .dockerignore
#3 DONE 0.5s
#4 [base 1/2] FROM docker.io/library/a
#4 DONE 4.0s
#5 [internal] load build context
#5 DONE 10.0s
#6 [base 2/2] COPY . .
#6 DONE 1.0s
#7 [build 1/1] RUN x
#7 DONE 5.0s
#8 [check 1/1] RUN --mount=type=bind,from=base y
#8 DONE 2.0s
#9 [stage-3 1/1] COPY --from=build --link /a /b
#9 DONE 1.0s
#10 exporting to image
#10 DONE 3.0s
";
        let parent = |stage: &str| matches!(stage, "build" | "check").then(|| "base".to_owned());
        assert_eq!(starts(log, &parent), [0.0, 1.0, 1.0, 3.0, 3.0, 13.0, 14.0, 14.0, 19.0, 20.0]);
    }

    #[test]
    fn platforms_do_not_wait_for_each_other() {
        let log = "\
#1 [linux/amd64 build 1/1] RUN x
#1 DONE 1.0s
#2 [linux/amd64->arm64 build 1/1] RUN x
#2 DONE 5.0s
#3 [linux/amd64 stage-1 1/1] COPY --from=build a b
#3 DONE 1.0s
#4 [linux/arm64 stage-1 1/1] COPY --from=build a b
#4 DONE 1.0s
#5 [linux/amd64 stage-1 2/2] RUN z
#5 CANCELED
#6 [linux/arm64 stage-1 2/2] RUN z
#6 1.5 no
#6 ERROR: no
";
        assert_eq!(spans_of(log, &|_| None), [(0.0, 1.0), (0.0, 5.0), (1.0, 2.0), (5.0, 6.0), (2.0, 7.5), (6.0, 7.5)]);
    }

    #[test]
    fn time_is_divided() {
        let spans = [vec![(0.0, 4.0)], vec![(2.0, 6.0)], vec![], vec![(8.0, 9.0), (3.0, 3.0)]];
        assert!((union(&spans.concat()) - 7.0).abs() < 1e-9 && union(&[]) <= 0.0);
        assert_eq!(shared(&spans), [3.0, 3.0, 0.0, 1.0]);
        assert!(shared(&[]).is_empty());
    }

    #[test]
    fn circles_end() {
        let log = "#1 [a 1/1] COPY --from=b x y\n#1 DONE 1.0s\n#2 [b 1/1] COPY --from=a x y\n#2 DONE 1.0s\n";
        assert_eq!(starts(log, &|stage| Some(stage.to_owned())).len(), 2);
    }
}
