//! `dockline trace` on logs of real builds. Beside each is the wall time that a clock measured around `docker build`.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test may panic, and whole numbers are exact")]
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockline::analysis::snapshot::Snapshot;
use dockline::model::instruction::Kind;
use dockline::trace::account::account;
use dockline::trace::role::{Role, role};
use dockline::trace::{self, Outcome, Trace};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trace")
}

/// A recorded build.
struct Recorded {
    name: String,
    log: String,
    dockerfile: String,
    /// Seconds by the clock.
    wall: f64,
    /// The exit code of `docker build`.
    code: i32,
}

/// The recordings that tests/trace/walls.tsv lists.
fn recorded() -> Vec<Recorded> {
    let list = fs::read_to_string(folder().join("walls.tsv")).unwrap();
    let rows = list.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect::<Vec<_>>());
    let all = rows.map(|row| {
        let path = folder().join(row[0]);
        Recorded {
            name: row[0].to_owned(),
            log: fs::read_to_string(&path).unwrap(),
            dockerfile: fs::read_to_string(path.with_file_name("Dockerfile")).unwrap(),
            wall: row[1].parse().unwrap(),
            code: row[2].parse().unwrap(),
        }
    });
    all.collect()
}

fn only(text: &str) -> Trace {
    let [trace] = trace::read(text).try_into().unwrap();
    trace
}

#[test]
fn the_time_is_attributed() {
    let recorded = recorded();
    assert!(recorded.len() >= 3);
    for Recorded { name, log, dockerfile, wall, .. } in recorded {
        let account = account(&Snapshot::of_text(&dockerfile), &only(&log));
        let off = (account.attributed - wall).abs() / wall;
        assert!(off < 0.05, "{name}: {} of {wall} s", account.attributed);
        let shares: f64 = account.rows.iter().map(|row| row.share).sum();
        assert!((shares * account.wall - account.attributed).abs() < 0.01, "{name}: {shares}");
        assert!(account.wall <= wall, "{name}: {} of {wall} s", account.wall);
    }
}

#[test]
fn every_instruction_is_found() {
    for Recorded { name, log, dockerfile, code, .. } in recorded() {
        let (snapshot, trace) = (Snapshot::of_text(&dockerfile), only(&log));
        let account = account(&snapshot, &trace);
        for (step, row) in trace.steps.iter().zip(&account.rows) {
            let is_numbered = matches!(role(&step.name), Role::Instruction(_));
            assert_eq!(is_numbered, row.instruction.is_some_and(|found| found.exact), "{name}: {}", step.name);
        }
        assert_eq!(account.missing, Vec::<usize>::new(), "{name}");
        assert_eq!(trace.failed().is_some(), code != 0, "{name}");
        if code == 0 {
            let found: Vec<usize> = account.rows.iter().filter_map(|row| Some(row.instruction?.instruction)).collect();
            let layers = [Kind::Run, Kind::Copy, Kind::Workdir];
            let instructions = snapshot.file().instructions.iter().enumerate();
            let layers = instructions.filter(|(_, instruction)| layers.contains(&instruction.kind));
            assert!(layers.into_iter().all(|(index, _)| found.contains(&index)), "{name}: {found:?}");
        }
    }
}

#[test]
fn both_formats_tell_the_same() {
    // The same build was recorded twice: what was run, what was there already and what it printed are the same.
    let summary = |log: &str| -> Vec<(String, bool)> {
        let trace = only(&fs::read_to_string(folder().join(log)).unwrap());
        let steps = trace.steps.into_iter().filter(|step| matches!(role(&step.name), Role::Instruction(_)));
        let mut all: Vec<_> = steps.map(|step| (step.name, matches!(step.outcome, Outcome::Failed(_)))).collect();
        all.sort();
        all
    };
    assert_eq!(summary("parallel/plain.log"), summary("parallel/raw.log"));
    assert_eq!(summary("failing/plain.log"), summary("failing/raw.log"));
    let downloads = |log: &str| -> u32 {
        let trace = only(&fs::read_to_string(folder().join(log)).unwrap());
        trace.steps.iter().filter_map(|step| step.downloads).map(|downloads| downloads.count).sum()
    };
    assert_eq!((downloads("single/plain.log"), downloads("single/raw.log")), (3, 3));
}

#[test]
fn ci_prefixes_do_not_matter() {
    let log = fs::read_to_string(folder().join("parallel/plain.log")).unwrap();
    let plain = only(&log);
    let with = |prefix: &str| log.lines().map(|line| format!("{prefix}{line}")).collect::<Vec<_>>().join("\r\n");
    for prefix in ["> ", "web  | ", "2026-11-22T17:56:38.4522782Z ", "\u{1b}[0K\u{1b}[36;1m", "[17:56:38] "] {
        assert_eq!(only(&with(prefix)).steps, plain.steps, "{prefix:?}");
    }
}

