//! Flags of go commands as edits.
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::text::edit::Edit;
use crate::text::span::Span;

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
            plain.then(|| Edit::replace(Span::new(start, flag.span.end), format!("\"{value} {flags}\"")))
        }
    }
}

/// Deletes flags with the blanks around them; a line on which nothing else stands goes as a whole.
pub fn delete(snapshot: &Snapshot, mut words: Vec<Span>) -> Vec<Edit> {
    let text = snapshot.text();
    words.sort();
    let mut runs: Vec<Span> = Vec::new();
    for word in words {
        match runs.last_mut() {
            Some(run) if text[run.end as usize..word.start as usize].trim_matches([' ', '\t']).is_empty() => {
                run.end = word.end;
            }
            _ => runs.push(word),
        }
    }
    runs.into_iter().map(|run| Edit::delete(with_blanks(snapshot, run))).collect()
}

fn with_blanks(snapshot: &Snapshot, run: Span) -> Span {
    let (before, after) = snapshot.text().split_at(run.start as usize);
    let after = &after[run.len() as usize..];
    let start = before.trim_end_matches([' ', '\t']).len() as u32;
    let starts_line = before[..start as usize].ends_with('\n');
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    let escape = char::from(snapshot.file().escape);
    let line = after[blanks..].strip_prefix(escape).map(|rest| rest.trim_start_matches([' ', '\t', '\r']));
    match line {
        Some(rest) if starts_line && rest.starts_with('\n') => {
            Span::new(start, run.end + (after.len() - rest.len()) as u32 + 1)
        }
        _ if starts_line => Span::new(run.start, run.end + blanks as u32),
        _ => Span::new(start, run.end),
    }
}
