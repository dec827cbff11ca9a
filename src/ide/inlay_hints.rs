//! The time that each instruction took in a recorded build, at the end of its line.
pub mod known;

use crate::analysis::snapshot::Snapshot;
use crate::text::span::Span;
use crate::trace::account::{Account, account};
use crate::trace::role::{Role, role};
use crate::trace::{Outcome, Trace};

/// A shorter time is not shown; in seconds.
const SHOWN: f64 = 0.05;

/// A text that an editor shows in a line without being part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Behind which byte.
    pub offset: u32,
    /// The text.
    pub label: String,
    /// What it means.
    pub tooltip: String,
}

/// The hints of the instructions that touch `within`. An instruction that was edited since the build has none.
pub fn times(snapshot: &Snapshot, trace: &Trace, within: Span) -> Vec<Hint> {
    let account = account(snapshot, trace);
    let mut hints = Vec::new();
    if !is_of_this_file(trace, &account) {
        return hints;
    }
    for (index, instruction) in snapshot.file().instructions.iter().enumerate() {
        let span = instruction.span;
        if span.start > within.end || span.end < within.start {
            continue;
        }
        let steps: Vec<usize> = (0..account.rows.len()).filter(|&step| is_of(&account, step, index)).collect();
        let Some(label) = label(trace, &steps) else { continue };
        let first = snapshot[span].lines().next().unwrap_or_default().trim_end();
        let offset = span.start + first.len() as u32;
        hints.push(Hint { offset, label, tooltip: tooltip(trace, &account, &steps) });
    }
    hints
}

/// True when most of the build's instructions stand in the file: every Dockerfile has a `COPY . .` of its own.
fn is_of_this_file(trace: &Trace, account: &Account) -> bool {
    let numbered = trace.steps.iter().filter(|step| matches!(role(&step.name), Role::Instruction(_))).count();
    let exact = account.rows.iter().filter_map(|row| row.instruction).filter(|found| found.exact).count();
    exact * 2 > numbered
}

fn is_of(account: &Account, step: usize, instruction: usize) -> bool {
    account.rows[step].instruction.is_some_and(|found| found.exact && found.instruction == instruction)
}

/// `3.4 s`, `cached`, `failed after 3.4 s`; several, where it was built for several platforms.
fn label(trace: &Trace, steps: &[usize]) -> Option<String> {
    let mut labels = Vec::new();
    for step in steps.iter().map(|&step| &trace.steps[step]) {
        let time = step.seconds.filter(|seconds| *seconds >= SHOWN).map(|seconds| format!("{seconds:.1} s"));
        let label = match (&step.outcome, time) {
            (Outcome::Cached, _) => "cached".to_owned(),
            (Outcome::Failed(_), Some(time)) => format!("failed after {time}"),
            (Outcome::Failed(_), None) => "failed".to_owned(),
            (Outcome::Canceled, _) => "canceled".to_owned(),
            (Outcome::Done | Outcome::Unfinished, Some(time)) => time,
            (Outcome::Done | Outcome::Unfinished, None) => continue,
        };
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    (!labels.is_empty()).then(|| labels.join(", "))
}

fn tooltip(trace: &Trace, account: &Account, steps: &[usize]) -> String {
    let line = |&step: &usize| {
        let share = account.rows[step].share * 100.0;
        let name = trace.steps[step].name.split_once(']').map_or("", |(front, _)| front).trim_start_matches('[');
        format!("step {name}: {share:.0} % of {:.1} s", account.wall)
    };
    let lines: Vec<String> = steps.iter().map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::read;

    #[test]
    fn shows_times_of_what_was_not_edited() {
        let text = "FROM a\nRUN one \\\n  two\nRUN edited\nCOPY . .\nRUN x\nENV a=b\n";
        let log = "\
#1 [1/5] FROM docker.io/library/a
#1 CACHED
#2 [2/5] RUN one   two
#2 DONE 7.5s
#3 [3/5] RUN other
#3 DONE 1.0s
#4 [4/5] COPY . .
#4 DONE 0.0s
#5 [5/5] RUN x
#5 1.5 no
#5 ERROR: exit code: 1
";
        let (snapshot, trace) = (Snapshot::of_text(text), read(log).remove(0));
        let shown = |from, to| -> Vec<(u32, String)> {
            let hints = times(&snapshot, &trace, Span::new(from, to));
            hints.into_iter().map(|hint| (hint.offset, hint.label)).collect()
        };
        let all = [(6, "cached"), (16, "7.5 s"), (48, "failed after 1.5 s")].map(|(at, label)| (at, label.to_owned()));
        assert_eq!(shown(0, text.len() as u32), all);
        assert_eq!(shown(7, 20), all[1..2]);
        let hints = times(&snapshot, &trace, Span::new(7, 20));
        assert_eq!(hints[0].tooltip, "step 2/5: 75 % of 10.0 s");
    }

    #[test]
    fn a_build_of_another_file_says_nothing() {
        let log = "#1 [1/3] FROM docker.io/library/a\n#1 DONE 1.0s\n#2 [2/3] RUN x\n#2 DONE 1.0s\n#3 [3/3] RUN y\n#3 DONE 1.0s\n";
        let hints = |text: &str| times(&Snapshot::of_text(text), &read(log)[0], Span::new(0, text.len() as u32)).len();
        assert_eq!((hints("FROM a\nRUN x\nRUN z\n"), hints("FROM a\nRUN z\n")), (2, 0));
    }

    #[test]
    fn platforms_stand_beside_each_other() {
        let log = "#1 [linux/amd64 1/1] RUN x\n#1 DONE 1.0s\n#2 [linux/arm64 1/1] RUN x\n#2 DONE 9.0s\n";
        let hints = times(&Snapshot::of_text("FROM a\nRUN x\n"), &read(log)[0], Span::new(0, 13));
        assert_eq!(hints[0].label, "1.0 s, 9.0 s");
    }
}
