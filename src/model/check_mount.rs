//! The problems of `RUN --mount`. Most of them BuildKit sees only in the build. Source: BuildKit v0.32.2,
//! frontend/dockerfile/instructions/commands_runmount.go and dockerfile2llb/convert_{runmount,secrets,ssh}.go.
use std::ops::Range;

use super::check::Checker;
use super::problem::{MountFault, ProblemKind};
use super::unquoted::Unquoted;
use super::value::{is_bool, is_size};
use super::word::{Flaw, Quoting, Word, parse_word};
use crate::text::span::Span;

/// The types of mounts.
pub const MOUNT_TYPES: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];
/// The keys of mounts, other spellings included.
pub const MOUNT_KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "readonly",
    "ro",
    "readwrite",
    "rw",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "env",
];

/// One option, read.
struct Field<'v> {
    /// Where its bytes stand in the value.
    range: Range<usize>,
    key: String,
    /// What stands behind the equals sign, as written.
    raw: Option<&'v str>,
    /// The value, where no variable is in it.
    literal: Option<String>,
}

impl Checker<'_> {
    /// Looks at the value of one `--mount`.
    pub(super) fn mount(&mut self, value: &Word) {
        let value = Unquoted::new(self.text, value.span, self.escape);
        if value.text.is_empty() {
            return self.fault(MountFault::Empty, value.span_of(0..0));
        }
        let ranges = match comma_separated(&value.text) {
            Ok(ranges) => ranges,
            Err(quote) => return self.fault(MountFault::Quotes, value.span_of(quote..quote + 1)),
        };
        let mut fields = Vec::with_capacity(ranges.len());
        for range in ranges {
            if let Some(field) = self.field(&value, range) {
                fields.push(field);
            }
        }
        self.order(&value, &fields);
        self.together(&value, &fields);
    }

    fn fault(&mut self, fault: MountFault, span: Span) {
        self.add(ProblemKind::BadMount(fault), span);
    }

    /// Reads one option and looks at it alone; `None` when it is no option.
    fn field<'v>(&mut self, value: &'v Unquoted, range: Range<usize>) -> Option<Field<'v>> {
        let text = &value.text[range.clone()];
        let span = value.span_of(range.clone());
        if text.is_empty() {
            self.fault(MountFault::EmptyOption, span);
            return None;
        }
        let Some((key, raw)) = text.split_once('=') else {
            let key = text.to_ascii_lowercase();
            if matches!(key.as_str(), "readonly" | "ro" | "readwrite" | "rw" | "required") {
                return Some(Field { range, key, raw: None, literal: None });
            }
            self.fault(if MOUNT_KEYS.contains(&&*key) { MountFault::NoValue } else { MountFault::Key }, span);
            return None;
        };
        let key = key.to_ascii_lowercase();
        if !MOUNT_KEYS.contains(&&*key) {
            let end = range.start + key.len();
            self.fault(MountFault::Key, value.span_of(range.start..end.min(range.end)));
            return None;
        }
        let start = range.end - raw.len();
        let literal = self.literal(value, start, raw);
        let field = Field { range, key, raw: Some(raw), literal };
        self.known_value(value, &field);
        Some(field)
    }

    /// The value with its quotes resolved; `None` where a variable is in it, or a flaw.
    fn literal(&mut self, value: &Unquoted, start: usize, raw: &str) -> Option<String> {
        let word = parse_word(raw, Span::new(0, raw.len() as u32), self.escape, Quoting::Resolve);
        if let Some(flaw) = word.flaw {
            let (Flaw::UnclosedQuote(at)
            | Flaw::UnclosedBrace(at)
            | Flaw::BadSubstitution(at)
            | Flaw::MissingSlash(at)) = flaw;
            let span = value.span_of(start + at.start as usize..start + at.end as usize);
            let kind = match flaw {
                Flaw::UnclosedQuote(_) => ProblemKind::UnclosedQuote,
                Flaw::UnclosedBrace(_) => ProblemKind::UnclosedBrace,
                Flaw::BadSubstitution(_) => ProblemKind::BadSubstitution,
                Flaw::MissingSlash(_) => ProblemKind::MissingSlash,
            };
            self.add(kind, span);
            return None;
        }
        word.literal(raw).map(std::borrow::Cow::into_owned)
    }

    /// Looks at a value that is known.
    fn known_value(&mut self, value: &Unquoted, field: &Field) {
        let raw = field.raw.unwrap_or_default();
        let span = value.span_of(field.range.end - raw.len()..field.range.end);
        let span = if span.is_empty() { value.span_of(field.range.clone()) } else { span };
        if field.key == "from" && raw.find('$').is_some_and(|at| at + 1 < raw.len()) {
            return self.add(ProblemKind::VariableInFrom, span);
        }
        let Some(literal) = &field.literal else { return };
        let lower = literal.to_ascii_lowercase();
        let digits = !literal.is_empty() && literal.bytes().all(|byte| byte.is_ascii_digit());
        let (ok, fault) = match field.key.as_str() {
            "type" => (MOUNT_TYPES.contains(&&*lower), MountFault::Type),
            "readonly" | "ro" | "readwrite" | "rw" | "required" => {
                (is_bool(literal), MountFault::Value("true or false"))
            }
            "sharing" => {
                (matches!(&*lower, "shared" | "private" | "locked"), MountFault::Value("shared, private or locked"))
            }
            "size" => (is_size(literal), MountFault::Value("a size such as 64m or 1g")),
            "mode" => {
                (digits && u32::from_str_radix(literal, 8).is_ok(), MountFault::Value("an octal mode such as 0755"))
            }
            "uid" | "gid" => (digits && literal.parse::<u32>().is_ok(), MountFault::Value("a number")),
            _ => return,
        };
        if !ok {
            self.fault(fault, span);
        }
    }

    /// Keys that are judged by the type that was read before them.
    fn order(&mut self, value: &Unquoted, fields: &[Field]) {
        let last = type_of(fields);
        let mut now = Some("bind");
        for field in fields {
            match field.key.as_str() {
                "type" => now = field.literal.as_deref().and_then(known_type),
                key @ ("required" | "size") => {
                    let Some(now) = now else { continue };
                    let fits =
                        |kind: &str| if key == "size" { kind == "tmpfs" } else { matches!(kind, "secret" | "ssh") };
                    let fault = match last {
                        Some(last) if fits(last) => MountFault::BeforeType(last),
                        _ => MountFault::NotForType(now),
                    };
                    if !fits(now) {
                        self.fault(fault, value.span_of(field.range.clone()));
                    }
                }
                _ => {}
            }
        }
    }

    /// What the type, once known, makes of the other keys.
    fn together(&mut self, value: &Unquoted, fields: &[Field]) {
        let Some(kind) = type_of(fields) else { return };
        let filled = |names: &[&str]| {
            let field = fields.iter().rev().find(|field| names.contains(&&*field.key))?;
            (field.literal.as_deref() != Some("")).then_some(field)
        };
        let span_of = |field: &Field| value.span_of(field.range.clone());
        let refused = |key: &str| match key {
            "mode" | "uid" | "gid" => matches!(kind, "bind" | "tmpfs"),
            "sharing" => kind != "cache",
            "from" => kind == "secret",
            "source" => kind == "ssh",
            _ => false,
        };
        for names in [&["mode"][..], &["uid"], &["gid"], &["sharing"], &["from"], &["source", "src"]] {
            if let Some(field) = filled(names).filter(|_| refused(names[0])) {
                self.fault(MountFault::NotForType(kind), span_of(field));
            }
        }
        let target = filled(&["target", "dst", "destination"]);
        if let Some(root) = target.filter(|field| field.literal.as_deref() == Some("/"))
            && !matches!(kind, "secret" | "ssh")
        {
            self.fault(MountFault::Root, span_of(root));
        }
        if kind == "secret" {
            match (filled(&["source", "src"]), filled(&["id"])) {
                (Some(source), Some(id)) => {
                    let known = source.literal.is_some() && id.literal.is_some();
                    let later = if source.range.start > id.range.start { source } else { id };
                    if known {
                        self.fault(MountFault::SourceAndId, span_of(later));
                    }
                }
                (None, None) if target.is_none() => {
                    self.fault(MountFault::NoSecret, value.span_of(0..value.text.len()));
                }
                _ => {}
            }
        }
    }
}

