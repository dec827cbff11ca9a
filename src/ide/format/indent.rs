//! The indentation of continued instructions, where their author's own is not consistent.
//!
//! Lines that begin with a flag, a pair or a path should agree. So should those that begin a command, and those with `&&` in front among
//! themselves; but deeper ones may be meant, so that only slips are repaired. What hangs below a line moves along with it. Lines that
//! begin in a string or in the middle of a word are never touched.
use std::collections::HashMap;

use super::edits::Edits;
use super::lines::{Line, lines, width};
use super::quotes::{Place, places};
use super::{innermost, logical_end, spacing};
use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::text::span::Span;

/// Longer indentations are nobody's style and not copied to other lines. In bytes.
const MAX_INDENT: usize = 80;

/// What a line behind the first is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It begins with a flag.
    Flag,
    /// With `&&`.
    Chained,
    /// With a command.
    Command,
    /// With a word, a pair or a path of an instruction that is no shell text.
    Word,
    /// It belongs to a line above it.
    Argument,
    /// The same, in a block of the shell.
    Nested,
    /// Its blanks matter.
    Fixed,
    /// A comment, or an escape character alone.
    Remark,
}

/// A line behind the first of its instruction; blank lines are left out.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line.
    pub line: Line,
    /// What it is.
    pub class: Class,
    /// The blanks it begins with.
    pub old: Span,
    /// Those it should begin with.
    new: String,
}

impl Row {
    fn is_comment(&self, text: &str) -> bool {
        self.class == Class::Remark && text[self.old.end as usize..].starts_with('#')
    }
}

/// Indents what is continued; for each instruction the indentations of its further lines afterwards.
pub fn tidy(snapshot: &Snapshot, refused: &[bool], edits: &mut Edits<'_>) -> Vec<Vec<String>> {
    let text = snapshot.text();
    let instructions = &snapshot.file().instructions;
    let mut all: Vec<Vec<Row>> = instructions.iter().map(|instruction| rows(snapshot, instruction)).collect();
    let usual = usual(snapshot, &all);
    for (rows, _) in all.iter_mut().zip(refused).filter(|(_, refused)| !**refused) {
        indent(text, rows, &usual);
    }
    // Some authors write the comments between continued lines at the margin.
    let comments = || all.iter().flatten().filter(|row| row.is_comment(text));
    let indented = comments().filter(|row| !row.new.is_empty()).count();
    let from_margin = indented * 2 > comments().count();
    for (rows, _) in all.iter_mut().zip(refused).filter(|(_, refused)| !**refused) {
        remarks(text, rows, from_margin);
        for row in rows.iter() {
            edits.put(row.old, &row.new);
        }
    }
    starts(snapshot, refused, edits);
    all.into_iter().map(|rows| rows.into_iter().map(|row| row.new).collect()).collect()
}

