//! A cache mount belongs to root, and the user who builds can't write to it.
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    for command in snapshot.stage(stage).go.iter().filter(|go| go.state.is_root() == Answer::No) {
        for mount in command.mounts.iter().filter(|mount| is_rooted(mount)) {
            if !seen.contains(&mount.span) && is_written(snapshot, stage, mount, command) {
                seen.push(mount.span);
                findings.extend(finding(snapshot, stage, command, mount));
            }
        }
    }
}

/// A new cache is a folder of root that others only read.
fn is_rooted(mount: &Mount) -> bool {
    let given = mount.options.iter().any(|option| matches!(option.key.as_str(), "uid" | "gid" | "mode" | "from"));
    mount.kind() == "cache" && !given
}

fn is_written(snapshot: &Snapshot, stage: &Stage, mount: &Mount, command: &GoCommand) -> bool {
    let folders = go_caches::folders(snapshot, stage, command);
    let modules = folders.modules.filter(|_| command.downloads());
    let builds = folders.builds.filter(|_| command.compiles());
    let holds = |folder: &String| go_caches::holds(snapshot, command, mount, folder) == Answer::Yes;
    modules.iter().chain(&builds).any(holds)
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, mount: &Mount) -> Option<Finding> {
    let user = command.state.user.as_ref()?;
    let message = format!("this cache belongs to root: user {user} can't write to it, and go stops");
    let fix = go_caches::owner(snapshot, stage, command)
        .and_then(|owner| Fix::safe(format!("give the cache to {user}"), vec![Edit::insert(mount.span.end, owner)]));
    Some(Finding::new(mount.span, message).because(command.span, "writes to the cache").fix(fix))
}
