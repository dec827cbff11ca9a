//! The block `tokens`: what each word is, `LINE:COLUMN TYPE[.MODIFIER] TEXT`, lines from 1, columns from 0 in bytes. Behind it
//! may stand `crlf` (the lines end so), `bom` (the text begins so), `open` (the last line has no end) and `from=LINE`.
use dockline::ide::semantic_tokens::{MODIFIERS, TYPES, Token, semantic_tokens};
use dockline::text::span::Span;

use crate::page::{Block, Case, Page};
use crate::world::World;
use crate::{Report, compare};

pub fn check(page: &Page, case: &Case, dockerfile: &Block, report: &mut Report) {
    let Some(block) = case.block("tokens") else { return };
    let mut text = dockerfile.text.clone();
    let mut first = 1;
    for word in block.info.split_whitespace() {
        match word {
            "crlf" => text = text.replace('\n', "\r\n"),
            "bom" => text.insert(0, '\u{feff}'),
            "open" => text.truncate(text.trim_end_matches(['\r', '\n']).len()),
            _ => first = word.strip_prefix("from=").expect("a word of this block").parse().unwrap(),
        }
    }
    let snapshot = World::new(page, case).snapshot(&text);
    let all = semantic_tokens(&snapshot, None);
    let lines: Vec<String> = all.iter().filter_map(|token| line(&text, token, first)).collect();
    compare(report, dockerfile, Some(block), format!("tokens {}", block.info).trim(), &lines.join("\n"));
    let half = Span::new(text.len() as u32 / 3, text.len() as u32 * 2 / 3);
    let some: Vec<Token> = all.iter().copied().filter(|token| token.span.overlaps(half)).collect();
    if semantic_tokens(&snapshot, Some(half)) != some {
        report.failures.push(format!("{}: the tokens of a range are others", case.name));
    }
}

fn line(text: &str, token: &Token, first: usize) -> Option<String> {
    let before = &text[..token.span.start as usize];
    let number = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let modifiers = MODIFIERS.iter().enumerate().filter(|(bit, _)| token.modifiers >> bit & 1 == 1);
    let modifiers: String = modifiers.flat_map(|(_, name)| [".", name]).collect();
    let name = TYPES[token.kind.index() as usize];
    (number >= first).then(|| format!("{number}:{column} {name}{modifiers} {}", visible(&text[token.span.range()])))
}

/// With its last blanks shown.
fn visible(text: &str) -> String {
    let kept = text.trim_end();
    format!("{kept}{}", "␣".repeat(text.len() - kept.len()))
}
