//! ShellCheck over the files of a run: a text that stands in several of them is looked at once.
use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{env, thread};

use crate::analysis::shell_body;
use crate::analysis::snapshot::Snapshot;
use crate::project::shellcheck::program::{Program, find};
use crate::project::shellcheck::{Job, Key, Verdict, Verdicts};
use crate::rules::levels;

/// So many texts are given to a thread at a time.
const SHARE: usize = 24;
/// What of a file is not looked at by then is left out.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is known of ShellCheck, for one run.
#[derive(Default)]
pub struct ShellChecks {
    /// By the setting that names it.
    programs: Mutex<HashMap<Option<PathBuf>, Option<Program>>>,
    said: Mutex<HashMap<Key, Verdict>>,
    /// Why it is not used, where somebody wants to know.
    warnings: Mutex<BTreeSet<String>>,
}

fn lock<T>(known: &Mutex<T>) -> MutexGuard<'_, T> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ShellChecks {
    /// `snapshot` with what ShellCheck says of it, where it is installed and not off. Whatever goes wrong, the rest is as
    /// without it.
    pub fn look_at(&self, snapshot: Snapshot) -> Snapshot {
        if !levels::asks_shellcheck(snapshot.settings()) {
            return snapshot;
        }
        let setting = snapshot.settings().shellcheck.path.as_ref();
        if self.is_missing(setting) {
            return snapshot;
        }
        let jobs = shell_body::jobs(&snapshot);
        if jobs.is_empty() {
            return snapshot;
        }
        let Some(program) = self.program(setting) else { return snapshot };
        let (mut verdicts, mut new) = (Vec::new(), Vec::new());
        {
            let said = lock(&self.said);
            for job in jobs {
                match said.get(&job.key) {
                    Some(verdict) => verdicts.push((job.key, verdict.clone())),
                    None => new.push(job),
                }
            }
        }
        let said = check(&program, new);
        lock(&self.said).extend(said.iter().cloned());
        let verdicts: Verdicts = verdicts.into_iter().chain(said).collect();
        snapshot.with_verdicts(Arc::new(verdicts))
    }

    /// What is to be told after the run, sorted.
    pub fn warnings(&self) -> Vec<String> {
        lock(&self.warnings).iter().cloned().collect()
    }

    /// True once it was looked for in vain.
    fn is_missing(&self, setting: Option<&PathBuf>) -> bool {
        matches!(lock(&self.programs).get(&setting.cloned()), Some(None))
    }

    /// The program; why there is none is said to those who name one or ask for the log.
    fn program(&self, setting: Option<&PathBuf>) -> Option<Program> {
        let mut programs = lock(&self.programs);
        if let Some(known) = programs.get(&setting.cloned()) {
            return known.clone();
        }
        let found = find(setting.map(PathBuf::as_path));
        if let Err(reason) = &found
            && (setting.is_some() || env::var_os("DOCKLINE_LOG").is_some())
        {
            lock(&self.warnings).insert(reason.clone());
        }
        let found = found.ok();
        programs.insert(setting.cloned(), found.clone());
        found
    }
}

fn check(program: &Program, mut jobs: Vec<Job>) -> Vec<(Key, Verdict)> {
    if jobs.len() <= SHARE {
        return program.check(jobs, PATIENCE);
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len().div_ceil(SHARE));
    jobs.reverse();
    let (queue, said) = (Mutex::new(jobs), Mutex::new(Vec::new()));
    let next = || {
        let mut queue = lock(&queue);
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
                    lock(&said).extend(found);
                }
            });
        }
    });
    said.into_inner().unwrap_or_else(PoisonError::into_inner)
}
