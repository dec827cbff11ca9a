//! Settings files: which one counts for a Dockerfile, and what it says.
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Settings, hadolint};
use crate::project::files::{Files, Kind};

/// Our settings file.
pub const FILE: &str = "dockline.toml";
/// Those of hadolint; they count where there is none of ours.
pub const HADOLINT_FILES: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// The keys that name a file or a folder.
pub const PATHS: [&str; 2] = ["context", "build-log"];

/// What a settings file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// A table with the keys of [`Settings`]; paths are absolute if `folder` was.
    pub values: Value,
    /// What is odd but hinders nothing, each with the file's path.
    pub notes: Vec<String>,
}

impl Layer {
    /// The same from a file that lies in a project: no project chooses a program to be run, nor whom to talk to.
    #[must_use]
    pub fn of_project(mut self, path: &Path) -> Self {
        if self.values.as_object_mut().is_some_and(|table| table.remove("registry").is_some()) {
            let note = "registry is for the editor's settings and for --config: it is left out";
            self.notes.push(format!("{}: {note}", path.display()));
        }
        let table = self.values.get_mut("shellcheck").and_then(Value::as_object_mut);
        if table.is_some_and(|table| table.remove("path").is_some()) {
            let note = "shellcheck.path is for the editor's settings and for --config: it is left out";
            self.notes.push(format!("{}: {note}", path.display()));
        }
        self
    }
}

/// The nearest `dockline.toml` in `folder` or above it, else the nearest settings of hadolint.
pub fn find(files: &dyn Files, folder: &Path) -> Option<PathBuf> {
    let is_file = |path: &PathBuf| files.kind(path) == Some(Kind::File);
    let ours = folder.ancestors().map(|folder| folder.join(FILE)).find(is_file);
    ours.or_else(|| folder.ancestors().flat_map(|folder| HADOLINT_FILES.map(|name| folder.join(name))).find(is_file))
}

/// Reads a settings file of either kind. `setting` turns a code of hadolint into the name that settings use.
///
/// # Errors
/// What is wrong, with the file's path and, where it is a mistake in the text, its line.
pub fn read(files: &dyn Files, path: &Path, setting: &dyn Fn(&str) -> String) -> Result<Layer, String> {
    let place = path.display();
    let bytes = files.read(path).map_err(|error| format!("{place}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{place}: it is not UTF-8"))?;
    if is_hadolint(path) {
        let (values, notes) = hadolint::layer(&text, setting).map_err(|error| format!("{place}: {error}"))?;
        return Ok(Layer { values, notes: notes.into_iter().map(|note| format!("{place}: {note}")).collect() });
    }
    Settings::from_toml(&text).map_err(|error| format!("{place}: {error}"))?;
    let mut values: Value = toml::from_str(&text).map_err(|error| format!("{place}: {error}"))?;
    // A relative path starts where it is written.
    for key in PATHS {
        if let (Some(folder), Some(Value::String(named))) = (path.parent(), values.get_mut(key)) {
            *named = folder.join(&*named).to_string_lossy().into_owned();
        }
    }
    Ok(Layer { values, notes: Vec::new() })
}

/// True when a file is written as hadolint reads it.
pub fn is_hadolint(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::files::Memory;

    #[test]
    fn ours_count_before_those_of_hadolint() {
        let files = Memory::new([("/w/dockline.toml", ""), ("/w/a/.hadolint.yml", ""), ("/v/.hadolint.yaml", "")]);
        let find = |folder: &str| find(&files, Path::new(folder)).map(|path| path.display().to_string());
        assert_eq!(find("/w/a/b").as_deref(), Some("/w/dockline.toml"));
        assert_eq!(find("/v/x/y").as_deref(), Some("/v/.hadolint.yaml"));
        assert_eq!(find("/x"), None);
    }

    #[test]
    fn mistakes_have_a_place() {
        let files = Memory::new([
            ("/a/dockline.toml", "preset = \"pedantic\"\nrulez = 1\n"),
            ("/b/.hadolint.yaml", "ignored:\n  - DL3000\noverride: [\n"),
            ("/c/dockline.toml", "context = \"ctx\"\nbuild-log = \"build.log\"\n"),
        ]);
        let read = |path: &str| read(&files, Path::new(path), &str::to_owned);
        let error = read("/a/dockline.toml").unwrap_err();
        assert!(error.starts_with("/a/dockline.toml: ") && error.contains("line 2"), "{error}");
        let error = read("/b/.hadolint.yaml").unwrap_err();
        assert!(error.starts_with("/b/.hadolint.yaml: line "), "{error}");
        let values = read("/c/dockline.toml").unwrap().values;
        assert_eq!((&values["context"], &values["build-log"]), (&"/c/ctx".into(), &"/c/build.log".into()));
        assert!(read("/d/dockline.toml").unwrap_err().starts_with("/d/dockline.toml: "));
    }

    #[test]
    fn a_project_asks_no_registry() {
        let text = "preset = \"pedantic\"\n[registry]\nenabled = true\ninsecure = [\"a.example\"]\n";
        let files = Memory::new([("/a/dockline.toml", text)]);
        let path = Path::new("/a/dockline.toml");
        let layer = read(&files, path, &str::to_owned).unwrap();
        assert_eq!(layer.values["registry"]["enabled"], true);
        let layer = layer.of_project(path);
        assert_eq!(layer.values, serde_json::json!({ "preset": "pedantic" }));
        assert!(
            layer.notes.len() == 1 && layer.notes[0].starts_with("/a/dockline.toml: registry"),
            "{:?}",
            layer.notes
        );
    }
}
