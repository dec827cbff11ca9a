//! The case of keywords, and the blanks between the parts of an instruction.
use std::sync::Arc;

use super::edits::Edits;
use super::lines::width;
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::{Body, Healthcheck, Instruction, Kind};
use crate::settings::KeywordCase;
use crate::text::span::Span;

/// Tidies every instruction; `indents` are those of its further lines.
pub fn tidy(snapshot: &Snapshot, refused: &[bool], indents: &[Vec<String>], edits: &mut Edits<'_>) {
    let text = snapshot.text();
    let instructions = &snapshot.file().instructions;
    let upper = is_upper(snapshot);
    // With single blanks nothing is to be done, and nobody lays out columns.
    let is_wide = instructions.iter().any(|instruction| may_be_wide(first_line(text, instruction)));
    let gaps_of = |instruction: &Arc<Instruction>| if is_wide { gaps(text, instruction) } else { Vec::new() };
    let gaps: Vec<Vec<Span>> = instructions.iter().map(gaps_of).collect();
    let is_wide = |gap: &Span| text[gap.range()] != *" ";
    let tab_stops = if gaps.iter().flatten().any(is_wide) { TAB_STOPS } else { &[] };
    let aligned: Vec<_> = tab_stops.iter().map(|tab| aligned(text, instructions, &gaps, indents, *tab)).collect();
    for (index, instruction) in instructions.iter().enumerate().filter(|(index, _)| !refused[*index]) {
        if let Some(upper) = upper {
            keywords(text, instruction, upper, edits);
        }
        if !aligned.iter().any(|aligned| aligned[index]) {
            for gap in &gaps[index] {
                edits.put(*gap, " ");
            }
        }
        array(text, super::innermost(instruction), edits);
    }
}

/// Whether keywords are upper case; `None` when they stay as they are.
fn is_upper(snapshot: &Snapshot) -> Option<bool> {
    match snapshot.settings().format.keyword_case {
        KeywordCase::Upper => Some(true),
        KeywordCase::Lower => Some(false),
        KeywordCase::Keep => None,
        KeywordCase::Majority => {
            let (mut upper, mut lower) = (0, 0);
            for instruction in &snapshot.file().instructions {
                let keyword = snapshot[instruction.keyword].as_bytes();
                upper += usize::from(keyword.iter().all(u8::is_ascii_uppercase));
                lower += usize::from(keyword.iter().all(u8::is_ascii_lowercase));
            }
            Some(upper >= lower)
        }
    }
}

fn keywords(text: &str, instruction: &Instruction, upper: bool, edits: &mut Edits<'_>) {
    let mut put = |span: Span| {
        let word = &text[span.range()];
        let is_so = |byte: u8| if upper { byte.is_ascii_uppercase() } else { byte.is_ascii_lowercase() };
        if !word.bytes().all(is_so) && word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            edits.put(span, &if upper { word.to_ascii_uppercase() } else { word.to_ascii_lowercase() });
        }
    };
    if instruction.kind != Kind::Unknown {
        put(instruction.keyword);
    }
    match &instruction.body {
        Body::From(from) => from.r#as.into_iter().for_each(put),
        Body::Healthcheck(Healthcheck::None(word) | Healthcheck::Cmd(word, _)) => put(*word),
        Body::Onbuild(Some(nested)) => keywords(text, nested, upper, edits),
        _ => {}
    }
}

