//! Standard output and standard error.
use std::borrow::Cow;
use std::io::{self, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};

use super::args::Color;

/// Where results and complaints go. Colours are left out where nobody sees them.
pub struct Output {
    results: AutoStream<io::Stdout>,
    complaints: AutoStream<io::Stderr>,
}

impl Output {
    /// Standard output and standard error.
    pub fn new(color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { results: AutoStream::new(io::stdout(), choice), complaints: AutoStream::new(io::stderr(), choice) }
    }

    /// True where results are shown with colours.
    pub fn has_colour(&self) -> bool {
        self.results.current_choice() != ColorChoice::Never
    }

    /// Writes a result as it is.
    ///
    /// # Errors
    /// When nobody reads any more, or the disk is full.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        match self.results.current_choice() {
            // Past the stream, which would look for colours again and write every piece between two of them on its own.
            ColorChoice::Never => io::stdout().lock().write_all(without_colours(text).as_bytes()),
            _ => self.results.write_all(text.as_bytes()),
        }
    }

    /// Says that something could not be done.
    pub fn complain(&mut self, message: &str) {
        self.say("\x1b[1;91merror\x1b[0m", message);
    }

    /// Says something worth knowing.
    pub fn warn(&mut self, message: &str) {
        self.say("\x1b[1;33mwarning\x1b[0m", message);
    }

    fn say(&mut self, word: &str, message: &str) {
        // Without standard error there is nobody to tell.
        let _ = writeln!(self.complaints, "{word}: {}", message.trim_end());
    }
}

/// `text` without the codes of a terminal; most reports have none.
pub fn without_colours(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    if text.as_bytes().iter().all(is_plain) { Cow::Borrowed(text) } else { Cow::Owned(strip_str(text).to_string()) }
}
