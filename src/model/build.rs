//! Tree to model, in one pass.
use std::sync::Arc;

use super::check;
use super::command::{Command, Json, parse_json};
use super::cursor::{Cursor, logical};
use super::dockerfile::{Directive, Dockerfile};
use super::instruction::{Body, Copy, Flag, From, Healthcheck, Heredoc, Instruction, Kind, Pair};
use super::kept::Kept;
use super::problem::{Problem, ProblemKind};
use super::stage::stages;
use super::word::{Quoting, Word, parse_word, split_at_blanks, split_words};
use crate::syntax::node::{Role, Walk};
use crate::syntax::parser::SyntaxTree;
use crate::text::span::Span;

/// ONBUILD may not be nested; deeper nodes than this are not read.
const MAX_NESTING: u32 = 4;

/// Reads `text`, which `tree` is the tree of. What the change from an earlier version left alone is taken from there.
pub fn dockerfile(text: &str, tree: &SyntaxTree, earlier: Option<(&str, &Dockerfile)>) -> Dockerfile {
    let kept = earlier.and_then(|(old, file)| Kept::find(old, file, text));
    let mut file = kept.as_ref().map_or_else(Dockerfile::default, Kept::front);
    let front = file.instructions.len();
    let mut walk = Walk::new(tree);
    let last = file.instructions.last().map(|instruction| instruction.span);
    let start = last.map_or(0, |last| last.end);
    let mut more = if let Some(last) = last { walk.enter_at(last.start) } else { walk.enter() };
    let mut back = None;
    while more && back.is_none() {
        let span = walk.span();
        match walk.role() {
            _ if span.start < start => {}
            Role::Directive => read_directive(text, &walk, &mut file),
            Role::Comment => file.comments.push(span),
            Role::Instruction => {
                back = kept.as_ref().and_then(|kept| kept.back(span.start));
                if back.is_none() {
                    // Directives stand in front of all instructions, so the escape character is known by now.
                    let reader = Reader { text, escape: file.escape };
                    file.instructions.extend(reader.instruction(&mut walk, &mut file.comments, 0).map(Arc::new));
                }
            }
            Role::Error => {
                file.problems.push(Problem { kind: ProblemKind::Unparsable, span, instruction: None, deferred: false });
            }
            _ => {}
        }
        more = walk.advance();
    }
    let read = front..file.instructions.len();
    if let (Some(kept), Some(back)) = (kept, back) {
        kept.append(back, &mut file);
    }
    file.stages = stages(text, &file.instructions);
    check::problems(text, &mut file, read);
    file
}

fn read_directive(text: &str, walk: &Walk<'_>, file: &mut Dockerfile) {
    let (Some(name), Some(value)) = (walk.field("name"), walk.field("value")) else { return };
    let value_text = text[value.range()].trim_end();
    let value = Span::new(value.start, value.start + value_text.len() as u32);
    if text[name.range()].eq_ignore_ascii_case("escape") && matches!(value_text, "\\" | "`") {
        file.escape = value_text.as_bytes()[0];
    }
    file.directives.push(Directive { span: walk.span(), name, value });
}

struct Reader<'t> {
    text: &'t str,
    escape: u8,
}

/// What the children of an instruction's node are.
#[derive(Default)]
struct Parts {
    flags: Vec<Flag>,
    flags_end: u32,
    arguments_end: u32,
    starts: Vec<Span>,
    bodies: Vec<Document>,
    nested: Option<Instruction>,
}

/// The lines of a here-document and its terminator.
struct Document {
    body: Option<Span>,
    end: Option<Span>,
}