/// The indentation that the file uses most, else that of the settings.
pub fn usual(snapshot: &Snapshot, all: &[Vec<Row>]) -> String {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for rows in all {
        let first = rows.iter().find(|row| !matches!(row.class, Class::Fixed | Class::Remark) && !row.old.is_empty());
        if let Some(row) = first.filter(|row| row.old.range().len() <= MAX_INDENT) {
            let order = usize::MAX - counts.len();
            counts.entry(&snapshot[row.old]).or_insert((0, order)).0 += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(indent, _)| indent.to_owned());
    most.unwrap_or_else(|| " ".repeat(usize::from(snapshot.settings().format.indent.min(16))))
}

/// The lines of an instruction behind its first.
pub fn rows(snapshot: &Snapshot, instruction: &Instruction) -> Vec<Row> {
    let text = snapshot.text();
    let span = Span::new(instruction.span.start, logical_end(instruction));
    if !text[span.range()].contains('\n') {
        return Vec::new();
    }
    let further: Vec<Line> = lines(text, span).skip(1).filter(|line| !line.is_blank(text)).collect();
    let inner = innermost(instruction);
    let shell = inner.command().and_then(Command::shell);
    let is_shell = |line: &&Line| shell.is_some_and(|shell| shell.start < line.span.start);
    let starts: Vec<u32> =
        further.iter().filter(|line| !line.is_comment(text)).filter(is_shell).map(|line| line.span.start).collect();
    let escape = snapshot.file().escape;
    let Some(places) = shell.map_or(Some(Vec::new()), |span| places(text, span, &starts, escape)) else {
        return Vec::new();
    };
    let mut places = places.into_iter();
    let tokens = tokens(text, inner);
    let row = |line: Line| {
        let old = line.indent(text);
        let comment = line.is_comment(text);
        let place = if is_shell(&&line) && !comment { places.next() } else { None };
        let rest = text[old.end as usize..line.span.end as usize].trim_end_matches([' ', '\t']);
        let class = match place {
            _ if comment => Class::Remark,
            _ if old.is_empty() && is_meant_at_margin(rest) => Class::Fixed,
            Some(Place::Fixed) => Class::Fixed,
            Some(_) if rest.as_bytes() == [escape] => Class::Remark,
            Some(place) => Class::of(place),
            None => tokens.class(text, old.end),
        };
        Row { line, class, old, new: text[old.range()].to_owned() }
    };
    further.into_iter().map(row).collect()
}

impl Class {
    fn of(place: Place) -> Class {
        match place {
            Place::Fixed => Class::Fixed,
            Place::Chained => Class::Chained,
            Place::Command => Class::Command,
            Place::Argument => Class::Argument,
            Place::Nested => Class::Nested,
        }
    }
}

/// A here-document that reads like a block below its keyword; and an instruction that was swallowed by an escape character above it,
/// which must not be hidden.
fn is_meant_at_margin(line: &str) -> bool {
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    let keyword = Kind::of(word) != Kind::Unknown && word.bytes().all(|byte| byte.is_ascii_uppercase());
    keyword || line.starts_with("<<")
}

/// Where the parts of an instruction begin, in order.
struct Tokens {
    flags: Vec<u32>,
    words: Vec<u32>,
    /// The last path of COPY and ADD, which may lie deeper than the others.
    last: Option<u32>,
    json: bool,
}

fn tokens(text: &str, inner: &Instruction) -> Tokens {
    let flags = inner.flags.iter().map(|flag| flag.span.start).collect();
    let mut words: Vec<u32> = spacing::tokens(text, inner).iter().map(|span| span.start).collect();
    let strings = spacing::strings(text, inner);
    words.extend(strings.iter().flatten().map(|span| span.start));
    words.sort_unstable();
    let last = match &inner.body {
        Body::Copy(copy) if !copy.json => copy.destination.as_ref().map(|word| word.span.start),
        _ => None,
    };
    Tokens { flags, words, last, json: strings.is_some() }
}

impl Tokens {
    fn class(&self, text: &str, at: u32) -> Class {
        if self.flags.binary_search(&at).is_ok() {
            Class::Flag
        } else if self.last == Some(at)
            && !matches!(text.as_bytes().get(at.wrapping_sub(1) as usize), None | Some(b'\n'))
        {
            Class::Argument
        } else if self.words.binary_search(&at).is_ok() {
            Class::Word
        } else if self.json && text.as_bytes().get(at as usize) == Some(&b']') {
            Class::Nested
        } else {
            Class::Fixed
        }
    }
}

fn indent(text: &str, rows: &mut [Row], usual: &str) {
    if rows.is_empty() {
        return;
    }
    let at_margin = is_at_margin(rows);
    let kinds = [Class::Flag, Class::Word, Class::Chained, Class::Command];
    let targets = kinds.map(|class| (class, targets(text, rows, class, at_margin, usual)));
    // The line that the following ones belong to, before and after.
    let mut moved: Option<(String, String)> = None;
    for at in 0..rows.len() {
        let old = &text[rows[at].old.range()];
        match rows[at].class {
            Class::Flag | Class::Word | Class::Chained | Class::Command => {
                let targets = targets.iter().find(|(class, _)| *class == rows[at].class);
                let new = targets.and_then(|(_, targets)| targets.get(old)).map_or(old, String::as_str).to_owned();
                moved = Some((old.to_owned(), new.clone()));
                rows[at].new = new;
            }
            Class::Argument if old.is_empty() && !at_margin => {
                rows[at].new = sibling(text, rows, at, moved.as_ref(), usual);
            }
            Class::Argument | Class::Nested => {
                if let Some((before, after)) = &moved {
                    rows[at].new = rebase(old, before, after);
                }
            }
            Class::Fixed | Class::Remark => {}
        }
    }
    remarks(text, rows, false);
}

/// True when blocks end at the margin: it is a place like any other then.
fn is_at_margin(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.class == Class::Nested && row.old.is_empty())
}

