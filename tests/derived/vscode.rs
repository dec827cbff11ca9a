//! The settings of the VS Code extension, from the schema of `dockline.toml` and the list of rules.
use std::path::Path;

use dockline::rules::{Entry, RULES};
use serde_json::{Map, Value, json};

use super::is_updating;

const PACKAGE: &str = "editors/vscode/package.json";
/// What stands in front of the settings that are derived, and behind them.
const BEGIN: &str = "\"title\": \"As in dockline.toml\",\n        \"properties\": {";
const END: &str = "\n        }\n";
/// Settings that name a program, or let names leave the machine: a workspace has no say in them until it is trusted.
const TRUSTED: [&str; 3] = ["registry.enabled", "registry.insecure", "shellcheck.path"];

#[test]
fn vscode_has_all_settings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PACKAGE);
    let text = std::fs::read_to_string(&path).unwrap();
    let version = format!("\n  \"version\": \"{}\",\n", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{PACKAGE} has another version than the server");
    let package: Value = serde_json::from_str(&text).unwrap();
    let restricted = &package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"];
    let is_restricted = |name: &&str| restricted.as_array().unwrap().contains(&format!("dockline.{name}").into());
    assert!(TRUSTED.iter().all(is_restricted), "{restricted} lacks one of {TRUSTED:?}");
    let start = text.find(BEGIN).expect("the section of dockline.toml") + BEGIN.len();
    let stop = start + text[start..].find(END).expect("the end of the section");
    let wanted = properties();
    if text[start..stop] == wanted {
        return;
    }
    assert!(is_updating(), "{PACKAGE} is stale: run UPDATE=1 cargo test --test derived");
    std::fs::write(&path, format!("{}{wanted}{}", &text[..start], &text[stop..])).unwrap();
}

/// The lines between the braces.
fn properties() -> String {
    let schema: Value = serde_json::from_str(include_str!("../../docs/dockline.schema.json")).unwrap();
    let mut all = Map::new();
    flatten("", &schema, &mut all);
    all.insert("dockline.rules".to_owned(), rules(&schema["properties"]["rules"]));
    let mut all = Value::Object(all);
    // Whether serde_json sorts by itself is decided by what else is built.
    all.sort_all_objects();
    let text = serde_json::to_string_pretty(&all).unwrap();
    let inner = text.trim_start_matches('{').trim_end_matches('}').trim_end();
    inner.replace('\n', "\n        ")
}

/// A table with fixed keys becomes one setting for each, called as in `dockline.toml`.
fn flatten(name: &str, schema: &Value, all: &mut Map<String, Value>) {
    let Some(table) = schema["properties"].as_object() else {
        all.insert(format!("dockline.{name}"), setting(name, schema));
        return;
    };
    for (key, value) in table {
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        flatten(&name, value, all);
    }
}

/// A schema as VS Code shows it best: choices as `enum`, texts as Markdown.
fn setting(name: &str, schema: &Value) -> Value {
    let mut own = schema.clone();
    // What may be left out is null there.
    if let Some(only) = own["anyOf"].as_array().and_then(|list| list.iter().find(|one| one["type"] != "null")).cloned()
    {
        own = only;
    }
    let mut made = Map::new();
    if let Some(choices) = own["oneOf"].as_array() {
        made.insert("type".to_owned(), "string".into());
        made.insert("enum".to_owned(), choices.iter().map(|choice| choice["const"].clone()).collect());
        let texts: Value = choices.iter().map(|choice| choice["description"].clone()).collect();
        made.insert("markdownEnumDescriptions".to_owned(), texts);
    } else {
        let kept =
            own.as_object().unwrap().iter().filter(|(key, _)| !matches!(key.as_str(), "description" | "default"));
        made.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
    }
    made.insert("default".to_owned(), schema.get("default").cloned().unwrap_or_default());
    made.insert("markdownDescription".to_owned(), schema["description"].clone());
    let scope = if TRUSTED.contains(&name) { "machine-overridable" } else { "window" };
    made.insert("scope".to_owned(), scope.into());
    Value::Object(made)
}

/// All rules by name; whatever has a level may be named: codes of other linters and of ShellCheck too.
fn rules(schema: &Value) -> Value {
    let levels = json!({ "enum": ["off", "hint", "info", "warning", "error"] });
    let known = |entry: &Entry| (entry.name.to_owned(), json!({ "description": entry.summary() }));
    json!({
        "type": "object",
        "properties": Value::Object(RULES.iter().map(known).collect()),
        "patternProperties": { "": { "anyOf": [levels, { "type": "object", "properties": { "level": levels } }] } },
        "default": {},
        "markdownDescription": schema["description"],
        "scope": "window",
    })
}
