//! A cache mount belongs to root, and the user who builds can't write to it.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::module_layer;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::model::mount::Mount;
use crate::model::stage::Stage;
use crate::rewrite::download_layer;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    for command in snapshot.stage(stage).go.iter().filter(|go| go.state.is_root() == Answer::No) {
        for mount in command.mounts.iter().filter(|mount| is_rooted(mount) && is_written(mount, command)) {
            if !seen.contains(&mount.span) {
                seen.push(mount.span);
                findings.extend(finding(command, mount));
            }
        }
    }
}

/// A new cache is a folder of root that others only read.
fn is_rooted(mount: &Mount) -> bool {
    let given = mount.options.iter().any(|option| matches!(option.key.as_str(), "uid" | "gid" | "mode" | "from"));
    mount.kind() == "cache" && !given
}

fn is_written(mount: &Mount, command: &GoCommand) -> bool {
    let Some(target) = mount.target().filter(|target| !target.contains('$')) else { return false };
    let target = resolve("/", target);
    let modules = module_layer::module_cache(command).filter(|_| command.downloads());
    let builds = module_layer::build_cache(command).filter(|_| command.compiles());
    modules.into_iter().chain(builds).any(|cache| is_below(&cache, &target))
}

fn finding(command: &GoCommand, mount: &Mount) -> Option<Finding> {
    let user = command.state.user.as_ref()?;
    let message = format!("this cache belongs to root: user {user} can't write to it, and go stops");
    let fix = download_layer::owner(user)
        .and_then(|owner| Fix::safe(format!("give the cache to {user}"), vec![Edit::insert(mount.span.end, owner)]));
    Some(Finding::new(mount.span, message).because(command.span, "writes to the cache").fix(fix))
}
