//! The verdicts that `tests/conformance/record.py` took from BuildKit (its version stands there) against ours: nothing that
//! BuildKit accepts is a syntax error, and what it refuses is an error on the same lines.
//!
//! `CONFORMANCE=all` prints each case that differs; `CONFORMANCE=WORD` looks at the pages whose name holds WORD.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use dockline::analysis::snapshot::Snapshot;
use dockline::rules::rule::Severity;
use dockline::rules::{self, run};
use dockline::settings::Settings;

/// One input and what BuildKit says.
struct Case {
    /// The page, the heading above it (a row of a table), and its title.
    place: String,
    row: String,
    text: String,
    verdict: Verdict,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Accepted,
    /// With the lines, from 1; `None` for the whole file.
    Refused(Option<RangeInclusive<usize>>),
}

/// Refused cases that are not found, and why.
const NOT_FOUND: [(&str, &str); 11] = [
    ("arguments: JSON array, else words: VOLUME: an unset variable is empty", BASE),
    ("arguments: the whole rest: STOPSIGNAL: a variable with a wrong default", BASE),
    ("expansions: ${v:?m} ${v?m}: unset", BASE),
    ("mounts: target: a variable that is not set", BASE),
    ("values: ports: a variable that is not set, and a protocol", BASE),
    ("expansions: ${v:?m} ${v?m}: empty", "no rule follows the values of variables"),
    ("values: ports: a variable that is no port", "the argument may be given another value"),
    ("arguments: a nested instruction: ONBUILD: a trigger that runs in the next stage", "a warning at the trigger"),
    ("stages: image references: a default that makes no reference", "the argument may be given another value"),
    ("stages: image references: a mount: a dollar at the end", "not looked at: nobody writes it"),
    ("values: sources: a fragment of a git address that is none", "the queries of git addresses are not read"),
];
const BASE: &str = "the base image may set the variable";

/// Rows that have no accepted case, and why.
const ONE_SIDED: [(&str, &str); 1] = [("flags: RUN --device", "only the labs frontend builds with it")];

fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/cases");
    let wanted = std::env::var("CONFORMANCE").ok().filter(|word| word != "all").unwrap_or_default();
    let mut pages: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .filter(|(name, _)| name.contains(&wanted))
        .collect();
    pages.sort();
    pages
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (page, text) in pages() {
        let (mut heading, mut title, mut body) = ("", None, String::new());
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("=== ") {
                (title, body) = (Some(name.trim_end()), String::new());
            } else if let Some(verdict) = line.strip_prefix("--- ") {
                let title = title.take().unwrap();
                cases.push(Case {
                    place: format!("{page}: {heading}: {title}"),
                    row: format!("{page}: {heading}"),
                    text: if title.ends_with("(JSON)") { spelled_out(&body) } else { body.clone() },
                    verdict: verdict_of(verdict),
                });
            } else if let Some(name) = line.strip_prefix("## ").filter(|_| title.is_none()) {
                heading = name.trim_end();
            } else {
                body.push_str(line);
            }
        }
    }
    cases
}

/// A JSON string, or an array of strings and of strings with how often they are repeated.
fn spelled_out(json: &str) -> String {
    match serde_json::from_str(json).unwrap() {
        serde_json::Value::Array(parts) => parts
            .iter()
            .map(|part| match part.as_array().map(Vec::as_slice) {
                Some([text, times]) => text.as_str().unwrap().repeat(usize::try_from(times.as_u64().unwrap()).unwrap()),
                _ => part.as_str().unwrap().to_owned(),
            })
            .collect(),
        value => value.as_str().unwrap().to_owned(),
    }
}

fn verdict_of(line: &str) -> Verdict {
    if line.trim_end() == "accepted" {
        return Verdict::Accepted;
    }
    let head = line.split(':').next().unwrap();
    let lines = head.split_once(", line").map(|(_, lines)| {
        let lines = lines.trim_start_matches('s').trim();
        let (start, end) = lines.split_once('-').unwrap_or((lines, lines));
        start.parse().unwrap()..=end.parse().unwrap()
    });
    Verdict::Refused(lines)
}

