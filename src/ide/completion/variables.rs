//! Variables behind `$` and `${`: those that are visible there.
use super::place::{Spot, in_document, spot};
use super::typed::Typed;
use super::{Item, ItemKind, Offer};
use crate::analysis::env::{Env, Origin, Variable};
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::ide::markdown::{code, paragraphs};
use crate::knowledge::instructions::flag_doc;
use crate::knowledge::predefined_args::{ArgKind, predefined_arg, predefined_args};
use crate::model::command::{Command, Json, parse_json};
use crate::model::instruction::{Body, Healthcheck, Kind};
use crate::text::span::Span;

/// A variable that is being typed.
pub struct VariablePlace<'s> {
    spot: Spot<'s>,
    reader: Reader,
    /// What stands behind `$` or `${`.
    typed: Typed,
    /// `${`
    braced: bool,
    /// A brace closes it already.
    closed: bool,
}

/// Who expands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// The builder, in front of the stages.
    Globals,
    /// The builder.
    Builder,
    /// The shell of a RUN.
    Shell,
    /// The shell of a container: ARGs are gone by then.
    Container,
}

/// What may follow a name in braces. Source: the reference of the Dockerfile language.
const MODIFIERS: [(&str, &str); 6] = [
    (":-", "another value where it is unset or empty"),
    (":+", "a value where it is set and not empty"),
    (":?", "the build fails with a message where it is unset or empty"),
    ("#", "without the shortest beginning that matches"),
    ("%", "without the shortest end that matches"),
    ("//", "with each match replaced"),
];

/// The variable at `offset`.
pub fn at(snapshot: &Snapshot, offset: u32) -> Option<VariablePlace<'_>> {
    let text = snapshot.text();
    let before = &text.as_bytes()[..offset as usize];
    let name = before.iter().rev().take_while(|byte| is_name(**byte) || matches!(byte, b':')).count();
    let start = offset as usize - name;
    let braced = before[..start].ends_with(b"${");
    let dollar = if braced { start.checked_sub(2)? } else { start.checked_sub(1)? };
    if before[dollar] != b'$' || (!braced && before[start..].contains(&b':')) {
        return None;
    }
    let spot = spot(snapshot, offset)?;
    let (reader, from) = reader(&spot, dollar as u32)?;
    if !is_expanded(text.get(from as usize..dollar)?, snapshot.file().escape, reader == Reader::Shell) {
        return None;
    }
    let right = text.as_bytes()[offset as usize..].iter().take_while(|byte| is_name(**byte)).count();
    let end = offset as usize + right;
    let typed = Typed::new(text, Span::from(start..end), offset);
    let closed = text[end..].starts_with(['}', ':', '-', '+', '?', '#', '%', '/']);
    Some(VariablePlace { spot, reader, typed, braced, closed })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Who expands the dollar sign at `dollar`, and where the text begins that it reads; `None` where nobody does.
fn reader(spot: &Spot, dollar: u32) -> Option<(Reader, u32)> {
    let (snapshot, node) = (spot.snapshot, spot.node);
    let builder = if spot.stage.is_none() || node.kind == Kind::From { Reader::Globals } else { Reader::Builder };
    if spot.trigger {
        return None;
    }
    if let Some(flag) = node.flags.iter().find(|flag| flag.span.start <= dollar && dollar < flag.span.end) {
        let doc = flag_doc(node.kind.keyword(), &format!("--{}", &snapshot[flag.name]))?;
        let value = flag.value.as_ref()?.span;
        let before = snapshot[Span::new(value.start, dollar.max(value.start))].rsplit(',').next().unwrap_or_default();
        return (doc.expands && !before.starts_with("from=")).then_some((builder, value.start));
    }
    if let Some(document) =
        node.heredocs.iter().find(|document| document.body.start <= dollar && dollar < document.body.end)
    {
        return match node.kind {
            Kind::Copy | Kind::Add if document.expand => Some((builder, dollar)),
            // The script itself, or a text that the shell expands.
            Kind::Run if is_script(spot) || document.expand && is_text(spot, document.start.start) => {
                let start = if is_script(spot) { document.body.start } else { dollar };
                is_posix(spot).then_some((Reader::Shell, start))
            }
            _ => None,
        };
    }
    if in_document(node, dollar) || dollar < node.arguments.start {
        return None;
    }
    match &node.body {
        Body::From(from) => {
            from.image.as_ref().filter(|image| image.span.touches(dollar)).map(|image| (builder, image.span.start))
        }
        Body::Copy(_) | Body::Words(_) => Some((builder, word_start(snapshot, dollar))),
        Body::Pairs(_) => Some((builder, node.arguments.start)),
        Body::Value(_) if node.kind != Kind::Maintainer => Some((builder, node.arguments.start)),
        Body::Command(Command::Shell(span)) => shell(spot, *span),
        Body::Healthcheck(Healthcheck::Cmd(_, Command::Shell(span))) => shell(spot, *span),
        _ => None,
    }
}

