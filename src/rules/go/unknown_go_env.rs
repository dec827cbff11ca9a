//! A variable or a value that Go does not know.
use crate::analysis::env::Origin;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::go_words::{EnvKind, go_env, go_envs, is_godebug_key};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::is_one_mistake;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Variables of one stage that are looked at; no build has more.
const MAX_VARIABLES: usize = 200;

/// A variable that is set for Go.
struct Set {
    name: String,
    value: Known<String>,
    /// Name and value as they are written.
    span: Span,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    for set in variables(snapshot, stage) {
        if seen.contains(&set.span) || seen.len() > MAX_VARIABLES {
            continue;
        }
        seen.push(set.span);
        findings.extend(wrong_name(snapshot, stage, &set).or_else(|| wrong_value(snapshot, &set)));
    }
}

/// What ENV, `export` and words in front of the command set for the Go commands of a stage.
fn variables(snapshot: &Snapshot, stage: &Stage) -> Vec<Set> {
    let mut found = Vec::new();
    for command in snapshot.stage(stage).go.iter().filter(|go| !go.command.broken).take(MAX_VARIABLES) {
        for (name, variable) in command.command.env.iter() {
            let is_go = name.starts_with("GO") || name.starts_with("CGO");
            let written = matches!(variable.origin, Origin::Env | Origin::Shell);
            if let Some(span) = variable.span.filter(|_| is_go && written) {
                found.push(Set { name: name.to_owned(), value: variable.value.clone(), span });
            }
        }
    }
    found.retain(|set| snapshot[set.span].starts_with(set.name.as_str()));
    found.sort_by_key(|set| set.span);
    found
}

fn wrong_name(snapshot: &Snapshot, stage: &Stage, set: &Set) -> Option<Finding> {
    if go_env(&set.name).is_some() || is_used(snapshot, stage, &set.name) {
        return None;
    }
    let known = go_envs().iter().filter(|known| matches!(known.kind, EnvKind::Go | EnvKind::Program));
    let meant = known.map(|known| known.name).find(|known| is_one_mistake(&set.name, known))?;
    let span = Span::new(set.span.start, set.span.start + set.name.len() as u32);
    let finding = Finding::new(span, format!("Go does not know `{}`: did you mean `{meant}`?", set.name));
    Some(finding.fix(Fix::unsafe_(format!("write {meant}"), vec![Edit::replace(span, meant)])))
}

/// The project has a use for the variable.
fn is_used(snapshot: &Snapshot, stage: &Stage, name: &str) -> bool {
    let mut instructions = snapshot.file().stage_instructions(stage).filter(|(_, it)| it.kind != Kind::From);
    let mentions = |text: &str| [format!("${name}"), format!("${{{name}")].iter().any(|use_| text.contains(use_));
    instructions.any(|(_, instruction)| mentions(&snapshot[instruction.span]))
}

fn wrong_value(snapshot: &Snapshot, set: &Set) -> Option<Finding> {
    let value = set.value.as_ref().filter(|value| !value.is_empty())?;
    let known = go_env(&set.name)?;
    let start = set.span.start + snapshot[set.span].rfind(value.as_str())? as u32;
    let span = Span::new(start, start + value.len() as u32);
    if !known.allowed.is_empty() && !known.allowed.contains(&value.as_str()) {
        return Some(of_list(span, &set.name, value, &known.allowed));
    }
    let message = match set.name.as_str() {
        "GOPROXY" => {
            let entry = value.split([',', '|']).map(str::trim).find(|entry| !is_proxy(entry))?;
            format!("`{entry}` is no address of a proxy: write https://{entry}, direct or off")
        }
        "GOPRIVATE" | "GONOPROXY" | "GONOSUMDB" => {
            let entry = value.split(',').map(str::trim).find(|entry| entry.contains("://"))?;
            let path = entry.split_once("://").map_or(entry, |(_, path)| path);
            format!("`{entry}` matches no module: {} takes module paths such as {path}", set.name)
        }
        "GODEBUG" => {
            let keys = value.split(',').filter_map(|setting| setting.split_once('='));
            let key = { keys }.map(|(key, _)| key).find(|key| !is_godebug_key(key) && !key.starts_with("cpu."))?;
            format!("no release of Go reads the key `{key}` of GODEBUG")
        }
        _ => return None,
    };
    Some(Finding::new(span, message))
}

fn of_list(span: Span, name: &str, value: &str, allowed: &[&str]) -> Finding {
    if name != "CGO_ENABLED" {
        return Finding::new(span, format!("`{value}` is no value of {name}: it takes {}", allowed.join(", ")));
    }
    let finding = Finding::new(span, format!("Go ignores `CGO_ENABLED={value}`: it reads 0 and 1 alone"));
    let meant = match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" => "1",
        "false" | "off" | "no" => "0",
        _ => return finding,
    };
    finding.fix(Fix::unsafe_(format!("write {meant}"), vec![Edit::replace(span, meant)]))
}

fn is_proxy(entry: &str) -> bool {
    let scheme = ["http://", "https://", "file://"].iter().any(|scheme| entry.starts_with(scheme));
    scheme || matches!(entry, "direct" | "off" | "") || entry.contains('$')
}
