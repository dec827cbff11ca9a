//! Steps through shell text and knows what quotes and brackets are open. Works on bytes, in any order of brokenness.
use crate::text::span::Span;

/// What is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `(`, `$(`, `<(`
    Paren,
    /// `"`
    Double,
    /// `${`; whether it stands in double quotes, where `'` quotes nothing.
    Brace { in_double: bool },
    /// `$((`, with the number of parentheses open inside.
    Arithmetic(u32),
    /// `` ` ``
    Backtick,
}

/// A place in shell text.
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    /// The next byte to look at.
    pub at: usize,
    /// Where to stop.
    pub end: usize,
    open: Vec<Open>,
    backtick_open: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8], at: usize, end: usize) -> Self {
        Self { bytes, at, end: end.min(bytes.len()), open: Vec::new(), backtick_open: false }
    }

    /// The byte `ahead` of the next one; 0 at the end.
    pub fn peek(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        if at < self.end { self.bytes[at] } else { 0 }
    }

    /// True where commands stand: not in quotes, braces or arithmetic.
    pub fn in_commands(&self) -> bool {
        matches!(self.open.last(), None | Some(Open::Paren | Open::Backtick))
    }

    /// True in `$((…))`.
    pub fn in_arithmetic(&self) -> bool {
        matches!(self.open.last(), Some(Open::Arithmetic(_)))
    }

    /// True in back-ticks: all up to the next back-tick belongs to them, even behind `#`.
    pub fn in_backticks(&self) -> bool {
        self.open.last() == Some(&Open::Backtick)
    }

    /// Goes past the next quote, bracket, escaped character, quoted string or plain byte.
    pub fn step(&mut self) {
        let top = self.open.last().copied();
        let in_double = matches!(top, Some(Open::Double | Open::Brace { in_double: true }));
        let mut width = 1;
        match self.peek(0) {
            b'\\' => width = 2,
            b'\'' if !in_double => width = self.single_quoted(),
            b'"' if top == Some(Open::Double) => drop(self.open.pop()),
            b'"' => self.open.push(Open::Double),
            b'`' => self.backtick(),
            b'$' => width = self.dollar(in_double),
            b'(' => self.open_paren(),
            b')' => width = self.close_paren(),
            b'}' if matches!(top, Some(Open::Brace { .. })) => drop(self.open.pop()),
            _ => {}
        }
        self.at = (self.at + width).min(self.end);
    }

    fn single_quoted(&self) -> usize {
        let rest = &self.bytes[self.at + 1..self.end];
        rest.iter().position(|&byte| byte == b'\'').map_or(rest.len() + 1, |index| index + 2)
    }

    fn backtick(&mut self) {
        // Back-ticks don't nest: the flag spares a search that would be quadratic.
        if self.backtick_open {
            while self.open.pop().is_some_and(|open| open != Open::Backtick) {}
        } else {
            self.open.push(Open::Backtick);
        }
        self.backtick_open = !self.backtick_open;
    }

    fn dollar(&mut self, in_double: bool) -> usize {
        match (self.peek(1), self.peek(2)) {
            (b'(', b'(') => {
                self.open.push(Open::Arithmetic(0));
                3
            }
            (b'(', _) => {
                self.open.push(Open::Paren);
                2
            }
            (b'{', _) => {
                self.open.push(Open::Brace { in_double });
                2
            }
            (b'\'', _) if !in_double => ansi_quoted(self.bytes, self.at, self.end) - self.at,
            // `$$`: the second is no beginning of another expansion.
            (b'$', _) => 2,
            _ => 1,
        }
    }

    fn open_paren(&mut self) {
        match self.open.last_mut() {
            Some(Open::Arithmetic(depth)) => *depth = depth.saturating_add(1),
            None | Some(Open::Paren | Open::Backtick) => self.open.push(Open::Paren),
            _ => {}
        }
    }

    fn close_paren(&mut self) -> usize {
        let next = self.peek(1);
        match self.open.last_mut() {
            Some(Open::Arithmetic(0)) => {
                self.open.pop();
                if next == b')' { 2 } else { 1 }
            }
            Some(Open::Arithmetic(depth)) => {
                *depth -= 1;
                1
            }
            Some(Open::Paren) => {
                self.open.pop();
                1
            }
            _ => 1,
        }
    }
}

/// The end of what `$(`, `${`, `` ` `` or `(` at `at` opens; `end` when it is not closed.
pub(super) fn close(bytes: &[u8], at: usize, end: usize) -> usize {
    let mut scanner = Scanner::new(bytes, at, end);
    scanner.step();
    while !scanner.open.is_empty() && scanner.at < scanner.end {
        scanner.step();
    }
    scanner.at
}

/// The end of `$'…'` at `at`.
pub(super) fn ansi_quoted(bytes: &[u8], at: usize, end: usize) -> usize {
    let mut at = at + 2;
    while at < end && bytes[at] != b'\'' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(end)
}

/// The end of the variable name that begins at `at`; `at` when none does.
pub(super) fn name_end(bytes: &[u8], at: usize, end: usize) -> usize {
    let name = bytes.get(at..end).unwrap_or_default();
    if name.first().is_none_or(u8::is_ascii_digit) {
        return at;
    }
    at + name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

/// The words in `span`, split at blanks outside quotes and brackets.
pub(super) fn split(bytes: &[u8], span: Span) -> Vec<Span> {
    let mut scanner = Scanner::new(bytes, span.range().start, span.range().end);
    let mut words: Vec<Span> = Vec::new();
    let mut start = None;
    while scanner.at < scanner.end {
        let continued = scanner.peek(0) == b'\\' && scanner.peek(1) == b'\n';
        let blank = scanner.open.is_empty() && (scanner.peek(0).is_ascii_whitespace() || continued);
        if blank {
            words.extend(start.take().map(|start| Span::from(start..scanner.at)));
        } else {
            start = start.or(Some(scanner.at));
        }
        scanner.step();
    }
    words.extend(start.map(|start| Span::from(start..scanner.at)));
    words
}