/// Blanks end words here, quotes or not.
fn word_start(snapshot: &Snapshot, offset: u32) -> u32 {
    let before = &snapshot.text()[..offset as usize];
    before.rfind(char::is_whitespace).map_or(0, |at| at as u32 + 1).min(offset)
}

fn shell(spot: &Spot, span: Span) -> Option<(Reader, u32)> {
    let text = spot.snapshot.text();
    // A list that is half typed is no text for a shell.
    let is_list =
        parse_json(text, span, spot.snapshot.file().escape) != Json::No || text[span.range()].starts_with("[\"");
    let reader = match spot.node.kind {
        Kind::Run if is_posix(spot) => Reader::Shell,
        Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck => Reader::Container,
        _ => return None,
    };
    (!is_list).then_some((reader, span.start))
}

/// A POSIX shell reads the RUN.
fn is_posix(spot: &Spot) -> bool {
    let run = spot.stage.and_then(|stage| spot.snapshot.stage(stage).run_of(spot.index));
    run.and_then(|run| run.script.as_ref()).is_some_and(|script| !script.foreign)
}

/// The document is all there is of the RUN.
fn is_script(spot: &Spot) -> bool {
    let arguments = spot.snapshot[spot.node.arguments].trim();
    matches!(spot.node.heredocs.as_slice(), [only] if spot.snapshot[only.start] == *arguments)
}

/// A document that is written to a file: what other programs read is no business of the shell's.
fn is_text(spot: &Spot, start: u32) -> bool {
    let line = &spot.snapshot[Span::new(spot.node.arguments.start.min(start), start)];
    line.split(['&', ';', '|', '\n'])
        .next_back()
        .unwrap_or_default()
        .split_whitespace()
        .any(|word| matches!(word, "cat" | "tee"))
}

/// False in single quotes, behind an escape, and in comments of a shell.
fn is_expanded(left: &str, escape: u8, shell: bool) -> bool {
    let escape = if shell { b'\\' } else { escape };
    let (mut quote, mut escaped, mut comment, mut last) = (None, false, false, b' ');
    for byte in left.bytes() {
        match byte {
            b'\n' if comment => comment = false,
            _ if comment => {}
            _ if escaped => escaped = false,
            _ if byte == escape && quote != Some(b'\'') => escaped = true,
            b'\'' | b'"' if quote == Some(byte) => quote = None,
            b'\'' | b'"' if quote.is_none() => quote = Some(byte),
            b'#' if shell && quote.is_none() && last.is_ascii_whitespace() => comment = true,
            _ => {}
        }
        last = byte;
    }
    quote != Some(b'\'') && !escaped && !comment
}

/// The variables that are visible, those of the file first; behind a name in braces what may follow it.
pub fn items(snapshot: &Snapshot, place: &VariablePlace) -> Vec<Item> {
    if let Some(colon) = place.typed.left.find(':') {
        return modifiers(&place.typed.behind(colon), place.closed);
    }
    let env = env(snapshot, place);
    let mut offer = Offer::new(&place.typed);
    for (name, variable) in env.iter().filter(|(name, variable)| is_visible(place, name, variable)) {
        let rank = match variable.origin {
            Origin::Arg | Origin::Env | Origin::Shell => 0,
            Origin::Builder if name.ends_with("PLATFORM") => 100,
            Origin::Builder => 101,
            Origin::Image => 200,
        };
        add(&mut offer, place, name, &detail(name, variable), documentation(snapshot, name, variable), rank);
    }
    // So many names are of use to those alone who look for one.
    if matches!(place.reader, Reader::Builder | Reader::Shell) && !place.typed.left.is_empty() {
        for arg in predefined_args().iter().filter(|arg| arg.kind == ArgKind::Proxy) {
            add(&mut offer, place, arg.name, "a proxy that the builder hands on", arg.meaning.to_owned(), 300);
        }
    }
    let mut items = offer.items;
    let is_whole = env.get(&place.typed.left).is_some();
    if place.braced && is_whole && place.typed.right.is_empty() {
        items.extend(modifiers(&place.typed.behind(place.typed.left.len()), place.closed));
    }
    items
}

