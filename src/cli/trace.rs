//! `dockline trace`: where the time of a build went, and what would save some of it.
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::args::{Input, ListFormat, Trace as Args};
use super::input::{self, Look, Source};
use super::output::Output;
use super::render::place;
use super::{CLEAN, FAILED};
use crate::analysis::snapshot::Snapshot;
use crate::trace::account::{Account, account, best};
use crate::trace::gains::{By, Gain, gains, size};
use crate::trace::matching::one_line;
use crate::trace::role::{Role, role};
use crate::trace::{self, Outcome, Step, Trace};

/// No log is larger; a larger one is refused. In bytes.
const MAX_LOG: u64 = 64 << 20;
/// Steps that are printed.
const PRINTED: usize = 20;
/// Shorter ones are printed as one line together; in seconds.
const SHORT: f64 = 0.1;
/// So are those that are a smaller part of the wall time.
const SHORT_PART: f64 = 0.005;
/// Columns of a bar, and of an instruction.
const BAR: usize = 16;
const TEXT: usize = 60;

/// Shows where the time of the build went.
pub fn run(args: &Args, output: &mut Output) -> io::Result<u8> {
    let log = match read(&args.log) {
        Ok(log) => log,
        Err(error) => {
            output.complain(&format!("{}: {error}", args.log.display()));
            return Ok(FAILED);
        }
    };
    let builds = trace::read(&log);
    if builds.is_empty() {
        let how = "write one with `docker build --progress=plain … 2> FILE`, or with --progress=rawjson";
        output.complain(&format!("{}: there is no build of BuildKit in it; {how}", args.log.display()));
        return Ok(FAILED);
    }
    let input = Input {
        paths: vec![args.dockerfile.clone()],
        context: args.context.clone(),
        config: args.config.clone(),
        ..Input::default()
    };
    let report = |source: Source<'_>| {
        let trace = best(&source.snapshot, &builds)?;
        Some(match args.format {
            ListFormat::Text => text(&source, trace),
            ListFormat::Json => json(&source, &args.log, trace),
        })
    };
    let done = input::each(&input, Look::Projects, output, |source, _| report(source));
    for report in done.all.iter().flatten() {
        output.print(report)?;
    }
    Ok(if done.failed { FAILED } else { CLEAN })
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(MAX_LOG + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_LOG + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_LOG {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 64 MiB"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn text(source: &Source<'_>, trace: &Trace) -> String {
    let snapshot = &source.snapshot;
    let account = account(snapshot, trace);
    let gains = gains(snapshot, trace, &account);
    let mut out = summary(source, trace, &account);
    let slow = account.slowest(trace);
    let short = SHORT.max(account.wall * SHORT_PART);
    let is_long = |&index: &usize| {
        let step = &trace.steps[index];
        is_odd(step) || !gains[index].is_empty() || step.seconds.is_some_and(|seconds| seconds >= short)
    };
    let shown: Vec<usize> = slow.iter().copied().filter(is_long).take(PRINTED).collect();
    for &step in &shown {
        row(&mut out, snapshot, trace, &account, step);
        for gain in &gains[step] {
            let _ = writeln!(out, "{:28}\x1b[32m↳\x1b[0m {}", "", sentence(gain));
        }
    }
    let rest = trace.steps.len() - shown.len();
    let cached = trace.steps.iter().filter(|step| step.outcome == Outcome::Cached).count();
    if rest > 0 {
        let seconds: f64 =
            slow.iter().filter(|step| !shown.contains(step)).filter_map(|&step| trace.steps[step].seconds).sum();
        let _ = writeln!(out, "{seconds:8.1} s  {rest} other steps, {cached} of them CACHED");
    }
    if let Some(step) = trace.failed() {
        failure(&mut out, &trace.steps[step]);
    }
    for &index in &account.missing {
        let _ = writeln!(out, "not in the log: line {}: {}", line(snapshot, index), instruction(snapshot, index));
    }
    out
}

/// What has no time but is shown anyway.
fn is_odd(step: &Step) -> bool {
    matches!(step.outcome, Outcome::Failed(_) | Outcome::Canceled)
}

fn summary(source: &Source<'_>, trace: &Trace, account: &Account) -> String {
    let how = match (trace.measured, trace.wall) {
        (true, _) => "as measured",
        (false, Some(_)) => "by the time of day in the log",
        (false, None) => "by the lengths of the steps",
    };
    let failed = if trace.failed().is_some() { ", then it failed" } else { "" };
    let cached = trace.steps.iter().filter(|step| step.outcome == Outcome::Cached).count();
    format!(
        "\x1b[1m{}\x1b[0m: {:.1} s {how}{failed}; {} steps ran in {:.1} s of them, {cached} are cached\n",
        source.name,
        account.wall,
        trace.steps.len(),
        account.attributed
    )
}

fn row(out: &mut String, snapshot: &Snapshot, trace: &Trace, account: &Account, index: usize) {
    let (step, row) = (&trace.steps[index], &account.rows[index]);
    let time = match step.outcome {
        Outcome::Cached => "CACHED".to_owned(),
        _ => step.seconds.map_or_else(|| "?".to_owned(), |seconds| format!("{seconds:.1} s")),
    };
    let part = if account.wall > 0.0 { step.seconds.unwrap_or_default() / account.wall } else { 0.0 };
    let mark = match step.outcome {
        Outcome::Failed(_) => "\x1b[1;91mFAILED\x1b[0m ",
        Outcome::Canceled => "CANCELED ",
        Outcome::Unfinished => "(unfinished) ",
        Outcome::Done | Outcome::Cached => "",
    };
    let place = row.instruction.map_or_else(String::new, |found| format!("{}:", line(snapshot, found.instruction)));
    let text = match role(&step.name) {
        Role::Instruction(it) => {
            let edited = row.instruction.is_some_and(|found| !found.exact);
            let platform = it.platform.map_or_else(String::new, |platform| format!(" [{platform}]"));
            format!("{}{platform}{}", one_line(it.text, TEXT), if edited { " (edited since)" } else { "" })
        }
        _ => one_line(&step.name, TEXT),
    };
    let sent = step.bytes.map_or_else(String::new, |bytes| format!(", {} sent", size(bytes)));
    let _ = writeln!(out, "{time:>10} {:3.0} % {} {place:>5} {mark}{text}{sent}", row.share * 100.0, bar(part));
}

/// A bar in eighths of a column.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "0 to 1")]
fn bar(part: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (part.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let bar = format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8]);
    format!("\x1b[36m{bar:BAR$}\x1b[0m")
}

