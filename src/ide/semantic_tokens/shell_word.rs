//! Words of the shell: quotes, and what is expanded in them.
use super::TokenKind;
use super::shell::Lexer;

/// How far the end of `${` and `$((` is looked for: text that is being typed has none.
const FAR: usize = 2_048;

/// True where a word ends.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Lexer<'_, '_> {
    /// Where the text at the cursor ends that stands for itself, and whether the word ends there too.
    pub fn literal(&self, stop: u8) -> (usize, bool) {
        let mut at = self.at;
        while at < self.end {
            let byte = self.bytes[at];
            if let Some(behind) = self.joint(at) {
                return (at, behind >= self.end || ends_word(self.bytes[behind]));
            }
            match byte {
                _ if ends_word(byte) => return (at, true),
                b'`' => return (at, stop == b'`'),
                b'\\' | b'"' | b'\'' | b'$' => return (at, false),
                _ => at += 1,
            }
        }
        (at, true)
    }

    /// Takes the rest of a word; its own text is `plain`.
    pub fn plain_word(&mut self, plain: Option<(TokenKind, u8)>, stop: u8) {
        let mut start = self.at;
        while self.at < self.end {
            let byte = self.bytes[self.at];
            if let Some(behind) = self.joint(self.at) {
                self.at = behind;
                continue;
            }
            match byte {
                _ if ends_word(byte) => break,
                b'`' if stop == b'`' => break,
                b'\\' => self.at = (self.at + 2).min(self.end),
                b'"' | b'\'' | b'$' | b'`' => {
                    let from = self.at;
                    if byte == b'$' && !self.expands(false) {
                        self.at += 1;
                        continue;
                    }
                    self.flush(plain, start, from);
                    match byte {
                        b'"' => self.double_quoted(stop),
                        b'\'' => self.single_quoted(),
                        b'$' => self.dollar(false, stop),
                        _ => self.back_ticks(),
                    }
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.flush(plain, start, self.at);
    }

    fn flush(&mut self, kind: Option<(TokenKind, u8)>, start: usize, end: usize) {
        if let Some((kind, modifiers)) = kind {
            self.paint(start, end, kind, modifiers);
        }
    }

    /// `'…'`, up to the end where it is open.
    fn single_quoted(&mut self) {
        let start = self.at;
        self.at += 1;
        while self.at < self.end && self.bytes[self.at] != b'\'' {
            let joint = if self.painter.escape.is_some() { self.joint(self.at) } else { None };
            self.at = joint.unwrap_or(self.at + 1);
        }
        self.at = (self.at + 1).min(self.end);
        self.paint(start, self.at, TokenKind::String, 0);
    }

    fn double_quoted(&mut self, stop: u8) {
        let start = self.at;
        self.at += 1;
        self.quoted(start, TokenKind::String, Some(b'"'), stop);
    }

    /// Takes all that is left as text in which variables and commands are expanded: a here-document.
    pub fn expanded(&mut self, kind: TokenKind) {
        self.quoted(self.at, kind, None, 0);
    }

    /// Text from `start` on up to `close`, with what is expanded in it.
    fn quoted(&mut self, start: usize, kind: TokenKind, close: Option<u8>, stop: u8) {
        let mut start = start;
        while self.at < self.end {
            let byte = self.bytes[self.at];
            if let Some(behind) = self.joint(self.at) {
                self.at = behind;
                continue;
            }
            match byte {
                _ if Some(byte) == close => {
                    self.at += 1;
                    break;
                }
                b'`' if stop == b'`' => break,
                b'\\' => self.at = (self.at + 2).min(self.end),
                b'`' => {
                    self.paint(start, self.at, kind, 0);
                    self.back_ticks();
                    start = self.at;
                }
                b'$' if self.expands(true) => {
                    self.paint(start, self.at, kind, 0);
                    self.dollar(true, stop);
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.paint(start, self.at, kind, 0);
    }

    fn back_ticks(&mut self) {
        self.operator(1);
        self.nested(b'`');
    }

    /// True when the dollar at the cursor means something.
    fn expands(&self, in_double: bool) -> bool {
        match self.peek(1) {
            b'\'' | b'"' => !in_double,
            b'(' | b'{' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' => true,
            byte => is_name(byte),
        }
    }

    fn dollar(&mut self, in_double: bool, stop: u8) {
        let start = self.at;
        match self.peek(1) {
            b'(' if self.peek(2) == b'(' && self.arithmetic(3) => {}
            b'(' => {
                self.operator(2);
                self.nested(b')');
            }
            b'{' => self.braces(in_double, stop),
            b'\'' => self.ansi_quoted(),
            b'"' => {
                self.at += 2;
                self.quoted(start, TokenKind::String, Some(b'"'), stop);
            }
            byte => {
                self.at += 2;
                while is_name(byte) && !byte.is_ascii_digit() && is_name(self.peek(0)) {
                    self.at += 1;
                }
                self.at = self.at.min(self.end);
                self.paint(start, self.at, TokenKind::Variable, 0);
            }
        }
    }

    /// `$'…'`
    fn ansi_quoted(&mut self) {
        let start = self.at;
        self.at += 2;
        while self.at < self.end && self.bytes[self.at] != b'\'' {
            self.at = match self.joint(self.at) {
                Some(behind) => behind,
                None if self.bytes[self.at] == b'\\' => self.at + 2,
                None => self.at + 1,
            };
        }
        self.at = (self.at + 1).min(self.end);
        self.paint(start, self.at, TokenKind::String, 0);
    }

    /// `${name}`, `${name:-default}`
    fn braces(&mut self, in_double: bool, stop: u8) {
        let start = self.at;
        self.at += 2;
        if matches!(self.peek(0), b'#' | b'!') && is_name(self.peek(1)) {
            self.at += 1;
        }
        let special = matches!(self.peek(0), b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!');
        self.at += usize::from(special);
        while !special && is_name(self.peek(0)) {
            self.at += 1;
        }
        if self.peek(0) == b'}' {
            self.at += 1;
            return self.paint(start, self.at, TokenKind::Variable, 0);
        }
        self.paint(start, self.at, TokenKind::Variable, 0);
        let rest = &self.bytes[self.at..self.end];
        let operator = rest.iter().take(2).take_while(|byte| b":-=+?#%/^,@[".contains(byte)).count();
        if operator == 0 {
            // It is being typed.
            return;
        }
        let closed = rest.iter().take(FAR).any(|&byte| byte == b'}');
        self.operator(operator);
        self.operand(closed, in_double, stop);
        if self.peek(0) == b'}' {
            self.at += 1;
            self.paint(self.at - 1, self.at, TokenKind::Variable, 0);
        }
    }

    /// What stands in front of the closing brace; without one a word.
    fn operand(&mut self, closed: bool, in_double: bool, stop: u8) {
        let mut start = self.at;
        while self.at < self.end {
            let byte = self.bytes[self.at];
            if let Some(behind) = self.joint(self.at) {
                self.at = behind;
                continue;
            }
            match byte {
                b'}' => break,
                b'"' if in_double && !closed => break,
                b'`' if stop == b'`' => break,
                _ if !closed && ends_word(byte) => break,
                b'\\' => self.at = (self.at + 2).min(self.end),
                b'\'' if in_double => self.at += 1,
                b'$' if !self.expands(in_double) || self.is_deep() => self.at += 1,
                b'"' | b'\'' | b'$' | b'`' => {
                    self.paint(start, self.at, TokenKind::String, 0);
                    self.inner(byte, in_double, stop);
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.paint(start, self.at, TokenKind::String, 0);
    }

    fn inner(&mut self, byte: u8, in_double: bool, stop: u8) {
        self.deepen(|lexer| match byte {
            b'"' => lexer.double_quoted(stop),
            b'\'' => lexer.single_quoted(),
            b'$' => lexer.dollar(in_double, stop),
            _ => lexer.back_ticks(),
        });
    }

    /// `$((1 + x))`, with so many bytes in front of the inside; false where it is something else, such as `$((a) | b)`.
    pub fn arithmetic(&mut self, opening: usize) -> bool {
        let rest = &self.bytes[self.at..self.end];
        let closed = rest.windows(2).take(FAR).any(|pair| pair == b"))");
        let typed = || opening == 3 && !rest.iter().take(FAR).any(|&byte| byte == b')');
        if !closed && !typed() {
            return false;
        }
        self.operator(opening);
        let mut open = 0_u32;
        while self.at < self.end {
            if let Some(behind) = self.joint(self.at) {
                self.at = behind;
                continue;
            }
            match self.peek(0) {
                b')' if open == 0 => break,
                b')' => {
                    open -= 1;
                    self.at += 1;
                }
                b'(' => {
                    open += 1;
                    self.at += 1;
                }
                b'$' if self.expands(true) && !self.is_deep() => self.deepen(|lexer| lexer.dollar(true, 0)),
                byte if is_name(byte) => self.operand_of_arithmetic(),
                b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'!' | b'&' | b'|' | b'?' | b':' => {
                    self.operator(1);
                }
                _ => self.at += 1,
            }
        }
        if self.peek(0) == b')' {
            self.operator(1 + usize::from(self.peek(1) == b')'));
        }
        true
    }

    fn operand_of_arithmetic(&mut self) {
        let start = self.at;
        while is_name(self.peek(0)) {
            self.at += 1;
        }
        let number = self.bytes[start].is_ascii_digit();
        let kind = if number { TokenKind::Number } else { TokenKind::Variable };
        self.paint(start, self.at, kind, 0);
    }
}