/// How many lines have an indentation, and a number that is larger the earlier it comes first.
type Count = (usize, usize);

/// For the indentations of one class of lines that are not as they should be, those that should be there.
fn targets(text: &str, rows: &[Row], class: Class, at_margin: bool, usual: &str) -> HashMap<String, String> {
    let own = || rows.iter().filter(|row| row.class == class && row.old.range().len() <= MAX_INDENT);
    // Most instructions have lines of one class.
    if own().next().is_none() {
        return HashMap::new();
    }
    let mut counts: HashMap<&str, Count> = HashMap::new();
    for row in own() {
        let order = usize::MAX - counts.len();
        counts.entry(&text[row.old.range()]).or_insert((0, order)).0 += 1;
    }
    let margin = counts.remove("").filter(|_| !at_margin);
    let mut all: Vec<(&str, Count)> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut targets: HashMap<String, String> = HashMap::new();
    if matches!(class, Class::Chained | Class::Command) {
        all = without_slips(&all, margin, &mut targets);
    } else {
        let tied = all.iter().take_while(|(_, count)| count.0 == all[0].1.0);
        let first = tied.map(|(own, _)| *own).find(|own| *own == usual).or(all.first().map(|(own, _)| *own));
        targets.extend(all.iter().filter_map(|(own, _)| Some(((*own).to_owned(), first?.to_owned()))));
        all = first.map(|first| (first, (1, 0))).into_iter().collect();
    }
    if margin.is_some() {
        targets.insert(String::new(), all.first().map_or(usual, |(own, _)| own).to_owned());
    }
    targets
}

