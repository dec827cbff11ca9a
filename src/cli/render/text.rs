//! Code frames: what people read in a terminal, and what rule pages are compared with.
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use crate::rules::rule::{Diagnostic, Place, Severity};
use crate::text::span::Span;

/// The width that frames are cut to where there is no terminal to ask.
const WIDTH: usize = 160;

/// How frames are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With ANSI colours.
    pub colour: bool,
}

/// One finding in `text` as a code frame that ends with a line break; `path` stands in its arrow line, if there is one.
pub fn diagnostic(path: Option<&str>, text: &str, diagnostic: &Diagnostic, style: Style) -> String {
    let finding = &diagnostic.finding;
    let here: Vec<(Span, &str)> = finding.related.iter().filter_map(in_this_file).collect();
    let window = window(text, finding.span, &here);
    let line = text[..window.start].matches('\n').count() + 1;
    let local = |span: Span| clamp(text, span, &window);
    let primary: Annotation<'_> = AnnotationKind::Primary.span(local(finding.span));
    let context = here.iter().map(|(span, message)| AnnotationKind::Context.span(local(*span)).label(*message));
    let snippet = Snippet::source(&text[window.clone()]).line_start(line).path(path).annotation(primary);
    let mut group = level(diagnostic.severity)
        .primary_title(&*finding.message)
        .id(diagnostic.rule)
        .element(snippet.annotations(context));
    for note in finding.related.iter().filter_map(elsewhere) {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(fix) = finding.fixes.first() {
        group = group.element(Level::HELP.message(&*fix.title));
    }
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let mut frame = renderer.term_width(WIDTH).render(&[group]);
    frame.truncate(frame.trim_end().len());
    frame.push('\n');
    frame
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Hint => Level::HELP.with_name("hint"),
    }
}

fn in_this_file((place, message): &(Place, String)) -> Option<(Span, &str)> {
    if let Place::Here(span) = place { Some((*span, message)) } else { None }
}

fn elsewhere((place, message): &(Place, String)) -> Option<String> {
    let Place::There(path, line) = place else { return None };
    Some(format!("{}:{}: {message}", path.display(), line + 1))
}

/// The lines that the frame shows: a long file is not copied for each of its findings.
fn window(text: &str, span: Span, related: &[(Span, &str)]) -> Range<usize> {
    let all = related.iter().fold(span, |all, (span, _)| all.cover(*span));
    let start = text[..(all.start as usize).min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let end = (all.end as usize).min(text.len());
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    start..end
}

/// The span within the window. A line break at its end is left out: it would draw a second line.
fn clamp(text: &str, span: Span, window: &Range<usize>) -> Range<usize> {
    let start = (span.start as usize).clamp(window.start, window.end);
    let end = (span.end as usize).clamp(start, window.end);
    let end = start + text[start..end].trim_end_matches(['\r', '\n']).len();
    start - window.start..end - window.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rule::Finding;

    fn frame(text: &str, finding: Finding) -> String {
        let found =
            Diagnostic { rule: "some-rule", aliases: &[], severity: Severity::Warning, finding: finding.into() };
        diagnostic(None, text, &found, Style::default())
    }

    #[test]
    fn draws_a_frame() {
        let text = "FROM golang\nWORKDIR /src\nCOPY . .\nRUN go build\nCMD [\"x\"]\n";
        let finding = Finding::new(Span::new(25, 33), "every source change downloads all Go modules again")
            .because(Span::new(34, 46), "modules are fetched here")
            .because_of("go.mod", 4, "three modules are required");
        let expected = "warning[some-rule]: every source change downloads all Go modules again
  |
3 | COPY . .
  | ^^^^^^^^
4 | RUN go build
  | ------------ modules are fetched here
  |
  = note: go.mod:5: three modules are required
";
        assert_eq!(frame(text, finding), expected);
    }

    #[test]
    fn no_span_is_too_far() {
        for text in ["", "\n", "a", "é\r\n", "\u{feff}FROM x"] {
            let end = text.len() as u32;
            for span in [Span::at(0), Span::at(end), Span::new(0, end), Span::new(0, end + 9)] {
                assert!(frame(text, Finding::new(span, "m")).starts_with("warning[some-rule]: m"), "{text:?} {span:?}");
            }
        }
    }
}
