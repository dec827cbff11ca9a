//! `CMD ['app']`: meant as a JSON array, read as something else.
use crate::analysis::snapshot::Snapshot;
use crate::model::command::{Command, Json, parse_json};
use crate::model::cursor::Cursor;
use crate::model::instruction::{Body, Healthcheck, Instruction, Kind};
use crate::rewrite::exec_form::json_string;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["JSON_IN_SINGLE_QUOTES"],
    check: Check::File(check),
};

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for (index, instruction) in snapshot.file().instructions.iter().enumerate() {
        let Some(span) = not_read_as_json(snapshot, instruction) else { continue };
        let mut reader = Reader::new(snapshot, span);
        let meant = reader.array(matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint));
        let Some(first) = reader.flaws.iter().min_by_key(|flaw| flaw.span.start) else { continue };
        if !meant {
            continue;
        }
        let finding = Finding::new(first.span, format!("{}, so {}", first.message, consequence(instruction.kind)));
        let finding = match instruction.kind {
            Kind::Volume | Kind::Healthcheck => finding.at_level(Severity::Warning),
            _ => finding,
        };
        findings.push(finding.fix(fix(snapshot, index, span, &reader)));
    }
}

/// The text that starts like an array; `None` when it is one.
fn not_read_as_json(snapshot: &Snapshot, instruction: &Instruction) -> Option<Span> {
    let span = match &instruction.body {
        // SHELL without JSON is a syntax error.
        _ if instruction.kind == Kind::Shell => return None,
        Body::Command(Command::Shell(span)) | Body::Healthcheck(Healthcheck::Cmd(_, Command::Shell(span))) => *span,
        Body::Copy(copy) if !copy.json => instruction.arguments,
        Body::Words(_) if instruction.kind == Kind::Volume => instruction.arguments,
        _ => return None,
    };
    let text = snapshot.text();
    (snapshot[span].starts_with('[') && parse_json(text, span, snapshot.file().escape) == Json::No).then_some(span)
}

fn consequence(kind: Kind) -> &'static str {
    match kind {
        Kind::Copy | Kind::Add => "brackets and quotes are read as parts of file names",
        Kind::Volume => "brackets and quotes become parts of the path",
        _ => "a shell is given this as a command",
    }
}

/// What has been read of an array.
struct List {
    elements: u32,
    commas: u32,
    /// All elements are in quotes of some kind.
    quoted: bool,
    /// The comma behind the last element.
    comma: Option<Span>,
}

/// What is wrong, and the edit that would make it right.
struct Flaw {
    span: Span,
    message: &'static str,
    repair: Option<Edit>,
}

/// Reads an array as people write it.
struct Reader<'s> {
    text: &'s str,
    bytes: Vec<u8>,
    offsets: Vec<u32>,
    at: usize,
    flaws: Vec<Flaw>,
    comment: Option<Span>,
    end: u32,
}

impl<'s> Reader<'s> {
    fn new(snapshot: &'s Snapshot, span: Span) -> Self {
        let mut cursor = Cursor::new(snapshot.text(), span, snapshot.file().escape);
        let (mut bytes, mut offsets) = (Vec::new(), Vec::new());
        while let Some(byte) = cursor.peek() {
            offsets.push(cursor.offset());
            bytes.push(byte);
            cursor.next();
        }
        offsets.push(span.end);
        Self { text: snapshot.text(), bytes, offsets, at: 0, flaws: Vec::new(), comment: None, end: span.end }
    }

    /// True when an array was meant; `bare` when its words may even stand without quotes.
    fn array(&mut self, bare: bool) -> bool {
        self.at = 1;
        let tight = self.quote().is_some();
        let spaced = self.peek().is_some_and(|byte| byte.is_ascii_whitespace());
        let mut list = List { elements: 0, commas: 0, quoted: true, comma: None };
        loop {
            self.blanks();
            match self.peek() {
                None => {
                    let bracket = Span::new(self.offsets[0], self.offsets[0] + 1);
                    self.flaw(bracket, "the array is not closed", Some(Edit::insert(self.end, "]")));
                    return tight && list.elements > 0;
                }
                Some(b']') => break,
                Some(b',') => self.comma(&mut list),
                Some(_) => {
                    if let Some(meant) = self.next_element(&mut list, tight) {
                        return meant;
                    }
                }
            }
        }
        if let Some(comma) = list.comma.filter(|_| list.elements > 0) {
            self.flaw(comma, "JSON allows no comma at the end", Some(Edit::delete(comma)));
        }
        self.at += 1;
        let closed = self.rest();
        let likely = list.quoted && list.commas > 0 || bare && !list.quoted && !spaced;
        list.elements > 0 && (tight || closed && likely)
    }

    fn comma(&mut self, list: &mut List) {
        let comma = self.here(1);
        list.commas += 1;
        if list.comma.is_some() || list.elements == 0 {
            self.flaw(comma, "there is a comma too many", Some(Edit::delete(comma)));
        }
        list.comma = Some(comma);
        self.at += 1;
    }