fn sentence(gain: &Gain) -> String {
    let by = if gain.by == By::Action { "action" } else { "rule" };
    format!("{by} \x1b[1m{}\x1b[0m: {}", gain.name, gain.what)
}

fn failure(out: &mut String, step: &Step) {
    let Outcome::Failed(message) = &step.outcome else { return };
    let _ = writeln!(out, "\x1b[1;91mfailed\x1b[0m: {}", one_line(&step.name, 200));
    for line in &step.output {
        let _ = writeln!(out, "    {line}");
    }
    let _ = writeln!(out, "    {}", one_line(message, 400));
}

fn line(snapshot: &Snapshot, index: usize) -> usize {
    let start = snapshot.file().instructions[index].span.start as usize;
    snapshot.text()[..start].matches('\n').count() + 1
}

fn instruction(snapshot: &Snapshot, index: usize) -> String {
    one_line(&snapshot[snapshot.file().instructions[index].span], TEXT)
}

fn json(source: &Source<'_>, log: &Path, trace: &Trace) -> String {
    let snapshot = &source.snapshot;
    let account = account(snapshot, trace);
    let gains = gains(snapshot, trace, &account);
    let range = |index: usize| {
        let range = place::range(snapshot.lines(), snapshot.file().instructions[index].span);
        let place = |line: u32, column: u32| json!({ "line": line, "column": column });
        json!({ "start": place(range.line, range.column), "end": place(range.end_line, range.end_column) })
    };
    let steps: Vec<Value> = (0..trace.steps.len())
        .map(|index| {
            let found = account.rows[index].instruction;
            let mut step = step_json(trace, &account, index);
            step["range"] = found.map_or(Value::Null, |found| range(found.instruction));
            step["edited"] = found.map_or(Value::Null, |found| (!found.exact).into());
            step["gains"] = gains[index].iter().map(gain_json).collect();
            step
        })
        .collect();
    let missing: Vec<Value> = account.missing.iter().map(|&index| range(index)).collect();
    let report = json!({
        "version": 1,
        "path": place::portable(&source.name),
        "log": log.display().to_string(),
        "measured": trace.measured,
        "wall": rounded(account.wall),
        "attributed": rounded(account.attributed),
        "failed": trace.failed(),
        "steps": steps,
        "missing": missing,
    });
    format!("{report}\n")
}

fn step_json(trace: &Trace, account: &Account, index: usize) -> Value {
    let (step, row) = (&trace.steps[index], &account.rows[index]);
    let role = role(&step.name);
    let kind = match role {
        Role::Instruction(_) => "instruction",
        Role::Definition => "definition",
        Role::Preparation => "preparation",
        Role::Context => "context",
        Role::Export => "export",
        Role::Other => "other",
    };
    let (platform, stage) = if let Role::Instruction(it) = role { (it.platform, it.stage) } else { (None, None) };
    let (outcome, error) = match &step.outcome {
        Outcome::Done => ("done", None),
        Outcome::Cached => ("cached", None),
        Outcome::Failed(message) => ("failed", Some(message)),
        Outcome::Canceled => ("canceled", None),
        Outcome::Unfinished => ("unfinished", None),
    };
    json!({
        "name": step.name, "kind": kind, "platform": platform, "stage": stage, "outcome": outcome, "error": error,
        "seconds": step.seconds.map(rounded), "began": row.began.map(rounded), "share": rounded(row.share),
        "bytes": step.bytes, "output": if error.is_some() { step.output.as_slice() } else { &[] },
    })
}

fn gain_json(gain: &Gain) -> Value {
    let by = if gain.by == By::Action { "action" } else { "rule" };
    json!({ "by": by, "name": gain.name, "what": gain.what, "title": gain.title })
}

/// Milliseconds are enough.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
