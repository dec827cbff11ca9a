//! A token that comes by ARG and that `git config` writes into the image, turned into a secret that Git reads from its
//! environment while the modules are downloaded.
use super::fix::Fix;
use super::private_modules::{add_mount, assign, reads_git_variables};
use super::{lines, run_script};
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::install;
use crate::analysis::invocation::Invocation;
use crate::analysis::module_layer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::commands::{Taint, taint};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;

/// `git config --global url."https://user:${TOKEN}@host/".insteadOf https://host/`
struct Rewrite {
    /// The variable.
    name: String,
    /// What stands in front of it: `user:`, or nothing.
    user: String,
    /// `host/`
    host: String,
    /// What is rewritten.
    value: String,
}

/// Mounts the token of `command`, a `git config` of `stage`, as a secret wherever modules are downloaded; `None` where something
/// else may need the token, or the address is of another form.
pub fn fix(snapshot: &Snapshot, stage: &Stage, command: &Invocation) -> Option<Fix> {
    let rewrite = rewrite(snapshot, command)?;
    let argument = argument(snapshot, stage, command, &rewrite.name)?;
    let downloads = downloads(snapshot, stage, command)?;
    let id = rewrite.name.to_ascii_lowercase();
    let mount = format!("--mount=type=secret,id={id}");
    let Rewrite { user, host, value, .. } = &rewrite;
    let assignments = format!(
        "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.https://{user}$(cat /run/secrets/{id})@{host}.insteadOf GIT_CONFIG_VALUE_0={value}"
    );
    let alone =
        snapshot.stage(stage).commands.iter().filter(|other| other.instruction == command.instruction).count() == 1;
    let mut edits = if alone {
        lines::delete(snapshot, &[argument, command.instruction])
    } else {
        let mut edits = lines::delete(snapshot, &[argument]);
        edits.push(run_script::remove(snapshot, snapshot.stage(stage), command)?);
        edits
    };
    let mut mounted = Vec::new();
    for go in downloads {
        if !mounted.contains(&go.instruction) {
            mounted.push(go.instruction);
            edits.push(add_mount(snapshot, go.instruction, &mount));
        }
        edits.push(assign(snapshot, go, &assignments)?);
    }
    Fix::unsafe_(format!("mount the token as a secret (docker build --secret id={id},env={})", rewrite.name), edits)
}

fn rewrite(snapshot: &Snapshot, command: &Invocation) -> Option<Rewrite> {
    let words: Vec<String> = command
        .args
        .iter()
        .map(|arg| snapshot[arg.span].replace(['"', '\''], ""))
        .filter(|word| word != "--add")
        .collect();
    let [config, place, key, value] = words.as_slice() else { return None };
    let plain = command.name == "git" && config == "config" && matches!(place.as_str(), "--global" | "--system");
    let rest = key.strip_prefix("url.https://").filter(|_| plain && command.assignments.is_empty())?;
    let (address, end) = rest.rsplit_once('.')?;
    let (credential, host) = address.split_once('@')?;
    let (user, variable) = credential.split_once('$')?;
    let name = variable.strip_prefix('{').map_or(Some(variable), |braced| braced.strip_suffix('}'))?;
    let is_word =
        |text: &str, more: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
    let fits = end.eq_ignore_ascii_case("insteadof")
        && is_word(user, b"-_:")
        && is_word(name, b"_")
        && is_word(host, b"-_./")
        && is_word(value, b"-_./:@")
        && !name.is_empty();
    fits.then(|| Rewrite { name: name.into(), user: user.into(), host: host.into(), value: value.clone() })
}

/// The ARG of `stage` that declares `name` alone, when nothing but `command` uses it.
fn argument(snapshot: &Snapshot, stage: &Stage, command: &Invocation, name: &str) -> Option<usize> {
    let file = snapshot.file();
    let variable = command.env.get(name).filter(|variable| variable.origin == Origin::Arg)?;
    let index = file.instruction_at(variable.span?.start)?;
    let argument = &file.instructions[index];
    let declares = argument.kind == Kind::Arg && argument.pairs().len() == 1 && stage.instructions.contains(&index);
    let mut linked = snapshot.linked(stage).flat_map(|stage| stage.instructions.clone());
    let used = linked.any(|other| other != index && mentions(snapshot, other, command, name));
    (declares && !used).then_some(index)
}

fn mentions(snapshot: &Snapshot, index: usize, command: &Invocation, name: &str) -> bool {
    let instruction = &snapshot.file().instructions[index];
    if index != command.instruction {
        return snapshot[instruction.span].contains(name);
    }
    let own = snapshot[command.span].matches(name).count();
    snapshot[instruction.span].matches(name).count() > own || own > 1
}

/// The commands that download modules behind `command`; `None` where another one may need the token too.
fn downloads<'s>(snapshot: &'s Snapshot, stage: &'s Stage, command: &Invocation) -> Option<Vec<&'s GoCommand>> {
    let is_heir = |heir: &&Stage| {
        let mut chain = crate::analysis::source::chain(snapshot, heir).into_iter();
        chain.any(|other| other.index == stage.index)
    };
    let mut found: Vec<&GoCommand> = Vec::new();
    for heir in snapshot.linked(stage).filter(is_heir) {
        let analysis = snapshot.stage(heir);
        let later = |other: &&Invocation| other.span.start > command.span.start;
        for other in analysis.commands.iter().filter(later) {
            let unknown = other.name.is_empty() || other.broken || other.name == "git";
            if unknown || (taint(&other.name) == Taint::All && install::read(other).is_none()) {
                return None;
            }
        }
        let kept = |go: &GoCommand| {
            let cached = go.mounts.iter().any(|mount| module_layer::holds_modules(mount, go));
            go.verb == "mod download" && go.packages.is_empty() && !cached
        };
        for go in analysis.go.iter().filter(|go| go.span.start > command.span.start && go.downloads()) {
            if found.iter().any(|earlier| kept(earlier)) {
                break;
            }
            if go.state.env.get("GIT_CONFIG_COUNT").is_some() || !reads_git_variables(&go.state) {
                return None;
            }
            found.push(go);
        }
    }
    (!found.is_empty()).then_some(found)
}