/// The parts of an instruction in order: keyword, flags, arguments. Shell text, values and arrays are one part each.
pub fn tokens(text: &str, instruction: &Instruction) -> Vec<Span> {
    let mut tokens = vec![instruction.keyword];
    tokens.extend(instruction.flags.iter().map(|flag| flag.span));
    if strings(text, instruction).is_some() && !matches!(instruction.body, Body::Healthcheck(_)) {
        tokens.push(instruction.arguments);
        return tokens;
    }
    match &instruction.body {
        Body::From(from) => {
            tokens.extend(from.image.iter().map(|image| image.span));
            tokens.extend(from.r#as.iter().chain(&from.name));
        }
        Body::Copy(copy) => tokens.extend(copy.sources.iter().chain(&copy.destination).map(|word| word.span)),
        Body::Pairs(pairs) => {
            for pair in pairs {
                match &pair.value {
                    Some(value) if pair.legacy => tokens.extend([pair.name.span, value.span]),
                    _ => tokens.push(pair.span),
                }
            }
        }
        Body::Words(words) => tokens.extend(words.iter().map(|word| word.span)),
        Body::Healthcheck(Healthcheck::None(word) | Healthcheck::Unknown(word)) => tokens.push(*word),
        Body::Healthcheck(Healthcheck::Cmd(word, command)) => {
            tokens.push(*word);
            tokens.extend(command_start(text, instruction, *word, command));
        }
        Body::Onbuild(Some(nested)) => tokens.extend(self::tokens(text, nested)),
        Body::Command(_) | Body::Value(_) => tokens.push(instruction.arguments),
        Body::Healthcheck(Healthcheck::Missing) | Body::Onbuild(None) | Body::Unknown => {}
    }
    tokens.retain(|span| !span.is_empty());
    tokens
}

fn command_start(text: &str, instruction: &Instruction, word: Span, command: &Command) -> Option<Span> {
    match command {
        Command::Missing => None,
        Command::Shell(span) => Some(*span),
        Command::Exec(_) => {
            let between = &text[word.end as usize..instruction.arguments.end as usize];
            let start = word.end + between.find('[')? as u32;
            Some(Span::new(start, instruction.arguments.end))
        }
    }
}

/// The strings of a JSON array; `None` when the arguments are none.
pub fn strings(text: &str, instruction: &Instruction) -> Option<Vec<Span>> {
    let words = |words: &mut dyn Iterator<Item = Span>| Some(words.collect());
    let json = || text[instruction.arguments.range()].starts_with('[');
    match &instruction.body {
        Body::Command(command) | Body::Healthcheck(Healthcheck::Cmd(_, command)) => {
            words(&mut command.exec()?.iter().map(|string| string.span))
        }
        Body::Copy(copy) if copy.json => words(&mut copy.sources.iter().chain(&copy.destination).map(|word| word.span)),
        Body::Words(all) if instruction.kind == Kind::Volume && json() => {
            let quoted = all.first().is_some_and(|word| text[word.span.range()].starts_with('"'));
            if quoted { words(&mut all.iter().map(|word| word.span)) } else { None }
        }
        _ => None,
    }
}

fn first_line<'t>(text: &'t str, instruction: &Instruction) -> &'t str {
    let text = &text[instruction.span.start as usize..];
    &text[..memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len())]
}

/// True when there is more than one blank between two parts of `line`, or a tab, and sometimes when it is elsewhere.
fn may_be_wide(line: &str) -> bool {
    line.as_bytes().windows(2).any(|pair| pair == b"  ") || line.contains('\t')
}

/// The blanks between two parts of the first line.
fn gaps(text: &str, instruction: &Instruction) -> Vec<Span> {
    let tokens = tokens(text, instruction);
    let end = instruction.span.start + first_line(text, instruction).len() as u32;
    let pairs = tokens.windows(2).filter(|pair| pair[1].start <= end && pair[0].end < pair[1].start);
    let between = pairs.map(|pair| Span::new(pair[0].end, pair[1].start));
    between.filter(|gap| text[gap.range()].bytes().all(|byte| matches!(byte, b' ' | b'\t'))).collect()
}

/// What the author's editor may have shown.
const TAB_STOPS: &[u32] = &[4, 8];

/// A part of a first line, behind blanks: the column it begins in, and what those blanks are.
struct Cell {
    column: u32,
    /// It can only be below another one of this kind: what follows the keyword, or parts of the same instruction.
    kind: Option<Kind>,
    /// How many columns the blanks fill.
    gap: u32,
    /// They are something else than one blank.
    wide: bool,
}

