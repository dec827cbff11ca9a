//! .dockerignore, as BuildKit reads it. Source: moby/patternmatcher and its ignorefile package.
use std::sync::Arc;

use crate::text::span::Span;

use super::paths;
use super::pattern::Pattern;

/// One line of a .dockerignore that is neither blank nor a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The trimmed line in the file.
    pub span: Span,
    /// Its number in the file, from 0.
    pub number: u32,
    /// It starts with `!`: what it matches is not excluded after all.
    pub negated: bool,
    /// The cleaned pattern, without `!` and leading slash.
    pub pattern: String,
    compiled: Option<Pattern>,
}

impl Line {
    /// False when Go refuses the pattern; the build fails then.
    pub fn is_valid(&self) -> bool {
        self.compiled.is_some()
    }
}

/// Lines of one file that count; real files have some dozens.
const MAX_LINES: usize = 5_000;

/// A parsed .dockerignore.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dockerignore {
    text: Arc<str>,
    lines: Vec<Line>,
}

impl Dockerignore {
    /// Never fails: invalid lines are kept, and match nothing.
    pub fn parse(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for (number, raw) in text[start..].split_inclusive('\n').enumerate() {
            let trimmed = raw.trim();
            if !raw.starts_with('#') && !trimmed.is_empty() && lines.len() < MAX_LINES {
                let begin = start + (raw.len() - raw.trim_start().len());
                let span = Span::from(begin..begin + trimmed.len());
                lines.push(Line { number: number as u32, ..line(trimmed, span) });
            }
            start += raw.len();
        }
        Self { text: Arc::from(text), lines }
    }

    /// The whole text, a byte order mark included.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The lines that count, in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// True when a file or directory (relative to the context) does not get into the build.
    pub fn excludes(&self, path: &str) -> bool {
        self.decider(path).is_some_and(|line| !line.negated)
    }

    /// The line that decides about a path; `None` when none matches.
    pub fn decider(&self, path: &str) -> Option<&Line> {
        let path = paths::clean(path);
        if path.is_empty() {
            return None;
        }
        // Parents first, as the walk of BuildKit does: what matched a directory matches all below it.
        let mut matched_by = vec![false; self.lines.len()];
        let mut decider = None;
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            decider = self.step(&path[..end], &mut matched_by);
        }
        decider
    }

    fn step(&self, path: &str, matched_by: &mut [bool]) -> Option<&Line> {
        let mut excluded = false;
        let mut decider = None;
        for (line, matched) in self.lines.iter().zip(matched_by) {
            if !*matched {
                if line.negated != excluded {
                    continue;
                }
                *matched = line.compiled.as_ref().is_some_and(|pattern| pattern.matches(path));
            }
            if *matched {
                excluded = !line.negated;
                decider = Some(line);
            }
        }
        decider
    }
}

fn line(text: &str, span: Span) -> Line {
    // In two steps, as BuildKit does it: the reader cleans what follows the `!`, the matcher cleans the whole line.
    let (bang, rest) = match text.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", text),
    };
    let cleaned = if rest.is_empty() { String::new() } else { go_clean(rest) };
    let inside = cleaned.strip_prefix('/').filter(|inside| !inside.is_empty()).unwrap_or(&cleaned);
    let whole = go_clean(&format!("{bang}{inside}"));
    let (negated, pattern) = match whole.strip_prefix('!') {
        Some(pattern) => (true, pattern),
        None => (false, whole.as_str()),
    };
    let compiled = if pattern.is_empty() { None } else { Pattern::dockerignore(pattern) };
    Line { span, number: 0, negated, pattern: pattern.to_owned(), compiled }
}

/// Go's filepath.Clean.
fn go_clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    match (absolute, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(text: &str, path: &str) -> bool {
        Dockerignore::parse(text).excludes(path)
    }

    #[test]
    fn last_match_wins() {
        assert!(excludes("*.md\n", "a.md") && !excludes("*.md\n", "docs/a.md") && excludes("**/*.md", "docs/a.md"));
        assert!(!excludes("*\n!go.mod\n", "go.mod") && excludes("*\n!go.mod\n", "go.sum"));
        assert!(excludes("*\n!go.mod\ngo.*\n", "go.mod"));
        assert!(!excludes("!go.mod\n", "go.mod"));
    }

    #[test]
    fn a_parent_excludes_its_children() {
        assert!(
            excludes("vendor", "vendor/a/b.go") && excludes("/vendor/", "vendor/a") && !excludes("vendor", "x/vendor")
        );
        assert!(!excludes("vendor\n!vendor/keep", "vendor/keep/x.go") && excludes("vendor\n!vendor/keep", "vendor/x"));
        assert!(excludes("*\n!cmd\ncmd/secret", "cmd/secret/x") && !excludes("*\n!cmd\ncmd/secret", "cmd/x"));
    }

    #[test]
    fn comments_blanks_and_odd_lines() {
        assert!(!excludes("# .env", "# .env") && excludes(" # x", "# x") && excludes("\u{feff}.env\r\n", ".env"));
        assert!(
            excludes("  a  \r\n", "a") && excludes("! x\n*", "x") && excludes("./a/../b", "b") && !excludes("", "a")
        );
        assert!(!excludes("[", "[") && !Dockerignore::parse("[").lines()[0].is_valid());
        assert!(excludes("/../a", "a") && !Dockerignore::parse("!/.").lines()[0].is_valid());
        assert!(!excludes("!", "a") && !excludes(".", "a") && !excludes("../a", "a"));
    }

    #[test]
    fn spans_point_at_the_line() {
        let text = "# c\n  !go.mod \n*.md";
        let parsed = Dockerignore::parse(text);
        let found: Vec<&str> = parsed.lines().iter().map(|line| &text[line.span.range()]).collect();
        assert_eq!(found, ["!go.mod", "*.md"]);
        assert_eq!(parsed.decider("a.md").map(|line| line.pattern.as_str()), Some("*.md"));
    }
}
