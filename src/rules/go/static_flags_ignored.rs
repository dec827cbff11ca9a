//! The linker flags ask for a static program, and Go ignores them.
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::links_libc;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::walk::{CgoNeed, Walk};
use crate::rewrite::fix::Fix;
use crate::rewrite::{disable_cgo, enable_cgo, go_flags, needs};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::unfinished::is_refused;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut asking = snapshot.stage(stage).go.iter().filter(|go| asks_in_vain(go)).peekable();
    // CGO_ENABLED that is being typed may be 0.
    let typed = || chain(snapshot, stage).any(|stage| is_refused(snapshot, stage, &[Kind::Env, Kind::Arg]));
    if asking.peek().is_some() && !typed() {
        findings.extend(asking.find_map(|command| finding(snapshot, stage, command)));
    }
}

/// `-extldflags -static` with cgo, and without `-linkmode external`.
fn asks_in_vain(command: &GoCommand) -> bool {
    let builds = command.builds() && command.command.name == "go";
    builds
        && command.flag("-ldflags").and_then(|flag| flag.value.as_ref()).is_some_and(|flags| is_vain(flags))
        && command.flag("-buildmode").is_none()
        && command.command.env.get("CC").is_none()
        && command.command.env.get("CGO_LDFLAGS").is_none()
        && !command.command.broken
        && command.cgo() == Answer::Yes
}

/// True for `-extldflags "-static"` without a link mode.
fn is_vain(flags: &str) -> bool {
    let Some((_, external)) = flags.split_once("-extldflags") else { return false };
    let value = external.trim_start_matches(['=', ' ', '"', '\'']);
    let is_static =
        value.strip_prefix("-static").is_some_and(|rest| !rest.starts_with(|c: char| c == '-' || c.is_alphanumeric()));
    is_static && !flags.contains("-linkmode")
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    if !matches!(source::cgo_need(snapshot, stage, command), CgoNeed::No) {
        return None;
    }
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, true)?;
    let packages = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let chain = dynamic_through(&walk, &build.tags)?;
    let flag = command.flag("-ldflags")?;
    let message =
        "-static has no effect: only the standard library uses cgo here, and Go links that by itself, dynamically";
    let finding = Finding::new(flag.span, message).because(
        command.verb_span,
        format!("the program is linked to the C library, because of {}", chain.join(" → ")),
    );
    Some(finding.fixed_later(stage, remedies))
}

/// The imports up to a package that makes the program dynamic, with these build tags; they switch off the C part of net and os/user.
fn dynamic_through(walk: &Walk, tags: &[String]) -> Option<Vec<String>> {
    let has = |tag: &str| tags.iter().any(|known| known == tag);
    let is_dynamic = |path: &str| match (has("netgo"), has("osusergo")) {
        (false, false) => links_libc(path),
        (true, false) => path == "os/user",
        (false, true) => path == "net",
        (true, true) => false,
    };
    let found = walk.reached.iter().position(|reached| is_dynamic(&reached.import_path))?;
    Some(walk.chain(found))
}

/// Without cgo nothing has to be linked; with the linker of the system its flags count.
fn remedies(snapshot: &Snapshot, stage: &Stage) -> Vec<Fix> {
    let commands = { snapshot.stage(stage).go.iter() }
        .filter(|go| asks_in_vain(go) && matches!(source::cgo_need(snapshot, stage, go), CgoNeed::No));
    let edits: Option<Vec<_>> =
        commands.map(|command| go_flags::add_ldflags(snapshot, command, "-linkmode external")).collect();
    let external = edits.and_then(|edits| Fix::unsafe_("link with the linker of the system", edits));
    let nothing_needs_it = needs::of(snapshot, stage, &enable_cgo::compiling(snapshot, stage)).cgo == Answer::No;
    let disable = nothing_needs_it.then(|| disable_cgo::fix(snapshot, stage)).flatten();
    disable.into_iter().chain(external).collect()
}
