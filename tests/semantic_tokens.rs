//! Semantic tokens of any text: sorted, apart, each on one line, and what changed makes the new of the old.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]
use std::path::{Path, PathBuf};

use dockline::analysis::snapshot::Snapshot;
use dockline::ide::semantic_tokens::{TYPES, Token, semantic_tokens};
use dockline::server::answers::semantic_tokens::{changes, encode};
use dockline::text::buffer::{Buffer, Position, PositionEncoding};
use dockline::text::span::Span;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// Texts that are made.
const TEXTS: usize = 1_500;

/// What is typed into a text.
const PIECES: [&str; 56] = [
    "\n",
    "\r\n",
    "\r",
    "\\\n",
    "`\n",
    "\\\r\n",
    " \\ \n# c\n",
    "# c\n",
    "FROM a AS b\n",
    "RUN ",
    "COPY ",
    "ENV A=",
    "CMD [\"",
    "\"",
    "'",
    "`",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "$((",
    "))",
    "((",
    "<<EOF",
    "<<-'E'",
    "\nEOF\n",
    "\nE\n",
    "&&",
    "||",
    "|",
    ";",
    ";;",
    ">",
    "2>&1",
    "<(",
    "if ",
    "case x in ",
    "esac",
    "for ",
    "[[ ",
    "]]",
    " --mount=type=",
    ",from=b",
    "--",
    "=",
    ":",
    "@",
    "é",
    "😀",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "#",
    "${A:-",
    "ONBUILD ",
];

/// The Dockerfiles of the pages and of the examples.
fn seeds() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> =
        ["src/rules", "tests/ide", "examples"].iter().flat_map(|dir| walk(&root.join(dir))).collect();
    paths.sort();
    let mut seeds = Vec::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.extension().is_some_and(|extension| extension == "md") {
            let blocks = text.split("```dockerfile").skip(1).filter_map(|block| block.split_once('\n'));
            seeds.extend(blocks.map(|(_, block)| block.split("```").next().unwrap_or_default().to_owned()));
        } else if path.to_string_lossy().contains("Dockerfile") {
            seeds.push(text);
        }
    }
    assert!(seeds.len() > 300, "{}", seeds.len());
    seeds
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// A place between two characters.
fn place(random: &mut StdRng, text: &str) -> usize {
    let mut at = random.random_range(0..=text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Types, deletes and cuts.
fn spoil(random: &mut StdRng, text: &mut String) {
    for _ in 0..random.random_range(1..5) {
        let at = place(random, text);
        match random.random_range(0..8) {
            0 => text.truncate(at),
            1 | 2 => {
                let end = place(random, &text[at..].chars().take(30).collect::<String>());
                text.replace_range(at..at + end, "");
            }
            _ => text.insert_str(at, PIECES.choose(random).unwrap()),
        }
    }
}

/// Checks all that holds for every text; the numbers in UTF-16.
fn check(random: &mut StdRng, text: &str) -> Vec<u32> {
    let snapshot = Snapshot::of_text(text);
    let all = semantic_tokens(&snapshot, None);
    let mut end = 0;
    for token in &all {
        assert!(end <= token.span.start && !token.span.is_empty(), "{token:?} overlaps in {text:?}");
        end = token.span.end;
        let word = text.get(token.span.range()).unwrap_or_else(|| panic!("{token:?} cuts a character of {text:?}"));
        assert!(!word.contains(['\n', '\r']), "{token:?} is longer than a line in {text:?}");
    }
    let (one, other) = (place(random, text) as u32, place(random, text) as u32);
    let range = Span::new(one.min(other), one.max(other));
    let some: Vec<Token> = all.iter().copied().filter(|token| token.span.overlaps(range)).collect();
    assert_eq!(semantic_tokens(&snapshot, Some(range)), some, "{range:?} of {text:?}");
    let buffer = Buffer::new(text);
    let encodings = [PositionEncoding::Utf8, PositionEncoding::Utf32, PositionEncoding::Utf16];
    let encoding = *encodings.choose(random).unwrap();
    let spans: Vec<Span> = all.iter().map(|token| token.span).collect();
    assert_eq!(decoded(&buffer, &encode(text, &all, encoding), encoding), spans, "{encoding:?} of {text:?}");
    encode(text, &all, PositionEncoding::Utf16)
}

/// Where the tokens stand by the protocol's numbers.
fn decoded(buffer: &Buffer, numbers: &[u32], encoding: PositionEncoding) -> Vec<Span> {
    let (mut line, mut column) = (0, 0);
    let span = |token: &[u32]| {
        let [lines, columns, length, kind, _] = token else { panic!("not five numbers") };
        assert!((*kind as usize) < TYPES.len());
        (line, column) = if *lines > 0 { (line + lines, *columns) } else { (line, column + columns) };
        let start = buffer.offset(Position::new(line, column), encoding);
        Span::new(start, buffer.offset(Position::new(line, column + length), encoding))
    };
    numbers.chunks(5).map(span).collect()
}

#[test]
fn any_text_has_sound_tokens() {
    let seeds = seeds();
    let mut random = StdRng::seed_from_u64(5);
    let mut count = 0;
    for _ in 0..TEXTS {
        let mut text = seeds.choose(&mut random).unwrap().clone();
        let before = check(&mut random, &text);
        spoil(&mut random, &mut text);
        let after = check(&mut random, &text);
        let mut changed = before.clone();
        for edit in changes(&before, &after) {
            let start = edit.start as usize;
            changed.splice(start..start + edit.delete_count as usize, edit.data);
        }
        assert_eq!(changed, after, "{text:?}");
        count += after.len() / 5;
    }
    println!("{count} tokens");
    assert!(count > TEXTS * 10);
}

#[test]
fn hostile_texts_end() {
    for piece in PIECES.iter().copied().chain(["$((`", "\"$(", "((", "${a:-", "case x in (", "{ (", "<<a <<b "]) {
        let text = format!("FROM a\nRUN {}", piece.repeat(20_000));
        let snapshot = Snapshot::of_text(&text);
        let start = std::time::Instant::now();
        let tokens = semantic_tokens(&snapshot, None);
        encode(&text, &tokens, PositionEncoding::Utf16);
        assert!(start.elapsed().as_secs() < 5, "{piece:?} takes {:?}", start.elapsed());
    }
}

/// How long it takes, with `TIMED=1`; real figures come from a release build.
#[test]
fn timed() {
    if std::env::var_os("TIMED").is_none() {
        return;
    }
    let stage = "FROM golang:1.27 AS s\nARG VERSION=1\nENV A=$VERSION B=\"x ${A:-y}\"\nWORKDIR /src\nCOPY --from=s /a /b\n\
        RUN --mount=type=cache,target=/root/.cache go build -o /app ./... && \\\n    apk add --no-cache curl | tee log \\\n    || exit 1\n# c\n\n";
    let text = stage.repeat(500);
    let snapshot = Snapshot::of_text(&text);
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = std::time::Instant::now();
        let tokens = semantic_tokens(&snapshot, None);
        let painted = start.elapsed();
        let numbers = encode(&text, &tokens, PositionEncoding::Utf16);
        let encoded = start.elapsed();
        let json = serde_json::to_vec(&numbers).unwrap();
        times.push((start.elapsed(), painted, encoded, tokens.len(), json.len()));
    }
    times.sort();
    println!("{} lines: {:?}", text.lines().count(), times[10]);
}
