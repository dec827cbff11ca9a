//! `dockline.toml`: found beside or above a Dockerfile, read once.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Input;
use crate::rules;
use crate::settings::Settings;
use crate::text::nearest::nearest;

/// The file's name.
const NAME: &str = "dockline.toml";

/// Settings by the file they came from.
#[derive(Default)]
pub struct SettingsFiles {
    read: HashMap<PathBuf, Result<Arc<Settings>, String>>,
    /// Names in them that no rule has, to be told once.
    pub warnings: Vec<String>,
}

impl SettingsFiles {
    /// The settings of a Dockerfile: its `dockline.toml`, then the flags.
    ///
    /// # Errors
    /// What is wrong in the settings file, with its path and line.
    pub fn of(&mut self, dockerfile: Option<&Path>, input: &Input) -> Result<Arc<Settings>, String> {
        let path = input.config.clone().or_else(|| find(dockerfile));
        let settings = match path {
            Some(path) => self.file(&path)?,
            None => Arc::default(),
        };
        let settings = if input.config.is_some() { settings } else { self.without_program(settings) };
        if input.preset.is_none() && input.context.is_none() {
            return Ok(settings);
        }
        let mut settings = (*settings).clone();
        if let Some(preset) = input.preset {
            settings.preset = preset.preset();
        }
        if let Some(context) = &input.context {
            settings.context = Some(context.clone());
        }
        Ok(Arc::new(settings))
    }

    /// A program that the project names is not run.
    fn without_program(&mut self, settings: Arc<Settings>) -> Arc<Settings> {
        if settings.shellcheck.path.is_none() {
            return settings;
        }
        let warning = format!("{NAME}: shellcheck.path is for the editor's settings and for --config: it is left out");
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
        let mut settings = (*settings).clone();
        settings.shellcheck.path = None;
        Arc::new(settings)
    }

    fn file(&mut self, path: &Path) -> Result<Arc<Settings>, String> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let settings = read(path).map(Arc::new);
        if let Ok(settings) = &settings {
            self.warnings.extend(settings.rules.keys().filter_map(|name| unknown_rule(path, name)));
        }
        self.read.insert(path.to_owned(), settings.clone());
        settings
    }
}

fn unknown_rule(path: &Path, name: &str) -> Option<String> {
    if rules::find(name).is_some() {
        return None;
    }
    let known = nearest(name, rules::RULES.iter().map(|entry| entry.name));
    let hint = known.map_or(String::new(), |known| format!(": did you mean {known}?"));
    Some(format!("{}: there is no rule {name}{hint}", path.display()))
}

fn read(path: &Path) -> Result<Settings, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut settings = Settings::from_toml(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    // A relative context starts where it is written.
    let folder = path.parent().unwrap_or(Path::new(""));
    settings.context = settings.context.map(|context| folder.join(context));
    Ok(settings)
}

/// The nearest settings file of a Dockerfile; of the working directory for a text without a name.
fn find(dockerfile: Option<&Path>) -> Option<PathBuf> {
    let beside = dockerfile.and_then(Path::parent).unwrap_or(Path::new(""));
    let folder = std::path::absolute(if beside.as_os_str().is_empty() { Path::new(".") } else { beside }).ok()?;
    folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())
}
