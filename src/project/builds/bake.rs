//! Bake files: HCL and JSON.
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::Request;

/// One target, as far as it matters here.
#[derive(Clone, Debug, Default)]
struct Target {
    context: Option<String>,
    dockerfile: Option<String>,
    stage: Option<String>,
    inherits: Vec<String>,
    inline: bool,
}

/// Targets that inherit go at most this deep.
const MAX_DEPTH: usize = 8;

/// The targets of a docker-bake.hcl.
pub(super) fn hcl(text: &str, folder: &Path) -> Vec<Request> {
    let Ok(body) = hcl::parse(text) else { return Vec::new() };
    let mut targets = BTreeMap::new();
    for block in body.blocks().filter(|block| block.identifier() == "target") {
        let Some(name) = block.labels().first() else { continue };
        let mut target = Target::default();
        for attribute in block.body().attributes() {
            let value = attribute.expr();
            match attribute.key() {
                "context" => target.context = Some(written(value)),
                "dockerfile" => target.dockerfile = Some(written(value)),
                "target" => target.stage = Some(written(value)),
                "dockerfile-inline" => target.inline = true,
                "inherits" => target.inherits = strings(value),
                _ => {}
            }
        }
        targets.insert(name.as_str().to_owned(), target);
    }
    requests(&targets, folder)
}

/// A string as it is written, variables included.
fn written(value: &hcl::Expression) -> String {
    match value {
        hcl::Expression::String(text) => text.clone(),
        hcl::Expression::TemplateExpr(template) => match template.as_ref() {
            hcl::expr::TemplateExpr::QuotedString(text) => text.clone(),
            hcl::expr::TemplateExpr::Heredoc(_) => "$UNKNOWN".to_owned(),
        },
        _ => "$UNKNOWN".to_owned(),
    }
}

fn strings(value: &hcl::Expression) -> Vec<String> {
    match value {
        hcl::Expression::Array(items) => items.iter().map(written).collect(),
        _ => Vec::new(),
    }
}

/// The targets of a docker-bake.json.
pub(super) fn json(text: &str, folder: &Path) -> Vec<Request> {
    let file: Value = serde_json::from_str(text).unwrap_or_default();
    let named = file.get("target").and_then(Value::as_object).into_iter().flatten();
    let target = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let inherits = value.get("inherits").and_then(Value::as_array).into_iter().flatten();
        Target {
            context: text("context"),
            dockerfile: text("dockerfile"),
            stage: text("target"),
            inherits: inherits.filter_map(Value::as_str).map(str::to_owned).collect(),
            inline: value.get("dockerfile-inline").is_some(),
        }
    };
    let targets = named.map(|(name, value)| (name.clone(), target(value))).collect();
    requests(&targets, folder)
}

/// Bake is run where its file lies; a Dockerfile is seen from its context.
fn requests(targets: &BTreeMap<String, Target>, folder: &Path) -> Vec<Request> {
    let whole = targets.values().map(|target| inherited(targets, target, 0)).filter(|target| !target.inline);
    let request = |target: Target| {
        let context = target.context.unwrap_or_else(|| ".".to_owned());
        let absolute = |path: &String| path.starts_with('/');
        let dockerfile = target.dockerfile.map(|path| if absolute(&path) { path } else { format!("{context}/{path}") });
        Request { folder: folder.to_owned(), context, dockerfile, target: target.stage }
    };
    whole.map(request).collect()
}

/// The target with what it does not say itself; the last parent counts.
fn inherited(targets: &BTreeMap<String, Target>, target: &Target, depth: usize) -> Target {
    let mut whole = target.clone();
    if depth >= MAX_DEPTH {
        return whole;
    }
    for parent in target.inherits.iter().rev().filter_map(|name| targets.get(name)) {
        let parent = inherited(targets, parent, depth + 1);
        whole.context = whole.context.or(parent.context);
        whole.dockerfile = whole.dockerfile.or(parent.dockerfile);
        whole.stage = whole.stage.or(parent.stage);
        whole.inline |= parent.inline;
    }
    whole
}
