//! `chmod -R 777 /data`
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::known::Known;
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::model::stage::Stage;
use crate::rules::commands::{ENOUGH, is_wide, ships};
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Where programs keep their state, and where the programs themselves are.
const STATE: [&str; 15] = [
    "/var",
    "/data",
    "/home",
    "/srv",
    "/opt",
    "/etc",
    "/app",
    "/usr/share",
    "/usr/bin",
    "/usr/sbin",
    "/bin",
    "/sbin",
    "/lib",
    "/usr/lib",
    "/root",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let chmods = analysis.commands.iter().filter(|command| command.name == "chmod" && !command.broken);
    for command in chmods.take(ENOUGH) {
        let mut operands = command.args.iter().filter(|arg| !is_flag(arg));
        let Some(mode) = operands.next() else { continue };
        let recursive =
            command.args.iter().any(|arg| is_flag(arg) && (arg.prefix.contains('R') || arg.is("--recursive")));
        let opens = mode.value.is(|mode| is_open(mode));
        if !opens || !ships(snapshot, stage) {
            continue;
        }
        let wide = is_wide(snapshot);
        let found =
            operands.find(|arg| concerns(analysis, command, arg, recursive) || wide && !is_temporary(command, arg));
        if let Some(path) = found {
            let mode = mode.value.as_ref().map_or("", String::as_str);
            let message = format!("mode {mode} lets every user of the container change `{}`", &snapshot[path.span]);
            findings.push(Finding::new(command.span, message));
        }
    }
}

fn is_flag(arg: &Arg) -> bool {
    arg.prefix.starts_with('-') && !arg.prefix.starts_with("-w") && !arg.prefix.starts_with("-x")
}

/// True for modes that let everybody write and do not set the sticky bit, which `/tmp` has.
fn is_open(mode: &str) -> bool {
    if let Ok(bits) = u32::from_str_radix(mode, 8) {
        return bits & 0o002 != 0 && bits & 0o1000 == 0;
    }
    mode.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '=']) else { return false };
        let (who, what) = clause.split_at(at);
        (who.contains(['a', 'o'])) && what.contains('w') && !what.contains('t')
    })
}

/// True for a folder, as far as the stage tells, in which a program keeps its state.
fn concerns(analysis: &StageAnalysis, command: &Invocation, arg: &Arg, recursive: bool) -> bool {
    let Some(path) = path(command, arg) else { return false };
    let made = |other: &Invocation| {
        other.name == "mkdir" && other.args.iter().any(|arg| target(other, arg) == Known::Known(path.clone()))
    };
    let workdir = analysis.end.workdir.is(|workdir| *workdir == path);
    let folder = recursive || workdir || analysis.commands.iter().any(made);
    let state = STATE.iter().any(|root| is_below(&path, root)) || workdir;
    folder && state && !is_temporary(command, arg)
}

fn target(command: &Invocation, arg: &Arg) -> Known<String> {
    path(command, arg).into()
}

/// The absolute path that an argument means.
fn path(command: &Invocation, arg: &Arg) -> Option<String> {
    let written = arg.value.as_ref()?;
    match command.cwd.as_ref() {
        _ if written.starts_with('/') => Some(resolve("/", written)),
        Some(cwd) => Some(resolve(cwd, written)),
        None => None,
    }
}

/// Folders that are there for everybody.
fn is_temporary(command: &Invocation, arg: &Arg) -> bool {
    let shared = ["/tmp", "/var/tmp", "/run/lock", "/dev", "/var/lock"];
    path(command, arg).is_none_or(|path| shared.iter().any(|root| is_below(&path, root)))
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn judges_modes() {
        assert!(["777", "0777", "666", "a+rwx", "ugo+rw", "u+x,o+w", "a=rwx"].iter().all(|mode| is_open(mode)));
        assert!(!["755", "1777", "g+rwX", "+x", "a+rX", "o-w", "770", "a+rwxt", "?"].iter().any(|mode| is_open(mode)));
    }
}