/// For each instruction whether its blanks are meant: in it or in those above and below it, a part behind more than one blank begins
/// where other parts begin, though what stands in front of them is not equally long; or where its own further lines begin.
fn aligned(
    text: &str,
    instructions: &[Arc<Instruction>],
    gaps: &[Vec<Span>],
    indents: &[Vec<String>],
    tab: u32,
) -> Vec<bool> {
    let both = instructions.iter().zip(gaps);
    let all: Vec<Vec<Cell>> = both.map(|(instruction, gaps)| cells(text, instruction, gaps, tab)).collect();
    let with_own_lines = |(own, indents): (&Vec<Cell>, &Vec<String>)| {
        own.iter().any(|cell| cell.wide && indents.iter().any(|indent| width(indent, tab) == cell.column))
    };
    let mut aligned: Vec<bool> = all.iter().zip(indents).map(with_own_lines).collect();
    let every: Vec<usize> = (0..instructions.len()).collect();
    let stages: Vec<usize> = every.iter().copied().filter(|&index| instructions[index].kind == Kind::From).collect();
    mark_columns(&all, &every, &mut aligned);
    mark_columns(&all, &stages, &mut aligned);
    aligned
}

/// A column that goes on from line to line.
struct Column {
    at: u32,
    kind: Option<Kind>,
    /// The place in the list of lines where it began.
    since: usize,
    /// The blanks in front of its first part.
    gap: u32,
    /// Other parts have more or fewer in front.
    uneven: bool,
    wide: bool,
}

/// Marks the lines, in their order, through which a column goes.
fn mark_columns(all: &[Vec<Cell>], order: &[usize], aligned: &mut [bool]) {
    let mut open: Vec<Column> = Vec::new();
    for place in 0..=order.len() {
        let cells = order.get(place).map_or(&[][..], |&index| &all[index]);
        let mut next = Vec::with_capacity(cells.len());
        for cell in cells {
            let same = |column: &Column| column.at == cell.column && column.kind == cell.kind;
            let before = open.iter().position(same).map(|at| open.swap_remove(at));
            next.push(match before {
                Some(column) => {
                    Column { uneven: column.uneven || column.gap != cell.gap, wide: column.wide || cell.wide, ..column }
                }
                None => Column {
                    at: cell.column,
                    kind: cell.kind,
                    since: place,
                    gap: cell.gap,
                    uneven: false,
                    wide: cell.wide,
                },
            });
        }
        for column in open.iter().filter(|column| column.uneven && column.wide) {
            order[column.since..place].iter().for_each(|&index| aligned[index] = true);
        }
        open = next;
    }
}

/// More parts of one line are nobody's columns; it keeps the comparison of two lines short.
const MAX_CELLS: usize = 40;

/// The parts of the first line behind its keyword.
fn cells(text: &str, instruction: &Instruction, gaps: &[Span], tab: u32) -> Vec<Cell> {
    let from = instruction.span.start as usize;
    let kind = if instruction.kind == Kind::Add { Kind::Copy } else { instruction.kind };
    let cell = |(index, gap): (usize, &Span)| {
        let column = width(&text[from..gap.end as usize], tab);
        let before = width(&text[from..gap.start as usize], tab);
        let kind = (index > 0).then_some(kind);
        Cell { column, kind, gap: column - before, wide: text[gap.range()] != *" " }
    };
    gaps.iter().take(MAX_CELLS).enumerate().map(cell).collect()
}

/// `[ "a","b" ]` → `["a", "b"]`, if it stands on one line; on several it is laid out by hand.
fn array(text: &str, instruction: &Instruction, edits: &mut Edits<'_>) {
    let Some(strings) = strings(text, instruction) else { return };
    let (Some(first), Some(last)) = (strings.first(), strings.last()) else { return };
    if text[instruction.span.start as usize..last.end as usize].contains('\n') {
        return;
    }
    let in_front = &text[instruction.arguments.start as usize..first.start as usize];
    let Some(open) = in_front.rfind('[').map(|at| instruction.arguments.start + at as u32 + 1) else { return };
    let behind = &text[last.end as usize..instruction.arguments.end as usize];
    let blanks = |text: &str| text.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let Some(close) = behind.find(']').filter(|&at| blanks(&behind[..at])) else { return };
    edits.put(Span::new(open, first.start), "");
    for pair in strings.windows(2) {
        edits.put(Span::new(pair[0].end, pair[1].start), ", ");
    }
    edits.put(Span::new(last.end, last.end + close as u32), "");
}
