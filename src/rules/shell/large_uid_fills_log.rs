//! `useradd -u 1000000`: the log of logins gets a record for every user number below.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::rules::commands::has_letter;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3046"],
    check: Check::Stage(check),
};

/// Short flags of useradd that take a value.
const WITH_VALUE: &str = "bcdefgGkKpPRsuZ";

/// Records of up to 292 bytes each: below, the files stay under 30 MB.
const LARGE: u64 = 100_000;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for command in snapshot.stage(stage).commands.iter().filter(|command| command.name == "useradd") {
        let quiet = command.args.iter().any(|arg| arg.is("--no-log-init") || has_letter(arg, 'l', WITH_VALUE));
        let Some(uid) = uid(command).filter(|uid| *uid >= LARGE && !quiet && !command.broken) else { continue };
        let written = snapshot.file().instructions[command.instruction].command();
        let shell = written.is_some_and(|command| command.exec().is_none());
        let edit = Edit::insert(command.name_span.end, " --no-log-init");
        let fix = if shell { Fix::safe("add --no-log-init", vec![edit]) } else { None };
        let message = format!("useradd with the user number {uid} writes log files of a record for each number below");
        findings.push(Finding::new(command.span, message).fix(fix));
    }
}

/// The number behind `-u`, `--uid` or a cluster such as `-rmu`.
fn uid(command: &Invocation) -> Option<u64> {
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.value.as_ref()?;
        if let Some(value) = text.strip_prefix("--uid=") {
            return value.parse().ok();
        }
        let cluster = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let at = cluster.and_then(|cluster| cluster.find(|letter| WITH_VALUE.contains(letter)).map(|at| (cluster, at)));
        match at {
            Some((cluster, at)) if cluster[at..].starts_with('u') && cluster.len() > at + 1 => {
                return cluster[at + 1..].parse().ok();
            }
            Some((cluster, at)) if cluster.len() == at + 1 => {
                let value = args.next()?;
                if cluster.ends_with('u') {
                    return value.value.as_ref()?.parse().ok();
                }
            }
            _ if text == "--uid" => return args.next()?.value.as_ref()?.parse().ok(),
            _ => {}
        }
    }
    None
}
