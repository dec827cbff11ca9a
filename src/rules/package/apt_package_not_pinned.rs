//! Debian packages without a version.
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::PackageManager;
use crate::knowledge::package_tools::Family;
use crate::knowledge::packages::package_name;
use crate::model::stage::Stage;
use crate::rules::packages::{Pins, not_pinned};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3008"],
    check: Check::Stage(check),
};

const PINS: Pins =
    Pins { names: &["apt-package-not-pinned", "DL3008"], families: &[Family::Apt], is_free, name: package };

/// How the name of a file with a package ends.
const FILE: &str = ".deb";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    not_pinned(snapshot, stage, &PINS, findings);
}

/// Neither `curl=7.88.1`, nor `curl/bookworm`, `./tool.deb`, `curl-` (removes it) or `server^` (a task).
fn is_free(word: &str) -> bool {
    !word.contains(['=', '/']) && !word.ends_with(['-', '^']) && !word.ends_with(FILE)
}

fn package(word: &str) -> &str {
    package_name(PackageManager::Apt, word)
}
