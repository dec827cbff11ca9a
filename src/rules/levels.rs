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
    find(code).map_or_else(|| code.to_owned(), |entry| key(entry, code).to_owned())
}

/// `name` as settings write it, which may stand for some findings of `entry` alone.
fn key(entry: &Entry, name: &str) -> &'static str {
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
        let entry = find(name).ok_or_else(|| name.clone())?;
        let key = key(entry, name);
        let own = [key];
        let before = level(entry, (key != entry.name).then_some(&own), settings);
        wanted.push((key, to_level(before.unwrap_or(entry.rule.severity))));
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
        only.rules.entry(key.to_owned()).or_insert(crate::settings::RuleSetting::Level(level)).set_level(level);
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
    fn names_as_settings_write_them() {
        assert_eq!((key(&ENTRY, "dl3012"), key(&ENTRY, "one"), key(&ENTRY, "OTHER")), ("DL3012", "one", "Other"));
        assert_eq!(setting_name("DL3006"), "untagged-image");
        assert_eq!(setting_name("DL9999"), "DL9999");
    }
}
