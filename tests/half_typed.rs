//! Half-typed files: each line of our own Dockerfiles is cut at each of its words, and what all rules find on other
//! instructions has to stay. Some cuts are counted apart: a here-document that has lost its end swallows the rest, and what
//! is left of a line may be sound, so that it just says something else.
//!
//! A finding elsewhere may rest where what is left of the line can still become one that leaves it without: for each such
//! finding the test looks for those words. Nobody who sees the cut line alone can keep it there and do without it here.
//!
//! An editor has more to go by: what was found before the line was cut. There, no finding elsewhere comes or goes.
//!
//! `HALF_TYPED=LIST` takes the files that the lines of LIST name instead, and prints figures and those words.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockline::analysis::snapshot::Snapshot;
use dockline::analysis::stage::RunFact;
use dockline::model::instruction::Kind;
use dockline::rules::rule::Diagnostic;
use dockline::rules::{self, run};
use dockline::server::documents::{Around, Change, Documents};
use dockline::settings::{Preset, Settings};
use dockline::text::buffer::{Position, PositionEncoding};

/// So many of our files are cut: the longest.
const FILES: usize = 100;

/// What the cuts of all files brought.
#[derive(Default)]
struct Figures {
    files: usize,
    /// By class of the cut: how many there are, and after how many something else was found on other instructions.
    classes: BTreeMap<Cut, (usize, usize)>,
    /// The same in an editor, where the whole file was there before the cut.
    edited: BTreeMap<Cut, (usize, usize)>,
    /// Where something came or went in an editor while the cut line was refused.
    wrong: Vec<String>,
    /// What was found elsewhere behind a cut, by rule: how often, and an example.
    rules: BTreeMap<(Cut, Class, String), (usize, String)>,
    /// Of each finding that rested: the place and the column of the cut, the rule, the line, and what may be typed there.
    witnesses: Vec<String>,
}

/// What a cut leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// A here-document without its end swallows the rest.
    Heredoc,
    /// What follows becomes a part of the instruction, as in BuildKit: there is an instruction less, perhaps a stage less.
    Swallows,
    /// Sound instructions, that just say something else.
    Sound,
    /// What we or the shell refuse.
    Broken,
}

/// What a difference elsewhere means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// A finding came.
    Came,
    /// A finding went that a sound line does not leave either, though it begins with what is left of the cut one.
    Rested,
    /// A finding went of which that is not known.
    Went,
}

/// The document that is edited.
const NAME: &str = "Dockerfile";

