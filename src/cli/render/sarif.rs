//! Findings as SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix as Repair, Location, Message, MultiformatMessageString,
    PhysicalLocation, PropertyBag, Region, Replacement, ReportingConfiguration, ReportingDescriptor, Result as Found,
    ResultLevel, Run, Sarif, Tool, ToolComponent,
};
use url::Url;

use super::fingerprint::fingerprints;
use super::place::{beside, portable, range};
use crate::cli::checked::Checked;
use crate::cli::explain::page;
use crate::rules::rule::{Applicability, Diagnostic, Fix, Place, Severity};
use crate::rules::{Entry, find};
use crate::text::edit::FileEdit;
use crate::text::lines::Lines;
use crate::text::span::Span;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name under which GitHub keeps what makes a finding the same one.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// All findings as one JSON object that ends with a line break. Rules that found nothing are left out.
pub fn files(checked: &[Checked]) -> String {
    let names: std::collections::BTreeSet<&str> =
        checked.iter().flat_map(|file| &file.diagnostics).map(|found| found.rule).collect();
    let rules: Vec<&Entry> = names.into_iter().filter_map(find).collect();
    let results: Vec<Found> = checked.iter().flat_map(|file| results(file, &rules)).collect();
    let driver = ToolComponent::builder()
        .name("dockline".to_owned())
        .version(env!("CARGO_PKG_VERSION").to_owned())
        .semantic_version(env!("CARGO_PKG_VERSION").to_owned())
        .rules(rules.iter().map(|entry| rule(entry)).collect::<Vec<_>>())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind(json!("unicodeCodePoints"))
        .results(results)
        .build();
    let log = Sarif::builder().schema(SCHEMA.to_owned()).version(json!("2.1.0")).runs(vec![run]).build();
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(entry: &Entry) -> ReportingDescriptor {
    let text = |text: String| MultiformatMessageString::builder().text(text).build();
    let page = page(entry);
    let help = MultiformatMessageString::builder().text(page.clone()).markdown(page).build();
    let tags = std::iter::once(entry.group).chain(entry.rule.aliases.iter().copied());
    let tags: Vec<String> = tags.map(str::to_owned).collect();
    let level = ReportingConfiguration::builder().level(json!(level(entry.rule.severity))).build();
    let mut rule = ReportingDescriptor::builder()
        .id(entry.name.to_owned())
        .name(entry.name.to_owned())
        .short_description(text(entry.summary()))
        .full_description(text(entry.summary()))
        .help(help)
        .default_configuration(level)
        .properties(PropertyBag::builder().tags(tags).build())
        .build();
    rule.help_uri = entry.url();
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

fn results(file: &Checked, rules: &[&Entry]) -> Vec<Found> {
    let lines = Lines::new(file.text.as_str().into());
    let result = |(found, print): (&Diagnostic, String)| result(file, &lines, found, print, rules);
    file.diagnostics.iter().zip(fingerprints(file)).map(result).collect()
}

fn result(file: &Checked, lines: &Lines, found: &Diagnostic, print: String, rules: &[&Entry]) -> Found {
    let finding = &found.finding;
    let mut result = Found::builder()
        .rule_id(found.rule.to_owned())
        .level(match found.severity {
            Severity::Error => ResultLevel::Error,
            Severity::Warning => ResultLevel::Warning,
            Severity::Info | Severity::Hint => ResultLevel::Note,
        })
        .message(Message::builder().text(finding.message.to_string()).build())
        .locations(vec![location(artifact(&file.name), region(lines, finding.span), None)])
        .partial_fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), print)]))
        .build();
    result.rule_index = rules.iter().position(|entry| entry.name == found.rule).and_then(|at| i64::try_from(at).ok());
    if !finding.related.is_empty() {
        let related = finding.related.iter().map(|(place, message)| related(file, lines, place, message));
        result.related_locations = Some(related.collect());
    }
    if !finding.fixes.is_empty() {
        result.fixes = Some(finding.fixes.iter().map(|fix| repair(file, lines, fix)).collect());
    }
    result
}

fn related(file: &Checked, lines: &Lines, place: &Place, message: &str) -> Location {
    match place {
        Place::Here(span) => location(artifact(&file.name), region(lines, *span), Some(message)),
        Place::There(path, line) => {
            let region = Region::builder().start_line(i64::from(*line) + 1).build();
            location(artifact(&path.display().to_string()), region, Some(message))
        }
    }
}

fn location(artifact: ArtifactLocation, region: Region, message: Option<&str>) -> Location {
    let place = PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    let mut location = Location::builder().physical_location(place).build();
    location.message = message.map(|message| Message::builder().text(message.to_owned()).build());
    location
}

fn region(lines: &Lines, span: Span) -> Region {
    let place = range(lines, span);
    Region::builder()
        .start_line(i64::from(place.line))
        .start_column(i64::from(place.column))
        .end_line(i64::from(place.end_line))
        .end_column(i64::from(place.end_column))
        .build()
}

fn repair(file: &Checked, lines: &Lines, fix: &Fix) -> Repair {
    let content = |text: &str| ArtifactContent::builder().text(text.to_owned()).build();
    let replace = |region: Region, text: &str| {
        Replacement::builder().deleted_region(region).inserted_content(content(text)).build()
    };
    let change = |edit: &FileEdit| match edit {
        FileEdit::This(set) => {
            let edits = set.edits().iter().map(|edit| replace(region(lines, edit.span), &edit.text));
            ArtifactChange::builder().artifact_location(artifact(&file.name)).replacements(edits.collect::<Vec<_>>())
        }
        FileEdit::Create(path, text) => {
            let start = Region::builder().char_offset(0).char_length(0).build();
            let path = artifact(&beside(&file.name, path));
            ArtifactChange::builder().artifact_location(path).replacements(vec![replace(start, text)])
        }
        FileEdit::Other(other) => {
            let lines = Lines::new(other.text.clone());
            let edits = other.edits.edits().iter().map(|edit| replace(region(&lines, edit.span), &edit.text));
            let path = artifact(&beside(&file.name, &other.path));
            ArtifactChange::builder().artifact_location(path).replacements(edits.collect::<Vec<_>>())
        }
    };
    let safe = fix.applicability == Applicability::Safe;
    let properties = BTreeMap::from([("applicability".to_owned(), json!(if safe { "safe" } else { "unsafe" }))]);
    Repair::builder()
        .description(Message::builder().text(fix.title.clone()).build())
        .artifact_changes(fix.edits.iter().map(|edit| change(edit).build()).collect::<Vec<_>>())
        .properties(PropertyBag::builder().additional_properties(properties).build())
        .build()
}

/// A relative path stays relative: it starts where dockline was called, in CI the repository's root.
fn artifact(name: &str) -> ArtifactLocation {
    let path = portable(name);
    let rooted = if Path::new(&path).is_absolute() { path.clone() } else { format!("/{path}") };
    let uri = Url::from_file_path(&rooted).map(String::from).unwrap_or_default();
    let uri = if rooted == path { uri } else { uri.trim_start_matches("file:///").to_owned() };
    ArtifactLocation::builder().uri(uri).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let uri = |name: &str| artifact(name).uri.unwrap();
        assert_eq!(uri("a b/Dockerfile#1"), "a%20b/Dockerfile%231");
        assert_eq!(uri("../x/Dockerfile"), "../x/Dockerfile");
        assert_eq!(uri("/none/Dockerfile"), "file:///none/Dockerfile");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
