//! What a line of a continued shell text begins in: a string, a block, or plainly a command.
use crate::model::cursor::{Cursor, is_blank};
use crate::text::span::Span;

/// How a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Blanks matter: in a string, or in the middle of a word.
    Fixed,
    /// With `&&`.
    Chained,
    /// With a command, behind `;` or `&&`.
    Command,
    /// With arguments, or `|` and `||`: deeper than its command, or not, as its author likes.
    Argument,
    /// In a block: `if`, `for`, `{`, `(`.
    Nested,
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Single,
    /// `$'…'`
    Ansi,
    Double,
    /// `${…}`
    Brace,
    BackTick,
    Parenthesis,
    /// `if`, `for`, `while`, `case`
    Block,
    /// `{`
    Group,
}

/// How each line of `span` begins, `starts` being the first bytes of its code lines but the first; `None` when its quotes and blocks
/// are not understood.
pub fn places(text: &str, span: Span, starts: &[u32], escape: u8) -> Option<Vec<Place>> {
    let mut scan = Scan::new(escape);
    let mut cursor = Cursor::new(text, span, escape);
    let mut places = Vec::with_capacity(starts.len());
    while let Some(byte) = cursor.peek() {
        while starts.get(places.len()).is_some_and(|&start| start <= cursor.offset()) {
            places.push(scan.place(&text[starts[places.len()] as usize..span.end as usize])?);
        }
        scan.feed(byte);
        cursor.next();
    }
    while places.len() < starts.len() {
        places.push(scan.place("")?);
    }
    scan.end_word();
    (scan.frames.is_empty() && !scan.escaped && scan.plain_quote.is_none() && !scan.comment).then_some(places)
}

/// True when a string is open where `span` ends, or it is not sure.
pub fn is_open(text: &str, span: Span, escape: u8) -> bool {
    let mut scan = Scan::new(escape);
    let mut cursor = Cursor::new(text, span, escape);
    while let Some(byte) = cursor.next() {
        scan.feed(byte);
    }
    scan.is_quoted() || scan.plain_quote.is_some()
}

/// It is a part of a word, whatever stands in front of it, unless it is quoted.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b',')
}

struct Scan {
    escape: u8,
    frames: Vec<Frame>,
    /// How many of them are strings or the like.
    quoting: usize,
    /// The quote that is open if escapes meant nothing: another shell may not know them.
    plain_quote: Option<u8>,
    escaped: bool,
    comment: bool,
    /// The unquoted word so far, where it may be a command; `None` once it holds something quoted.
    word: Option<String>,
    /// The next word is a command.
    command: bool,
    /// The byte before, and the last one that was no blank; `x` for what was quoted.
    previous: u8,
    last: Option<u8>,
}

impl Scan {
    fn new(escape: u8) -> Self {
        Self {
            escape,
            frames: Vec::new(),
            quoting: 0,
            plain_quote: None,
            escaped: false,
            comment: false,
            word: Some(String::new()),
            command: true,
            previous: b' ',
            last: None,
        }
    }

    fn is_quoted(&self) -> bool {
        self.quoting > 0 || self.escaped
    }

    /// How a line that begins here, with `rest`, begins; `None` when it depends on the shell.
    fn place(&self, rest: &str) -> Option<Place> {
        if self.is_quoted() {
            return Some(Place::Fixed);
        }
        if self.plain_quote.is_some() {
            return None;
        }
        let first = rest.bytes().next().unwrap_or(b' ');
        let operator = |byte: u8| matches!(byte, b';' | b'&' | b'|');
        let apart = is_blank(self.previous) || is_blank(first) || (operator(self.previous) && !operator(first));
        Some(if !apart {
            Place::Fixed
        } else if !self.frames.is_empty() {
            Place::Nested
        } else if rest.trim_start_matches([' ', '\t']).starts_with("&&") {
            Place::Chained
        } else if self.last.is_none_or(|last| matches!(last, b';' | b'&')) {
            Place::Command
        } else {
            Place::Argument
        })
    }