/// Line and rule of every finding.
type Found = BTreeSet<(usize, &'static str)>;

/// All rules are on.
fn snapshot(text: &str) -> Snapshot {
    let settings = Settings { preset: Preset::Pedantic, ..Settings::default() };
    Snapshot::new(None, 0, Arc::from(text), None, Arc::default(), Arc::new(settings))
}

/// True when what now stands on `lines` is refused, by us when it is read or by the shell.
fn is_broken(cut: &Snapshot, lines: &RangeInclusive<usize>) -> bool {
    let within = |offset: u32| lines.contains(&line_of(cut.text(), offset));
    let refused = || cut.file().problems.iter().any(|problem| within(problem.span.start));
    let mut runs = cut.file().stages.iter().flat_map(|stage| &cut.stage(stage).runs);
    let unfinished = |run: &RunFact| {
        within(cut.file().instructions[run.instruction].span.start)
            && run.script.as_ref().is_some_and(|script| script.broken)
    };
    refused() || runs.any(unfinished)
}

fn findings(snapshot: &Snapshot) -> Found {
    let outcome = run::run_rules(snapshot, rules::RULES);
    assert!(outcome.panicked.is_empty(), "{:?}\n{}", outcome.panicked, snapshot.text());
    places(snapshot, &outcome.diagnostics)
}

fn places(snapshot: &Snapshot, found: &[Diagnostic]) -> Found {
    found.iter().map(|found| (line_of(snapshot.text(), found.finding.span.start), found.rule)).collect()
}

/// The server's documents with `text` open.
fn open(text: &str) -> Documents {
    let documents = Documents::default();
    let settings = Arc::new(Settings { preset: Preset::Pedantic, ..Settings::default() });
    documents.open(NAME, None, 0, text, Around { settings, ..Around::default() });
    documents.get(NAME).unwrap().findings();
    documents
}

/// What an editor shows when columns `from..to` of a line are replaced by `text`.
fn typed(documents: &Documents, line: usize, (from, to): (usize, usize), text: &str) -> Found {
    let at = |column: usize| Position::new(u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
    let change = Change { range: Some((at(from), at(to))), text: text.to_owned() };
    assert!(documents.change(NAME, 0, &[change], PositionEncoding::Utf8));
    let document = documents.get(NAME).unwrap();
    places(document.snapshot(), document.findings())
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

/// A line as it is cut: from where to where it stands in the text, and how much of it is left.
struct CutLine<'t> {
    text: &'t str,
    kind: Kind,
    start: usize,
    at: usize,
    end: usize,
}

impl CutLine<'_> {
    fn cut(&self) -> String {
        self.completed("")
    }

    fn completed(&self, tail: &str) -> String {
        [&self.text[..self.start + self.at], tail, &self.text[self.end..]].concat()
    }
}

/// What makes a sound line of the cut one when it is typed behind it, but leaves nothing to `found`. Who sees the cut line alone
/// can't know that it won't be typed: he has to do without the finding here, or there.
fn witness(line: &CutLine, whole: &Snapshot, found: (usize, &str)) -> Option<String> {
    let number = line_of(line.text, u32::try_from(line.start).unwrap());
    let other = line.text.lines().nth(found.0).unwrap_or_default();
    tails(line, whole, other).into_iter().find(|tail| {
        let completed = snapshot(&line.completed(tail));
        let (lines, ..) = instruction_at(&completed, number).unwrap_or((number..=number, false, line.kind));
        let sound = completed.file().problems.len() <= whole.file().problems.len() && !is_broken(&completed, &lines);
        sound && !findings(&completed).contains(&found)
    })
}

/// What may be typed behind the cut: another word, with and without what stood behind it, to close what is open.
fn tails(line: &CutLine, whole: &Snapshot, other: &str) -> Vec<String> {
    let tail = &line.text[line.start + line.at..line.end];
    let (word, rest) = tail.split_once(' ').unwrap_or((tail, ""));
    let end = if tail.trim_end().ends_with('\\') { " \\" } else { "" };
    let words = words(line.kind, whole, word, other);
    words.iter().flat_map(|word| [format!("{word} {rest}"), format!("{word}{end}")]).collect()
}

/// Words that may do what others can't know, for an instruction of this kind, where `word` stands.
fn words(kind: Kind, whole: &Snapshot, word: &str, other: &str) -> Vec<String> {
    let mut words: Vec<String> = fixed_words(kind).iter().map(|word| (*word).to_owned()).collect();
    let paths = other.split([' ', '=', '"']).filter(|word| word.starts_with('/'));
    match kind {
        Kind::From => {
            let names = other.split(' ').filter(|word| !word.is_empty());
            words.extend(names.flat_map(|name| [name.to_owned(), format!("golang AS {name}")]));
        }
        Kind::Copy => words.extend(paths.map(|path| format!("{path} /"))),
        Kind::Run => words.extend(commands()),
        Kind::Arg | Kind::Env => {
            let name = word.split('=').next().unwrap_or_default();
            words.extend(
                ["", "=", "=unknown", "=/unknown", "=set", "=${HOME#unknown}"].map(|value| format!("{name}{value}")),
            );
            let assigned = other.split([' ', '\t']).filter_map(|word| Some(word.split_once('=')?.0.to_owned()));
            words.extend(variables(other).chain(assigned).flat_map(|name| [format!("{name}=set"), name]));
        }
        _ => {}
    }
    words.extend(of_stages(kind, whole));
    words
}

fn fixed_words(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::From => &[
            "unknown.example/image",
            "scratch",
            "alpine",
            "debian",
            "golang",
            "mcr.microsoft.com/windows/servercore",
            "other",
        ],
        Kind::Copy | Kind::Add => &[
            ". .",
            "/unknown",
            "unknown /",
            "unknown /unknown",
            "/ /",
            "unknown.tar /",
            "go.mod go.sum ./",
            "/go/pkg/mod /go/pkg/mod",
        ],
        Kind::Run => {
            &["./unknown", ". ./unknown #", "true", "true && ./unknown", "--mount=type=cache,target=/ ./unknown"]
        }
        Kind::Shell => &["[\"/unknown\"]"],
        Kind::User => &["root", "1000", "unknown"],
        Kind::Workdir => &["/unknown", "/"],
        Kind::Env => &["unknown", "GOCACHE=/unknown", "GOARCH=arm64"],
        _ => &["unknown"],
    }
}