/// The type, `bind` where none is given; `None` where it is not known.
fn type_of(fields: &[Field]) -> Option<&'static str> {
    match fields.iter().rev().find(|field| field.key == "type") {
        Some(field) => field.literal.as_deref().and_then(known_type),
        None => Some("bind"),
    }
}

fn known_type(name: &str) -> Option<&'static str> {
    MOUNT_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

/// The fields of a line of comma-separated values, without their double quotes; or where a quote is wrong.
fn comma_separated(line: &str) -> Result<Vec<Range<usize>>, usize> {
    let bytes = line.as_bytes();
    let mut fields = Vec::new();
    let mut start = 0;
    loop {
        if bytes.get(start) == Some(&b'"') {
            let end = closing_quote(bytes, start + 1).ok_or(start)?;
            fields.push(start + 1..end);
            match bytes.get(end + 1) {
                None => return Ok(fields),
                Some(b',') => start = end + 2,
                Some(_) => return Err(end),
            }
        } else {
            let end = line[start..].find(',').map_or(line.len(), |at| start + at);
            if let Some(quote) = line[start..end].find('"') {
                return Err(start + quote);
            }
            fields.push(start..end);
            if end == line.len() {
                return Ok(fields);
            }
            start = end + 1;
        }
    }
}

/// The next double quote that is not doubled.
fn closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
    None
}
