//! An image from a registry that the settings don't allow.
use std::collections::BTreeMap;

use crate::analysis::known::Known;
use crate::analysis::scope;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::image_names::is_local;
use crate::knowledge::table::glob;
use crate::model::image::{ImageRef, is_valid_reference, split_registry};
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::{from, sources};
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3026"],
    check: Check::Stage(check),
};

/// Docker Hub's own names.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let settings = snapshot.settings();
    let names = std::iter::once("registry-not-allowed").chain(RULE.aliases.iter().copied());
    let Some(allowed) = names.filter_map(|name| settings.rule_options(name)).find_map(allowed) else { return };
    let image = from(snapshot, stage).and_then(|from| from.image.as_ref()).filter(|_| stage.base == Base::Image);
    if let Some(word) = image {
        let expanded = match word.literal(snapshot.text()) {
            Some(literal) => Known::Known(literal.into_owned()),
            None => scope::globals(snapshot.text(), snapshot.file()).expand(snapshot.text(), word),
        };
        if let Known::Known(reference) = expanded {
            findings.extend(finding(&allowed, &reference, word.span));
        }
    }
    let stages = &snapshot.file().stages;
    let images =
        sources(snapshot, stage).filter(|source| source.name.parse::<i64>().is_err() && source.stage(stages).is_none());
    findings.extend(images.filter_map(|source| finding(&allowed, &source.name, source.span)));
}

/// The option; `None` when nothing is listed.
fn allowed(options: &BTreeMap<String, serde_json::Value>) -> Option<Vec<&str>> {
    let list = options.get("allowed")?.as_array()?;
    let names: Vec<&str> = list.iter().filter_map(serde_json::Value::as_str).collect();
    (!names.is_empty()).then_some(names)
}

fn finding(allowed: &[&str], reference: &str, span: Span) -> Option<Finding> {
    let image = ImageRef::parse(reference);
    let own = reference == "scratch" || is_local(&image.repository);
    if own || !is_valid_reference(reference) {
        return None;
    }
    let (host, path) = split_registry(&image.repository);
    let host = host.filter(|host| !HUB.contains(host)).unwrap_or(HUB[0]);
    let library = if host == HUB[0] && !path.contains('/') { "library/" } else { "" };
    let full = format!("{host}/{library}{path}");
    let fits = |pattern: &&&str| {
        let pattern = pattern.trim_end_matches('/');
        if pattern.contains('/') { glob(pattern, &full) } else { glob(pattern, host) }
    };
    let message = || format!("`{full}` is not among the allowed registries: {}", list(allowed));
    allowed.iter().find(fits).is_none().then(|| Finding::new(span, message()))
}

fn list(allowed: &[&str]) -> String {
    let more = if allowed.len() > 5 { ", …" } else { "" };
    format!("{}{more}", allowed.iter().take(5).copied().collect::<Vec<_>>().join(", "))
}
