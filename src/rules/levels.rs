//! At which level a finding is reported: what is configured, else what the preset says.
use std::path::Path;

use super::rule::{Default, Finding, Severity};
use super::{Entry, SHELLCHECK, find};
use crate::knowledge::hadolint::{HadolintLevel, default_level, is_code};
use crate::knowledge::shellcheck;
use crate::settings::{Level, Preset, RuleSetting, RuleTable, Settings, ShellCheckUse};
use crate::text::nearest::nearest;

/// True when `entry` may report something: under its name or under one of its codes.
pub fn is_on(entry: &Entry, settings: &Settings) -> bool {
    let rule = entry.rule;
    if settings.rules.is_empty() && settings.preset != Preset::Hadolint {
        // Asked for every rule at each keystroke.
        return settings.preset == Preset::Pedantic || rule.default == Default::On;
    }
    level(entry, None, settings).is_some()
        || rule.aliases.iter().any(|code| level(entry, Some(&[code]), settings).is_some())
        || entry.name == SHELLCHECK && settings.rules.iter().any(|(name, setting)| is_code_on(name, setting))
}

/// The level of what `entry` reports under its name; `None` when it is off.
pub fn of_rule(entry: &Entry, settings: &Settings) -> Option<Severity> {
    level(entry, None, settings)
}

/// True where ShellCheck is wanted: it is not off, and neither is its rule.
pub fn asks_shellcheck(settings: &Settings) -> bool {
    settings.shellcheck.enabled != ShellCheckUse::Off && find(SHELLCHECK).is_some_and(|entry| is_on(entry, settings))
}

fn is_code_on(name: &str, setting: &RuleSetting) -> bool {
    shellcheck::is_code(name) && setting.level().is_some_and(|level| level != Level::Off)
}

/// The level of a finding of `entry`; `None` when it is off.
pub fn of_finding(entry: &Entry, finding: &Finding, settings: &Settings) -> Option<Severity> {
    // The levels of ShellCheck are passed on by hadolint.
    let has_own = settings.preset != Preset::Hadolint || entry.name == SHELLCHECK;
    let own = finding.severity.filter(|_| has_own && configured(entry, finding.aliases, settings).is_none());
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
        None => (entry.group == "syntax" || entry.name == SHELLCHECK).then_some(entry.rule.severity),
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

/// The name under which settings hold what `code` stands for: the rule's, unless the rule has other codes of hadolint too,
/// or the code other rules.
pub fn setting_name(code: &str) -> String {
    let Some(entry) = find(code) else { return code.to_owned() };
    let written = entry.rule.aliases.iter().find(|alias| alias.eq_ignore_ascii_case(code));
    match written.filter(|_| all(code).len() > 1) {
        Some(shared) => (*shared).to_owned(),
        None => key(entry, code).to_owned(),
    }
}

/// What is odd about the rule `name` in the settings file at `path`, if there is no such rule. Codes of hadolint that no rule has
/// need no word: what is switched off stays off.
pub fn unknown_rule(path: &Path, name: &str) -> Option<String> {
    if find(name).is_some() || is_code(name) {
        return None;
    }
    let known = nearest(name, super::RULES.iter().map(|entry| entry.name));
    let hint = known.map_or(String::new(), |known| format!(": did you mean {known}?"));
    Some(format!("{}: there is no rule {name}{hint}", path.display()))
}

/// The rules that have the code, or the one that has the name.
fn all(name: &str) -> Vec<&'static Entry> {
    let by_code = |entry: &&Entry| entry.rule.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
    match find(name) {
        Some(one) if !by_code(&one) => vec![one],
        Some(_) => super::RULES.iter().filter(by_code).collect(),
        None => Vec::new(),
    }
}

/// `name` as settings write it, which may stand for some findings of `entry` alone.
fn key(entry: &Entry, name: &str) -> &'static str {
    if entry.name == SHELLCHECK
        && let Some(code) = shellcheck::code(name)
    {
        return code;
    }
    let codes = entry.rule.aliases.iter().filter(|code| default_level(code).is_some()).count();
    let mut same = entry.rule.aliases.iter().filter(|code| code.eq_ignore_ascii_case(name));
    same.next().filter(|_| codes > 1 && name != entry.name).map_or(entry.name, |code| code)
}

