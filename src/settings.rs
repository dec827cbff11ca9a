//! Settings: one struct for `dockline.toml`, the editor and the flags. Later ones win.
pub mod hadolint;
pub mod lookup;
#[cfg(test)]
mod schema;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// Everything that can be set. An empty `dockline.toml` gives the defaults.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Which rules are on before `rules` is read.
    pub preset: Preset,
    /// Per rule: `"off"`, `"hint"`, `"info"`, `"warning"`, `"error"`, or a table with `level` and options.
    pub rules: BTreeMap<String, RuleSetting>,
    /// The build context, relative to the settings file, when it can't be found out.
    pub context: Option<PathBuf>,
    /// The log of a build, relative to the settings file: editors show its times beside the instructions.
    pub build_log: Option<PathBuf>,
    /// How the code actions write.
    pub actions: ActionSettings,
    /// Whether ShellCheck looks at the shell texts, and which one.
    pub shellcheck: ShellCheckSettings,
    /// Whether registries are asked about images, and how.
    pub registry: RegistrySettings,
    /// Which labels an image should have.
    pub labels: LabelSettings,
    /// How the formatter writes.
    pub format: FormatSettings,
    /// What editors show in the lines without it being written there.
    pub inlay_hints: InlayHintSettings,
    /// Whether editors show above each stage what can be done with it and what was found in it.
    pub code_lenses: bool,
    /// The level from which on `dockline check` fails; `"off"`: it never does.
    pub fail_on: Option<Level>,
    /// Whether comments for hadolint silence findings too.
    pub hadolint_comments: Toggle,
}

/// Whether ShellCheck looks at the shell texts, and which one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShellCheckSettings {
    /// When it is used.
    pub enabled: ShellCheckUse,
    /// The program; the `shellcheck` of PATH by default. It is run, so a settings file of the project can't name it: the
    /// editor's settings do, or the file of `--config`.
    pub path: Option<PathBuf>,
}

/// When ShellCheck is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ShellCheckUse {
    /// Where it is installed.
    #[default]
    Auto,
    /// Never.
    Off,
}

/// Whether registries are asked about images, and how. A settings file of the project can't say any of this: the editor's settings
/// do, or the file of `--config`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct RegistrySettings {
    /// Ask the registries of the images in open Dockerfiles, and of those that `dockline check` reads, for tags, digests and
    /// platforms. The names of the images leave the machine, and what `docker login` keeps in a file for that registry.
    pub enabled: bool,
    /// Seconds that an answer may take; at most 60.
    pub timeout: u8,
    /// Minutes that an answer counts.
    pub lifetime: u16,
    /// Hosts, with their ports, that are asked over plain HTTP: `localhost:5000`
    pub insecure: Vec<String>,
}

impl Default for RegistrySettings {
    fn default() -> Self {
        Self { enabled: false, timeout: 5, lifetime: 60, insecure: Vec::new() }
    }
}

/// A switch that is on unless it is turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(transparent)]
pub struct Toggle(pub bool);

impl Default for Toggle {
    fn default() -> Self {
        Self(true)
    }
}

/// A set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// What is wrong for sure and worth an edit.
    #[default]
    Recommended,
    /// Every rule.
    Pedantic,
    /// The rules that hadolint has, at its levels, and what can't be built at all.
    Hadolint,
}

/// What a rule is set to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(untagged)]
pub enum RuleSetting {
    /// A level alone.
    Level(Level),
    /// A level and options.
    Table(RuleTable),
}

/// A level and the options of one rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
pub struct RuleTable {
    /// The level; the rule's own if absent.
    pub level: Option<Level>,
    /// The rule's options.
    #[serde(flatten)]
    pub options: BTreeMap<String, serde_json::Value>,
}

/// A severity, or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Never reported.
    Off,
    /// Advice.
    Hint,
    /// Good to know.
    Info,
    /// Wrong, insecure or needlessly slow.
    Warning,
    /// The build fails, the container can't start, or a secret leaks.
    Error,
}

/// How the code actions write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ActionSettings {
    /// How `go mod download` gets its modules: a plain layer, a cache mount, or bind and cache mounts.
    pub dependency_layer: DependencyLayer,
    /// What is installed on Alpine for cgo.
    pub alpine_packages: AlpinePackages,
    /// The base of the final stage when a file is converted to multi-stage.
    pub final_base: FinalBase,
    /// Modules that only some may read, in the patterns of GOPRIVATE; those of GOPRIVATE count too.
    pub private_modules: Vec<String>,
    /// How a download gets access to them, where the Dockerfile gives it none.
    pub private_access: PrivateAccess,
    /// Programs that run Go, such as `make`, `mage`, `gotestsum` or `golangci-lint`: cache mounts are for them too. What a
    /// Makefile says of a target that is made needs no setting.
    pub go_programs: Vec<String>,
}

/// How a download gets access to private modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrivateAccess {
    /// A secret mount with a .netrc: for every host.
    #[default]
    Netrc,
    /// A secret mount with a token, for one host; a .netrc where the token's user or the version of Git is not known.
    Token,
    /// The SSH agent.
    Ssh,
}