impl Reader<'_> {
    fn instruction(&self, walk: &mut Walk<'_>, comments: &mut Vec<Span>, nesting: u32) -> Option<Instruction> {
        if !walk.enter() {
            return None;
        }
        let keyword = walk.span();
        let word = logical(self.text, keyword, self.escape);
        let kind = if nesting <= MAX_NESTING { Kind::of(&word) } else { Kind::Unknown };
        let parts = self.parts(walk, keyword, comments, nesting);
        walk.leave();
        let arguments = self.arguments(&parts);
        let heredocs = self.heredocs(kind, &parts);
        let last_line = parts.bodies.last().and_then(|document| document.end.or(document.body));
        let end = last_line.map_or(arguments.end, |line| self.without_line_end(line)).max(parts.flags_end);
        let body = match (kind, parts.nested) {
            (Kind::Onbuild, Some(nested)) => Body::Onbuild(Some(Box::new(nested))),
            _ => self.body(kind, arguments),
        };
        let end = if let Body::Onbuild(Some(nested)) = &body { nested.span.end } else { end };
        let span = Span::new(keyword.start, end.max(keyword.end));
        Some(Instruction { kind, span, keyword, flags: parts.flags, arguments, heredocs, body })
    }

    /// Reads the siblings behind the keyword.
    fn parts(&self, walk: &mut Walk<'_>, keyword: Span, comments: &mut Vec<Span>, nesting: u32) -> Parts {
        let mut parts = Parts { flags_end: keyword.end, arguments_end: keyword.end, ..Parts::default() };
        while walk.advance() {
            let span = walk.span();
            match walk.role() {
                Role::Comment => comments.push(span),
                Role::Continuation => {}
                Role::Flag => {
                    parts.flags.push(self.flag(walk));
                    parts.flags_end = span.end;
                }
                Role::EndOfFlags => parts.flags_end = span.end,
                Role::HeredocBody => parts.bodies.push(Document { body: Some(span), end: None }),
                Role::HeredocEnd => match parts.bodies.last_mut() {
                    Some(open) if open.end.is_none() => open.end = Some(span),
                    _ => parts.bodies.push(Document { body: None, end: Some(span) }),
                },
                role => {
                    parts.arguments_end = span.end;
                    match role {
                        Role::HeredocStart => parts.starts.push(span),
                        Role::Instruction if nesting <= MAX_NESTING => {
                            parts.nested = self.instruction(walk, comments, nesting + 1);
                        }
                        _ => self.gather(walk, span, &mut parts.starts, comments),
                    }
                }
            }
        }
        parts
    }

    /// Here-document starts and comments inside an argument node; most have neither.
    fn gather(&self, walk: &mut Walk<'_>, span: Span, starts: &mut Vec<Span>, comments: &mut Vec<Span>) {
        let text = &self.text[span.range()];
        if !(text.contains('\n') || text.contains("<<")) || !walk.enter() {
            return;
        }
        let mut more = true;
        while more {
            match walk.role() {
                Role::HeredocStart => starts.push(walk.span()),
                Role::Comment => comments.push(walk.span()),
                _ => {}
            }
            more = walk.advance();
        }
        walk.leave();
    }

    fn arguments(&self, parts: &Parts) -> Span {
        let end = parts.arguments_end.max(parts.flags_end);
        let mut cursor = Cursor::new(self.text, Span::new(parts.flags_end, end), self.escape);
        cursor.skip_blanks();
        let start = cursor.offset().min(end);
        let trimmed = self.text[start as usize..end as usize].trim_end_matches(['\r', '\n']).len() as u32;
        Span::new(start, start + trimmed)
    }

    fn without_line_end(&self, line: Span) -> u32 {
        line.start + self.text[line.range()].trim_end_matches(['\r', '\n']).len() as u32
    }

    fn flag(&self, walk: &Walk<'_>) -> Flag {
        let span = walk.span();
        let name = walk.field("name").unwrap_or(Span::at(span.end));
        let has_equals = self.text.as_bytes().get(name.end as usize) == Some(&b'=') && name.end < span.end;
        let value = has_equals.then(|| {
            let value = Span::new(name.end + 1, span.end);
            parse_word(self.text, value, self.escape, Quoting::Resolve)
        });
        Flag { span, name, value }
    }

    fn heredocs(&self, kind: Kind, parts: &Parts) -> Vec<Heredoc> {
        let mut documents = parts.bodies.iter();
        parts
            .starts
            .iter()
            .map(|&start| {
                let document = documents.next();
                let (delimiter, expand, strip_tabs) = delimiter(&self.text[start.range()]);
                let body = document.and_then(|document| document.body);
                let end = document.and_then(|document| document.end).filter(|end| !end.is_empty());
                let body = body.map_or(Span::at(end.map_or(start.end, |end| end.start)), |body| self.whole_lines(body));
                let content = (expand && matches!(kind, Kind::Copy | Kind::Add))
                    .then(|| parse_word(self.text, body, 0, Quoting::Raw));
                Heredoc { start, delimiter, expand, strip_tabs, body, end, content }
            })
            .collect()
    }

    /// The grammar skips the tabs that `<<-` strips in front of the first line; they belong to the text all the same.
    fn whole_lines(&self, body: Span) -> Span {
        let line = self.text[..body.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        Span::new(line as u32, body.end)
    }

    fn body(&self, kind: Kind, arguments: Span) -> Body {
        match kind {
            Kind::From => Body::From(self.from(arguments)),
            Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Shell => Body::Command(self.command(arguments)),
            Kind::Copy | Kind::Add => Body::Copy(self.copy(arguments)),
            Kind::Env | Kind::Label => Body::Pairs(self.pairs(arguments)),
            Kind::Arg => Body::Pairs(self.args(arguments)),
            Kind::Expose => Body::Words(self.words(arguments)),
            Kind::Volume => Body::Words(self.json_or_words(arguments).0),
            Kind::Workdir | Kind::User | Kind::Stopsignal | Kind::Maintainer => {
                Body::Value((!arguments.is_empty()).then(|| self.word(arguments)))
            }
            Kind::Healthcheck => Body::Healthcheck(self.healthcheck(arguments)),
            Kind::Onbuild => Body::Onbuild(None),
            Kind::Unknown => Body::Unknown,
        }
    }

    fn word(&self, span: Span) -> Word {
        parse_word(self.text, span, self.escape, Quoting::Resolve)
    }

    fn words(&self, arguments: Span) -> Vec<Word> {
        split_at_blanks(self.text, arguments, self.escape).into_iter().map(|span| self.word(span)).collect()
    }

    fn from(&self, arguments: Span) -> From {
        let words = split_at_blanks(self.text, arguments, self.escape);
        From {
            image: words.first().map(|&span| self.word(span)),
            r#as: words.get(1).copied().filter(|span| self.text[span.range()].eq_ignore_ascii_case("as")),
            name: words.get(2).copied(),
        }
    }

    fn command(&self, arguments: Span) -> Command {
        if arguments.is_empty() {
            return Command::Missing;
        }
        match parse_json(self.text, arguments, self.escape) {
            Json::Strings(strings) => Command::Exec(strings),
            Json::No | Json::NotStrings => Command::Shell(arguments),
        }
    }

    fn copy(&self, arguments: Span) -> Copy {
        let (mut words, json) = self.json_or_words(arguments);
        let destination = if words.len() > 1 { words.pop() } else { None };
        Copy { sources: words, destination, json }
    }

    fn json_or_words(&self, arguments: Span) -> (Vec<Word>, bool) {
        match parse_json(self.text, arguments, self.escape) {
            Json::Strings(strings) => {
                let inner = |span: Span| Span::new(span.start + 1, span.end - 1);
                (
                    strings.iter().map(|string| Word { span: string.span, ..self.word(inner(string.span)) }).collect(),
                    true,
                )
            }
            Json::No | Json::NotStrings => (self.words(arguments), false),
        }
    }

    fn pairs(&self, arguments: Span) -> Vec<Pair> {
        let words = split_words(self.text, arguments, self.escape);
        let Some(&first) = words.first() else { return Vec::new() };
        if self.equals(first).is_some() {
            return words.into_iter().map(|word| self.pair(word)).collect();
        }
        let value = words.get(1).map(|second| self.word(Span::new(second.start, arguments.end)));
        vec![Pair { span: arguments, name: self.word(first), value, legacy: true }]
    }

    fn args(&self, arguments: Span) -> Vec<Pair> {
        split_words(self.text, arguments, self.escape).into_iter().map(|word| self.pair(word)).collect()
    }

    /// `name=value`, or a bare name.
    fn pair(&self, span: Span) -> Pair {
        match self.equals(span) {
            Some(equals) => Pair {
                span,
                name: self.word(Span::new(span.start, equals)),
                value: Some(self.word(Span::new(equals + 1, span.end))),
                legacy: false,
            },
            None => Pair { span, name: self.word(span), value: None, legacy: false },
        }
    }

    fn equals(&self, span: Span) -> Option<u32> {
        self.text[span.range()].find('=').map(|index| span.start + index as u32)
    }

    fn healthcheck(&self, arguments: Span) -> Healthcheck {
        let Some(&word) = split_at_blanks(self.text, arguments, self.escape).first() else {
            return Healthcheck::Missing;
        };
        let keyword = &self.text[word.range()];
        if keyword.eq_ignore_ascii_case("none") {
            return Healthcheck::None(word);
        }
        if !keyword.eq_ignore_ascii_case("cmd") {
            return Healthcheck::Unknown(word);
        }
        let mut cursor = Cursor::new(self.text, Span::new(word.end, arguments.end), self.escape);
        cursor.skip_blanks();
        Healthcheck::Cmd(word, self.command(Span::new(cursor.offset().min(arguments.end), arguments.end)))
    }
}

