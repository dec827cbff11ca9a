//! Between the house and the protocol: positions, names of files, diagnostics.
use std::path::{Path, PathBuf};

use tower_lsp::gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Message, Position, Range, Uri,
};
use url::Url;

use super::capabilities::Editor;
use super::documents::Document;
use crate::rules::SHELLCHECK;
use crate::rules::rule::{self, Place, Severity, Tag};
use crate::text::buffer;
use crate::text::span::Span;

/// The name of a file on this machine; `None` for anything else (`untitled:`, `git:`).
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    Url::parse(&uri.0).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// The editor's name for a file; `None` for a relative path.
pub fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok().map(|url| Uri(url.into()))
}

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
        let found = self.document.buffer.position(offset, self.editor.encoding);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &str) -> Option<PathBuf> {
        path_of(&Uri(uri.to_owned()))
    }

    #[test]
    fn other_schemes_have_no_path() {
        for uri in ["untitled:Untitled-1", "git:/a/Dockerfile", "vscode-remote://x/a", "", "a/b", "file://host/a"] {
            assert!(path(uri).is_none() || cfg!(windows), "{uri}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn percent_encoding() {
        assert_eq!(path("file:///a%20b/%C3%A9%23/Dockerfile"), Some(PathBuf::from("/a b/é#/Dockerfile")));
        assert_eq!(uri_of(Path::new("/a b/é#/Dockerfile")), Some(Uri("file:///a%20b/%C3%A9%23/Dockerfile".to_owned())));
        assert_eq!(uri_of(Path::new("a/Dockerfile")), None);
        for name in ["/100%/Dockerfile", "/a?b/[c]/Dockerfile", "/\u{1F600}/x.Dockerfile"] {
            let uri = uri_of(Path::new(name)).unwrap();
            assert_eq!(path_of(&uri), Some(PathBuf::from(name)), "{uri:?}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn windows_drives() {
        for uri in ["file:///c:/a%20b/Dockerfile", "file:///c%3A/a%20b/Dockerfile"] {
            assert_eq!(path(uri), Some(PathBuf::from(r"c:\a b\Dockerfile")), "{uri}");
        }
        assert_eq!(uri_of(Path::new(r"C:\a b\Dockerfile")), Some(Uri("file:///C:/a%20b/Dockerfile".to_owned())));
    }
}
