//! Answers that are long or asked for at each keystroke, written as JSON text by hand: a serialiser calls several functions for
//! each number.
use serde::Serialize;

/// So many numbers are written at a time.
const PIECE: usize = 64;
/// Bytes of the longest number, with a comma.
const LONGEST: usize = 11;

/// A JSON text that grows.
#[derive(Debug, Default)]
pub struct Json(pub Vec<u8>);

impl Json {
    /// Adds a piece of JSON.
    pub fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Adds a text or a number.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        // Memory takes all of them.
        let _ = serde_json::to_writer(&mut self.0, value);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        // Every byte is looked at, without a way out: the compiler then looks at many at a time.
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
            self.0.push(b'"');
            self.raw(text);
            self.0.push(b'"');
        } else {
            self.value(text);
        }
    }

    /// Adds an array; `write` adds one of its elements.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.0.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            write(self, item);
        }
        self.0.push(b']');
    }

    /// Adds a number, which mostly has one digit.
    pub fn number(&mut self, number: u32) {
        match u8::try_from(number) {
            Ok(digit @ 0..=9) => self.0.push(b'0' + digit),
            _ => self.value(&number),
        }
    }

    /// Adds an array of numbers, most of which have one digit.
    pub fn numbers(&mut self, numbers: &[u32]) {
        self.0.push(b'[');
        for piece in numbers.chunks(PIECE) {
            let mut text = [b','; PIECE * LONGEST];
            let mut end = 0;
            for &number in piece {
                if number < 10 {
                    text[end] = b'0' + number as u8;
                    end += 2;
                    continue;
                }
                let digits = number.ilog10() as usize + 1;
                let mut rest = number;
                for place in text[end..end + digits].iter_mut().rev() {
                    *place = b'0' + (rest % 10) as u8;
                    rest /= 10;
                }
                end += digits + 1;
            }
            self.0.extend_from_slice(&text[..end]);
        }
        if !numbers.is_empty() {
            self.0.pop();
        }
        self.0.push(b']');
    }

    /// Adds a range of lines and characters.
    pub fn range(&mut self, start: (u32, u32), end: (u32, u32)) {
        self.raw(r#"{"start":{"line":"#);
        self.number(start.0);
        self.raw(r#","character":"#);
        self.number(start.1);
        self.raw(r#"},"end":{"line":"#);
        self.number(end.0);
        self.raw(r#","character":"#);
        self.number(end.1);
        self.raw("}}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_json() {
        for text in ["", "plain é", "\"", "a\\b", "\n\u{1}", "\u{7f}\u{2028}"] {
            let mut json = Json::default();
            json.text(text);
            assert_eq!(serde_json::from_slice::<String>(&json.0).unwrap(), text);
        }
        for numbers in [&[][..], &[0], &[9, 10, 99, 100, 255, 256, u32::MAX], &[u32::MAX; 2 * PIECE + 1]] {
            let mut json = Json::default();
            json.numbers(numbers);
            assert_eq!(serde_json::from_slice::<Vec<u32>>(&json.0).unwrap(), numbers);
        }
    }
}
