//! Where names stand and what they mean: renaming, highlights, selections, definitions, hints, lenses, symbols, folds.
use std::fmt::Write as _;
use std::path::Path;

use dockline::analysis::snapshot::Snapshot;
use dockline::ide::definition::{Place, definition};
use dockline::ide::folding::folds;
use dockline::ide::highlight::{HighlightKind, highlight};
use dockline::ide::inlay_hints::known::known;
use dockline::ide::lens::lenses;
use dockline::ide::references::{references, references_elsewhere};
use dockline::ide::rename::{Refusal, prepare, rename, rename_elsewhere};
use dockline::ide::selection::selections;
use dockline::ide::symbols::{Symbol, symbols};
use dockline::ide::workspace_symbols::{Declared, declared, matches};
use dockline::text::span::Span;

use crate::page::{Block, Case};
use crate::world::World;
use crate::{Report, compare};

/// The text of a `dockerfile` block as an editor holds it.
pub fn as_typed(block: &Block) -> String {
    let says = |wanted: &str| block.info.split(' ').any(|word| word == wanted);
    let mut text = block.text.clone();
    if says("open") {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if says("crlf") {
        text = text.replace('\n', "\r\n");
    }
    if says("bom") { format!("\u{feff}{text}") } else { text }
}

/// Compares every block of these features.
pub fn compare_all(world: &World<'_>, snapshot: &Snapshot, case: &Case, offset: u32, report: &mut Report) {
    for block in &case.blocks {
        let shown = match block.kind.as_str() {
            "prepare" => match prepare(snapshot, offset) {
                Ok(found) => found.map(|subject| subject.name).unwrap_or_default(),
                Err(why) => refused(why),
            },
            "rename" => renamed(snapshot, offset, block.info.strip_prefix("to=").unwrap()),
            "highlight" => {
                let kind = |found: HighlightKind| format!("{found:?}").to_lowercase();
                let all = highlight(snapshot, offset).into_iter();
                all.map(|found| place(snapshot, found.span) + " (" + &kind(found.kind) + ")\n").collect()
            }
            "references" => {
                let here = references(snapshot, offset, true).into_iter().map(|span| place(snapshot, span) + "\n");
                let there = references_elsewhere(snapshot, offset).into_iter().map(|target| {
                    let line = target.text[..target.span.start as usize].matches('\n').count() + 1;
                    format!("{} {line} {}\n", target.path.strip_prefix("/project").unwrap().display(), target.name())
                });
                here.chain(there).collect()
            }
            "definition" => {
                definition(snapshot, offset).into_iter().map(|found| target(snapshot, found) + "\n").collect()
            }
            "selection" => selections(snapshot, offset).into_iter().map(|span| short(&snapshot[span]) + "\n").collect(),
            "inlay-hints" => with_hints(snapshot),
            "lens" => with_lenses(world, snapshot),
            "symbols" => outline(&symbols(snapshot), 0),
            "folding" => folded(snapshot),
            "workspace-symbols" => {
                let query = block.info.strip_prefix("query=").unwrap_or_default();
                let all = declared(snapshot).into_iter().filter(|one| matches(&one.name, query));
                let line = |one: Declared| format!("{:?} {}: {}", one.kind, one.name, place(snapshot, one.span)) + "\n";
                all.map(line).collect()
            }
            _ => continue,
        };
        compare(report, block, Some(block), format!("{} {}", block.kind, block.info).trim_end(), &shown);
    }
}

fn refused(why: Refusal) -> String {
    match why {
        Refusal::Place(why) => format!("refused: {why}"),
        Refusal::Name(why) => format!("refused this name: {why}"),
    }
}

fn renamed(snapshot: &Snapshot, offset: u32, to: &str) -> String {
    match rename(snapshot, offset, to) {
        Ok(Some(edits)) => {
            let mut shown =
                edits.apply(snapshot.text()).replace("\r\n", "\n").trim_start_matches('\u{feff}').to_owned();
            for file in rename_elsewhere(snapshot, offset, to) {
                let path = file.path.strip_prefix("/project").unwrap().display().to_string();
                let _ = write!(shown, "--- {path}\n{}", file.after());
            }
            shown
        }
        Ok(None) => String::new(),
        Err(why) => refused(why),
    }
}

/// `3:5 build`, the first line of what stands there.
fn place(snapshot: &Snapshot, span: Span) -> String {
    let front = &snapshot.text()[..span.start as usize];
    let line = front.matches('\n').count() + 1;
    let column = front.rsplit('\n').next().unwrap().chars().count() + 1;
    let text = &snapshot[span];
    format!("{line}:{column} {}", text.lines().next().unwrap_or_default().trim_end())
}

fn target(snapshot: &Snapshot, found: Place) -> String {
    match found {
        Place::Here(span) => place(snapshot, span),
        Place::There(path) => format!("file {}", path.strip_prefix(Path::new("/project")).unwrap().display()),
    }
}

/// On one line, its middle left out.
fn short(text: &str) -> String {
    let line = text.replace('\r', "␍").replace('\n', "⏎");
    let characters: Vec<char> = line.chars().collect();
    if characters.len() <= 72 {
        return line;
    }
    let (head, tail) =
        (characters[..34].iter().collect::<String>(), characters[characters.len() - 34..].iter().collect::<String>());
    format!("{head} … {tail}")
}

fn with_hints(snapshot: &Snapshot) -> String {
    let text = snapshot.text();
    let mut shown = String::new();
    let hints = known(snapshot, Span::new(0, text.len() as u32));
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let within = start..=start + line.trim_end_matches(['\r', '\n']).len();
        let mut at = start;
        let mut drawn = String::new();
        for hint in hints.iter().filter(|hint| within.contains(&(hint.offset as usize))) {
            let _ = write!(drawn, "{}‹{}›", &text[at..hint.offset as usize], hint.label);
            at = hint.offset as usize;
        }
        if !drawn.is_empty() {
            let _ = writeln!(shown, "{drawn}{}", text[at..start + line.len()].trim_end());
        }
        start += line.len();
    }
    shown
}

fn with_lenses(world: &World<'_>, snapshot: &Snapshot) -> String {
    let mut shown = String::new();
    for lens in lenses(snapshot, &world.diagnostics(snapshot)) {
        let line = snapshot.text()[..lens.span.start as usize].matches('\n').count() + 1;
        let command = lens.command.map(|build| format!(" -> {:?}", build.target)).unwrap_or_default();
        let _ = writeln!(shown, "{line}: {}{command}", lens.title);
    }
    shown
}

fn outline(symbols: &[Symbol], depth: usize) -> String {
    let mut shown = String::new();
    for symbol in symbols {
        let detail = symbol.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let _ = writeln!(shown, "{}{:?} {}{detail}", "  ".repeat(depth), symbol.kind, symbol.name);
        shown.push_str(&outline(&symbol.children, depth + 1));
    }
    shown
}

fn folded(snapshot: &Snapshot) -> String {
    let line = |offset: u32| snapshot.text()[..offset as usize].matches('\n').count() + 1;
    let mut shown = String::new();
    for fold in folds(snapshot) {
        let end = fold.span.start + snapshot[fold.span].trim_end_matches(['\r', '\n']).len() as u32;
        let _ = writeln!(shown, "{}-{} {:?}", line(fold.span.start), line(end), fold.kind);
    }
    shown
}
