//! The shell's commands: what is a command, a flag, a word of the language. Any text will do, the more so half of one.
use super::painter::Painter;
use super::shell_state::{Expect, Wrapped, arguments, behind};
use super::{DECLARATION, DEFAULT_LIBRARY, TokenKind};
use crate::knowledge::shell_words::is_builtin;
use crate::model::cursor::continuation_end;
use crate::syntax::shell::is_posix;
use crate::text::span::Span;

/// Substitutions inside substitutions that are looked into.
const MAX_DEPTH: u32 = 24;

/// Reads commands and paints them.
pub(super) struct Lexer<'p, 's> {
    pub painter: &'p mut Painter<'s>,
    pub bytes: &'s [u8],
    pub at: usize,
    pub end: usize,
    depth: u32,
    /// Here-documents of a script whose lines are still to come.
    pending: Vec<Pending>,
    /// How many words and operators there were.
    words: u32,
    /// How many words that are neither a command's name nor a flag.
    operands: u32,
    first: Option<Span>,
}

/// A here-document whose lines begin behind this one.
struct Pending {
    delimiter: String,
    strip_tabs: bool,
    expand: bool,
}

impl<'p, 's> Lexer<'p, 's> {
    /// Reads `span`: an instruction's logical line, or a script where the painter knows no escape character.
    pub fn new(painter: &'p mut Painter<'s>, span: Span) -> Self {
        let (bytes, at, end) = (painter.text.as_bytes(), span.start as usize, span.end as usize);
        let (pending, first) = (Vec::new(), None);
        Self { painter, bytes, at, end, depth: 0, pending, words: 0, operands: 0, first }
    }

    /// True when there was nothing but here-documents.
    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// True when there was one command, a shell that reads its script.
    pub fn fed(&self) -> bool {
        let name = self.first.map(|span| self.painter.text[span.range()].to_owned());
        self.operands == 0 && self.words > 0 && name.is_some_and(|name| is_posix(&[name]))
    }

    pub fn peek(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        if at < self.end { self.bytes[at] } else { 0 }
    }

    pub fn paint(&mut self, start: usize, end: usize, kind: TokenKind, modifiers: u8) {
        if start < end {
            self.painter.push(Span::from(start..end), kind, modifiers);
        }
    }

    /// Takes so many bytes, which are an operator.
    pub fn operator(&mut self, length: usize) {
        let start = self.at;
        self.at = (self.at + length).min(self.end);
        self.paint(start, self.at, TokenKind::Operator, 0);
    }

    /// Where the text goes on when a continuation begins at `at`.
    pub fn joint(&self, at: usize) -> Option<usize> {
        match self.painter.escape {
            Some(escape) => continuation_end(self.bytes, at, self.end, escape),
            None if at + 1 < self.end && self.bytes[at] == b'\\' => match &self.bytes[at + 1..self.end] {
                [b'\n', ..] => Some(at + 2),
                [b'\r', b'\n', ..] => Some(at + 3),
                _ => None,
            },
            None => None,
        }
    }

    pub fn skip_blanks(&mut self) {
        while self.at < self.end {
            match (self.joint(self.at), self.bytes[self.at]) {
                (Some(behind), _) => self.at = behind,
                (None, b' ' | b'\t' | b'\r' | 0x0b | 0x0c) => self.at += 1,
                _ => return,
            }
        }
    }

    /// Reads commands up to `stop`, a closing bracket or back-tick, which is left; 0 for none.
    pub fn commands(&mut self, stop: u8) {
        let mut expect = Expect::Command;
        let mut cases = 0_u32;
        loop {
            self.skip_blanks();
            if self.at >= self.end {
                return;
            }
            let next = self.peek(1);
            match self.peek(0) {
                b'`' if stop == b'`' => return,
                b')' if stop == b')' && expect != Expect::Pattern => return,
                b'\n' => expect = self.line_end(expect),
                b'#' => self.comment(stop),
                b'(' => expect = self.parenthesis(expect),
                b')' => {
                    self.operator(1);
                    expect = Expect::Command;
                }
                b'<' | b'>' => self.redirect(stop),
                b'&' if next == b'>' => self.redirect(stop),
                b'&' | b'|' | b';' => expect = self.separator(expect, cases),
                _ => expect = self.word(expect, stop, &mut cases),
            }
        }
    }

    fn line_end(&mut self, expect: Expect) -> Expect {
        self.at += 1;
        self.bodies();
        match expect {
            Expect::Pattern | Expect::CaseIn | Expect::LoopIn | Expect::Test { double: true } => expect,
            _ => Expect::Command,
        }
    }

