//! Answers that are long or asked for at each keystroke, written as JSON text by hand: a serialiser calls several functions for
//! each number.
use serde::Serialize;

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
