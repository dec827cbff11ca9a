//! The program needs cgo, cgo is on, and the image lacks a C compiler or the libraries.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::state::ImageState;
use crate::knowledge::cgo_modules::{CgoModule, Phase};
use crate::knowledge::distros::PackageManager;
use crate::knowledge::packages::package_provides;
use crate::model::stage::Stage;
use crate::project::walk::CgoNeed;
use crate::rewrite::enable_cgo;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Builds of one stage that are looked at.
const MAX_BUILDS: usize = 32;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut builds = snapshot.stage(stage).go.iter().filter(|go| go.builds()).take(MAX_BUILDS);
    findings.extend(builds.find_map(|command| finding(snapshot, stage, command)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    if command.cgo() != Answer::Yes || command.command.env.get("CC").is_some() || command.command.name != "go" {
        return None;
    }
    let state = &command.state;
    let no_compiler = state.has_c_compiler() == Answer::No;
    if !no_compiler && state.is_tainted() {
        return None;
    }
    let CgoNeed::Yes { chain, row, .. } = source::cgo_need(snapshot, stage, command) else { return None };
    let needy = chain.last()?;
    let missing = if no_compiler { "a C compiler".to_owned() } else { missing(state, row)?.join(", ") };
    let message = format!("{needy} needs {missing}, which this image does not have");
    let finding =
        Finding::new(command.verb_span, message).because(command.span, format!("builds {}", chain.join(" → ")));
    Some(finding.fixed_later(stage, enable_cgo::fixes))
}

/// The libraries that the module needs and that nothing installed brings, as far as that is sure.
fn missing(state: &ImageState, row: Option<&CgoModule>) -> Option<Vec<&'static str>> {
    let (row, manager) = (row?, *state.package_manager().as_ref()?);
    let t64 = state.image()?.has_t64_names();
    let headers = |name: &str| ["-dev", "-devel"].iter().any(|end| name.ends_with(end)) && !is_libc(name);
    // Other development packages may depend on what is asked for.
    if state.packages.names().any(headers) || !matches!(manager, PackageManager::Apk | PackageManager::Apt) {
        return None;
    }
    let wanted = row.packages(manager, Phase::Build, t64).iter().copied();
    let missing: Vec<&str> = wanted
        .filter(|name| headers(name) && package_provides(manager, name).is_empty())
        .filter(|name| state.packages.contains(name) == Answer::No)
        .collect();
    (!missing.is_empty()).then_some(missing)
}

fn is_libc(name: &str) -> bool {
    matches!(name, "musl-dev" | "libc-dev" | "libc6-dev" | "linux-libc-dev" | "glibc-devel")
}
