//! What a text says to BuildKit, so that two texts can be compared.
use std::fmt::Write as _;

use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::cursor::{is_blank, logical};
use crate::model::instruction::{Body, Healthcheck, Instruction};
use crate::text::span::Span;

/// One line for each thing that a text says: directives, comments, instructions with flags and arguments, here-documents. Texts with
/// the same lines build the same image; the formatter changes none of them.
pub fn meaning(snapshot: &Snapshot) -> Vec<String> {
    let file = snapshot.file();
    let mut said = vec![format!("escape {}", char::from(file.escape))];
    for directive in &file.directives {
        said.push(format!("directive {} {}", &snapshot[directive.name], &snapshot[directive.value]));
    }
    said.extend(file.comments.iter().map(|comment| format!("comment {}", snapshot[*comment].trim_end())));
    let reader = Reader { text: snapshot.text(), escape: file.escape };
    file.instructions.iter().for_each(|instruction| reader.instruction(instruction, &mut said));
    said.extend(file.problems.iter().map(|problem| format!("problem {:?}", problem.kind)));
    said
}

struct Reader<'t> {
    text: &'t str,
    escape: u8,
}

impl Reader<'_> {
    fn instruction(&self, instruction: &Instruction, said: &mut Vec<String>) {
        let mut line = format!("{:?}", instruction.kind);
        for flag in &instruction.flags {
            let _ = write!(line, " {:?}", self.exact(flag.span));
        }
        let _ = match &instruction.body {
            Body::From(from) => {
                let image = from.image.as_ref().map(|word| self.exact(word.span));
                let name = from.name.map(|name| self.exact(name));
                write!(line, " {image:?} {name:?} {}", from.r#as.is_some())
            }
            Body::Command(command) => write!(line, " {}", self.command(command)),
            Body::Healthcheck(Healthcheck::Cmd(_, command)) => write!(line, " cmd {}", self.command(command)),
            Body::Healthcheck(other) => write!(line, " {:?}", std::mem::discriminant(other)),
            Body::Copy(copy) => {
                let words = copy.sources.iter().chain(&copy.destination).map(|word| self.exact(word.span));
                write!(line, " {:?} {}", words.collect::<Vec<_>>(), copy.json)
            }
            Body::Pairs(pairs) => pairs.iter().try_for_each(|pair| {
                let value = pair.value.as_ref().map(|value| self.exact(value.span));
                write!(line, " {:?} {value:?} {}", self.exact(pair.name.span), pair.legacy)
            }),
            Body::Words(words) => {
                write!(line, " {:?}", words.iter().map(|word| self.exact(word.span)).collect::<Vec<_>>())
            }
            Body::Value(value) => write!(line, " {:?}", value.as_ref().map(|value| self.exact(value.span))),
            Body::Onbuild(None) | Body::Unknown => write!(line, " {:?}", self.exact(instruction.arguments)),
            Body::Onbuild(Some(_)) => Ok(()),
        };
        said.push(line);
        for heredoc in &instruction.heredocs {
            let body = &self.text[heredoc.body.range()];
            let (expand, tabs) = (heredoc.expand, heredoc.strip_tabs);
            said.push(format!("document {:?} {expand} {tabs} {:?} {body:?}", heredoc.delimiter, heredoc.end.is_some()));
        }
        if let Body::Onbuild(Some(nested)) = &instruction.body {
            self.instruction(nested, said);
        }
    }

    fn exact(&self, span: Span) -> String {
        logical(self.text, span, self.escape).trim_end().to_owned()
    }

    fn command(&self, command: &Command) -> String {
        match command {
            Command::Missing => String::new(),
            Command::Exec(strings) => format!("{:?}", strings.iter().map(|string| &string.value).collect::<Vec<_>>()),
            Command::Shell(span) => without_needless_blanks(&self.exact(*span), self.escape),
        }
    }
}

/// Shell text with one blank for several outside quotes, and none behind an operator: those that line joins leave.
fn without_needless_blanks(text: &str, escape: u8) -> String {
    let mut out = Vec::with_capacity(text.len());
    let (mut quote, mut escaped, mut pending, mut operator) = (None, false, false, false);
    for byte in text.bytes() {
        let plain = quote.is_none() && !escaped;
        if plain && is_blank(byte) {
            pending = true;
            continue;
        }
        let is_operator = plain && matches!(byte, b';' | b'&' | b'|');
        if std::mem::take(&mut pending) && (!operator || is_operator) {
            out.push(b' ');
        }
        operator = is_operator;
        out.push(byte);
        match quote {
            _ if escaped => escaped = false,
            _ if byte == escape && quote != Some(b'\'') => escaped = true,
            None if matches!(byte, b'\'' | b'"') => quote = Some(byte),
            Some(open) if open == byte => quote = None,
            _ => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