/// How the download layer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DependencyLayer {
    /// A cache mount where the stage already uses one, else a plain layer.
    #[default]
    Auto,
    /// `RUN go mod download`
    Plain,
    /// `RUN --mount=type=cache,… go mod download`
    Cache,
    /// The same with the module files in bind mounts instead of a COPY.
    Bind,
}

/// What is installed on Alpine for cgo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AlpinePackages {
    /// `build-base`: one word, has g++ and make too.
    #[default]
    BuildBase,
    /// `gcc musl-dev`
    Minimal,
}

/// Which labels an image should have; without a schema nothing is expected of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct LabelSettings {
    /// The labels by name, and what their values are.
    pub schema: BTreeMap<String, LabelType>,
    /// No other labels are allowed.
    pub strict: bool,
}

/// What the value of a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LabelType {
    /// Anything but nothing.
    Text,
    /// An absolute URL.
    Url,
    /// A point in time: `2026-11-22T10:00:00Z`
    Rfc3339,
    /// A version: `1.2.3-rc.1`
    Semver,
    /// A Git commit, whole or shortened.
    Hash,
    /// An e-mail address.
    Email,
    /// A license expression: `MIT OR Apache-2.0`
    Spdx,
}

/// The base of a new final stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FinalBase {
    /// Distroless where the program needs no shell.
    #[default]
    Distroless,
    /// `scratch`, with what the program needs copied.
    Scratch,
    /// Alpine.
    Alpine,
    /// Chainguard's `static` and `glibc-dynamic` where the program needs no shell.
    Chainguard,
    /// Debian slim.
    Debian,
}

/// How the formatter writes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FormatSettings {
    /// The case of keywords.
    pub keyword_case: KeywordCase,
    /// Columns of a continued line, where the file has no indentation of its own; at most 16.
    pub indent: u8,
    /// Blank lines in a row that are kept.
    pub max_blank_lines: u8,
}

impl Default for FormatSettings {
    fn default() -> Self {
        Self { keyword_case: KeywordCase::Majority, indent: 4, max_blank_lines: 2 }
    }
}

/// The case of keywords, `AS` included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum KeywordCase {
    /// That of most of the file; upper case if there are as many of both.
    #[default]
    Majority,
    /// `RUN`
    Upper,
    /// `run`
    Lower,
    /// As written.
    Keep,
}

/// What editors show in the lines without it being written there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct InlayHintSettings {
    /// The values of variables; by default the first time in an instruction, where the line that sets them is not near.
    pub values: HintUse,
    /// The numbers of stages, and what a number stands for; by default of stages without a name that are used by number.
    pub stages: HintUse,
    /// Folders that WORKDIR leads to from another one, and those that a stage begins in; by default not the root.
    pub folders: HintUse,
    /// Users that a stage begins with; by default not root.
    pub users: HintUse,
    /// The times of the build that `build-log` names.
    pub times: HintUse,
}

/// When a hint is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HintUse {
    /// Where it says what is not obvious.
    #[default]
    Auto,
    /// Wherever it is known.
    All,
    /// Never.
    Off,
}

impl Settings {
    /// Reads a `dockline.toml`.
    ///
    /// # Errors
    /// The message names the line and what is wrong in it.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The options table of a rule, if one is given.
    pub fn rule_options(&self, rule: &str) -> Option<&BTreeMap<String, serde_json::Value>> {
        match self.rules.get(rule) {
            Some(RuleSetting::Table(table)) => Some(&table.options),
            _ => None,
        }
    }
}

impl RuleSetting {
    /// The level, if one is given.
    pub fn level(&self) -> Option<Level> {
        match self {
            RuleSetting::Level(level) => Some(*level),
            RuleSetting::Table(table) => table.level,
        }
    }

    /// Sets the level; options stay.
    pub fn set_level(&mut self, level: Level) {
        match self {
            RuleSetting::Level(own) => *own = level,
            RuleSetting::Table(table) => table.level = Some(level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_levels_and_tables() {
        let text =
            "preset = \"pedantic\"\n[rules]\nlatest-tag = \"off\"\n[rules.x]\nlevel = \"hint\"\nallow = [\"a\"]\n";
        let settings = Settings::from_toml(text).unwrap();
        assert_eq!(settings.rules["latest-tag"].level(), Some(Level::Off));
        assert_eq!(settings.rules["x"].level(), Some(Level::Hint));
        assert!(settings.rule_options("x").unwrap().contains_key("allow"));
    }

    #[test]
    fn reads_labels() {
        let text = "[labels]\nstrict = true\nschema = { \"org.opencontainers.image.source\" = \"url\" }\n";
        let labels = Settings::from_toml(text).unwrap().labels;
        assert!(labels.strict && labels.schema["org.opencontainers.image.source"] == LabelType::Url);
        assert!(Settings::from_toml("[labels.schema]\na = \"uri\"\n").is_err());
    }

    #[test]
    fn names_the_line_of_a_mistake() {
        let error = Settings::from_toml("rulez = 1\n").unwrap_err();
        assert!(error.contains("rulez") && error.contains('1'), "{error}");
    }
}