#[test]
fn cut_logs_are_read() {
    for Recorded { log, dockerfile, .. } in recorded() {
        let snapshot = Snapshot::of_text(&dockerfile);
        for cut in (0..log.len()).step_by(log.len() / 40) {
            for part in [&log[..cut], &log[cut..]] {
                for trace in trace::read(part) {
                    let account = account(&snapshot, &trace);
                    assert!(account.attributed <= account.wall && account.wall.is_finite());
                }
            }
        }
    }
}

#[test]
fn garbled_logs_are_read() {
    use rand::{Rng, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    for Recorded { log, dockerfile, .. } in recorded() {
        let snapshot = Snapshot::of_text(&dockerfile);
        for _ in 0..40 {
            let mut bytes = log.clone().into_bytes();
            for _ in 0..random.random_range(1..40) {
                let (at, from) = (random.random_range(0..bytes.len()), random.random_range(0..bytes.len()));
                bytes[at] = if random.random_bool(0.2) { random.random() } else { bytes[from] };
            }
            for trace in trace::read(&String::from_utf8_lossy(&bytes)) {
                let account = account(&snapshot, &trace);
                assert!(account.wall.is_finite() && account.attributed <= account.wall);
            }
        }
    }
}

fn dockline(arguments: &[&str], input: &str) -> (i32, String, String) {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockline"));
    command.current_dir(folder()).arg("trace").args(arguments).env("PATH", "");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn people_read_the_slowest_first() {
    let (code, out, _) = dockline(&["single/plain.log", "--dockerfile", "single/Dockerfile"], "");
    let lines: Vec<&str> = out.lines().collect();
    assert!(code == 0 && lines[0].starts_with("single/Dockerfile: 39.4 s"), "{out}");
    assert!(lines[1].contains("38.8 s") && lines[1].contains("5: RUN go build -o main ."), "{out}");
    assert!(lines[2].contains("download-modules-first") && lines[2].contains("3 modules"), "{out}");
    let (code, out, _) =
        dockline(&["-", "-f", "failing/Dockerfile"], &fs::read_to_string(folder().join("failing/plain.log")).unwrap());
    assert!(code == 0 && out.contains("FAILED RUN --mount") && out.contains("undefined: words.Counts"), "{out}");
}

#[test]
fn programs_read_json() {
    let (code, out, _) = dockline(&["failing/raw.log", "-f", "failing/Dockerfile", "--format", "json"], "");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["version"], &report["measured"]), (0, &1.into(), &true.into()));
    let failed = &report["steps"][usize::try_from(report["failed"].as_u64().unwrap()).unwrap()];
    assert_eq!((&failed["outcome"], &failed["range"]["start"]["line"]), (&"failed".into(), &7.into()));
    assert_eq!(failed["output"][1], "./main.go:19:59: undefined: words.Counts");
    let (_, out, _) = dockline(&["single/raw.log", "-f", "single/Dockerfile", "--format", "json"], "");
    let report: Value = serde_json::from_str(&out).unwrap();
    let gains = report["steps"].as_array().unwrap().iter().flat_map(|step| step["gains"].as_array().unwrap());
    let names: Vec<&Value> = gains.map(|gain| &gain["name"]).collect();
    assert_eq!(names, ["download-modules-first", "build-without-cache-mount"]);
}

#[test]
fn a_large_context_is_told() {
    let project = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(project.path().join(name), text).unwrap();
    fs::create_dir(project.path().join("node_modules")).unwrap();
    let dockerfile = fs::read_to_string(folder().join("heavy/Dockerfile")).unwrap();
    for (name, text) in [("Dockerfile", dockerfile.as_str()), ("go.mod", "module example.com/x\n"), ("go.sum", "")] {
        write(name, text);
    }
    write("node_modules/pack", "x");
    let path = project.path().join("Dockerfile");
    let arguments = ["heavy/plain.log", "--format", "json", "-f", path.to_str().unwrap()];
    let gains = |ignored: bool| {
        if ignored {
            write(".dockerignore", "node_modules\n");
        }
        let report: Value = serde_json::from_str(&dockline(&arguments, "").1).unwrap();
        let steps = report["steps"].as_array().unwrap().clone();
        let context = steps.into_iter().find(|step| step["kind"] == "context").unwrap();
        assert_eq!(context["bytes"], 90_020_000);
        context["gains"].clone()
    };
    let found = gains(false);
    assert_eq!(found[0]["name"], "dockerignore-missing", "{found}");
    assert!(found[0]["what"].as_str().unwrap().starts_with("90.0 MB were sent"), "{found}");
    assert_eq!(gains(true), serde_json::json!([]));
}

#[test]
fn other_files_are_refused() {
    let (code, out, complaint) = dockline(&["single/Dockerfile", "-f", "single/Dockerfile"], "");
    assert!(code == 2 && out.is_empty() && complaint.contains("--progress=plain"), "{complaint}");
    for arguments in [["none.log", "-f", "single/Dockerfile"], ["single/plain.log", "-f", "none"]] {
        assert_eq!(dockline(&arguments, "").0, 2);
    }
}
