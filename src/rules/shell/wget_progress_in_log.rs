//! `wget` that prints its progress into the log of the build.
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::distros::Distro;
use crate::model::stage::Stage;
use crate::rules::commands::{ENOUGH, has_letter, written};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::syntax::shell::RedirectKind;
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3047"],
    check: Check::Stage(check),
};

/// Short flags of wget that take a value; `n` takes the next letter.
const WITH_VALUE: &str = "nABDGIOPQRTUXaehiltow";

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let loud = |command: &&Invocation| command.name == "wget" && !command.broken && is_loud(analysis, command);
    let commands: Vec<&Invocation> = analysis.commands.iter().filter(loud).take(ENOUGH).collect();
    let groups = commands.chunk_by(|one, next| one.instruction == next.instruction);
    findings.extend(groups.filter_map(|commands| report(analysis, commands)));
}

fn report(analysis: &StageAnalysis, commands: &[&Invocation]) -> Option<Finding> {
    let exec = |command: &&Invocation| analysis.run_of(command.instruction).is_none_or(|run| run.script.is_none());
    let flag = flag(analysis).filter(|_| !commands.iter().any(exec));
    let fix = flag.and_then(|flag| {
        let edits = commands.iter().map(|command| Edit::insert(command.name_span.end, format!(" {flag}"))).collect();
        Fix::safe(format!("add {flag}"), edits)
    });
    let message = "wget prints its progress, one line for every 50 KB, into the build's log";
    let finding = Finding::new(commands.first()?.span, message);
    let others = commands.iter().skip(1).take(3);
    Some(others.fold(finding, |finding, command| finding.because(command.span, "here too")).fix(fix))
}

/// What keeps this image's wget from it; `None` when the image has none that we know.
fn flag(analysis: &StageAnalysis) -> Option<&'static str> {
    let Known::Known(distro) = analysis.start.distro() else { return None };
    let installed = analysis.installs.iter().any(|install| install.packages.iter().any(|(name, _)| name == "wget"));
    let busybox = matches!(distro, Distro::Alpine | Distro::Wolfi | Distro::Busybox) && !installed;
    Some(if busybox { "-q" } else { "--progress=dot:giga" })
}

fn is_loud(analysis: &StageAnalysis, command: &Invocation) -> bool {
    let quiet = command.args.iter().any(|arg| {
        let text = arg.prefix.as_str();
        let long = ["--progress", "--quiet", "--no-verbose", "--output-file", "--append-output", "--background", "-nv"];
        long.iter().any(|flag| text.starts_with(flag))
            || ["--version", "--help", "--spider", "-V"].contains(&text)
            || has_letter(arg, 'q', WITH_VALUE)
            || has_letter(arg, 'b', WITH_VALUE)
            || has_letter(arg, 'o', WITH_VALUE)
            || has_letter(arg, 'a', WITH_VALUE)
    });
    let silenced = || {
        let run = analysis.run_of(command.instruction)?;
        let (_, written) = written(run, command)?;
        let away = |kind| matches!(kind, RedirectKind::Write | RedirectKind::Append);
        Some(written.redirects.iter().any(|one| one.descriptor == Some(2) && away(one.kind)))
    };
    !quiet && !command.args.is_empty() && silenced() != Some(true)
}