/// Settings with which only `names` are on: rules, or codes of some of their findings. Options stay, and so do levels.
///
/// # Errors
/// The first name that no rule has.
pub fn only(names: &[String], settings: &Settings) -> Result<Settings, String> {
    let mut only = settings.clone();
    let mut wanted = Vec::new();
    for name in names {
        let entries = all(name);
        if entries.is_empty() {
            return Err(name.clone());
        }
        for entry in entries {
            let key = key(entry, name);
            let own = [key];
            let before = level(entry, (key != entry.name).then_some(&own), settings);
            // Each finding of ShellCheck has a level of its own.
            let is_open = key == SHELLCHECK && configured(entry, None, settings).is_none();
            wanted.push((key, (!is_open).then(|| to_level(before.unwrap_or(entry.rule.severity)))));
        }
    }
    for entry in super::RULES {
        for name in std::iter::once(&entry.name).chain(entry.rule.aliases) {
            if let Some(setting) = only.rules.get_mut(*name) {
                setting.set_level(Level::Off);
            }
        }
        only.rules.entry(entry.name.to_owned()).or_insert(RuleSetting::Level(Level::Off));
    }
    if !wanted.iter().any(|(key, _)| *key == SHELLCHECK) {
        only.rules.retain(|name, _| !shellcheck::is_code(name));
    }
    for (key, level) in wanted {
        let Some(level) = level else {
            only.rules.insert(key.to_owned(), RuleSetting::Table(RuleTable::default()));
            continue;
        };
        only.rules.entry(key.to_owned()).or_insert(RuleSetting::Level(level)).set_level(level);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instruction::Kind;
    use crate::rules::rule::{Check, Rule};
    use crate::text::span::Span;

    /// A rule that reports two ideas of hadolint apart, and something of its own.
    static RULE: Rule = Rule {
        severity: Severity::Warning,
        default: Default::On,
        since: "0.1.0",
        aliases: &["DL3012", "DL4003", "Other"],
        check: Check::Instruction(Kind::Run, |_, _, _| {}),
    };
    static ENTRY: Entry = Entry { name: "one", group: "test", rule: &RULE, page: "" };

    fn levels(toml: &str) -> [Option<Severity>; 3] {
        let settings = Settings::from_toml(toml).unwrap();
        [Some(&["DL3012"] as &[_]), Some(&["Other"]), None].map(|aliases| {
            let finding = Finding { aliases, severity: Some(Severity::Info), ..Finding::new(Span::at(0), "x") };
            of_finding(&ENTRY, &finding, &settings)
        })
    }

    #[test]
    fn codes_of_a_finding_come_first() {
        use Severity::{Error, Hint, Info, Warning};
        assert_eq!(levels(""), [Some(Info); 3]);
        assert_eq!(levels("rules.one = \"hint\""), [Some(Hint); 3]);
        assert_eq!(levels("[rules]\none = \"off\"\nDL3012 = \"hint\""), [Some(Hint), None, None]);
        assert_eq!(levels("rules.DL3012 = \"off\""), [None, Some(Info), None]);
        assert_eq!(levels("preset = \"hadolint\""), [Some(Error), None, Some(Error)]);
        assert_eq!(
            levels("preset = \"hadolint\"\nrules.Other = \"warning\""),
            [Some(Error), Some(Warning), Some(Warning)]
        );
        assert!(is_on(&ENTRY, &Settings::from_toml("[rules]\none = \"off\"\nDL3012 = \"hint\"").unwrap()));
        assert!(!is_on(&ENTRY, &Settings::from_toml("rules.one = \"off\"").unwrap()));
    }

    #[test]
    fn codes_of_shellcheck_stand_for_themselves() {
        let entry = find("sc2086").unwrap();
        let level = |settings: &Settings, code: u16, own| {
            let finding = Finding {
                aliases: Some(shellcheck::alias(code)),
                severity: Some(own),
                ..Finding::new(Span::at(0), "x")
            };
            is_on(entry, settings).then(|| of_finding(entry, &finding, settings)).flatten()
        };
        let both =
            |settings: &Settings| [level(settings, 2086, Severity::Hint), level(settings, 2154, Severity::Warning)];
        let of = |toml: &str| both(&Settings::from_toml(toml).unwrap());
        let (hint, warning) = (Some(Severity::Hint), Some(Severity::Warning));
        assert_eq!(of(""), [hint, warning]);
        assert_eq!(of("preset = \"hadolint\""), [hint, warning]);
        assert_eq!(of("rules.SC2086 = \"off\""), [None, warning]);
        assert_eq!(of("[rules]\nshellcheck = \"off\"\nSC2154 = \"warning\""), [None, warning]);
        assert_eq!(of("rules.shellcheck = \"off\""), [None, None]);
        let alone =
            |name: &str, toml: &str| both(&only(&[name.to_owned()], &Settings::from_toml(toml).unwrap()).unwrap());
        assert_eq!(alone("shellcheck", ""), [hint, warning]);
        assert_eq!(alone("shellcheck", "rules.SC2086 = \"off\""), [None, warning]);
        assert_eq!(alone("sc2154", "rules.SC2086 = \"error\""), [None, warning]);
        assert_eq!(alone("DL3006", "rules.SC2086 = \"error\""), [None, None]);
        assert_eq!(setting_name("SC2086"), "SC2086");
    }

    #[test]
    fn a_code_stands_for_all_rules_that_have_it() {
        let on = |settings: &Settings| {
            ["unknown-stage", "copy-from-later-stage", "untagged-image"]
                .map(|name| is_on(find(name).unwrap(), settings))
        };
        assert_eq!(on(&only(&["dl3022".to_owned()], &Settings::default()).unwrap()), [true, true, false]);
        assert_eq!(on(&only(&["unknown-stage".to_owned()], &Settings::default()).unwrap()), [true, false, false]);
        assert!(only(&["DL9999".to_owned()], &Settings::default()).is_err());
    }

    #[test]
    fn names_as_settings_write_them() {
        assert_eq!((key(&ENTRY, "dl3012"), key(&ENTRY, "one"), key(&ENTRY, "OTHER")), ("DL3012", "one", "Other"));
        assert_eq!(setting_name("DL3006"), "untagged-image");
        assert_eq!(setting_name("dl3022"), "DL3022");
        assert_eq!(setting_name("DL9999"), "DL9999");
    }
}
