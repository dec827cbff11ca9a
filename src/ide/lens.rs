//! What can be done with a stage and what is known of it, above its FROM.
use crate::analysis::copy::CopyFrom;
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::Body;
use crate::model::stage::Stage;
use crate::project::files::Kind;
use crate::rules::rule::Diagnostic;
use crate::text::span::Span;

/// Files of a context that are counted; of more nothing is said.
const MAX_ENTRIES: usize = 20_000;

/// A line above a FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The keyword of the FROM.
    pub span: Span,
    /// What is shown.
    pub title: String,
    /// What it offers to do.
    pub command: Option<Build>,
}

/// To build a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Its name; `None` for the last one where it has none: it is what is built by default.
    pub target: Option<String>,
}

/// The lenses of the file, in the order of the text; none unless the settings want them. `findings` are the file's.
pub fn lenses(snapshot: &Snapshot, findings: &[Diagnostic]) -> Vec<Lens> {
    if !snapshot.settings().code_lenses {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut context = Some(());
    for stage in &snapshot.file().stages {
        let from = &snapshot.file().instructions[stage.from];
        let span = from.keyword;
        if let Some((title, build)) = build(snapshot, stage) {
            found.push(Lens { span, title, command: Some(build) });
        }
        let within = stage.span;
        let count = findings.iter().filter(|found| within.contains(found.finding.span)).count();
        if count > 0 {
            let title = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
            found.push(Lens { span, title, command: None });
        }
        // Said once: it is the same for all.
        let copies = snapshot.stage(stage).copies.iter().any(|copy| copy.from == CopyFrom::Context);
        if let Some(size) = context.filter(|()| copies).and_then(|()| context_size(snapshot)) {
            context = None;
            found.push(Lens { span, title: size, command: None });
        }
    }
    found
}

fn build(snapshot: &Snapshot, stage: &Stage) -> Option<(String, Build)> {
    let Body::From(from) = &snapshot.file().instructions[stage.from].body else { return None };
    from.image.as_ref()?;
    match &stage.name {
        Some(name) => Some((format!("build target {name}"), Build { target: Some(name.clone()) })),
        None if stage.index + 1 == snapshot.file().stages.len() => Some(("build".to_owned(), Build { target: None })),
        None => None,
    }
}

/// How many files the builder gets; `None` where that is not known.
fn context_size(snapshot: &Snapshot) -> Option<String> {
    let facts = snapshot.facts();
    facts.context.as_ref().filter(|_| facts.paths.complete)?;
    if facts.paths.iter().nth(MAX_ENTRIES).is_some() {
        return None;
    }
    let files = facts.paths.iter().filter(|(_, kind)| *kind == Kind::File);
    let (all, sent) = files
        .fold((0, 0), |(all, sent), (path, _)| (all + 1, sent + usize::from(facts.is_ignored(path) == Some(false))));
    let ignored = if sent < all { format!(", {} ignored", all - sent) } else { String::new() };
    Some(format!("context: {sent} {}{ignored}", if sent == 1 { "file" } else { "files" }))
}