/// Words that take something from a stage, by its name or number.
fn of_stages(kind: Kind, whole: &Snapshot) -> Vec<String> {
    let names = whole.file().stages.iter().filter_map(|stage| stage.name.clone());
    let words = |name: String| match kind {
        Kind::From => vec![name],
        Kind::Copy => vec![format!("--from={name}"), format!("--from={name} / /")],
        Kind::Run => vec![format!("--mount=from={name},target=/mnt /mnt/unknown")],
        _ => Vec::new(),
    };
    names.chain((0..9).map(|number| number.to_string())).flat_map(words).collect()
}

/// Commands that others may rest on, alone and behind what closes a quote or a substitution.
fn commands() -> Vec<String> {
    let with = |command: &str| {
        let closed = ["\"", "'", ")"].into_iter().flat_map(|close| {
            ["", " && true", &format!(" && echo {close}")].map(|end| format!("x{close} && {command}{end}"))
        });
        closed.chain([format!("{command} && true"), format!("true && {command} &&")]).collect::<Vec<_>>()
    };
    // What goes on in the next line becomes a comment.
    let ends = ["", " fi", " ; fi", " ; then true ; fi", " ] ; then true ; fi"];
    let ended = ["", "x", "x\"", "x'", "x)"].into_iter().flat_map(|word| ends.map(|end| format!("{word}{end} #")));
    let cases = ["x", "x)", ")"].map(|word| format!("{word} in *) ;; esac) #"));
    let ended = ended.chain(cases);
    ["go build ./...", "./unknown"].into_iter().flat_map(with).chain(ended).collect()
}

/// The names behind the dollars of `line`.
fn variables(line: &str) -> impl Iterator<Item = String> {
    let name = |rest: &str| {
        let rest = rest.trim_start_matches('{').chars();
        rest.take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    line.split('$').skip(1).map(name).filter(|name: &String| !name.is_empty())
}

/// The first line of the comment above `line`, which belongs to it; `line` itself where there is none.
fn lines_with_comment(text: &str, line: usize) -> usize {
    let above: Vec<&str> = text.lines().take(line).collect();
    let is_comment = |line: &&&str| line.trim_start().starts_with('#') || line.trim().is_empty();
    line - above.iter().rev().take_while(is_comment).count()
}

/// Where the words of `line` begin, the first one aside: cuts are made there.
fn word_starts(line: &str) -> Vec<usize> {
    let bytes = line.as_bytes();
    (1..line.trim_end().len()).filter(|&at| bytes[at - 1] == b' ' && bytes[at] != b' ').collect()
}

/// A file, open in an editor too, and what is found in it.
struct Whole<'t> {
    name: &'t str,
    text: &'t str,
    snapshot: Snapshot,
    found: Found,
    documents: Documents,
}

fn cut_file(name: &str, text: &str, figures: &mut Figures) {
    let whole = snapshot(text);
    let found = findings(&whole);
    let file = Whole { name, text, snapshot: whole, found, documents: open(text) };
    figures.files += 1;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (from, end) = (start, start + line.trim_end_matches(['\n', '\r']).len());
        start += line.len();
        let Some((lines, heredoc, kind)) = instruction_at(&file.snapshot, number) else { continue };
        for at in word_starts(line) {
            let line = CutLine { text, kind, start: from, at, end };
            cut_line(&file, number, &line, (lines.clone(), heredoc), figures);
        }
    }
}

