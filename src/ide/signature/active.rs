//! Which part of which form is being typed.
use crate::analysis::snapshot::Snapshot;
use crate::model::flags::flags_of;
use crate::model::instruction::{Instruction, Kind};
use crate::model::word::{split_at_blanks, split_words};
use crate::text::span::Span;

/// A part of a form.
pub struct Place {
    /// The number of the form.
    pub form: usize,
    /// The part, as the table of parameters calls it.
    pub part: &'static str,
}

/// The name of the flag that the cursor is in, without its dashes; it may be half typed.
pub fn flag<'s>(snapshot: &'s Snapshot, instruction: &Instruction, offset: u32) -> Option<&'s str> {
    let flags = &instruction.flags;
    if let Some(flag) = flags.iter().find(|flag| flag.span.touches(offset) && flag.span.start < offset) {
        return Some(&snapshot[flag.name]);
    }
    // `-` and `--` alone are no flags for the parser.
    let dashes = snapshot.text().get(..offset as usize)?.rsplit([' ', '\t', '\n']).next()?;
    let first = Words::new(snapshot, instruction, offset).index == 0;
    (first && matches!(dashes, "-" | "--") && !flags_of(instruction.kind).is_empty()).then_some("")
}

/// The arguments around the cursor, blanks between them.
struct Words<'s> {
    /// The number of the word at the cursor.
    index: usize,
    /// What of it stands in front of the cursor.
    left: &'s str,
    /// True when words follow.
    more: bool,
    /// The first word.
    first: &'s str,
    /// The arguments in front of the cursor.
    before: &'s str,
    /// Those behind it.
    after: &'s str,
}

impl<'s> Words<'s> {
    fn new(snapshot: &'s Snapshot, instruction: &Instruction, offset: u32) -> Self {
        let file = snapshot.file();
        let start = instruction.arguments.start.min(offset);
        let end = instruction.arguments.end.max(start);
        let quoted = matches!(instruction.kind, Kind::Arg | Kind::Env | Kind::Label);
        let split = if quoted { split_words } else { split_at_blanks };
        let spans = split(snapshot.text(), Span::new(start, end), file.escape);
        let index = spans.iter().take_while(|span| span.end < offset).count();
        let here = spans.get(index).filter(|span| span.start <= offset);
        let part = |from: u32, to: u32| snapshot.text().get(from as usize..to as usize).unwrap_or_default();
        Self {
            index,
            left: here.map(|span| part(span.start, offset)).unwrap_or_default(),
            more: spans.len() > index + usize::from(here.is_some()),
            first: spans.first().map(|span| &snapshot[*span]).unwrap_or_default(),
            before: part(start, offset.min(end)),
            after: part(offset.clamp(start, end), end),
        }
    }

    /// The array that is being written: how many elements stand in front, and whether more follow.
    fn element(&self) -> Option<(usize, bool)> {
        if !self.before.starts_with('[') {
            return None;
        }
        let (before, open) = commas(self.before, false);
        Some((before, commas(self.after, open).0 > 0))
    }
}

/// How many commas stand outside of strings, and whether the text ends in a string.
fn commas(text: &str, mut quoted: bool) -> (usize, bool) {
    let (mut count, mut escaped) = (0, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => count += 1,
            _ => {}
        }
    }
    (count, quoted)
}

/// The part that the cursor is in; `None` in the text of a shell behind its first word, unless `asked`.
pub fn place(snapshot: &Snapshot, instruction: &Instruction, offset: u32, asked: bool) -> Option<Place> {
    let words = Words::new(snapshot, instruction, offset);
    let at = |form, part| Some(Place { form, part });
    match instruction.kind {
        Kind::Add | Kind::Copy => Some(copy(&words)),
        Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Shell => command(instruction.kind, &words, asked),
        Kind::Env | Kind::Label => Some(pair(instruction.kind, &words)),
        Kind::Arg => at(0, if words.left.contains('=') { "<default>" } else { "<name>" }),
        Kind::From => at(0, image(&words)),
        Kind::Expose => at(0, port(words.left)),
        Kind::Healthcheck => healthcheck(&words, asked),
        Kind::Onbuild => at(0, "<instruction>"),
        Kind::Stopsignal => at(0, "<signal>"),
        Kind::User => at(0, if words.before.contains(':') { "[:<group>]" } else { "<user>" }),
        Kind::Volume => at(usize::from(words.element().is_some()), "<path>"),
        Kind::Workdir => at(0, "<path>"),
        Kind::Maintainer => at(0, "<name>"),
        Kind::Unknown => None,
    }
}

fn copy(words: &Words) -> Place {
    let (form, index, more) = match words.element() {
        Some((index, more)) => (1, index, more),
        None => (0, words.index, words.more),
    };
    let part = match (index, more) {
        (0, _) => "<source>",
        (_, true) => "…",
        (_, false) => "<destination>",
    };
    Place { form, part }
}

fn command(kind: Kind, words: &Words, asked: bool) -> Option<Place> {
    // RUN has the shell's form first.
    let array = usize::from(kind == Kind::Run);
    if let Some((index, _)) = words.element() {
        return Some(Place { form: array, part: if index == 0 { "<program>" } else { "<argument>" } });
    }
    if kind == Kind::Run && words.first.starts_with("<<") {
        return Some(Place { form: 2, part: "<<EOF" });
    }
    match kind {
        Kind::Shell => Some(Place { form: 0, part: "<program>" }),
        _ if words.index > 0 && !asked => None,
        Kind::Run => Some(Place { form: 0, part: "<command>" }),
        // Before anything is written the array is what is recommended.
        _ if words.before.is_empty() => Some(Place { form: 0, part: "<program>" }),
        _ => Some(Place { form: 1, part: "<command>" }),
    }
}

fn pair(kind: Kind, words: &Words) -> Place {
    // Of the first word alone.
    let legacy = words.index > 0 && !words.first.contains('=');
    let in_string = commas(words.before, false).1;
    let value = legacy || in_string || words.left.contains('=');
    let form = usize::from(legacy && kind == Kind::Env);
    Place { form, part: if value { "<value>" } else { "<key>" } }
}

fn image(words: &Words) -> &'static str {
    let name = words.left.rsplit('/').next().unwrap_or_default();
    match words.index {
        0 if name.contains('@') => "[@<digest>]",
        0 if name.contains(':') && !name.contains('{') => "[:<tag>]",
        0 => "<image>",
        _ => "[AS <name>]",
    }
}

fn port(left: &str) -> &'static str {
    if left.contains('/') {
        "[/tcp|/udp|/sctp]"
    } else if left.contains('-') {
        "[-<end>]"
    } else {
        "<port>"
    }
}

fn healthcheck(words: &Words, asked: bool) -> Option<Place> {
    let none = words.first.get(..1).is_some_and(|letter| letter.eq_ignore_ascii_case("n"));
    match words.index {
        0 if none => Some(Place { form: 1, part: "NONE" }),
        0 => Some(Place { form: 0, part: "CMD" }),
        1 if !none => Some(Place { form: 0, part: "<command>" }),
        _ if none || !asked => None,
        _ => Some(Place { form: 0, part: "<command>" }),
    }
}
