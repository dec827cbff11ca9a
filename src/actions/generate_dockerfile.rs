//! A Dockerfile and a .dockerignore for the Go module at hand, in a Dockerfile that is empty.
use super::action::Action;
use crate::analysis::snapshot::Snapshot;
use crate::rewrite::fix::{Applicability, Fix};
use crate::rewrite::generate::{self, mains};
use crate::text::edit::{Edit, EditSet, FileEdit};
use crate::text::span::Span;

/// The action.
pub static ACTION: Action = Action { since: "0.1.0", offers, refusal: None };

/// Of more programs none is offered: `dockline init` lists them.
const MAX_PROGRAMS: usize = 6;

fn offers(snapshot: &Snapshot, _: Span) -> Vec<Fix> {
    let file = snapshot.file();
    let Some(context) = &snapshot.facts().context else { return Vec::new() };
    // Elsewhere the file would copy what its author did not mean.
    let own_folder = snapshot.path().and_then(|path| path.parent()) == Some(&context.dir);
    if !file.instructions.is_empty() || !file.problems.iter().all(|problem| problem.span.is_empty()) || !own_folder {
        return Vec::new();
    }
    let programs = match mains::choose(snapshot, None) {
        Ok(only) => vec![only],
        Err(_) => mains::all(snapshot.facts()),
    };
    if programs.len() > MAX_PROGRAMS {
        return Vec::new();
    }
    programs.into_iter().filter_map(|program| fix(snapshot, &program)).collect()
}

fn fix(snapshot: &Snapshot, program: &mains::Main) -> Option<Fix> {
    let made = generate::generate(snapshot, program.module, program.dir).ok()?;
    let text = snapshot.text();
    // Comments and directives stay above it.
    let end = text.trim_end().len() as u32;
    let gap = if end == 0 { "" } else { "\n\n" };
    let new = generate::in_place(snapshot, &format!("{gap}{}", made.dockerfile));
    let mut edits = vec![FileEdit::This(EditSet::new(vec![Edit::replace(Span::new(end, text.len() as u32), new)])?)];
    if snapshot.facts().ignore.is_none() {
        edits.push(FileEdit::Create(snapshot.facts().context.as_ref()?.dir.join(".dockerignore"), made.ignore));
    }
    let name = if program.dir.is_empty() { program.module.go_mod.path().to_owned() } else { program.argument() };
    let title = format!("generate a Dockerfile for {name}");
    Some(Fix { title, edits, applicability: Applicability::Unsafe })
}