/// Line, rule, and whether it is of the group `syntax`, of every error.
fn errors(text: &str) -> Vec<(usize, &'static str, bool)> {
    let settings = Arc::new(Settings::default());
    let snapshot = Snapshot::new(None, 0, Arc::from(text), None, Arc::default(), settings);
    let outcome = run::run(&snapshot);
    assert!(outcome.panicked.is_empty(), "{:?}", outcome.panicked);
    let found = outcome.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    found
        .map(|found| {
            let line = text[..found.finding.span.start as usize].matches('\n').count() + 1;
            (line, found.rule, rules::find(found.rule).is_some_and(|entry| entry.group == "syntax"))
        })
        .collect()
}

/// What is wrong with our answer.
fn difference(case: &Case) -> Option<String> {
    let found = errors(&case.text);
    let syntax: Vec<_> = found.iter().filter(|(.., syntax)| *syntax).map(|(line, rule, _)| (*line, *rule)).collect();
    match &case.verdict {
        Verdict::Accepted => (!syntax.is_empty()).then(|| format!("accepted, but {syntax:?}")),
        Verdict::Refused(_) if found.is_empty() => Some("refused, nothing found".into()),
        Verdict::Refused(Some(lines)) => {
            // What is wrong further down BuildKit does not come to.
            let wrong = syntax.iter().any(|(line, rule)| line < lines.start() && !is_of_the_file(rule));
            let right = found.iter().any(|(line, rule, _)| lines.contains(line) || is_of_the_file(rule));
            (wrong || !right).then(|| format!("refused at {lines:?}, found {found:?}"))
        }
        Verdict::Refused(None) => None,
    }
}

/// BuildKit gives the last line for a file without instructions, and the line before one that is too long.
fn is_of_the_file(rule: &str) -> bool {
    matches!(rule, "missing-from" | "line-too-long")
}

#[test]
fn agrees_with_buildkit() {
    let cases = cases();
    let all = std::env::var_os("CONFORMANCE").is_some();
    let mut failures = Vec::new();
    for case in &cases {
        let excused = NOT_FOUND.iter().any(|(place, _)| *place == case.place);
        if let Some(difference) = difference(case).filter(|_| all || !excused) {
            failures.push(format!("{}: {difference}", case.place));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases differ\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn there_are_enough_cases() {
    let cases = cases();
    if std::env::var_os("CONFORMANCE").is_none() {
        assert!(cases.len() >= 400, "{}", cases.len());
    }
    let mut rows: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let row = rows.entry(&case.row).or_default();
        *(if case.verdict == Verdict::Accepted { &mut row.0 } else { &mut row.1 }) += 1;
    }
    let excused = |row: &str| ONE_SIDED.iter().any(|(excused, _)| *excused == row);
    let poor: Vec<_> = rows.iter().filter(|(row, count)| (count.0 == 0 || count.1 == 0) && !excused(row)).collect();
    assert!(poor.is_empty(), "rows without an accepted or a refused case: {poor:?}");
}

#[test]
fn no_two_cases_differ_only_in_names() {
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut same = Vec::new();
    for case in cases() {
        if let Some(other) = seen.insert(shape(&case.text), case.place.clone()) {
            same.push(format!("{} = {other}", case.place));
        }
    }
    assert!(same.is_empty(), "{}", same.join("\n"));
}

/// The text with a number for each word that BuildKit does not know, counted as they come.
fn shape(text: &str) -> String {
    let vocabulary = include_str!("conformance/vocabulary.txt");
    let mut names: Vec<String> = Vec::new();
    let (mut shape, mut word) = (String::new(), String::new());
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphabetic() {
            word.push(character);
            continue;
        }
        if vocabulary.split_whitespace().any(|known| known == word.to_ascii_lowercase()) {
            shape.push_str(&word);
        } else if word.len() > 100 {
            write!(shape, "{} letters", word.len()).unwrap();
        } else if !word.is_empty() {
            let index = names.iter().position(|name| *name == word).unwrap_or(names.len());
            if index == names.len() {
                names.push(word.clone());
            }
            let capital = if word.bytes().any(|byte| byte.is_ascii_uppercase()) { 'X' } else { 'x' };
            write!(shape, "<{capital}{index}>").unwrap();
        }
        word.clear();
        shape.push(character);
    }
    shape
}