    /// Takes an element; `Some` when reading can't go on, with whether an array was meant.
    fn next_element(&mut self, list: &mut List, tight: bool) -> Option<bool> {
        if list.elements > 0 && list.comma.is_none() {
            let before = self.offsets[self.last_of_element()] + 1;
            let length = self.quote().map_or(1, |(open, _)| open.len());
            self.flaw(self.here(length), "a comma is missing", Some(Edit::insert(before, ",")));
            if self.quote().is_none() || !tight {
                return Some(false);
            }
        }
        list.comma = None;
        list.elements += 1;
        list.quoted &= self.quote().is_some();
        (!self.element()).then_some(tight)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn here(&self, length: usize) -> Span {
        Span::new(self.offsets[self.at], self.offsets[self.at] + length as u32)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The index of the last byte in front of this place that is no blank.
    fn last_of_element(&self) -> usize {
        self.bytes[..self.at].iter().rposition(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)
    }

    fn flaw(&mut self, span: Span, message: &'static str, repair: Option<Edit>) {
        self.flaws.push(Flaw { span, message, repair });
    }

    /// The quote that stands here, and those that close it.
    fn quote(&self) -> Option<(&'static str, &'static [&'static str])> {
        const QUOTES: [(&str, &[&str]); 6] = [
            ("\"", &["\""]),
            ("'", &["'"]),
            ("\u{201c}", &["\u{201d}", "\u{201c}", "\""]),
            ("\u{201d}", &["\u{201d}", "\u{201c}", "\""]),
            ("\u{2018}", &["\u{2019}", "\u{2018}", "'"]),
            ("`", &["`"]),
        ];
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        QUOTES.into_iter().find(|(open, _)| rest.starts_with(open.as_bytes()))
    }

    /// Takes one element; false when it never ends.
    fn element(&mut self) -> bool {
        let start = self.at;
        let Some((open, closers)) = self.quote() else {
            while self.peek().is_some_and(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b']')) {
                self.at += 1;
            }
            let value = self.value(start, self.at);
            return self.replace(
                start,
                "JSON wants every element in double quotes",
                value.map(|value| json_string(&value)),
            );
        };
        self.at += open.len();
        let inside = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                let quote = Span::new(self.offsets[start], self.offsets[start] + open.len() as u32);
                self.flaw(quote, "the quote is not closed", None);
                return false;
            }
            if let Some(close) = closers.iter().find(|close| rest.starts_with(close.as_bytes())) {
                let value = self.value(inside, self.at);
                self.at += close.len();
                return self.quoted(start, open, value);
            }
            self.at += if rest[0] == b'\\' && open == "\"" { 2.min(rest.len()) } else { 1 };
        }
    }

    fn quoted(&mut self, start: usize, open: &str, value: Option<String>) -> bool {
        match open {
            "\"" => {
                let Some(value) = value.filter(|value| has_bad_escape(value)) else { return true };
                let escaped = format!("\"{}\"", escape_lone_backslashes(&value));
                self.replace(start, "JSON wants backslashes doubled", Some(escaped))
            }
            "'" => self.replace(start, "JSON knows no single quotes", value.map(|value| json_string(&value))),
            _ => self.replace(start, "JSON wants plain double quotes", value.map(|value| json_string(&value))),
        }
    }

    /// The text between two places; `None` where a line is continued in it.
    fn value(&self, from: usize, to: usize) -> Option<String> {
        let straight = self.offsets[to] - self.offsets[from] == (to - from) as u32;
        straight.then(|| self.text[self.offsets[from] as usize..self.offsets[to] as usize].to_owned())
    }

    fn replace(&mut self, start: usize, message: &'static str, text: Option<String>) -> bool {
        let span = Span::new(self.offsets[start], self.offsets[self.at - 1] + 1);
        self.flaw(span, message, text.map(|text| Edit::replace(span, text)));
        true
    }

    /// What stands behind the array; true when nothing does, or a comment.
    fn rest(&mut self) -> bool {
        let close = self.at;
        self.blanks();
        if self.at >= self.bytes.len() {
            return true;
        }
        let span = Span::new(self.offsets[self.at], self.end);
        if self.peek() == Some(b'#') {
            let from = self.offsets[close - 1] + 1;
            self.flaw(span, "a comment can't stand behind the array", Some(Edit::delete(Span::new(from, self.end))));
            self.comment = Some(span);
            return true;
        }
        self.flaw(span, "nothing may stand behind the array", None);
        false
    }
}

fn has_bad_escape(value: &str) -> bool {
    escape_lone_backslashes(value) != value
}

/// Doubles the backslashes that begin no escape of JSON.
fn escape_lone_backslashes(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        out.push(character);
        if character != '\\' {
            continue;
        }
        match characters.peek() {
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => out.extend(characters.next()),
            _ => out.push('\\'),
        }
    }
    out
}

/// All repairs at once, if they make an array.
fn fix(snapshot: &Snapshot, index: usize, span: Span, reader: &Reader<'_>) -> Option<Fix> {
    let repairs: Option<Vec<Edit>> = reader.flaws.iter().map(|flaw| flaw.repair.clone()).collect();
    let mut edits = repairs?;
    let local = edits.iter().map(|edit| Edit {
        span: Span::new(edit.span.start - span.start, edit.span.end - span.start),
        text: edit.text.clone(),
    });
    let array = EditSet::new(local.collect())?.apply(&snapshot[span]);
    let whole = Span::new(0, array.len() as u32);
    let Json::Strings(strings) = parse_json(&array, whole, snapshot.file().escape) else { return None };
    // There the elements are read once more, as words: a quote in one needs a partner.
    let kind = snapshot.file().instructions[index].kind;
    if matches!(kind, Kind::Copy | Kind::Add) && strings.len() < 2 {
        return None;
    }
    let are_words = matches!(kind, Kind::Copy | Kind::Add | Kind::Volume);
    if are_words && strings.iter().any(|string| string.value.contains(['\'', '"'])) {
        return None;
    }
    if let Some(comment) = reader.comment {
        edits.push(lines::insert_before(snapshot, index, &[snapshot[comment].to_owned()]));
    }
    Fix::safe("make it a JSON array", edits)
}
