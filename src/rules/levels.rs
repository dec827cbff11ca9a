//! At which level a finding is reported: what is configured, else what the preset says.
use super::rule::{Default, Finding, Severity};
use super::{Entry, find};
use crate::knowledge::hadolint::{HadolintLevel, default_level};
use crate::settings::{Level, Preset, Settings};

/// True when `entry` may report something: under its name or under one of its codes.
pub fn is_on(entry: &Entry, settings: &Settings) -> bool {
    let rule = entry.rule;
    level(entry, None, settings).is_some()
        || rule.aliases.iter().any(|code| level(entry, Some(&[code]), settings).is_some())
}

/// The level of a finding of `entry`; `None` when it is off.
pub fn of_finding(entry: &Entry, finding: &Finding, settings: &Settings) -> Option<Severity> {
    let own = finding
        .severity
        .filter(|_| settings.preset != Preset::Hadolint && configured(entry, finding.aliases, settings).is_none());
    let level = level(entry, finding.aliases, settings)?;
    Some(own.unwrap_or(level))
}

/// The level of what `entry` reports with these codes of its own; `None` for the codes: all of the rule.
fn level(entry: &Entry, own: Option<&[&str]>, settings: &Settings) -> Option<Severity> {
    match configured(entry, own, settings) {
        Some(Level::Off) => return None,
        Some(level) => return Some(of_level(level, entry.rule.severity)),
        None => {}
    }
    let is_on = match settings.preset {
        Preset::Recommended => entry.rule.default == Default::On,
        Preset::Pedantic => true,
        Preset::Hadolint => return of_hadolint(entry, own),
    };
    is_on.then_some(entry.rule.severity)
}

/// The level of hadolint's rule of that code, the highest of several. What can't be read is an error there too.
fn of_hadolint(entry: &Entry, own: Option<&[&str]>) -> Option<Severity> {
    let codes = own.unwrap_or(entry.rule.aliases);
    let highest = codes.iter().filter_map(|code| default_level(code)).max();
    match highest {
        Some(HadolintLevel::Ignore) => None,
        Some(HadolintLevel::Style) => Some(Severity::Hint),
        Some(HadolintLevel::Info) => Some(Severity::Info),
        Some(HadolintLevel::Warning) => Some(Severity::Warning),
        Some(HadolintLevel::Error) => Some(Severity::Error),
        None => (entry.group == "syntax").then_some(entry.rule.severity),
    }
}

/// What settings say: a code that only some findings of the rule have counts before its name, other codes behind it.
fn configured(entry: &Entry, own: Option<&[&str]>, settings: &Settings) -> Option<Level> {
    if settings.rules.is_empty() {
        return None;
    }
    let said = |name: &str| settings.rules.get(name).and_then(crate::settings::RuleSetting::level);
    let narrow = own.unwrap_or_default().iter().find_map(|code| said(code));
    let wide = if own.is_none() { entry.rule.aliases } else { &[] };
    narrow.or_else(|| said(entry.name)).or_else(|| wide.iter().find_map(|code| said(code)))
}

fn of_level(level: Level, own: Severity) -> Severity {
    match level {
        Level::Off => own,
        Level::Hint => Severity::Hint,
        Level::Info => Severity::Info,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

/// The name under which settings hold what `code` stands for: the rule's, unless the rule has other codes of hadolint too.
pub fn setting_name(code: &str) -> String {
    let is_hadolint = |alias: &&&str| default_level(alias).is_some();
    match find(code) {
        Some(entry) if entry.rule.aliases.iter().filter(is_hadolint).count() <= 1 => entry.name.to_owned(),
        _ => code.to_owned(),
    }
}

/// Settings with which only `names` are on: rules, or codes of some of their findings. Options stay, and so do levels.
///
/// # Errors
/// The first name that no rule has.
pub fn only(names: &[String], settings: &Settings) -> Result<Settings, String> {
    let mut only = settings.clone();
    let mut wanted = Vec::new();
    for name in names {
        let entry = find(name).ok_or_else(|| name.clone())?;
        let key = if name == entry.name { entry.name.to_owned() } else { setting_name(&name.to_ascii_uppercase()) };
        let key = if find(&key).is_some() { key } else { name.clone() };
        let before = level(entry, None, settings).unwrap_or(entry.rule.severity);
        wanted.push((key, to_level(before)));
    }
    for entry in super::RULES {
        for name in std::iter::once(&entry.name).chain(entry.rule.aliases) {
            if let Some(setting) = only.rules.get_mut(*name) {
                setting.set_level(Level::Off);
            }
        }
        only.rules.entry(entry.name.to_owned()).or_insert(crate::settings::RuleSetting::Level(Level::Off));
    }
    for (key, level) in wanted {
        only.rules.entry(key).or_insert(crate::settings::RuleSetting::Level(level)).set_level(level);
    }
    Ok(only)
}

fn to_level(severity: Severity) -> Level {
    match severity {
        Severity::Hint => Level::Hint,
        Severity::Info => Level::Info,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}
