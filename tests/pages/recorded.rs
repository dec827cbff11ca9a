//! ShellCheck without the program: what it said is recorded, by shell and text.
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use dockline::analysis::shell_body::jobs;
use dockline::analysis::snapshot::Snapshot;
use dockline::project::shellcheck::program::{HEADER, Program, find};
use dockline::project::shellcheck::{Job, Key, Verdict, Verdicts, report};
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/shellcheck.json");

type Reports = BTreeMap<String, Value>;

static REPORTS: LazyLock<Mutex<Reports>> =
    LazyLock::new(|| Mutex::new(serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()));

static PROGRAM: LazyLock<Option<Program>> =
    LazyLock::new(|| std::env::var_os("SHELLCHECK").map(|path| find(Some(Path::new(&path))).unwrap()));

/// `snapshot` with what ShellCheck says of it.
pub fn with_verdicts(snapshot: Snapshot) -> Snapshot {
    let verdicts: Verdicts = jobs(&snapshot).into_iter().map(verdict).collect();
    snapshot.with_verdicts(Arc::new(verdicts))
}

fn verdict(job: Job) -> (Key, Verdict) {
    let shell = job.source.dialect.unwrap_or(job.key.dialect).word();
    let name = format!("{shell}: {}", job.source.text());
    let mut reports = REPORTS.lock().unwrap();
    if let Some(program) = &*PROGRAM {
        let said = program.report(std::slice::from_ref(&job), Duration::from_secs(60)).unwrap();
        let said: Value = serde_json::from_slice(&said).unwrap();
        if std::env::var_os("UPDATE").is_some() {
            reports.insert(name.clone(), said);
            std::fs::write(FILE, serde_json::to_string_pretty(&*reports).unwrap() + "\n").unwrap();
        } else {
            assert_eq!(reports.get(&name), Some(&said), "ShellCheck says something else of {name:?}");
        }
    }
    let said = reports.get(&name).unwrap_or_else(|| panic!("record what ShellCheck says of {name:?}"));
    let read = report::read(said.to_string().as_bytes(), std::slice::from_ref(&job), HEADER, true).unwrap();
    (job.key, read.into_iter().next().unwrap().into())
}
