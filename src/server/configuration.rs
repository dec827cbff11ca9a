//! Settings: the defaults, then `dockline.toml` beside or above the file, then what the editor says.
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::settings::Settings;

/// The settings file.
pub const FILE: &str = "dockline.toml";
/// The editor's name for our settings.
pub const SECTION: &str = "dockline";
/// A larger settings file is no settings file.
const MAX_BYTES: u64 = 1 << 20;

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
    match folder.and_then(settings_file) {
        Some((path, Ok(text))) => layers.lay_file(&path, &text),
        Some((path, Err(error))) => layers.complaints.push(format!("{}: {error}", path.display())),
        None => {}
    }
    layers.lay(&with_context_in(editor.clone(), root.or(folder)));
    (layers.settings, layers.complaints)
}

/// The nearest settings file of `folder` and its text.
fn settings_file(folder: &Path) -> Option<(PathBuf, io::Result<String>)> {
    folder.ancestors().map(|folder| folder.join(FILE)).find_map(|path| match fs::metadata(&path) {
        Ok(found) if found.len() > MAX_BYTES => Some((path, Err(io::Error::other("it is too large")))),
        Ok(found) if found.is_file() => {
            let text = fs::read_to_string(&path);
            Some((path, text))
        }
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Some((path, Err(error)))
        }
        _ => None,
    })
}

/// Settings in the making: what is merged so far is always readable.
struct Layers {
    merged: Value,
    settings: Settings,
    complaints: Vec<String>,
}

impl Layers {
    fn lay_file(&mut self, path: &Path, text: &str) {
        match (Settings::from_toml(text), toml::from_str::<Value>(text)) {
            (Ok(_), Ok(mut layer)) => {
                // A program that the project names is not run.
                let program = layer.get_mut("shellcheck").and_then(Value::as_object_mut);
                if program.is_some_and(|table| table.remove("path").is_some()) {
                    let reason = "shellcheck.path is for the editor's settings: it is left out";
                    self.complaints.push(format!("{}: {reason}", path.display()));
                }
                self.lay(&with_context_in(layer, path.parent()));
            }
            (Err(message), _) => self.complaints.push(format!("{}: {message}", path.display())),
            (_, Err(error)) => self.complaints.push(format!("{}: {error}", path.display())),
        }
    }

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

/// Makes the build context absolute.
fn with_context_in(mut layer: Value, folder: Option<&Path>) -> Value {
    if let (Some(folder), Some(Value::String(context))) = (folder, layer.get_mut("context")) {
        *context = folder.join(&*context).to_string_lossy().into_owned();
    }
    layer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::{Level, Preset};

    #[test]
    fn the_editor_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let text = "preset = \"pedantic\"\ncontext = \"ctx\"\n[rules]\nx = \"off\"\ny = \"off\"\n";
        fs::write(folder.path().join(FILE), text).unwrap();
        let editor = section(&json!({ "dockline": { "rules": { "y": "error" }, "trace": { "server": "off" } } }));
        let (settings, complaints) = settings(Some(&inner.join("Dockerfile")), &editor, None);
        assert_eq!(complaints, Vec::<String>::new());
        assert_eq!(settings.preset, Preset::Pedantic);
        assert_eq!(settings.rules["x"].level(), Some(Level::Off));
        assert_eq!(settings.rules["y"].level(), Some(Level::Error));
        assert_eq!(settings.context, Some(folder.path().join("ctx")));
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