    fn feed(&mut self, byte: u8) {
        if self.comment {
            return;
        }
        // Most bytes: what follows would do the same with them.
        if is_plain(byte) && !self.is_quoted() {
            self.in_word(byte);
            (self.previous, self.last) = (byte, Some(byte));
            return;
        }
        if matches!(byte, b'\'' | b'"') {
            self.plain_quote = match self.plain_quote {
                None => Some(byte),
                Some(open) if open == byte => None,
                other => other,
            };
        }
        let quoted = self.is_quoted();
        self.step(byte);
        let plain = !quoted && !self.is_quoted();
        if !is_blank(byte) || !plain {
            self.last = Some(if plain { byte } else { b'x' });
        }
        self.previous = if plain { byte } else { b'x' };
        if !plain && byte == b'$' {
            self.previous = b'$';
        }
    }

    fn step(&mut self, byte: u8) {
        let top = self.frames.last().copied();
        if std::mem::take(&mut self.escaped) {
            self.word = None;
            return;
        }
        match (top, byte) {
            (Some(Frame::Single | Frame::Ansi), b'\'') | (Some(Frame::Double), b'"') | (Some(Frame::Brace), b'}') => {
                self.pop();
            }
            (Some(Frame::BackTick), b'`') => self.pop(),
            (Some(Frame::Single), _) => {}
            (Some(Frame::Ansi), _) => self.escaped = byte == b'\\',
            _ if byte == self.escape => {
                self.escaped = true;
                self.word = None;
            }
            (_, b'(') if self.previous == b'$' => self.push(Frame::Parenthesis),
            (_, b'{') if self.previous == b'$' => self.push(Frame::Brace),
            (_, b'`') => self.push(Frame::BackTick),
            (Some(Frame::Double), _) => {}
            (_, b'"') => self.push(Frame::Double),
            (_, b'\'') if self.previous == b'$' => self.push(Frame::Ansi),
            (_, b'\'') => self.push(Frame::Single),
            (Some(Frame::Brace), _) => {}
            _ => self.code(byte),
        }
    }

    /// A byte outside strings.
    fn code(&mut self, byte: u8) {
        match byte {
            b'(' => {
                self.end_word();
                self.push(Frame::Parenthesis);
            }
            b')' => {
                self.end_word();
                if self.frames.last() == Some(&Frame::Parenthesis) {
                    self.pop();
                    // A function's body follows.
                    self.command = self.previous == b'(';
                } else {
                    // The end of a pattern of `case`.
                    self.command = true;
                }
            }
            b'{' => {
                self.end_word();
                self.frames.push(Frame::Group);
                self.command = true;
            }
            b'}' => {
                self.end_word();
                if self.frames.last() == Some(&Frame::Group) {
                    self.pop();
                }
            }
            b';' | b'&' | b'|' => {
                self.end_word();
                self.command = true;
            }
            b'#' if is_blank(self.previous) || self.previous == b';' => self.comment = true,
            _ if is_blank(byte) => self.end_word(),
            _ => self.in_word(byte),
        }
    }

    fn in_word(&mut self, byte: u8) {
        if let Some(word) = self.word.as_mut().filter(|_| self.command) {
            word.push(char::from(byte));
        }
    }

    fn end_word(&mut self) {
        let word = self.word.replace(String::new());
        if !self.command {
            return;
        }
        match word.as_deref() {
            Some("" | "then" | "do" | "else" | "elif" | "!") => {}
            Some("if" | "while" | "until") => self.frames.push(Frame::Block),
            Some("for" | "case" | "select") => {
                self.frames.push(Frame::Block);
                self.command = false;
            }
            Some("fi" | "done" | "esac") => {
                if self.frames.last() == Some(&Frame::Block) {
                    self.frames.pop();
                }
                self.command = false;
            }
            Some(word) if word.contains('=') => {}
            _ => self.command = false,
        }
    }

    fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
        let code = matches!(frame, Frame::Parenthesis);
        self.quoting += usize::from(!code);
        self.word = code.then(String::new);
        self.command = code;
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.quoting -= usize::from(!matches!(frame, Frame::Parenthesis | Frame::Block | Frame::Group));
        }
        self.word = None;
        self.command = false;
    }
}
