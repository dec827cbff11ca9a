//! Settings of Dockerfiles: the file beside or above each, read once, then the flags.
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::args::Input;
use crate::project::Files;
use crate::rules::{self, levels};
use crate::settings::{Settings, lookup};

/// Settings by the file they came from.
pub struct SettingsFiles<'a> {
    input: &'a Input,
    files: &'a dyn Files,
    read: Mutex<HashMap<Option<PathBuf>, Outcome>>,
    /// What is odd in them, to be told once.
    warnings: Mutex<BTreeSet<String>>,
}

/// Settings, or what is wrong in the file.
type Outcome = Result<Arc<Settings>, String>;

impl<'a> SettingsFiles<'a> {
    /// Nothing is read yet.
    ///
    /// # Errors
    /// When a flag names a rule that does not exist.
    pub fn new(input: &'a Input, files: &'a dyn Files) -> Result<Self, String> {
        for name in &input.rules {
            rules::named(name)?;
        }
        Ok(Self { input, files, read: Mutex::default(), warnings: Mutex::default() })
    }

    /// The settings of the Dockerfiles in a folder: the settings file, then the flags.
    ///
    /// # Errors
    /// What is wrong in the settings file, with its path and line.
    pub fn of(&self, folder: &Path) -> Outcome {
        let path = self.input.config.clone().or_else(|| lookup::find(self.files, folder));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&path) {
            return known.clone();
        }
        let settings = self.file(path.as_deref()).and_then(|settings| self.with_flags(settings)).map(Arc::new);
        read.insert(path, settings.clone());
        settings
    }

    fn file(&self, path: Option<&Path>) -> Result<Settings, String> {
        let Some(path) = path else { return Ok(Settings::default()) };
        let layer = lookup::read(self.files, path, &levels::setting_name)?;
        let layer = if self.input.config.is_some() { layer } else { layer.of_project(path) };
        let settings = Settings::deserialize(&layer.values).map_err(|error| format!("{}: {error}", path.display()))?;
        let unknown = settings.rules.keys().filter_map(|name| levels::unknown_rule(path, name));
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(unknown.chain(layer.notes));
        Ok(settings)
    }

    fn with_flags(&self, mut settings: Settings) -> Result<Settings, String> {
        if let Some(preset) = self.input.preset {
            settings.preset = preset.preset();
        }
        if let Some(context) = &self.input.context {
            settings.context = Some(context.clone());
        }
        if self.input.rules.is_empty() {
            return Ok(settings);
        }
        levels::only(&self.input.rules, &settings).map_err(|name| format!("there is no rule {name}"))
    }

    /// What is odd in the files that were read, sorted.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