fn add(offer: &mut Offer, place: &VariablePlace, name: &str, detail: &str, documentation: String, rank: u32) {
    let brace = if place.braced && !place.closed { "}" } else { "" };
    offer.add_as(ItemKind::Variable, name, format!("{name}{brace}"), detail, documentation, rank);
}

fn modifiers(typed: &Typed, closed: bool) -> Vec<Item> {
    let mut offer = Offer::new(typed);
    let from = 400;
    for (rank, (operator, meaning)) in (from..).zip(MODIFIERS) {
        if !operator.starts_with(&typed.left) {
            continue;
        }
        offer.add(ItemKind::Value, operator, meaning, String::new(), rank);
        let places =
            if operator == "//" { "//${1:pattern}/${2:text}".to_owned() } else { format!("{operator}${{1:word}}") };
        if let Some(item) = offer.items.last_mut().filter(|_| !closed) {
            item.snippet = Some(format!("{places}}}"));
        }
    }
    offer.items
}

fn env(snapshot: &Snapshot, place: &VariablePlace) -> Env {
    let spot = &place.spot;
    let (Some(stage), true) = (spot.stage, place.reader != Reader::Globals) else { return snapshot.globals().clone() };
    let mut env = state_before(snapshot, stage, spot.index).env;
    let run = snapshot.stage(stage).run_of(spot.index).filter(|_| place.reader == Reader::Shell);
    if let Some(script) = run.and_then(|run| Some((run.script.as_ref()?, run.offset))) {
        let (script, offset) = script;
        let before = script.commands.iter().filter(|command| command.span.start + offset < place.typed.start);
        for command in before {
            let names = command.assignments.iter().map(|assignment| assignment.name.as_str());
            let words = command.words.iter().filter_map(|word| word.prefix().split_once('=').map(|(name, _)| name));
            let exported =
                command.words.first().is_some_and(|word| matches!(word.prefix(), "export" | "local" | "readonly"));
            for name in names.filter(|_| command.words.is_empty()).chain(words.filter(|_| exported)) {
                env.set(name, Known::Unknown, Origin::Shell, None);
            }
        }
    }
    env
}

/// What the instruction itself sets is not there yet, and containers know no ARG.
fn is_visible(place: &VariablePlace, name: &str, variable: &Variable) -> bool {
    let is_own = variable.span.is_some_and(|span| span.touches(place.typed.offset()));
    let is_simple = !name.is_empty() && name.bytes().all(is_name);
    is_simple
        && !is_own
        && (place.reader != Reader::Container || matches!(variable.origin, Origin::Env | Origin::Image))
}

fn detail(name: &str, variable: &Variable) -> String {
    match (&variable.value, variable.origin) {
        (Known::Known(value), _) if value.is_empty() => "empty".to_owned(),
        (Known::Known(value), _) => format!("= {}", value.lines().next().unwrap_or_default()),
        (Known::Unknown, Origin::Builder) => predefined_arg(name).map_or("", |arg| arg.meaning).to_owned(),
        (Known::Unknown, Origin::Image) => "set by the base image".to_owned(),
        (Known::Unknown, Origin::Shell) => "set in this command".to_owned(),
        (Known::Unknown, Origin::Arg | Origin::Env) => "known when the image is built".to_owned(),
    }
}

fn documentation(snapshot: &Snapshot, name: &str, variable: &Variable) -> String {
    let known = predefined_arg(name).map_or("", |arg| arg.meaning);
    let line = variable.span.and_then(|span| snapshot.text().get(span.range())).unwrap_or_default();
    paragraphs(&[known, &code("dockerfile", line)])
}
