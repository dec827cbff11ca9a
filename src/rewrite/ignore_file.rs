//! Edits of the ignore file that counts: a line that keeps something out, or one less; a line that lets something through.
use super::fix::Fix;
use crate::knowledge::secret_files::{holds_secrets, is_private};
use crate::project::facts::Facts;
use crate::project::ignore::{Dockerignore, Line};
use crate::project::paths;
use crate::text::edit::{Edit, EditSet, OtherFile};
use crate::text::span::Span;

/// Paths below a folder that are looked at; of a larger one nothing is promised.
const MAX_BELOW: usize = 5_000;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a build needs and the ignore file keeps out.
#[derive(Clone, Copy, Debug)]
pub enum Needed<'a> {
    /// A file or folder of the context.
    Path(&'a str),
    /// All that a pattern of COPY or of an embed line matches.
    Pattern(&'a str),
}

/// Keeps `path`, and all below it, out of the build: a line at the end, where no `!` brings it back. `None` when there is no
/// ignore file, or it can't be edited.
pub fn keep_out(facts: &Facts, path: &str) -> Option<Fix> {
    let ignore = facts.ignore.as_ref().filter(|ignore| is_editable(ignore))?;
    let (text, end) = (ignore.text(), line_end(ignore.text()));
    let line = escaped(path);
    let is_empty = text.trim_start_matches(BYTE_ORDER_MARK).is_empty();
    let line_end_first = !is_empty && !text.ends_with('\n');
    let new = if line_end_first { format!("{end}{line}") } else { format!("{line}{end}") };
    let edit = Edit::insert(text.len() as u32, new);
    let (file, after) = edited(facts, ignore, edit)?;
    let title = format!("add `{line}` to {}", name(facts));
    after.excludes(path).then(|| Fix::unsafe_elsewhere(title, file))
}

/// Lets `needed` into the build: without the line that keeps it out, where that names nothing else, or by a line with `!`
/// behind it. `None` when other lines have a say in it, when more would get through than that line keeps out, and for files
/// with secrets.
pub fn let_through(facts: &Facts, needed: Needed<'_>) -> Option<Fix> {
    let ignore = facts.ignore.as_ref().filter(|ignore| is_editable(ignore))?;
    let (found, pattern) = match needed {
        Needed::Path(path) => (vec![path], escaped(path)),
        Needed::Pattern(pattern) => (facts.glob(pattern)?, pattern.to_owned()),
    };
    let line = ignore.decider(found.first()?)?;
    let secret = |path: &str| holds_secrets(paths::file_name(path)) || is_private(paths::file_name(path));
    if found.iter().any(|path| secret(path) || below(facts, path).any(secret)) {
        return None;
    }
    let (removed, without) = edited(facts, ignore, deleted(ignore.text(), line.span))?;
    // Between files `**` means the same as `*`, in an ignore file it does not.
    if pattern.contains("**") || found.iter().any(|path| path.is_empty()) {
        return None;
    }
    if line.pattern == pattern && found.iter().all(|path| arrives(facts, &without, path)) {
        return Some(Fix::unsafe_elsewhere(format!("remove `{}` from {}", line.pattern, name(facts)), removed));
    }
    // A path that is named is wanted whatever other lines say; what a pattern happens to match is not.
    let is_free = matches!(needed, Needed::Path(_)) || !found.iter().any(|path| without.excludes(path));
    let title = format!("let `{pattern}` through in {}", name(facts));
    // Lines behind that one may keep it out once more.
    [Some(line), ignore.lines().last()].into_iter().flatten().find_map(|line| {
        let (file, after) = edited(facts, ignore, behind(ignore.text(), line, &format!("!{pattern}")))?;
        let fits = |path: &&str| arrives(facts, &after, path) && lets_no_more(facts, ignore, &after, &without, path);
        (is_free && found.iter().all(fits)).then(|| Fix::unsafe_elsewhere(title.clone(), file))
    })
}

/// Lets the first of `paths` into the build that the ignore file keeps out: a folder, then what is needed of it.
pub fn let_first_through(facts: &Facts, paths: [&str; 2]) -> Option<Fix> {
    let path = paths.into_iter().find(|path| facts.is_ignored(path) == Some(true))?;
    let_through(facts, Needed::Path(path))
}

/// False for a text that is not what the file holds (bytes that are not UTF-8 were replaced), and where a byte order mark may
/// come to be the first character.
fn is_editable(ignore: &Dockerignore) -> bool {
    let text = ignore.text();
    !text.contains(char::REPLACEMENT_CHARACTER) && text.rfind(BYTE_ORDER_MARK).is_none_or(|at| at == 0)
}

/// The file with an edit, and what it says then.
fn edited(facts: &Facts, ignore: &Dockerignore, edit: Edit) -> Option<(OtherFile, Dockerignore)> {
    let path = facts.ignore_path.clone()?;
    let file = OtherFile { path, text: ignore.text().clone(), edits: EditSet::new(vec![edit])? };
    let after = Dockerignore::parse(&file.after());
    Some((file, after))
}

/// How the file is called.
fn name(facts: &Facts) -> String {
    let name = facts.ignore_path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(|| ".dockerignore".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// True when a path gets to the builder, and of a folder something that is in it.
fn arrives(facts: &Facts, ignore: &Dockerignore, path: &str) -> bool {
    if ignore.excludes(path) {
        return false;
    }
    let mut below = below(facts, path).peekable();
    below.peek().is_none() || below.any(|path| !ignore.excludes(path))
}

/// True when all below `path` that `after` lets through was kept out by one line alone, which `without` lacks.
fn lets_no_more(
    facts: &Facts,
    before: &Dockerignore,
    after: &Dockerignore,
    without: &Dockerignore,
    path: &str,
) -> bool {
    if before.lines().iter().filter(|line| !line.negated).count() == 1 {
        return true;
    }
    let (mut below, mut left) = (below(facts, path), MAX_BELOW);
    let is_bounded = |_: &&str| {
        left = left.saturating_sub(1);
        left > 0
    };
    let all = { below.by_ref() }.take_while(is_bounded).all(|path| after.excludes(path) || !without.excludes(path));
    all && left > 0 && facts.paths.is_complete_below(path)
}

/// What lies below a folder.
fn below<'f>(facts: &'f Facts, folder: &str) -> impl Iterator<Item = &'f str> {
    let inside = move |path: &&str| paths::strip(path, folder).is_some_and(|rest| !rest.is_empty());
    facts.paths.iter().map(|(path, _)| path).filter(inside)
}

/// A path as a pattern that matches nothing else.
fn escaped(path: &str) -> String {
    let special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '\\');
    path.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// The line break of the file.
fn line_end(text: &str) -> &'static str {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if first.ends_with("\r\n") { "\r\n" } else { "\n" }
}