    /// A comment: of a script to the line's end, of an instruction to the end of all.
    fn comment(&mut self, stop: u8) {
        let rest = &self.bytes[self.at..self.end];
        let script = self.painter.escape.is_none();
        let is_end = |byte: &u8| script && *byte == b'\n' || stop == b'`' && *byte == b'`';
        let end = self.at + rest.iter().position(is_end).unwrap_or(rest.len());
        self.paint(self.at, end, TokenKind::Comment, 0);
        self.at = end;
    }

    fn parenthesis(&mut self, expect: Expect) -> Expect {
        self.words += 1;
        let loose = matches!(expect, Expect::Command | Expect::LoopName);
        if loose && self.peek(1) == b'(' && self.arithmetic(2) {
            return if expect == Expect::LoopName { Expect::Command } else { Expect::Argument };
        }
        self.operator(1);
        if matches!(expect, Expect::Pattern | Expect::Test { .. }) {
            return expect;
        }
        self.skip_blanks();
        if self.peek(0) == b')' {
            // Behind a name, which is a function's.
            self.operator(1);
            return Expect::Command;
        }
        self.nested(b')');
        Expect::Argument
    }

    /// Reads commands up to `stop` and paints that.
    pub fn nested(&mut self, stop: u8) {
        if self.is_deep() {
            return;
        }
        self.deepen(|lexer| lexer.commands(stop));
        if self.peek(0) == stop {
            self.operator(1);
        }
    }

    /// True when nothing further in is looked into.
    pub fn is_deep(&self) -> bool {
        self.depth >= MAX_DEPTH
    }

    /// One level further in.
    pub fn deepen(&mut self, read: impl FnOnce(&mut Self)) {
        self.depth += 1;
        read(self);
        self.depth -= 1;
    }

    /// `&&`, `;`, `|` …
    fn separator(&mut self, expect: Expect, cases: u32) -> Expect {
        self.words += 1;
        self.operands += 1;
        let (first, second, third) = (self.peek(0), self.peek(1), self.peek(2));
        let ends_case = first == b';' && matches!(second, b';' | b'&');
        let length = match (first, second, third) {
            (b';', b';', b'&') => 3,
            (b'&', b'&', _) | (b'|', b'|' | b'&', _) | (b';', b';' | b'&', _) => 2,
            _ => 1,
        };
        self.operator(length);
        match expect {
            _ if ends_case && cases > 0 => Expect::Pattern,
            Expect::Test { double: true } if length == 2 => expect,
            Expect::Pattern if first == b'|' => Expect::Pattern,
            _ => Expect::Command,
        }
    }

    /// `2> file`, `<<EOF`, `>(cmd)`; the descriptor's digits may stand at the cursor.
    fn redirect(&mut self, stop: u8) {
        let digits = self.bytes[self.at..self.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let at = |ahead: usize| self.peek(digits + ahead);
        if digits == 0 && matches!(at(0), b'<' | b'>') && at(1) == b'(' {
            self.words += 1;
            self.operands += 1;
            self.operator(2);
            return self.nested(b')');
        }
        let length = match (at(0), at(1), at(2)) {
            (b'<', b'<', b'<') | (b'&', b'>', b'>') => 3,
            (b'<', b'<', _) => return self.heredoc(digits),
            (b'<', b'&' | b'>', _) | (b'>', b'>' | b'&' | b'|', _) | (b'&', b'>', _) => 2,
            _ => 1,
        };
        let copies = length == 2 && at(1) == b'&';
        let rest = &self.bytes[(self.at + digits + length).min(self.end)..self.end];
        let target = rest.iter().take_while(|byte| copies && (byte.is_ascii_digit() || **byte == b'-')).count();
        self.operator(digits + length + target);
        if target == 0 {
            self.skip_blanks();
            self.plain_word(Some((TokenKind::String, 0)), stop);
        }
    }

    fn heredoc(&mut self, digits: usize) {
        let strip_tabs = self.peek(digits + 2) == b'-';
        self.operator(digits + 2 + usize::from(strip_tabs));
        self.skip_blanks();
        let start = self.at;
        let (mut delimiter, mut expand, mut quote) = (Vec::new(), true, None);
        while self.at < self.end {
            let byte = self.bytes[self.at];
            match (quote, byte) {
                (_, b'\n') => break,
                (None, b' ' | b'\t' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => break,
                (None, _) if self.joint(self.at).is_some() => break,
                (None, b'\'' | b'"') => (quote, expand) = (Some(byte), false),
                (None, b'\\') => expand = false,
                (Some(open), _) if open == byte => quote = None,
                _ => delimiter.push(byte),
            }
            self.at += 1;
        }
        self.paint(start, self.at, TokenKind::Keyword, 0);
        if self.painter.escape.is_none() && !delimiter.is_empty() {
            let delimiter = String::from_utf8_lossy(&delimiter).into_owned();
            self.pending.push(Pending { delimiter, strip_tabs, expand });
        }
    }

    /// The lines of the here-documents of the line that has just ended.
    fn bodies(&mut self) {
        for Pending { delimiter, strip_tabs, expand } in std::mem::take(&mut self.pending) {
            let (body, next) = self.body_end(&delimiter, strip_tabs);
            let end = std::mem::replace(&mut self.end, body);
            if expand {
                self.expanded(TokenKind::String);
            } else {
                self.paint(self.at, body, TokenKind::String, 0);
            }
            self.end = end;
            self.paint(body, next, TokenKind::Keyword, 0);
            self.at = next;
        }
    }

    /// Where the line of `delimiter` begins and ends; the end of all where there is none.
    fn body_end(&self, delimiter: &str, strip_tabs: bool) -> (usize, usize) {
        let mut at = self.at;
        while at < self.end {
            let rest = &self.bytes[at..self.end];
            let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            let line = rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]);
            let tabs = if strip_tabs { line.iter().take_while(|&&byte| byte == b'\t').count() } else { 0 };
            if &line[tabs..] == delimiter.as_bytes() {
                return (at, at + length);
            }
            at = (at + length + 1).min(self.end);
        }
        (self.end, self.end)
    }

