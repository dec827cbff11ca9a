//! ADD where COPY does the same.
use crate::analysis::copy::CopySource;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::StageAnalysis;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::project::files;
use crate::rewrite::lines;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Info,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3020"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let StageAnalysis { copies, .. } = snapshot.stage(stage);
    for copy in copies {
        let instruction = &snapshot.file().instructions[copy.instruction];
        let own_flags = ["checksum", "keep-git-dir", "unpack"];
        let plain = |source: &CopySource| !source.remote && !source.may_be_archive();
        if instruction.kind != Kind::Add
            || own_flags.iter().any(|flag| instruction.flag(snapshot.text(), flag).is_some())
            || !instruction.heredocs.is_empty()
            || !copy.sources.iter().all(plain)
        {
            continue;
        }
        let message = "ADD of a plain file or folder: COPY does the same and nothing else";
        let certain = copy.sources.iter().all(|source| is_no_archive(snapshot, source));
        findings.push(Finding::new(instruction.keyword, message).fix(fix(snapshot, instruction, certain)));
    }
}

/// What ADD unpacks is told by the content, not by the name: sure are folders, and names that promise a text.
fn is_no_archive(snapshot: &Snapshot, source: &CopySource) -> bool {
    const TEXTS: &str = "bat cfg cnf conf crt css env go html ini java js json lock md mod pem php pl properties ps1 \
                         py rb repo rs sh sql sum toml ts txt xml yaml yml";
    let Some(path) = source.path.as_ref() else { return false };
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let known = snapshot.facts().context.is_some() && snapshot.facts().paths.kind(path) == Some(files::Kind::Directory);
    let text = ending.is_some_and(|ending| TEXTS.split(' ').any(|text| text == ending));
    path.is_empty() || snapshot[source.span].ends_with('/') || known || text
}

fn fix(snapshot: &Snapshot, instruction: &Instruction, certain: bool) -> Option<Fix> {
    let edits = vec![Edit::replace(instruction.keyword, lines::keyword(snapshot, instruction, Kind::Copy))];
    if certain { Fix::safe("use COPY", edits) } else { Fix::unsafe_("use COPY", edits) }
}
