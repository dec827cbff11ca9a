//! Between the house and the protocol: positions, diagnostics.
use std::path::Path;

use tower_lsp::gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Message, Position, Range, Uri,
};

use super::capabilities::Editor;
use super::documents::Document;
use super::uri::uri_of;
use crate::rules::SHELLCHECK;
use crate::rules::rule::{self, Place, Severity, Tag};
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

    /// A place in this document.
    pub fn location(&self, span: Span) -> Location {
        Location { uri: self.uri.clone(), range: self.range(span) }
    }

    /// A file named by a finding; a relative name starts where the document lies.
    pub fn file(&self, path: &Path) -> Option<Uri> {
        let folder = self.document.path.as_deref().and_then(Path::parent);
        uri_of(&folder.map_or_else(|| path.to_owned(), |folder| folder.join(path)))
    }

    /// What the rules found.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.document.findings().iter().map(|found| self.diagnostic(found)).collect()
    }

    /// One finding.
    pub fn diagnostic(&self, found: &rule::Diagnostic) -> Diagnostic {
        let carries = self.editor.diagnostics;
        Diagnostic {
            range: self.range(found.finding.span),
            severity: Some(severity(found.severity)),
            code: Some(Code::String(code(found).to_owned())),
            code_description: carries.link.then(|| page(found)).flatten(),
            source: Some("dockline".to_owned()),
            message: Message::String(found.finding.message.clone()),
            tags: found.finding.tag.filter(|_| carries.tags).map(|tag| vec![tag_of(tag)]),
            related_information: carries.related.then(|| self.related(found)).filter(|list| !list.is_empty()),
            data: None,
        }
    }

    fn related(&self, found: &rule::Diagnostic) -> Vec<DiagnosticRelatedInformation> {
        let location = |place: &Place| match place {
            Place::Here(span) => Some(self.location(*span)),
            Place::There(path, line) => {
                let start = Position { line: *line, character: 0 };
                Some(Location { uri: self.file(path)?, range: Range { start, end: start } })
            }
        };
        let related = found.finding.related.iter();
        related
            .filter_map(|(place, message)| {
                Some(DiagnosticRelatedInformation { location: location(place)?, message: message.clone() })
            })
            .collect()
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

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
        Severity::Hint => DiagnosticSeverity::Hint,
    }
}

fn tag_of(tag: Tag) -> DiagnosticTag {
    match tag {
        Tag::Unnecessary => DiagnosticTag::Unnecessary,
        Tag::Deprecated => DiagnosticTag::Deprecated,
    }
}

/// The rule's name, or ShellCheck's code.
fn code(found: &rule::Diagnostic) -> &'static str {
    found.aliases.first().filter(|_| found.rule == SHELLCHECK).copied().unwrap_or(found.rule)
}

/// Where the rule's page is read, or ShellCheck's; `None` while the package names no repository.
fn page(found: &rule::Diagnostic) -> Option<CodeDescription> {
    if found.rule == SHELLCHECK {
        return Some(CodeDescription { href: Uri(format!("https://www.shellcheck.net/wiki/{}", code(found))) });
    }
    Some(CodeDescription { href: Uri(crate::rules::find(found.rule)?.url()?) })
}
