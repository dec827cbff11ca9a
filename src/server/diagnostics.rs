//! Findings as the protocol's diagnostics: JSON text at once. Making, copying and writing the types of the protocol's library
//! takes longer than finding what has changed.
use tower_lsp::gen_lsp_types::{Diagnostic, Uri};

use super::convert::View;
use super::json::Json;
use crate::rules::rule::{self, Place, Severity, Tag};
use crate::rules::{SHELLCHECK, find, repository};

/// What most diagnostics need, in bytes.
const USUAL_LENGTH: usize = 256;

impl View<'_> {
    /// What the rules found, as a JSON array behind `head`.
    pub fn diagnostics(&self, head: String) -> Vec<u8> {
        let findings = self.document.findings();
        let mut json = Json(head.into_bytes());
        json.0.reserve(findings.len() * USUAL_LENGTH);
        json.list(findings, |json, found| self.write(found, json));
        json.0
    }

    /// One finding as a value.
    pub fn diagnostic(&self, found: &rule::Diagnostic) -> Option<Diagnostic> {
        let mut json = Json(Vec::new());
        self.write(found, &mut json);
        serde_json::from_slice(&json.0).ok()
    }

    fn write(&self, found: &rule::Diagnostic, json: &mut Json) {
        let (carries, finding) = (self.editor.diagnostics, &found.finding);
        json.raw(r#"{"range":"#);
        self.write_range(finding.span, json);
        json.raw(r#","severity":"#);
        json.raw(severity(found.severity));
        json.raw(r#","code":"#);
        json.text(code(found));
        if let Some(page) = carries.link.then(|| page(found)).flatten() {
            json.raw(r#","codeDescription":{"href":"#);
            json.text(&page);
            json.raw("}");
        }
        json.raw(r#","source":"dockline","message":"#);
        json.text(&finding.message);
        if let Some(tag) = finding.tag.filter(|_| carries.tags) {
            json.raw(r#","tags":"#);
            json.raw(tags(tag));
        }
        if carries.related {
            self.write_related(finding, json);
        }
        json.raw("}");
    }

    fn write_related(&self, finding: &rule::Finding, json: &mut Json) {
        let known = |place: &Place| match place {
            Place::Here(_) => Some(self.uri.clone()),
            Place::There(path, _) => self.file(path),
        };
        let related = finding.related.iter().filter_map(|(place, why)| Some((place, known(place)?, why)));
        let mut related = related.peekable();
        if related.peek().is_none() {
            return;
        }
        json.raw(r#","relatedInformation":"#);
        json.list(related, |json, (place, Uri(uri), why)| {
            json.raw(r#"{"location":{"uri":"#);
            json.text(&uri);
            json.raw(r#","range":"#);
            match place {
                Place::Here(span) => self.write_range(*span, json),
                Place::There(_, line) => json.range((*line, 0), (*line, 0)),
            }
            json.raw(r#"},"message":"#);
            json.text(why);
            json.raw("}");
        });
    }
}

/// The protocol's numbers.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1",
        Severity::Warning => "2",
        Severity::Info => "3",
        Severity::Hint => "4",
    }
}

fn tags(tag: Tag) -> &'static str {
    match tag {
        Tag::Unnecessary => "[1]",
        Tag::Deprecated => "[2]",
    }
}

/// The rule's name, or ShellCheck's code.
fn code(found: &rule::Diagnostic) -> &'static str {
    found.aliases.first().filter(|_| found.rule == SHELLCHECK).copied().unwrap_or(found.rule)
}

/// Where the rule's page is read, or ShellCheck's; `None` while the package names no repository.
fn page(found: &rule::Diagnostic) -> Option<String> {
    if found.rule == SHELLCHECK {
        return Some(format!("https://www.shellcheck.net/wiki/{}", code(found)));
    }
    // Asked for every finding at each keystroke: no rule is looked up for nothing.
    repository().and_then(|_| find(found.rule)?.url())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::rule::Finding;
    use crate::server::capabilities::{Carries, Editor};
    use crate::server::documents::{Around, Document};
    use crate::text::span::Span;

    fn written(found: &rule::Diagnostic, carries: bool) -> Value {
        let path = if cfg!(windows) { r"C:\p\Dockerfile" } else { "/p/Dockerfile" };
        let document = Document::new(Some(path.into()), 1, 1, "FROM a\nRUN é \"b\"\n", Around::default());
        let carries = Carries { related: carries, tags: carries, link: carries };
        let editor = Editor { diagnostics: carries, ..Editor::default() };
        let view = View { uri: &Uri("file:///p/a%20b".to_owned()), document: &document, editor: &editor };
        let value = view.diagnostic(found).expect("it is what the protocol says");
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn all_is_written() {
        let mut finding = Finding::new(Span::new(7, 17), "\"a\" \\\n\u{1}é")
            .because(Span::new(0, 4), "why")
            .because_of("go.mod", 3, "there");
        finding.tag = Some(Tag::Deprecated);
        let mut found = rule::Diagnostic {
            rule: SHELLCHECK,
            aliases: &["SC2086"],
            severity: Severity::Hint,
            finding: finding.clone().into(),
        };
        let range = json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 9 } });
        let plain = json!({
            "range": range, "severity": 4, "code": "SC2086", "source": "dockline", "message": "\"a\" \\\n\u{1}é",
        });
        assert_eq!(written(&found, false), plain);
        let all = written(&found, true);
        assert_eq!(all["codeDescription"]["href"], "https://www.shellcheck.net/wiki/SC2086");
        assert_eq!(all["tags"], json!([2]));
        let related = all["relatedInformation"].as_array().unwrap();
        assert_eq!(related[0]["location"]["uri"], "file:///p/a%20b");
        assert_eq!(related[0]["location"]["range"]["end"], json!({ "line": 0, "character": 4 }));
        assert!(related[1]["location"]["uri"].as_str().unwrap().ends_with("/p/go.mod"));
        assert_eq!(related[1]["location"]["range"]["start"], json!({ "line": 3, "character": 0 }));
        assert_eq!((&related[0]["message"], &related[1]["message"]), (&json!("why"), &json!("there")));

        (finding.related, finding.tag, found.rule) = (Vec::new(), None, "latest-tag");
        found.finding = finding.into();
        let bare = written(&found, true);
        assert_eq!(
            [&bare["code"], &bare["relatedInformation"], &bare["tags"]],
            [&json!("latest-tag"), &Value::Null, &Value::Null]
        );
    }
}