/// Takes the line out that `span` lies in. The last line goes with the break in front of it: the file ends as it did.
fn deleted(text: &str, span: Span) -> Edit {
    let (start, end) = (span.start as usize, span.end as usize);
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let begin = text[..start].rfind('\n').map_or(mark, |at| at + 1);
    let before = &text[..begin];
    let without_break = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).unwrap_or(before);
    Edit::delete(Span::from(match text[end..].find('\n') {
        Some(at) => begin..end + at + 1,
        None => without_break.len()..text.len(),
    }))
}

/// A new line behind another.
fn behind(text: &str, line: &Line, new: &str) -> Edit {
    let end = line.span.end as usize;
    let rest = text[end..].split('\n').next().unwrap_or_default();
    let at = end + rest.trim_end_matches('\r').len();
    Edit::insert(at as u32, format!("{}{new}", line_end(text)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::project::{Memory, Needs, scan};
    use crate::text::edit::FileEdit;

    const FILES: [&str; 7] =
        ["dist/app", "docs/a.html", "docs/img/b.png", "docs/secret/.env", "internal/x/x.go", "web/a.map", "web/a.js"];

    fn facts(ignore: &str) -> Facts {
        let mut files = Memory::default();
        for path in FILES {
            files.insert(Path::new("/w").join(path), "");
        }
        files.insert("/w/README.md", "");
        files.insert("/w/go.mod", "");
        files.insert("/w/.git/HEAD", "");
        files.insert("/w/Dockerfile", "");
        files.insert("/w/.dockerignore", ignore);
        let dir = Some(Path::new("/w"));
        scan(&files, Path::new("/w/Dockerfile"), dir, &Needs::default(), dir)
    }

    fn after(fix: Option<Fix>) -> Option<String> {
        let fix = fix?;
        let [FileEdit::Other(file)] = fix.edits.as_slice() else { panic!("{fix:?}") };
        assert!(
            file.path == Path::new("/w/.dockerignore")
                && fix.applicability == crate::rewrite::fix::Applicability::Unsafe
        );
        Some(file.after())
    }

    #[test]
    fn a_line_at_the_end_keeps_out() {
        let of = |ignore: &str| after(keep_out(&facts(ignore), ".git"));
        assert_eq!(of("a\n").as_deref(), Some("a\n.git\n"));
        assert_eq!(of("a\r\n!.git\r\n").as_deref(), Some("a\r\n!.git\r\n.git\r\n"));
        assert_eq!(of("a\r\nb").as_deref(), Some("a\r\nb\r\n.git"));
        assert_eq!(of("").as_deref(), Some(".git\n"));
        assert_eq!(of("\u{feff}").as_deref(), Some("\u{feff}.git\n"));
        assert_eq!(of("\u{feff}# a\n").as_deref(), Some("\u{feff}# a\n.git\n"));
        assert_eq!(of("a\u{fffd}\n"), None);
        assert_eq!(keep_out(&Facts::default(), ".git"), None);
    }

    #[test]
    fn a_line_for_one_path_goes() {
        let of = |ignore: &str, path: &str| after(let_through(&facts(ignore), Needed::Path(path)));
        assert_eq!(of("a\n/dist/\nb\n", "dist").as_deref(), Some("a\nb\n"));
        assert_eq!(of("dist", "dist").as_deref(), Some(""));
        assert_eq!(of("a\r\n\r\ndist", "dist").as_deref(), Some("a\r\n"));
        assert_eq!(of("\u{feff}dist\r\nb", "dist").as_deref(), Some("\u{feff}b"));
        // Another line keeps it out too.
        assert_eq!(of("*.md\nREADME.md\nb\n", "README.md").as_deref(), Some("*.md\nREADME.md\nb\n!README.md\n"));
    }

    #[test]
    fn a_line_behind_lets_through() {
        let of = |ignore: &str, path: &str| after(let_through(&facts(ignore), Needed::Path(path)));
        assert_eq!(of("dist\n", "dist/app").as_deref(), Some("dist\n!dist/app\n"));
        assert_eq!(of("*\n!cmd", "go.mod").as_deref(), Some("*\n!go.mod\n!cmd"));
        assert_eq!(of("a\r\n* \r\n", "internal/x").as_deref(), Some("a\r\n* \r\n!internal/x\r\n"));
        assert_eq!(of("*", "not/there").as_deref(), Some("*\n!not/there"));
        assert_eq!(of("x[*", "x[y"), None);
        let pattern = |ignore: &str, pattern: &str| after(let_through(&facts(ignore), Needed::Pattern(pattern)));
        assert_eq!(pattern("docs/**\n", "docs/*.html").as_deref(), Some("docs/**\n!docs/*.html\n"));
        assert_eq!(pattern("**/*.map\nweb/*\n", "web/*"), None);
        assert_eq!(pattern("docs/*.html\n", "docs/*.html").as_deref(), Some(""));
    }

    #[test]
    fn no_more_gets_through_than_is_needed() {
        let of = |ignore: &str, path: &str| after(let_through(&facts(ignore), Needed::Path(path)));
        // What an earlier line means to keep out would come along.
        assert_eq!(of("**/*.map\n*\n", "web"), None);
        assert_eq!(of("*\n**/*.map\n", "web").as_deref(), Some("*\n!web\n**/*.map\n"));
        // A line behind keeps all of it out.
        assert_eq!(of("web\nweb/*\n", "web"), None);
        // Secrets stay where they are.
        assert_eq!(of("docs\n", "docs"), None);
        assert_eq!(of(".env\n", ".env"), None);
        // Nothing keeps it out.
        assert_eq!(of("a\n", "web"), None);
    }

    #[test]
    fn any_text_is_edited_as_promised() {
        let pieces = [
            "*", "**", "!", "/", "a", "dist", "docs/img", "web", ".git", "#", " ", "\n", "\r\n", "\r", "é", "[",
            "\u{feff}",
        ];
        let mut dice = 1_u64;
        let mut roll = |sides: usize| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) as usize % sides
        };
        for _ in 0..2_000 {
            let text: String = (0..roll(12)).map(|_| pieces[roll(pieces.len())]).collect();
            let facts = facts(&text);
            let before = Dockerignore::parse(&text);
            if let Some(text) = after(keep_out(&facts, ".git")) {
                let after = Dockerignore::parse(&text);
                assert!(after.excludes(".git/HEAD") && after.lines().len() == before.lines().len() + 1, "{text:?}");
                assert!(FILES.iter().all(|path| after.excludes(path) == before.excludes(path)), "{text:?}");
            }
            for path in ["dist", "dist/app", "docs/img", "web"] {
                let Some(new) = after(let_through(&facts, Needed::Path(path))) else { continue };
                let after = Dockerignore::parse(&new);
                assert!(before.excludes(path) && !after.excludes(path), "{path} {text:?} {new:?}");
                let others = FILES.iter().filter(|other| paths::strip(other, path).is_none());
                assert!(
                    { others }.all(|other| after.excludes(other) == before.excludes(other)),
                    "{path} {text:?} {new:?}"
                );
            }
        }
    }
}
