//! `ENV http_proxy=…`: the proxy of the machine that builds stays in the image.
use crate::analysis::env::Origin;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Kind, Pair};
use crate::model::stage::{Base, Stage};
use crate::rewrite::lines;
use crate::rules::commands::{is_wide, ships};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy"];

/// Where package managers fetch from, those that run in a container. GOPROXY is for builds, and often says what is the default.
const REGISTRIES: [&str; 6] = [
    "npm_config_registry",
    "yarn_npm_registry_server",
    "pip_index_url",
    "pip_extra_index_url",
    "uv_index_url",
    "uv_default_index",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let (text, wide) = (snapshot.text(), is_wide(snapshot));
    for (index, instruction) in snapshot.file().stage_instructions(stage) {
        if instruction.kind != Kind::Env {
            continue;
        }
        let found = instruction.pairs().iter().find_map(|pair| Some((pair, proxy(text, pair, wide)?)));
        let Some((pair, name)) = found.filter(|(_, name)| stays(snapshot, stage, name)) else { continue };
        let what = if is_one_of(&PROXIES, name) { "proxy" } else { "registry" };
        let message = format!("`{name}` stays in the image: its containers look for this {what} wherever they run");
        let only = instruction
            .pairs()
            .iter()
            .all(|pair| proxy(text, pair, wide).is_some() || pair.name.raw(text).eq_ignore_ascii_case("no_proxy"));
        let fix = only.then(|| Fix::unsafe_("remove it", lines::delete(snapshot, &[index]))).flatten();
        findings.push(Finding::new(pair.span, message).fix(fix));
        return;
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The name of a proxy variable that is given a value; with `registries` of a registry too.
fn proxy<'t>(text: &'t str, pair: &Pair, registries: bool) -> Option<&'t str> {
    let name = pair.name.raw(text);
    let given = || pair.value.as_ref().is_some_and(|value| value.literal(text).is_none_or(|value| !value.is_empty()));
    let meant = is_one_of(&PROXIES, name) || registries && is_one_of(&REGISTRIES, name);
    (meant && given()).then_some(name)
}

/// True when the variable has a value at the end of a stage that somebody starts.
fn stays(snapshot: &Snapshot, stage: &Stage, name: &str) -> bool {
    let set = |stage: &Stage| {
        let variable = snapshot.stage(stage).end.env.get(name);
        variable
            .is_some_and(|one| one.origin == Origin::Env && one.value.as_ref().is_some_and(|value| !value.is_empty()))
    };
    // A line that is not finished may take it away again.
    let may_go = |stage: &Stage| is_refused(snapshot, stage, &[Kind::Env, Kind::Unknown]);
    let stages = &snapshot.file().stages;
    let mut built_upon = vec![stage.index];
    stages[stage.index..].iter().any(|other| {
        let below = matches!(other.base, Base::Stage(parent) if built_upon.contains(&parent));
        if below {
            built_upon.push(other.index);
        }
        (below || other.index == stage.index) && ships(snapshot, other) && set(other) && !may_go(other)
    })
}
