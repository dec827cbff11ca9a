//! Packages taken out of the installations of a stage.
use super::lines;
use crate::analysis::install::Install;
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::model::stage::Stage;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// Removes the packages of `stage` that are `useless`; a RUN that then installs nothing goes. `None` where there is none, or that
/// can't be written.
pub fn remove(snapshot: &Snapshot, stage: &Stage, useless: fn(&Install, &str) -> bool) -> Option<Vec<Edit>> {
    let analysis = snapshot.stage(stage);
    let (mut edits, mut emptied) = (Vec::new(), Vec::new());
    for install in analysis.installs.iter().filter(|install| !install.removes) {
        let names = |span: Span| install.packages.iter().filter(move |(_, at)| *at == span);
        let gone = |span: Span| names(span).count() > 0 && names(span).all(|(name, _)| useless(install, name));
        if !install.packages.iter().any(|(_, span)| gone(*span)) {
            continue;
        }
        if install.packages.iter().all(|(_, span)| gone(*span)) && !install.open {
            emptied.push(install.instruction);
            continue;
        }
        let command = analysis.commands.iter().find(|command| command.span == install.span)?;
        edits.extend(words(snapshot, command, gone)?);
    }
    for index in &emptied {
        let only_installs = ["apk", "apt", "apt-get", "dnf", "microdnf", "rm", "tdnf", "yum"];
        let mut commands = analysis.commands.iter().filter(|command| command.instruction == *index);
        let mut installs = analysis.installs.iter().filter(|install| install.instruction == *index);
        if installs.by_ref().nth(1).is_some() || !commands.all(|command| only_installs.contains(&command.name.as_str()))
        {
            return None;
        }
    }
    edits.extend(lines::delete(snapshot, &emptied));
    (!edits.is_empty()).then_some(edits)
}

/// Deletes words with what joins them to the next word, at the end with what joins them to the one in front.
fn words(snapshot: &Snapshot, command: &Invocation, gone: impl Fn(Span) -> bool) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut kept_end = command.name_span.end;
    let mut from: Option<Span> = None;
    for arg in &command.args {
        match (gone(arg.span), from) {
            (true, None) => from = Some(arg.span),
            (true, Some(_)) => {}
            (false, Some(first)) => {
                edits.push(Edit::delete(Span::new(first.start, arg.span.start)));
                from = None;
                kept_end = arg.span.end;
            }
            (false, None) => kept_end = arg.span.end,
        }
    }
    if from.is_some() {
        edits.push(Edit::delete(Span::new(kept_end, command.args.last()?.span.end)));
    }
    let comments = &snapshot.file().comments;
    let clean = |edit: &Edit| !comments.iter().any(|comment| comment.overlaps(edit.span));
    edits.iter().all(clean).then_some(edits)
}