    /// A word; what is expected behind it.
    fn word(&mut self, expect: Expect, stop: u8, cases: &mut u32) -> Expect {
        let (literal, whole) = self.literal(stop);
        let text = self.painter.text.get(self.at..literal).unwrap_or_default();
        if whole && matches!(self.bytes.get(literal), Some(b'<' | b'>')) && literal < self.end && is_number(text) {
            self.redirect(stop);
            return expect;
        }
        self.words += 1;
        match expect {
            Expect::Command => self.command(text, whole, literal, stop),
            Expect::Wrapped(wrapped) => self.wrapped(wrapped, text, whole, literal, stop),
            Expect::Pattern if whole && text == "esac" => {
                *cases = cases.saturating_sub(1);
                self.keyword(literal)
            }
            Expect::Pattern => self.plain(Some((TokenKind::String, 0)), stop, Expect::Pattern),
            Expect::CaseWord => self.argument(text, whole, stop, Expect::CaseIn),
            Expect::CaseIn if whole && text == "in" => {
                *cases += 1;
                self.keyword(literal);
                Expect::Pattern
            }
            Expect::LoopName => self.plain(Some((TokenKind::Variable, DECLARATION)), stop, Expect::LoopIn),
            Expect::LoopIn if whole && text == "in" => self.keyword(literal),
            Expect::LoopIn if whole && text == "do" => {
                self.keyword(literal);
                Expect::Command
            }
            Expect::FunctionName => self.plain(Some((TokenKind::Function, DECLARATION)), stop, Expect::Command),
            Expect::Test { double } if whole && text == (if double { "]]" } else { "]" }) => {
                self.test_end(double, literal)
            }
            Expect::Test { .. } if whole && matches!(text, "=" | "==" | "!=" | "=~" | "!") => {
                self.operator(literal - self.at);
                expect
            }
            Expect::Declaration if !text.starts_with('-') => self.declared(text, stop),
            Expect::Argument | Expect::Test { .. } | Expect::Declaration | Expect::CaseIn | Expect::LoopIn => {
                self.argument(text, whole, stop, expect)
            }
        }
    }

    fn keyword(&mut self, end: usize) -> Expect {
        self.paint(self.at, end, TokenKind::Keyword, 0);
        self.at = end;
        Expect::Argument
    }

    fn test_end(&mut self, double: bool, end: usize) -> Expect {
        let (kind, modifiers) = if double { (TokenKind::Keyword, 0) } else { (TokenKind::Function, DEFAULT_LIBRARY) };
        self.paint(self.at, end, kind, modifiers);
        self.at = end;
        Expect::Argument
    }

    fn plain(&mut self, kind: Option<(TokenKind, u8)>, stop: u8, then: Expect) -> Expect {
        self.operands += 1;
        self.plain_word(kind, stop);
        then
    }

