//! `dockline config`
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::args::Config;
use super::output::Output;
use super::write;
use super::{CLEAN, FAILED};
use crate::project::Disk;
use crate::rules::{find, levels};
use crate::settings::lookup;

/// What is in force where nothing is set, for those keys that always have a value.
const DEFAULTS: &str = "\
preset = \"recommended\"
fail-on = \"warning\"
hadolint-comments = true
code-lenses = false
[actions]
dependency-layer = \"auto\"
alpine-packages = \"build-base\"
final-base = \"distroless\"
private-modules = []
private-access = \"netrc\"
go-programs = []
[format]
keyword-case = \"majority\"
indent = 4
max-blank-lines = 2
[inlay-hints]
values = \"auto\"
stages = \"auto\"
folders = \"auto\"
users = \"auto\"
times = \"auto\"
[labels]
strict = false
[shellcheck]
enabled = \"auto\"
";

/// Prints the settings in force, or those of hadolint as ours.
pub fn run(args: &Config, output: &mut Output) -> io::Result<u8> {
    let result =
        if args.from_hadolint { from_hadolint(&args.path, args.write, output) } else { effective(args, output) };
    match result {
        Ok(text) => {
            output.print(&text)?;
            Ok(CLEAN)
        }
        Err(error) => {
            output.complain(&error);
            Ok(FAILED)
        }
    }
}

/// The settings in force for a Dockerfile as a settings file, with where each comes from.
fn effective(args: &Config, output: &mut Output) -> Result<String, String> {
    let path = args.file.clone().or(nearest(&args.path)?);
    let mut text = match &path {
        Some(path) => format!("# settings file: {}\n", path.display()),
        None => "# settings file: none\n".to_owned(),
    };
    let layer = match &path {
        Some(path) => {
            let layer = lookup::read(&Disk, path, &levels::setting_name)?;
            if args.file.is_some() { layer } else { layer.of_project(path) }
        }
        None => lookup::Layer { values: Value::Null, notes: Vec::new() },
    };
    layer.notes.iter().for_each(|note| output.warn(note));
    let mut all: Value = toml::from_str(DEFAULTS).map_err(|error| error.to_string())?;
    let origin = path.map_or(String::new(), |path| path.display().to_string());
    mark(&mut all, "default");
    overlay(&mut all, &layer.values, &origin);
    if let Value::Object(all) = &all {
        section(&mut text, "", all);
    }
    Ok(text)
}

/// The settings file of a Dockerfile, or of what lies in a directory.
fn nearest(path: &Path) -> Result<Option<PathBuf>, String> {
    let path = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let folder = if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
    if !folder.is_dir() {
        return Err(format!("{}: there is no such file or directory", path.display()));
    }
    Ok(lookup::find(&Disk, &folder))
}

/// Turns every leaf into a pair of itself and where it comes from.
fn mark(value: &mut Value, origin: &str) {
    match value {
        Value::Object(table) => table.values_mut().for_each(|value| mark(value, origin)),
        leaf => *leaf = Value::Array(vec![leaf.take(), origin.into()]),
    }
}

/// Lays `over` above what is marked already.
fn overlay(base: &mut Value, over: &Value, origin: &str) {
    match (base, over) {
        (_, Value::Null) => {}
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                overlay(base.entry(key.clone()).or_insert(Value::Null), value, origin);
            }
        }
        (base, over) => {
            *base = over.clone();
            mark(base, origin);
        }
    }
}

/// The leaves of a table with their origins, then its tables under their names.
fn section(text: &mut String, name: &str, table: &Map<String, Value>) {
    let leaves = table.iter().filter(|(_, value)| !value.is_object());
    let lines: Vec<(String, &str)> = leaves
        .map(|(key, pair)| {
            let origin = pair[1].as_str().unwrap_or_default();
            (format!("{} = {}", quoted(key), pair[0]), origin)
        })
        .collect();
    if !name.is_empty() && !lines.is_empty() {
        let _ = writeln!(text, "\n[{name}]");
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    for (line, origin) in lines {
        let _ = writeln!(text, "{line:width$}  \x1b[2m# {origin}\x1b[0m");
    }
    for (key, value) in table {
        if let Value::Object(inner) = value {
            let key = quoted(key);
            section(text, &if name.is_empty() { key } else { format!("{name}.{key}") }, inner);
        }
    }
}

/// A key as TOML wants it.
fn quoted(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(is_bare) { key.to_owned() } else { Value::from(key).to_string() }
}

/// A settings file of hadolint as ours: printed, or written beside it and named.
fn from_hadolint(at: &Path, write: bool, output: &mut Output) -> Result<String, String> {
    let path = if lookup::is_hadolint(at) { at.to_owned() } else { hadolint_above(at)? };
    let mut layer = lookup::read(&Disk, &path, &levels::setting_name)?;
    layer.notes.iter().for_each(|note| output.warn(note));
    let text = ours(&path, &mut layer.values)?;
    if !write {
        return Ok(text);
    }
    let target = path.with_file_name(lookup::FILE);
    write::create(&target, &text).map_err(|error| format!("{}: {error}", target.display()))?;
    Ok(format!("created {}; {} is not read any more\n", target.display(), path.display()))
}

fn hadolint_above(at: &Path) -> Result<PathBuf, String> {
    let at = std::path::absolute(at).map_err(|error| format!("{}: {error}", at.display()))?;
    let mut all = at.ancestors().flat_map(|folder| lookup::HADOLINT_FILES.map(|name| folder.join(name)));
    all.find(|path| path.is_file()).ok_or_else(|| format!("no {} found", lookup::HADOLINT_FILES[0]))
}

/// The text of our settings file. What has no rule here is named in a comment.
fn ours(path: &Path, values: &mut Value) -> Result<String, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!("# Made from {name}. `preset = \"hadolint\"` leaves hadolint's rules on alone.\n");
    if let Some(Value::Object(rules)) = values.get_mut("rules") {
        let (known, unknown): (Map<_, _>, Map<_, _>) =
            std::mem::take(rules).into_iter().partition(|(name, _)| find(name).is_some());
        *rules = known;
        if !unknown.is_empty() {
            let names: Vec<String> = unknown.into_iter().map(|(name, _)| name).collect();
            let _ = writeln!(text, "# Left out, as nothing here reports it: {}", names.join(", "));
        }
    }
    let body = toml::to_string(values).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text + &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Level, Settings};

    #[test]
    fn the_defaults_are_those_of_the_settings() {
        let said = Settings::from_toml(DEFAULTS).unwrap();
        assert_eq!(said, Settings { fail_on: Some(Level::Warning), ..Settings::default() });
    }
}
