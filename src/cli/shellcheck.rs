//! ShellCheck over all files at once.
use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, thread};

use super::input::Source;
use super::output::Output;
use crate::analysis::shell_body;
use crate::analysis::snapshot::Snapshot;
use crate::project::shellcheck::program::{Program, find};
use crate::project::shellcheck::{Job, Key, Verdict, Verdicts};
use crate::settings::{ShellCheckSettings, ShellCheckUse};

/// So many texts are given to a thread at a time.
const SHARE: usize = 24;
/// All that is not looked at by then is left out.
const PATIENCE: Duration = Duration::from_secs(600);

/// Adds to each of `sources` what ShellCheck says of it, where it is installed and not off. Whatever goes wrong, the rest
/// is as without it.
pub fn look_at(sources: &mut [Source], output: &mut Output) {
    let mut programs: HashMap<ShellCheckSettings, Option<Program>> = HashMap::new();
    let mut queues: Vec<(Program, Vec<Job>)> = Vec::new();
    let mut seen = HashSet::new();
    for source in &*sources {
        let settings = &source.snapshot.settings().shellcheck;
        if settings.enabled == ShellCheckUse::Off {
            continue;
        }
        let jobs = shell_body::jobs(&source.snapshot);
        if jobs.is_empty() {
            continue;
        }
        let program = programs.entry(settings.clone()).or_insert_with(|| program(settings, output));
        let Some(program) = program else { continue };
        let new = jobs.into_iter().filter(|job| seen.insert(job.key.clone()));
        match queues.iter_mut().find(|(other, _)| other == program) {
            Some((_, queue)) => queue.extend(new),
            None => queues.push((program.clone(), new.collect())),
        }
    }
    let verdicts: Verdicts = queues.into_iter().flat_map(|(program, jobs)| check(&program, jobs)).collect();
    let verdicts = Arc::new(verdicts);
    for source in sources {
        source.snapshot = source.snapshot.clone().with_verdicts(verdicts.clone());
    }
}

/// `snapshot` after a change, with what ShellCheck says of the texts that are new.
pub fn look_again(snapshot: Snapshot) -> Snapshot {
    let before = snapshot.verdicts().clone();
    let settings = &snapshot.settings().shellcheck;
    if before.is_empty() {
        return snapshot;
    }
    let (known, new): (Vec<Job>, Vec<Job>) =
        shell_body::jobs(&snapshot).into_iter().partition(|job| before.get(&job.key).is_some());
    let said = match find(settings.path.as_deref()) {
        Ok(program) if !new.is_empty() => program.check(new, PATIENCE),
        _ => Vec::new(),
    };
    let kept = known.into_iter().filter_map(|job| before.get(&job.key).cloned().map(|verdict| (job.key, verdict)));
    let verdicts: Verdicts = kept.chain(said).collect();
    snapshot.with_verdicts(Arc::new(verdicts))
}

/// The program; why there is none is said to those who ask for the log.
fn program(settings: &ShellCheckSettings, output: &mut Output) -> Option<Program> {
    let found = find(settings.path.as_deref());
    if let Err(reason) = &found
        && (settings.path.is_some() || env::var_os("DOCKLINE_LOG").is_some())
    {
        output.warn(reason);
    }
    found.ok()
}

fn check(program: &Program, mut jobs: Vec<Job>) -> Vec<(Key, Verdict)> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len().div_ceil(SHARE));
    jobs.reverse();
    let (queue, said) = (Mutex::new(jobs), Mutex::new(Vec::new()));
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let left = queue.len().saturating_sub(SHARE);
        queue.split_off(left)
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let share = next();
                    if share.is_empty() {
                        break;
                    }
                    let found = program.check(share, PATIENCE);
                    said.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
                }
            });
        }
    });
    said.into_inner().unwrap_or_else(PoisonError::into_inner)
}