/// The levels that remain, the most frequent first, when indentations that differ by a column, and single shallow lines among many,
/// are gone; what becomes of those is noted in `targets`. The lines at the margin, if any, join the first level.
fn without_slips<'t>(
    all: &[(&'t str, Count)],
    margin: Option<Count>,
    targets: &mut HashMap<String, String>,
) -> Vec<(&'t str, Count)> {
    let mut levels: Vec<(&str, Count)> = Vec::new();
    let mut root: Vec<usize> = Vec::new();
    for (at, (own, count)) in all.iter().enumerate() {
        let near = all[..at].iter().position(|(other, _)| width(own, 4).abs_diff(width(other, 4)) <= 1);
        root.push(near.map_or(levels.len(), |better| root[better]));
        match levels.get_mut(root[at]) {
            Some((level, total)) => {
                targets.insert((*own).to_owned(), (*level).to_owned());
                *total = (total.0 + count.0, total.1.max(count.1));
            }
            None => levels.push((own, *count)),
        }
    }
    levels.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let Some((first, most)) = levels.first_mut() else { return levels };
    let first = *first;
    most.0 += margin.map_or(0, |margin| margin.0);
    let most = most.0;
    let slip = |level: &str, count: &Count| count.0 == 1 && most >= 3 && width(level, 4) < width(first, 4);
    for (level, _) in levels.iter().filter(|(level, count)| slip(level, count)) {
        targets.insert((*level).to_owned(), first.to_owned());
    }
    levels.retain(|(level, count)| !slip(level, count));
    levels
}

/// How many lines away an example is looked for.
const MAX_BESIDE: usize = 50;

/// The indentation of arguments that begin at the margin: that of the others beside them, else deeper than their command.
fn sibling(text: &str, rows: &[Row], at: usize, moved: Option<&(String, String)>, usual: &str) -> String {
    let beside = |row: &&Row| row.class == Class::Argument && !row.old.is_empty();
    let belongs = |row: &&Row| matches!(row.class, Class::Argument | Class::Nested | Class::Remark | Class::Fixed);
    let before = rows[..at].iter().rev().take(MAX_BESIDE).take_while(belongs).find(beside);
    let other = rows[at..].iter().take(MAX_BESIDE).take_while(belongs).find(beside).or(before);
    let own = other.map(|row| &text[row.old.range()]).filter(|indent| indent.len() <= MAX_INDENT);
    match (own, moved) {
        (Some(own), Some((before, after))) => rebase(own, before, after),
        (Some(own), None) => own.to_owned(),
        (None, Some((before, after))) if before.is_empty() => after.clone(),
        (None, Some((_, after))) => format!("{after}{usual}"),
        (None, None) => usual.to_owned(),
    }
}

/// `own`, which hung below `before`, below `after`.
fn rebase(own: &str, before: &str, after: &str) -> String {
    if before == after || own.len() > MAX_INDENT {
        return own.to_owned();
    }
    if let Some(deeper) = own.strip_prefix(before) {
        return format!("{after}{deeper}");
    }
    match width(own, 4).checked_sub(width(before, 4)) {
        Some(deeper) => format!("{after}{}", " ".repeat(deeper as usize)),
        None => own.to_owned(),
    }
}

/// Comments keep to the line they stood level with; those at the margin go to the line below them, if that is wanted.
fn remarks(text: &str, rows: &mut [Row], from_margin: bool) {
    let from_margin = from_margin && !is_at_margin(rows);
    let code = |row: &Row| !matches!(row.class, Class::Remark | Class::Fixed);
    let mut last = None;
    let mut aboves = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        aboves.push(last);
        if row.class != Class::Remark {
            last = code(row).then_some(at);
        }
    }
    let mut below: Option<usize> = None;
    for at in (0..rows.len()).rev() {
        if rows[at].class != Class::Remark {
            below = code(&rows[at]).then_some(at);
            continue;
        }
        let own = &text[rows[at].old.range()];
        let above = aboves[at];
        let level = |index: &usize| text[rows[*index].old.range()] == *own;
        let like = below.filter(level).or(above.filter(level));
        let moves = own.is_empty() && from_margin && rows[at].is_comment(text);
        let like = like.or_else(|| below.or(above).filter(|_| moves));
        if let Some(index) = like {
            let new = rows[index].new.clone();
            rows[at].new = new;
        }
    }
}

/// A single instruction that is indented begins at the margin; two that are indented alike are meant so.
fn starts(snapshot: &Snapshot, refused: &[bool], edits: &mut Edits<'_>) {
    let text = snapshot.text();
    let indents: Vec<Span> =
        snapshot.file().instructions.iter().map(|instruction| before(text, instruction.span.start)).collect();
    let indented = || indents.iter().zip(refused).filter(|(indent, _)| !indent.is_empty());
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for (indent, _) in indented() {
        *counts.entry(&text[indent.range()]).or_default() += 1;
    }
    for (indent, refused) in indented() {
        if !refused && counts[&text[indent.range()]] == 1 {
            edits.put(*indent, "");
        }
    }
}

/// The blanks in front of `at`, if nothing else stands before it on its line.
fn before(text: &str, at: u32) -> Span {
    let line = &text[..at as usize];
    let line = &line[line.rfind('\n').map_or(0, |newline| newline + 1)..];
    let blanks = line.len() - line.trim_end_matches([' ', '\t']).len();
    let alone = blanks == line.len() || &line[..line.len() - blanks] == "\u{FEFF}";
    Span::new(at - if alone { blanks as u32 } else { 0 }, at)
}
