//! Settings: the defaults, then the settings file beside or above the document, then what the editor says.
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::project::Disk;
use crate::rules::levels::{setting_name, unknown_rule};
use crate::settings::{Settings, lookup};

/// The editor's name for our settings.
pub const SECTION: &str = "dockline";

/// The part of what an editor sent that is ours: what stands under `dockline`, or all of it; empty for anything but a table.
pub fn section(sent: &Value) -> Value {
    let own = sent.get(SECTION).unwrap_or(sent);
    if own.is_object() { own.clone() } else { Value::Object(Map::new()) }
}

/// The settings of `dockerfile` and what could not be read of them. `editor` is a [`section`]; its paths start at `root`,
/// those of a settings file where it lies.
pub fn settings(dockerfile: Option<&Path>, editor: &Value, root: Option<&Path>) -> (Settings, Vec<String>) {
    let mut layers =
        Layers { merged: Value::Object(Map::new()), settings: Settings::default(), complaints: Vec::new() };
    let folder = dockerfile.and_then(Path::parent);
    let read = |path: PathBuf| {
        let mut layer = lookup::read(&Disk, &path, &setting_name)?.of_project(&path);
        let named = layer.values["rules"].as_object().into_iter().flatten();
        layer.notes.extend(named.filter_map(|(name, _)| unknown_rule(&path, name)));
        Ok(layer)
    };
    match folder.and_then(|folder| lookup::find(&Disk, folder)).map(read) {
        Some(Ok(file)) => {
            layers.complaints.extend(file.notes);
            layers.lay(&file.values);
        }
        Some(Err(error)) => layers.complaints.push(error),
        None => {}
    }
    layers.lay(&with_paths_in(editor.clone(), root.or(folder)));
    (layers.settings, layers.complaints)
}

/// Settings in the making: what is merged so far is always readable.
struct Layers {
    merged: Value,
    settings: Settings,
    complaints: Vec<String>,
}

impl Layers {
    /// Lays `layer` over what is there. What can't be read of it is left out alone: editors send more than our settings.
    fn lay(&mut self, layer: &Value) {
        let mut merged = self.merged.clone();
        merge(&mut merged, layer);
        match (Settings::deserialize(&merged), parts(layer)) {
            (Ok(settings), _) => (self.merged, self.settings) = (merged, settings),
            (Err(_), Some(parts)) => parts.iter().for_each(|part| self.lay(part)),
            (Err(error), None) => tracing::debug!("a setting is left out: {layer}: {error}"),
        }
    }
}

/// A table as tables with one leaf or one entry less each; `None` for what can't be divided.
fn parts(layer: &Value) -> Option<Vec<Value>> {
    let table = layer.as_object()?;
    let single = |key: &str, value: Value| Value::Object(Map::from_iter([(key.to_owned(), value)]));
    match table.iter().next() {
        Some((key, inner)) if table.len() == 1 => {
            Some(parts(inner)?.into_iter().map(|part| single(key, part)).collect())
        }
        _ => Some(table.iter().map(|(key, value)| single(key, value.clone())).collect()),
    }
}

fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// Makes paths absolute.
fn with_paths_in(mut layer: Value, folder: Option<&Path>) -> Value {
    for key in lookup::PATHS {
        if let (Some(folder), Some(Value::String(named))) = (folder, layer.get_mut(key)) {
            *named = folder.join(&*named).to_string_lossy().into_owned();
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::settings::lookup::FILE;
    use crate::settings::{Level, Preset};

    #[test]
    fn the_editor_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let rules = "[rules]\nlatest-tag = \"off\"\nuntagged-image = \"off\"\n";
        let text = format!("preset = \"pedantic\"\ncontext = \"ctx\"\nbuild-log = \"b.log\"\n{rules}");
        fs::write(folder.path().join(FILE), text).unwrap();
        let editor =
            section(&json!({ "dockline": { "rules": { "untagged-image": "error" }, "trace": { "server": "off" } } }));
        let (settings, complaints) = settings(Some(&inner.join("Dockerfile")), &editor, None);
        assert_eq!(complaints, Vec::<String>::new());
        assert_eq!(settings.preset, Preset::Pedantic);
        assert_eq!(settings.rules["latest-tag"].level(), Some(Level::Off));
        assert_eq!(settings.rules["untagged-image"].level(), Some(Level::Error));
        assert_eq!(settings.context, Some(folder.path().join("ctx")));
        assert_eq!(settings.build_log, Some(folder.path().join("b.log")));
    }

    #[test]
    fn a_rule_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "[rules]\nlatest-tags = \"off\"\nlatest-tag = \"off\"\n").unwrap();
        let (settings, complaints) = settings(Some(&folder.path().join("Dockerfile")), &json!({}), None);
        assert!(complaints.len() == 1 && complaints[0].ends_with("did you mean latest-tag?"), "{complaints:?}");
        assert_eq!(settings.rules["latest-tag"].level(), Some(Level::Off));
    }

    #[test]
    fn a_broken_file_leaves_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "rules = 1\n").unwrap();
        let editor = json!({ "rules": { "y": "error", "z": "loud" }, "context": "." });
        let (settings, complaints) = settings(Some(&folder.path().join("Dockerfile")), &editor, Some(Path::new("/r")));
        assert!(complaints.len() == 1 && complaints[0].contains(FILE), "{complaints:?}");
        assert_eq!(settings.rules["y"].level(), Some(Level::Error));
        assert_eq!(settings.rules.len(), 1);
        assert_eq!(settings.context, Some(PathBuf::from("/r/.")));
    }
}
