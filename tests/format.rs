//! The formatter: its pages in `tests/format/`, and what must hold for every text.
//!
//! A case of a page is a `dockerfile` block and what becomes of it in a `formatted` block; `dockerfile kept` stays as it is. `<|>` marks
//! what is selected (`formatted range`) or the cursor behind a line break (`formatted line`). `␠` is a blank, `␉` a tab, `␍` a
//! carriage return, where it would not be seen. `UPDATE=1` writes the blocks, `PAGE=name` runs some of the pages.
#![allow(clippy::unwrap_used, dead_code, reason = "a test may panic, and the page reader is shared")]
#[path = "pages/page.rs"]
mod page;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockline::analysis::snapshot::Snapshot;
use dockline::ide::format::{format, format_range, meaning, new_line};
use dockline::model::instruction::{Body, Healthcheck, Instruction};
use dockline::settings::Settings;
use dockline::text::buffer::{Buffer, PositionEncoding::Utf16};
use dockline::text::edit::EditSet;
use dockline::text::lines::Lines;
use dockline::text::span::Span;
use page::{Block, Case};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const CURSOR: &str = "<|>";
const SIGNS: [(&str, &str); 3] = [("␠", " "), ("␉", "\t"), ("␍", "\r")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn snapshot(text: &str, settings: &Settings) -> Snapshot {
    Snapshot::new(None, 0, Arc::from(text), None, Arc::default(), Arc::new(settings.clone()))
}

/// Checks what must hold for every text; the formatted text.
fn checked(text: &str, settings: &Settings) -> String {
    let before = snapshot(text, settings);
    let edits = format(&before);
    let formatted = edits.apply(text);
    assert_eq!(through_utf16(text, &edits), formatted);
    let after = snapshot(&formatted, settings);
    assert_eq!(meaning(&before), meaning(&after), "the meaning changed:\n{text}\n---\n{formatted}");
    assert_eq!(format(&after).apply(&formatted), formatted, "not idempotent:\n{text}\n---\n{formatted}");
    assert_eq!(shell_lines(&before), shell_lines(&after), "more of a shell text changed than how its lines begin");
    let bare = |text: &str| text.replace([' ', '\t', '\r', '\n'], "").to_ascii_lowercase();
    assert_eq!(bare(text), bare(&formatted), "more than blanks and case changed");
    formatted
}

/// The lines of each shell text as BuildKit hands them on, but for the blanks that they begin with outside a string. Comments and blank
/// lines are not handed on.
fn shell_lines(snapshot: &Snapshot) -> Vec<Vec<String>> {
    let shell = |mut instruction: &Instruction| {
        while let Body::Onbuild(Some(nested)) = &instruction.body {
            instruction = nested;
        }
        let (Body::Command(command) | Body::Healthcheck(Healthcheck::Cmd(_, command))) = &instruction.body else {
            return Vec::new();
        };
        let Some(span) = command.shell() else { return Vec::new() };
        let mut quotes = 0;
        let mut lines = Vec::new();
        for (index, line) in snapshot[span].lines().enumerate() {
            let start = line.trim_start_matches([' ', '\t']);
            if index > 0 && (start.is_empty() || start.starts_with('#')) {
                continue;
            }
            // An odd number of quotes is open in front of it.
            let begins = if index > 0 && quotes % 2 == 0 { start } else { line };
            lines.push(begins.trim_end_matches([' ', '\t', '\r']).to_owned());
            quotes += line.matches(['\'', '"']).count();
        }
        lines
    };
    snapshot.file().instructions.iter().map(|instruction| shell(instruction)).collect()
}

fn through_utf16(text: &str, edits: &EditSet) -> String {
    let mut buffer = Buffer::new(text);
    let lines = Lines::new(text.into());
    for edit in edits.edits().iter().rev() {
        let range = (lines.position(edit.span.start, Utf16), lines.position(edit.span.end, Utf16));
        buffer.apply(Some(range), &edit.text, Utf16);
    }
    buffer.text().to_string()
}

#[test]
fn format_pages() {
    let wanted = std::env::var("PAGE").unwrap_or_default();
    let (mut cases, mut failures) = (0, String::new());
    for path in pages(&root().join("tests/format")).into_iter().filter(|path| path.to_string_lossy().contains(&wanted))
    {
        let page = page::read(&path);
        let mut text = page.text.clone();
        for case in page.cases.iter().rev() {
            cases += 1;
            let (block, actual) = run(case);
            if block.kind == "dockerfile" && block.text != actual {
                let _ = writeln!(failures, "{}: {:?} is not kept:\n{actual}", path.display(), case.name);
            } else if block.text != actual {
                let info = format!("formatted {}", block.info);
                text.replace_range(block.range.clone(), &page::fenced(info.trim_end(), &actual));
            }
        }
        if text != page.text && std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, text).unwrap();
        } else if text != page.text {
            let diff = similar::TextDiff::from_lines(&page.text, &text);
            failures.push_str(&diff.unified_diff().header("page", "as it is").to_string());
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    assert!(cases > 0 || !wanted.is_empty());
}

/// The block that tells the outcome, and the outcome.
fn run(case: &Case) -> (&Block, String) {
    let settings = case.block("toml").map_or_else(Settings::default, |block| Settings::from_toml(&block.text).unwrap());
    let dockerfile = case.block("dockerfile").unwrap();
    let mut text = dockerfile.text.clone();
    for (sign, meant) in SIGNS {
        text = text.replace(sign, meant);
    }
    let marks: Vec<usize> =
        text.match_indices(CURSOR).enumerate().map(|(index, (at, _))| at - index * CURSOR.len()).collect();
    let text = text.replace(CURSOR, "");
    let before = snapshot(&text, &settings);
    let block = case.block("formatted").unwrap_or(dockerfile);
    let all = checked(&text, &settings);
    let formatted = match (block.info.as_str(), marks.as_slice()) {
        ("range", [start, end]) => format_range(&before, Span::from(*start..*end)).apply(&text),
        ("line", [at]) => new_line(&before, *at as u32).apply(&text),
        ("" | "kept", []) => all,
        _ => panic!("{}: {:?} with {} marks", case.name, block.info, marks.len()),
    };
    (block, visible(&formatted))
}

/// Blanks at line ends, tabs and carriage returns as signs.
fn visible(text: &str) -> String {
    let text = text.replace('\t', "␉").replace('\r', "␍");
    let lines = text.split_inclusive('\n').map(|line| {
        let content = line.trim_end_matches(['\n', '␍', ' ']);
        format!("{content}{}", line[content.len()..].replace(' ', "␠"))
    });
    lines.collect()
}

#[test]
fn nothing_changes_its_meaning_in_the_pages() {
    let mut blocks = 0;
    for folder in ["src/rules", "src/actions", "tests/ide", "tests/format"] {
        for path in pages(&root().join(folder)) {
            for block in page::read(&path).cases.iter().filter_map(|case| case.block("dockerfile")) {
                blocks += 1;
                checked(&block.text.replace(CURSOR, ""), &Settings::default());
            }
        }
    }
    assert!(blocks > 100);
}

const STARTS: [&str; 22] = [
    "FROM a AS b",
    "from  x as y",
    "RUN a",
    "run\t--mount=type=cache,target=/x  foo",
    "RUN <<E",
    "RUN <<-'E' cat",
    "COPY a  b",
    "COPY <<E /x",
    "CMD [ \"a\",\"b\" ]",
    "ENV a=b",
    "ENV a b",
    "LABEL a='x",
    "ENTRYPOINT [\"a\" ,\\",
    "VOLUME [ \"/x\" ]",
    "HEALTHCHECK  cmd  [ \"a\" ]",
    "healthcheck none",
    "ONBUILD  run x",
    "WORKDIR   /a",
    "ARG x",
    "# comment",
    "  # syntax=x",
    "EXPOSE 1  2",
];
const PIECES: [&str; 44] = [
    " ",
    "  ",
    "\t",
    " \\\n",
    "\\\n",
    " \\  \n",
    "\\\r\n",
    " && ",
    "&& ",
    "; ",
    "; \\\n",
    " && \\\n",
    "  && x",
    " | ",
    " || ",
    "if a; then",
    " fi",
    "for x in y; do",
    "done",
    "{ ",
    "} ",
    "( ",
    ") ",
    "'",
    "\"",
    "\"a  b\"",
    "'x \\\n   y'",
    "$(",
    "${x:-",
    "}",
    "`",
    "\n# c\n",
    "  # d\n",
    "\n",
    "\n\n\n\n",
    "E\n",
    "x",
    "😀",
    "a=b",
    "--flag",
    "\\",
    "\\\\",
    "<<E",
    " a  b ",
];

/// A text of pieces that the formatter cares for.
fn soup(random: &mut StdRng) -> String {
    let mut text = String::from(
        ["", "\u{FEFF}", "# escape=`\n", "# syntax=docker/dockerfile:1\n\n", "\n\n"][random.random_range(0..5)],
    );
    for _ in 0..random.random_range(1..6) {
        text.push_str(STARTS[random.random_range(0..STARTS.len())]);
        for _ in 0..random.random_range(0..12) {
            text.push_str(PIECES[random.random_range(0..PIECES.len())]);
        }
        text.push_str(["\n", "\n", "\n", "  \n", "\r\n", "\nE\n", ""][random.random_range(0..7)]);
    }
    text
}

#[test]
fn nothing_changes_its_meaning_at_random() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(500);
    let mut random = StdRng::seed_from_u64(7);
    let settings = Settings::default();
    for _ in 0..rounds {
        let text = soup(&mut random);
        checked(&text, &settings);
        // Every edit stands for itself.
        let before = snapshot(&text, &settings);
        for edit in format(&before).edits() {
            let one = EditSet::new(vec![edit.clone()]).unwrap().apply(&text);
            assert_eq!(meaning(&before), meaning(&snapshot(&one, &settings)), "{edit:?}\n{text}\n---\n{one}");
        }
        let mut places = [0; 2].map(|_| random.random_range(0..=text.len()));
        places.sort_unstable();
        if places.iter().all(|&at| text.is_char_boundary(at)) {
            let part = format_range(&before, Span::from(places[0]..places[1])).apply(&text);
            assert_eq!(meaning(&before), meaning(&snapshot(&part, &settings)));
            new_line(&before, places[0] as u32).apply(&text);
        }
    }
}

#[test]
fn the_end_of_the_file() {
    let formatted = |text: &str| checked(text, &Settings::default());
    for (text, wanted) in [
        ("FROM a", "FROM a\n"),
        ("FROM a\r\nRUN x", "FROM a\r\nRUN x\r\n"),
        ("FROM a\n\n \n", "FROM a\n"),
        ("FROM a\nRUN x \\", "FROM a\nRUN x \\\n"),
        ("FROM a\nRUN <<E\nx\nE", "FROM a\nRUN <<E\nx\nE\n"),
        ("FROM a\nRUN <<E\nx\nE\n\n\n", "FROM a\nRUN <<E\nx\nE\n"),
        ("\n\nFROM a\n", "FROM a\n"),
        ("\n# syntax=x\nFROM a\n", "\n# syntax=x\nFROM a\n"),
        ("\u{FEFF}\n  FROM a  ", "\u{FEFF}FROM a\n"),
        ("", ""),
        (" \n", " \n"),
    ] {
        assert_eq!(formatted(text), wanted, "{text:?}");
    }
}