/// Delimiter, whether the body is expanded, whether tabs are stripped. The escape here is always a backslash.
fn delimiter(start: &str) -> (String, bool, bool) {
    let rest = start.trim_start_matches(|character: char| character.is_ascii_digit());
    let rest = rest.strip_prefix("<<").unwrap_or(rest);
    let (rest, strip) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let rest = rest.trim_start();
    let mut name = String::new();
    let mut expand = true;
    let mut quote = None;
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '\'' | '"') => {
                quote = Some(character);
                expand = false;
            }
            (Some(open), _) if open == character => quote = None,
            (None | Some('"'), '\\') => name.extend(characters.next()),
            _ => name.push(character),
        }
    }
    (name, expand, strip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parser::parse;

    fn read(text: &str) -> Dockerfile {
        dockerfile(text, &parse(text, None), None)
    }

    #[test]
    fn reads_stages_and_parts() {
        let text = "ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS Build\nCOPY --from=x a \\\n # c\n b /d/\n\nFROM build\nRUN <<-'EOF' cat\n\tx\n\tEOF\nCMD [\"a\"]\n";
        let file = read(text);
        assert_eq!(file.problems, []);
        assert_eq!(file.stages.len(), 2);
        assert_eq!(file.stages[0].name.as_deref(), Some("build"));
        assert_eq!(file.stages[1].base, super::super::stage::Base::Stage(0));
        let copy = file.instructions[2].copy().unwrap();
        assert_eq!(copy.sources.len(), 2);
        assert_eq!(copy.destination.as_ref().unwrap().raw(text), "/d/");
        let run = &file.instructions[4];
        assert_eq!(run.heredocs[0].delimiter, "EOF");
        assert!(!run.heredocs[0].expand && run.heredocs[0].strip_tabs);
        assert_eq!(&text[run.heredocs[0].body.range()], "\tx\n");
        assert!(text[run.span.range()].ends_with("\tEOF"));
        assert_eq!(file.comments.len(), 1);
        assert_eq!(file.instructions[5].command().unwrap().exec().unwrap()[0].value, "a");
    }

    #[test]
    fn reads_pairs() {
        let text = "FROM x\nENV a=1 b=\"c d\" e=$a\nENV old value  with blanks\nARG x y=2\nLABEL \"a b\"=c\n";
        let file = read(text);
        assert_eq!(file.problems, []);
        assert_eq!(file.instructions[1].pairs().len(), 3);
        let old = &file.instructions[2].pairs()[0];
        assert!(old.legacy);
        assert_eq!(old.value.as_ref().unwrap().raw(text), "value  with blanks");
        assert_eq!(file.instructions[3].pairs().len(), 2);
        assert_eq!(file.instructions[4].pairs()[0].name.literal(text).unwrap(), "a b");
    }

    #[test]
    fn a_keyword_may_be_continued() {
        let file = read("FR\\\nOM x\n");
        assert_eq!((file.instructions[0].kind, file.problems), (Kind::From, vec![]));
    }

    #[test]
    fn delimiters() {
        assert_eq!(delimiter("3<<-  E'O'F"), ("EOF".into(), false, true));
        assert_eq!(delimiter("<<$EOF"), ("$EOF".into(), true, false));
        assert_eq!(delimiter("<<\\'x"), ("'x".into(), true, false));
    }
}
