//! Half-typed files: each line of our own Dockerfiles is cut at each of its words, and what is found on all other
//! instructions has to stay. A here-document that has lost its end swallows the rest; such cuts are counted apart.
//!
//! `HALF_TYPED=LIST` takes the files that the lines of LIST name instead, and prints figures.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockline::analysis::snapshot::Snapshot;
use dockline::model::instruction::Kind;
use dockline::rules::{self, run};

/// So many of our files are cut: the longest.
const FILES: usize = 100;

/// Rules that judge what a stage holds as a whole: they may find something elsewhere while one instruction of it is broken.
const OF_THE_STAGE: [&str; 8] = [
    "apt-asks-questions",
    "chmod-after-copy",
    "context-copied-to-root",
    "copy-from-empty-stage",
    "overridden-instruction",
    "proxy-in-env",
    "unused-stage",
    "user-never-used",
];

/// What the cuts of all files brought.
#[derive(Default)]
struct Figures {
    files: usize,
    cuts: usize,
    heredocs: usize,
    /// Cuts after which something else was found on other instructions.
    differ: usize,
    /// What came while the instruction that was cut is no sound one: it says nothing about the others.
    came: BTreeMap<String, (usize, String)>,
    /// By rule: how often it came or went there, and an example.
    rules: BTreeMap<String, (usize, String)>,
    /// The same for rules of the group `syntax`.
    syntax: Vec<String>,
}

/// Line and rule of every finding.
type Found = BTreeSet<(usize, &'static str)>;

fn snapshot(text: &str) -> Snapshot {
    Snapshot::new(None, 0, Arc::from(text), None, Arc::default(), Arc::default())
}

fn findings(snapshot: &Snapshot) -> Found {
    let outcome = run::run_rules(snapshot, rules::RULES);
    assert!(outcome.panicked.is_empty(), "{:?}\n{}", outcome.panicked, snapshot.text());
    outcome.diagnostics.iter().map(|found| (line_of(snapshot.text(), found.finding.span.start), found.rule)).collect()
}

/// Counted from 0.
fn line_of(text: &str, offset: u32) -> usize {
    text[..offset as usize].matches('\n').count()
}

/// The lines of the instruction on `line`, and whether it has a here-document.
fn instruction_at(snapshot: &Snapshot, line: usize) -> Option<(RangeInclusive<usize>, bool, Kind)> {
    let text = snapshot.text();
    snapshot.file().instructions.iter().find_map(|instruction| {
        let lines = line_of(text, instruction.span.start)..=line_of(text, instruction.span.end);
        let heredoc = !instruction.heredocs.is_empty() || instruction.kind == Kind::Onbuild && text.contains("<<");
        lines.contains(&line).then_some((lines, heredoc, instruction.kind))
    })
}

/// Where the words of `line` begin, the first one aside: cuts are made there.
fn word_starts(line: &str) -> Vec<usize> {
    let bytes = line.as_bytes();
    (1..line.trim_end().len()).filter(|&at| bytes[at - 1] == b' ' && bytes[at] != b' ').collect()
}

fn cut_file(name: &str, text: &str, figures: &mut Figures) {
    let whole = snapshot(text);
    let before = findings(&whole);
    figures.files += 1;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (from, end) = (start, start + line.trim_end_matches(['\n', '\r']).len());
        start += line.len();
        let Some((lines, heredoc, kind)) = instruction_at(&whole, number) else { continue };
        for at in word_starts(line) {
            let cut_text = [&text[..from + at], &text[end..]].concat();
            let cut = snapshot(&cut_text);
            let after = findings(&cut);
            // A last line that is empty now takes what follows into the instruction, as BuildKit does.
            let now = instruction_at(&cut, *lines.start()).map_or(0, |(lines, ..)| *lines.end());
            let lines = *lines.start()..=now.max(*lines.end());
            figures.cuts += 1;
            if heredoc {
                figures.heredocs += 1;
                continue;
            }
            let others =
                |found: &Found| -> Found { found.iter().copied().filter(|(line, _)| !lines.contains(line)).collect() };
            let (was, is) = (others(&before), others(&after));
            figures.differ += usize::from(was != is);
            let broken = cut.file().problems.iter().any(|problem| {
                lines.contains(&line_of(&cut_text, problem.span.start)) && problem.instruction.is_some()
            });
            for (elsewhere, rule) in was.symmetric_difference(&is) {
                let place = format!("{name}:{}: {kind:?} cut at {at}: {rule} on line {}", number + 1, elsewhere + 1);
                if rules::find(rule).is_some_and(|entry| entry.group == "syntax") {
                    figures.syntax.push(place.clone());
                }
                let came = broken && is.contains(&(*elsewhere, *rule)) && !OF_THE_STAGE.contains(rule);
                let rules = if came { &mut figures.came } else { &mut figures.rules };
                rules.entry(format!("{rule} ({kind:?})")).or_insert((0, place)).0 += 1;
            }
        }
    }
}

/// The Dockerfile blocks of all pages, and the examples.
fn own_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests/ide", "examples"] {
        for path in walk(&root.join(folder)) {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let is_page = path.extension().is_some_and(|extension| extension == "md");
            let is_dockerfile = path.file_name().is_some_and(|name| name.to_string_lossy().contains("Dockerfile"));
            let text = if is_page || is_dockerfile { std::fs::read_to_string(&path).unwrap() } else { continue };
            if is_dockerfile {
                files.push((name, text));
                continue;
            }
            for (index, block) in text.split("```dockerfile").skip(1).enumerate() {
                let block = block.split_once('\n').map_or("", |(_, block)| block);
                let block = block.split("\n```").next().unwrap_or_default().replace("<|>", "");
                files.push((format!("{name}#{}", index + 1), format!("{block}\n")));
            }
        }
    }
    files.sort_by_key(|(name, text)| (std::cmp::Reverse(text.lines().count()), name.clone()));
    files.truncate(FILES);
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_cut_line_leaves_the_others_alone() {
    let list = std::env::var_os("HALF_TYPED");
    let files = match &list {
        Some(list) => {
            let list = std::fs::read_to_string(list).unwrap();
            list.lines().map(|path| (path.to_owned(), std::fs::read_to_string(path).unwrap())).collect()
        }
        None => own_files(),
    };
    let mut figures = Figures::default();
    for (name, text) in &files {
        cut_file(name, text, &mut figures);
    }
    if list.is_some() {
        let Figures { files, cuts, heredocs, differ, .. } = figures;
        println!("{files} files, {cuts} cuts, {heredocs} of here-documents, {differ} with another finding elsewhere");
        for (what, rules) in [("sound, or fallen silent", &figures.rules), ("broken", &figures.came)] {
            for (rule, (count, place)) in rules {
                println!("{count:6} {what}: {rule}: {place}");
            }
        }
    }
    assert!(figures.files >= 30 && figures.cuts > 1000, "{} files, {} cuts", figures.files, figures.cuts);
    assert!(figures.came.is_empty(), "{:#?}", figures.came);
    assert!(figures.syntax.is_empty(), "{} syntax findings\n{}", figures.syntax.len(), figures.syntax.join("\n"));
}