    /// Where a command may stand.
    fn command(&mut self, text: &str, whole: bool, end: usize, stop: u8) -> Expect {
        if whole && let Some(then) = behind(text) {
            self.keyword(end);
            self.operands += 1;
            return then;
        }
        if assigns(text) {
            self.assignment(stop);
            return Expect::Command;
        }
        let function = whole && end < self.end && self.bytes[end] == b'(';
        if function && self.bytes[end..self.end].starts_with(b"()") {
            return self.plain(Some((TokenKind::Function, DECLARATION)), stop, Expect::Argument);
        }
        if whole && self.first.is_none() {
            self.first = Some(Span::from(self.at..end));
        } else {
            self.operands += 1;
        }
        let builtin = if whole && is_builtin(text) { DEFAULT_LIBRARY } else { 0 };
        self.plain_word(Some((TokenKind::Function, builtin)), stop);
        if whole { arguments(text) } else { Expect::Argument }
    }

    /// Behind `sudo` and its kind.
    fn wrapped(&mut self, wrapped: Wrapped, text: &str, whole: bool, end: usize, stop: u8) -> Expect {
        let next = Wrapped { value: false, ..wrapped };
        if wrapped.value {
            self.argument(text, whole, stop, Expect::Wrapped(next))
        } else if text.starts_with('-') && text.len() > 1 {
            let value = whole && wrapped.flags.split(' ').any(|flag| flag == text);
            self.argument(text, whole, stop, Expect::Wrapped(Wrapped { value, ..wrapped }))
        } else if wrapped.assignments && assigns(text) {
            self.assignment(stop);
            Expect::Wrapped(next)
        } else if wrapped.words > 0 {
            self.argument(text, whole, stop, Expect::Wrapped(Wrapped { words: wrapped.words - 1, ..next }))
        } else {
            self.command(text, whole, end, stop)
        }
    }

    /// `NAME` or `NAME=value` behind `export`.
    fn declared(&mut self, text: &str, stop: u8) -> Expect {
        self.operands += 1;
        if assigns(text) {
            self.assignment(stop);
        } else {
            self.plain_word(Some((TokenKind::Variable, DECLARATION)), stop);
        }
        Expect::Declaration
    }

    /// A flag, a number, or anything else.
    fn argument(&mut self, text: &str, whole: bool, stop: u8, then: Expect) -> Expect {
        if text.starts_with('-') && text.len() > 1 {
            if let Some(equals) = text.find('=') {
                self.paint(self.at, self.at + equals, TokenKind::Parameter, 0);
                self.at += equals;
                self.operator(1);
                let number = whole && is_number(&text[equals + 1..]);
                let kind = if number { TokenKind::Number } else { TokenKind::String };
                self.plain_word(Some((kind, 0)), stop);
            } else {
                self.plain_word(Some((TokenKind::Parameter, 0)), stop);
            }
            return then;
        }
        let number = whole && is_number(text);
        self.plain(number.then_some((TokenKind::Number, 0)), stop, then)
    }

    /// `NAME=value`, `NAME+=value`, `NAME=(a b)`
    fn assignment(&mut self, stop: u8) {
        let rest = &self.bytes[self.at..self.end];
        let equals = rest.iter().position(|&byte| byte == b'=').unwrap_or(0);
        let plus = usize::from(equals > 0 && rest[equals - 1] == b'+');
        let name = self.at + equals - plus;
        self.paint(self.at, name, TokenKind::Variable, DECLARATION);
        self.at = name;
        self.operator(1 + plus);
        if self.peek(0) == b'(' {
            return self.array(stop);
        }
        let (literal, whole) = self.literal(stop);
        let number = whole && is_number(self.painter.text.get(self.at..literal).unwrap_or_default());
        let kind = if number { TokenKind::Number } else { TokenKind::String };
        self.plain_word(Some((kind, 0)), stop);
    }

    /// `(a b)`
    fn array(&mut self, stop: u8) {
        self.operator(1);
        loop {
            self.skip_blanks();
            match self.peek(0) {
                b')' => return self.operator(1),
                b'\n' => self.at += 1,
                b'#' => self.comment(stop),
                b';' | b'&' | b'|' | b'<' | b'>' | b'(' => return,
                _ if self.at >= self.end => return,
                b'`' if stop == b'`' => return,
                _ => self.plain_word(Some((TokenKind::String, 0)), stop),
            }
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for `NAME=…` and `NAME+=…`.
fn assigns(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
