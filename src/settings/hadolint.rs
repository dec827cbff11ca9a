//! What `.hadolint.yaml` says, in the words of our settings.
use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::knowledge::hadolint;
use crate::text::nearest::nearest;

/// The keys that hadolint has, as far as they matter; a key that is not read only concerns its output.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Config {
    ignored: Names,
    r#override: Override,
    #[serde(rename = "trustedRegistries", alias = "trusted-registries", alias = "allowedRegistries")]
    trusted_registries: Names,
    label_schema: Option<std::collections::BTreeMap<String, String>>,
    strict_labels: Option<bool>,
    failure_threshold: Option<String>,
    no_fail: Option<bool>,
    disable_ignore_pragma: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Override {
    error: Names,
    warning: Names,
    info: Names,
    style: Names,
}

/// One name or several; nothing stands for none.
#[derive(Default)]
struct Names(Vec<String>);

/// Every key of the file, those that say how to print among them.
const KEYS: [&str; 13] = [
    "ignored",
    "override",
    "trustedRegistries",
    "trusted-registries",
    "allowedRegistries",
    "label-schema",
    "strict-labels",
    "failure-threshold",
    "no-fail",
    "disable-ignore-pragma",
    "format",
    "no-color",
    "verbose",
];

/// The settings as a table, and what in the text has no effect. `setting` turns a code into the name that settings use.
///
/// # Errors
/// `line 3: what is wrong`
pub fn layer(text: &str, setting: &dyn Fn(&str) -> String) -> Result<(Value, Vec<String>), String> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok((json!({}), Vec::new()));
    }
    let config: Config = parse(text)?;
    let mut table = Map::new();
    let mut rules = Map::new();
    for (level, names) in levels(&config) {
        rules.extend(names.0.iter().map(|code| (setting(code), json!(level))));
    }
    if !config.trusted_registries.0.is_empty() {
        let name = setting("DL3026");
        let level = rules.get(&name).cloned().unwrap_or_else(|| json!("error"));
        rules.insert(name, json!({ "level": level, "allowed": config.trusted_registries.0 }));
    }
    if !rules.is_empty() {
        table.insert("rules".into(), rules.into());
    }
    let mut labels = Map::new();
    labels.extend(config.label_schema.as_ref().map(|schema| ("schema".to_owned(), json!(schema))));
    labels.extend(config.strict_labels.map(|strict| ("strict".to_owned(), json!(strict))));
    if !labels.is_empty() {
        table.insert("labels".into(), labels.into());
    }
    table.extend(fail_on(text, &config)?.map(|level| ("fail-on".to_owned(), json!(level))));
    if config.disable_ignore_pragma == Some(true) {
        table.insert("hadolint-comments".into(), json!(false));
    }
    Ok((table.into(), notes(text)?))
}

/// Our levels, and the codes that get them; a later one wins, as `ignored` does.
fn levels(config: &Config) -> [(&'static str, &Names); 5] {
    let Override { error, warning, info, style } = &config.r#override;
    [("hint", style), ("info", info), ("warning", warning), ("error", error), ("off", &config.ignored)]
}

/// The level from which on a run fails, if the file says it.
fn fail_on(text: &str, config: &Config) -> Result<Option<&'static str>, String> {
    if config.no_fail == Some(true) {
        return Ok(Some("off"));
    }
    let Some(threshold) = &config.failure_threshold else { return Ok(None) };
    let level = match threshold.to_ascii_lowercase().as_str() {
        "error" => "error",
        "warning" => "warning",
        "info" => "info",
        "style" | "ignore" => "hint",
        "none" => "off",
        _ => {
            let at = line_of(text, "failure-threshold");
            return Err(format!("line {at}: `{threshold}` is none of error, warning, info, style, ignore, none"));
        }
    };
    Ok(Some(level))
}

