//! `RUN curl … | tar -x`, where `ADD --unpack` fetches and unpacks.
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::knowledge::shell_words::{Trait, command_is};
use crate::model::stage::Stage;
use crate::rules::commands::script_of;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Hint,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Flags that choose from the archive or send more than a request.
const DECIDES: [&str; 12] = [
    "--strip",
    "--wildcards",
    "--transform",
    "--exclude",
    "-H",
    "--header",
    "-u",
    "--user",
    "-d",
    "--data",
    "-X",
    "--post",
];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let found = analysis.runs.iter().filter_map(|run| {
        script_of(run)?;
        fetched(analysis.commands_of(run.instruction), run)
    });
    for (fetch, tar) in found {
        let message =
            "ADD --unpack=true fetches and unpacks this: no program for it in the image, and a checksum if you like";
        findings.push(Finding::new(fetch.span.cover(tar.span), message));
    }
}

/// A download of one known URL that is piped into tar; nothing else is done in the RUN.
fn fetched<'a>(commands: &'a [Invocation], run: &RunFact) -> Option<(&'a Invocation, &'a Invocation)> {
    let [fetch, tar] = commands else { return None };
    let plain = |command: &Invocation| !command.args.iter().any(decides);
    let url = |arg: &Arg| arg.value.is(|value| value.starts_with("https://") || value.starts_with("http://"));
    let one_url = fetch.args.iter().filter(|arg| url(arg)).count() == 1;
    let pair = command_is(&fetch.name, Trait::Download) && tar.name == "tar" && tar.piped && run.mounts.is_empty();
    (pair && one_url && plain(fetch) && plain(tar) && whole(tar)).then_some((fetch, tar))
}

fn decides(arg: &Arg) -> bool {
    DECIDES.iter().any(|flag| arg.prefix.starts_with(flag))
}

/// True when tar unpacks all of it: its operands are flags, `-` and the folder behind `-C`.
fn whole(tar: &Invocation) -> bool {
    let mut folder = false;
    tar.args.iter().enumerate().all(|(index, arg)| {
        let text = arg.prefix.as_str();
        let old = index == 0 && text.bytes().all(|byte| byte.is_ascii_lowercase());
        let fine = folder || old || text.starts_with('-');
        folder = text.starts_with('-') && !text.starts_with("--") && text.ends_with('C') || text == "--directory";
        fine
    })
}
