//! Between the house and the protocol: positions and places.
use std::path::Path;

use tower_lsp::gen_lsp_types::{Location, Position, Range, Uri};

use super::capabilities::Editor;
use super::documents::Document;
use super::json::Json;
use super::uri::uri_of;
use crate::text::buffer;
use crate::text::span::Span;

/// A document as one editor sees it.
#[derive(Clone, Copy, Debug)]
pub struct View<'d> {
    /// The editor's name for it.
    pub uri: &'d Uri,
    /// The version that is looked at.
    pub document: &'d Document,
    /// What the editor can do.
    pub editor: &'d Editor,
}

impl View<'_> {
    /// The byte at a position; see `Buffer::offset` for positions that are not there.
    pub fn offset(&self, position: Position) -> u32 {
        self.document.buffer.offset(place(position), self.editor.encoding)
    }

    /// The bytes of a range, whichever end comes first.
    pub fn span(&self, range: Range) -> Span {
        let (one, other) = (self.offset(range.start), self.offset(range.end));
        Span::new(one.min(other), one.max(other))
    }

    /// The position of a byte.
    pub fn position(&self, offset: u32) -> Position {
        let found = self.document.snapshot().lines().position(offset, self.editor.encoding);
        Position { line: found.line, character: found.column }
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// Writes the range of a span.
    pub fn write_range(&self, span: Span, json: &mut Json) {
        let [start, end] = [span.start, span.end].map(|offset| self.position(offset));
        json.range((start.line, start.character), (end.line, end.character));
    }

    /// A place in this document.
    pub fn location(&self, span: Span) -> Location {
        Location { uri: self.uri.clone(), range: self.range(span) }
    }

    /// A file named by a finding; a relative name starts where the document lies.
    pub fn file(&self, path: &Path) -> Option<Uri> {
        let folder = self.document.path.as_deref().and_then(Path::parent);
        uri_of(&folder.map_or_else(|| path.to_owned(), |folder| folder.join(path)))
    }
}

/// Names an answer: never the same for two numbers, nor for another server, as editors keep it over a restart.
pub fn result_id(serial: u64) -> String {
    format!("{:x}-{serial:x}", std::process::id())
}

/// A position of the protocol as the buffer wants it.
pub fn place(position: Position) -> buffer::Position {
    buffer::Position::new(position.line, position.character)
}