/// Cuts line `number`, which belongs to the instruction on `lines`.
fn cut_line(
    file: &Whole,
    number: usize,
    line: &CutLine,
    (lines, heredoc): (RangeInclusive<usize>, bool),
    figures: &mut Figures,
) {
    let (CutLine { at, kind, .. }, text) = (line, file.text);
    let cut = snapshot(&line.cut());
    let after = findings(&cut);
    // A last line that is empty now takes what follows into the instruction, as BuildKit does.
    let now = instruction_at(&cut, *lines.start()).map_or(0, |(lines, ..)| *lines.end());
    let swallows = now > *lines.end();
    let its = *lines.start()..=now;
    let lines = lines_with_comment(text, *lines.start())..=now.max(*lines.end());
    let refused = is_broken(&cut, &lines);
    let left = match () {
        () if heredoc => Cut::Heredoc,
        () if swallows => Cut::Swallows,
        () if refused => Cut::Broken,
        () => Cut::Sound,
    };
    let others = |found: &Found| on(found, |line| !lines.contains(&line));
    let (was, is) = (others(&file.found), others(&after));
    let counts = figures.classes.entry(left).or_default();
    *counts = (counts.0 + 1, counts.1 + usize::from(was != is));
    let place = format!("{}:{}", file.name, number + 1);
    for found in was.symmetric_difference(&is).filter(|_| left != Cut::Heredoc) {
        figures.add(&place, left, *found, is.contains(found), line, &file.snapshot);
    }
    let end = line.end - line.start;
    let shown = typed(&file.documents, number, (*at, end), "");
    let mended = typed(&file.documents, number, (*at, *at), &text[line.start + at..line.end]);
    let place = format!("{place} {kind:?} cut at {at}");
    assert_eq!(mended, file.found, "{place} and mended");
    let own = |found: &Found| on(found, |line| its.contains(&line));
    assert!(!refused || own(&shown) == own(&after), "{place}: {shown:?}, {after:?}");
    figures.show(left, &was, &others(&shown), refused, &place);
}

/// Those on some lines.
fn on(found: &Found, is_there: impl Fn(usize) -> bool) -> Found {
    found.iter().copied().filter(|(line, _)| is_there(*line)).collect()
}

impl Figures {
    /// Counts what an editor shows on other instructions, instead of what was there before.
    fn show(&mut self, left: Cut, was: &Found, is: &Found, refused: bool, place: &str) {
        let counts = self.edited.entry(left).or_default();
        *counts = (counts.0 + 1, counts.1 + usize::from(was != is));
        let wrong = was.symmetric_difference(is).filter(|_| refused);
        self.wrong.extend(wrong.map(|(line, rule)| format!("{place}: {rule} on line {}", line + 1)));
    }

    /// Counts a finding that is there (`came`) or not, now that `line` is cut.
    fn add(&mut self, place: &str, left: Cut, found: (usize, &str), came: bool, line: &CutLine, whole: &Snapshot) {
        let (kind, at, (elsewhere, rule)) = (line.kind, line.at, found);
        let tail = if came || left != Cut::Broken { None } else { witness(line, whole, found) };
        let class = match (came, &tail) {
            (true, _) => Class::Came,
            (false, Some(_)) => Class::Rested,
            (false, None) => Class::Went,
        };
        if let Some(tail) = &tail {
            self.witnesses.push(format!("{place}\t{at}\t{rule}\t{}\t{tail}", elsewhere + 1));
        }
        let tail = tail.map(|tail| format!(", as with {tail:?}")).unwrap_or_default();
        let example = format!("{place}: {kind:?} cut at {at}: {rule} on line {}{tail}", elsewhere + 1);
        self.rules.entry((left, class, format!("{rule} ({kind:?})"))).or_insert((0, example)).0 += 1;
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
        println!("{} files", figures.files);
        figures.witnesses.iter().for_each(|witness| println!("witness\t{witness}"));
        for (cut, (count, differ)) in &figures.classes {
            println!("{count:6} {cut:?}: {differ} with another finding elsewhere");
        }
        for (cut, (count, differ)) in &figures.edited {
            println!("{count:6} {cut:?}: {differ} with another finding elsewhere in an editor");
        }
        for ((cut, class, rule), (count, place)) in &figures.rules {
            println!("{count:6} {cut:?} {class:?}: {rule}: {place}");
        }
    }
    assert!(figures.wrong.is_empty(), "{} in an editor: {:#?}", figures.wrong.len(), figures.wrong);
    let cuts: usize = figures.classes.values().map(|(count, _)| count).sum();
    assert!(figures.files >= 30 && cuts > 1000, "{} files, {cuts} cuts", figures.files);
    figures.rules.retain(|(cut, class, _), _| *cut == Cut::Broken && *class != Class::Rested);
    let wrong: usize = figures.rules.values().map(|(count, _)| count).sum();
    let broken = figures.classes.get(&Cut::Broken).map_or(0, |(count, _)| *count);
    assert!(wrong == 0, "{wrong} of {broken}: {:#?}", figures.rules);
}