/// What nobody reads: keys that hadolint does not have, and codes that it does not have.
fn notes(text: &str) -> Result<Vec<String>, String> {
    let Value::Object(all) = parse::<Value>(text)? else { return Ok(Vec::new()) };
    let unknown = all.keys().filter(|key| !KEYS.contains(&key.as_str()));
    let mut notes: Vec<String> = unknown
        .map(|key| {
            let hint = nearest(key, KEYS).map_or(String::new(), |known| format!(": did you mean {known}?"));
            format!("line {}: there is no key {key}{hint}", line_of(text, key))
        })
        .collect();
    let overrides = all.get("override").and_then(Value::as_object);
    let lists = overrides.into_iter().flat_map(Map::values).chain(all.get("ignored"));
    for code in lists.flat_map(codes).filter(|code| !hadolint::is_code(code)) {
        notes.push(format!("line {}: there is no rule {code}", line_of(text, code)));
    }
    Ok(notes)
}

fn codes(list: &Value) -> Vec<&str> {
    match list {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The line that holds a word, from 1: keys and codes are not quoted in any other way than whole.
fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.split('#').next().unwrap_or_default().contains(word)).unwrap_or(0) + 1
}

fn parse<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let message = error.without_snippet().to_string();
        // The place stands in front already.
        let message = message.split(" at line ").next().unwrap_or(&message);
        format!("line {line}: {message}")
    })
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a name or a list of names")
    }

    fn visit_str<E>(self, name: &str) -> Result<Names, E> {
        Ok(Names(vec![name.to_owned()]))
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_none<E>(self) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element::<String>()? {
            names.push(name);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Names(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Level, Settings};

    fn of(text: &str) -> (Value, Vec<String>) {
        layer(text, &|code| if code == "DL3006" { "untagged-image".to_owned() } else { code.to_owned() }).unwrap()
    }

    #[test]
    fn turns_keys_into_ours() {
        let text = "\
ignored: [DL3008, SC1010]
override:
  error: [DL3006]
  style:
    - DL3015
    - DL3008
trustedRegistries: docker.io
label-schema: { version: semver }
strict-labels: true
failure-threshold: style
disable-ignore-pragma: true
no-color: true
";
        let (values, notes) = of(text);
        let expected = json!({
            "rules": {
                "DL3008": "off", "SC1010": "off", "untagged-image": "error", "DL3015": "hint",
                "DL3026": { "level": "error", "allowed": ["docker.io"] },
            },
            "labels": { "schema": { "version": "semver" }, "strict": true },
            "fail-on": "hint",
            "hadolint-comments": false,
        });
        assert_eq!((&values, notes), (&expected, Vec::new()));
        let settings = Settings::deserialize(&values).unwrap();
        assert_eq!(settings.rules["untagged-image"].level(), Some(Level::Error));
    }

    #[test]
    fn empty_files_say_nothing() {
        for text in ["", "# nothing\n", "---\n", "ignored:\n", "override:\n  error: []\n"] {
            assert_eq!(of(text), (json!({}), Vec::new()), "{text:?}");
        }
        assert_eq!(of("no-fail: true\nfailure-threshold: error\n").0, json!({ "fail-on": "off" }));
        assert_eq!(of("failure-threshold: none\n").0, json!({ "fail-on": "off" }));
    }

    #[test]
    fn mistakes_have_a_line() {
        let error = |text: &str| layer(text, &str::to_owned).unwrap_err();
        assert!(error("ignored:\n  - DL3000\n no\n").starts_with("line "));
        assert!(error("\nstrict-labels: maybe\n").starts_with("line 2: "), "{}", error("\nstrict-labels: maybe\n"));
        assert!(error("# x\nfailure-threshold: loud\n").starts_with("line 2: `loud`"));
        let (_, notes) = of("ignore:\n  - DL3000\nignored:\n  - DL30000\n");
        let expected = ["line 1: there is no key ignore: did you mean ignored?", "line 4: there is no rule DL30000"];
        assert_eq!(notes, expected);
    }
}
