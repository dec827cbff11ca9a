//! Flags of go commands as edits.
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::text::edit::Edit;

/// Inserts `flags` behind the verb of `command`; behind `-C`, which must be first.
pub fn insert(snapshot: &Snapshot, command: &GoCommand, flags: &str) -> Option<Edit> {
    let written_by_shell = snapshot.file().instructions[command.instruction].command()?.exec().is_none();
    let folder = command.flag("-C").filter(|flag| flag.span != command.span);
    let at = folder.map_or(command.verb_span.end, |flag| flag.span.end);
    written_by_shell.then(|| Edit::insert(at, format!(" {flags}")))
}

/// Adds `tags` that the command lacks; no edit when it has them all, `None` when they can't be added.
pub fn add_tags(snapshot: &Snapshot, command: &GoCommand, tags: &[&str]) -> Option<Vec<Edit>> {
    let present = command.tags()?;
    let missing: Vec<&str> = tags.iter().copied().filter(|tag| !present.iter().any(|known| known == tag)).collect();
    if missing.is_empty() {
        return Some(Vec::new());
    }
    let list = missing.join(",");
    match command.flag("-tags") {
        None => Some(vec![insert(snapshot, command, &format!("-tags {list}"))?]),
        Some(flag) if flag.span == command.span => None,
        Some(flag) => {
            let separator = if present.len() > 1 && !snapshot[flag.span].contains(',') { " " } else { "," };
            let closing = snapshot[flag.span].ends_with(['"', '\'']);
            let list = if separator == " " { missing.join(" ") } else { list };
            Some(vec![Edit::insert(flag.span.end - u32::from(closing), format!("{separator}{list}"))])
        }
    }
}

/// Adds linker flags: behind those that are there, or as a new `-ldflags`. They must not hold quotes.
pub fn add_ldflags(snapshot: &Snapshot, command: &GoCommand, flags: &str) -> Option<Edit> {
    let Some(flag) = command.flag("-ldflags") else {
        return insert(snapshot, command, &format!("-ldflags=\"{flags}\""));
    };
    let raw = &snapshot[flag.span];
    match raw.bytes().last() {
        _ if flag.span == command.span => None,
        Some(b'"' | b'\'') => Some(Edit::insert(flag.span.end - 1, format!(" {flags}"))),
        _ => {
            let start = raw.find(['=', ' ']).map(|at| flag.span.start + at as u32 + 1)?;
            let value = &snapshot.text()[start as usize..flag.span.end as usize];
            let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-=./_".contains(&byte));
            plain.then(|| {
                Edit::replace(crate::text::span::Span::new(start, flag.span.end), format!("\"{value} {flags}\""))
            })
        }
    }
}
