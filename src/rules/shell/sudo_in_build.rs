//! `RUN sudo …`
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::RunFact;
use crate::model::stage::Stage;
use crate::rules::commands::{ENOUGH, is_root, is_wide, user_before, wants_each, word_span, written};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &["DL3004"],
    check: Check::Stage(check),
};

/// A `sudo` in front of a command.
struct Sudo {
    instruction: usize,
    span: Span,
    /// Removes it; `None` where its flags matter.
    edit: Option<Edit>,
    root: bool,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let mut found: Vec<Sudo> = Vec::new();
    for command in &analysis.commands {
        let front = Span::new(command.span.start, command.name_span.start.max(command.span.start));
        if found.len() < ENOUGH
            && snapshot[front].contains("sudo")
            && let Some(run) = analysis.run_of(command.instruction)
        {
            found.extend(sudo(snapshot, stage, run, command));
        }
    }
    for root in [true, false] {
        let group: Vec<Sudo> = found.extract_if(.., |sudo| sudo.root == root).collect();
        if !root && !is_wide(snapshot) {
            continue;
        }
        let each = wants_each(snapshot);
        let groups = group.chunk_by(|one, next| !each || one.instruction == next.instruction);
        findings.extend(groups.filter_map(|group| report(group, root)));
    }
}

fn report(group: &[Sudo], root: bool) -> Option<Finding> {
    let message = if root {
        "`sudo` changes nothing: this RUN is root already"
    } else {
        "`sudo` in a build: let USER say who runs what"
    };
    let others = group.iter().skip(1).take(3).map(|sudo| sudo.span);
    let finding = Finding::new(group.first()?.span, message);
    let finding = others.fold(finding, |finding, span| finding.because(span, "here too"));
    let edits: Option<Vec<Edit>> = group.iter().map(|sudo| sudo.edit.clone()).collect();
    Some(finding.fix(edits.filter(|_| root).and_then(|edits| Fix::safe("remove sudo", edits))))
}

fn sudo(snapshot: &Snapshot, stage: &Stage, run: &RunFact, command: &Invocation) -> Option<Sudo> {
    let (_, written) = written(run, command)?;
    if !written.unwrapped().wrappers.contains(&"sudo") {
        return None;
    }
    let span = word_span(run, written, "sudo")?;
    let mut behind = written.words.iter().map(|word| (word.span.shift(run.offset), word));
    let flags = behind.by_ref().skip_while(|(at, _)| at.start <= span.start);
    let mut next = None;
    for (at, word) in flags {
        match word.literal() {
            Some("-E" | "-H" | "-n" | "-EH" | "-HE" | "--preserve-env") => {}
            // Another user, a login shell: that is what it is there for.
            Some(flag) if flag.starts_with('-') => return None,
            _ => {
                next = Some(at.start);
                break;
            }
        }
    }
    let user = user_before(snapshot, stage, run.instruction);
    let root = user.is(|user| is_root(user));
    // `env sudo A=1 x` and the like would not be read the same without it.
    let leads = span.start == command.span.start;
    let edit = next.filter(|_| leads).map(|next| Edit::delete(Span::new(span.start, next)));
    (user != Known::Unknown || is_wide(snapshot)).then_some(Sudo { instruction: run.instruction, span, edit, root })
}
