//! ShellCheck's report (`--format=json1`): lines and columns count from 1, columns in characters, a tab is one.
use serde::Deserialize;

use super::{Comment, Job, Level, Source};
use crate::knowledge::shellcheck::{Dialect, Treat, is_portability, treat};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// More comments on one text are left out.
const MAX_COMMENTS: usize = 500;
/// `… appears unused.` and `… is referenced but not assigned.`: true where nothing else sets and uses names.
const NAMES: [u16; 2] = [2_034, 2_154];
/// `Use 'cd ... || exit' … in case cd fails.`
const CD_MAY_FAIL: u16 = 2_164;

#[derive(Deserialize)]
struct Report {
    comments: Vec<Said>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    file: String,
    line: u32,
    end_line: u32,
    column: u32,
    end_column: u32,
    level: String,
    code: u16,
    message: String,
    fix: Option<SaidFix>,
}

#[derive(Deserialize)]
struct SaidFix {
    replacements: Vec<Replacement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    line: u32,
    end_line: u32,
    column: u32,
    end_column: u32,
    #[serde(rename = "replacement")]
    text: String,
}

/// The comments on each of `jobs`, whose files are named by their index; `None` when the report can't be read.
/// `header` is how many lines stood in front of each text, `busybox` whether that shell was known to the program.
pub fn read(report: &[u8], jobs: &[Job], header: u32, busybox: bool) -> Option<Vec<Vec<Comment>>> {
    let report: Report = serde_json::from_slice(report).ok()?;
    let places: Vec<Places<'_>> = jobs.iter().map(|job| Places::of(job, header)).collect();
    let mut all = vec![Vec::new(); jobs.len()];
    for said in report.comments {
        let index: usize = said.file.parse().ok()?;
        let (Some(job), Some(out)) = (jobs.get(index), all.get_mut(index)) else { continue };
        if out.len() < MAX_COMMENTS && means_something(said.code, job, busybox) {
            out.extend(places[index].comment(said));
        }
    }
    Some(all)
}

fn means_something(code: u16, job: &Job, busybox: bool) -> bool {
    let shell = match job.source.dialect.unwrap_or(job.key.dialect) {
        Dialect::Posix => None,
        Dialect::Busybox => busybox.then_some(()),
        _ => Some(()),
    };
    treat(code) != Treat::Drop
        && (shell.is_some() || !is_portability(code))
        && (!NAMES.contains(&code) || !job.key.open)
}

/// The lines of a text.
struct Places<'j> {
    source: &'j Source,
    escape: char,
    starts: Vec<usize>,
    header: u32,
}

impl<'j> Places<'j> {
    fn of(job: &'j Job, header: u32) -> Self {
        let source = &job.source;
        let starts = std::iter::once(0).chain(source.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { source, escape: char::from(job.key.escape), starts, header }
    }

    /// The byte of the text; `None` in front of it.
    fn byte(&self, line: u32, column: u32) -> Option<usize> {
        let line = line.checked_sub(self.header + 1)? as usize;
        let Some(&start) = self.starts.get(line) else { return Some(self.source.text.len()) };
        let rest = &self.source.text[start..];
        let rest = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let column = column.saturating_sub(1) as usize;
        Some(start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
    }

    fn comment(&self, said: Said) -> Option<Comment> {
        let start = self.byte(said.line, said.column)?;
        let end = self.byte(said.end_line, said.end_column)?.max(start);
        // What fails last fails the build.
        if said.code == CD_MAY_FAIL && self.source.text[end..].trim().is_empty() {
            return None;
        }
        let level = match said.level.as_str() {
            "error" => Level::Error,
            "warning" => Level::Warning,
            "info" => Level::Info,
            _ => Level::Style,
        };
        let span = self.span(start, end)?;
        let edits = said.fix.and_then(|fix| self.edits(start, &fix.replacements)).unwrap_or_default();
        Some(Comment { code: said.code, level, message: said.message, span, edits })
    }

    /// Where that part of the text stands. What is empty becomes one character.
    fn span(&self, start: usize, end: usize) -> Option<Span> {
        let (mut start, mut end) = (start, end);
        if start == end {
            match self.source.text[start..].chars().next().filter(|next| *next != '\n') {
                Some(next) => end += next.len_utf8(),
                None => start -= self.source.text[..start].chars().next_back().map_or(0, char::len_utf8),
            }
        }
        let (start, end) = (self.source.raw_at(start as u32)?, self.source.raw_before(end as u32)?);
        (start <= end).then(|| Span::new(start, end))
    }

    /// `None` when one of the replacements does not fit the file.
    fn edits(&self, start: usize, replacements: &[Replacement]) -> Option<Vec<Edit>> {
        replacements.iter().map(|replacement| self.edit(start, replacement)).collect()
    }

    fn edit(&self, comment: usize, replacement: &Replacement) -> Option<Edit> {
        let text = &replacement.text;
        // It would end the instruction, or continue it.
        if text.contains('\n') || text.ends_with(self.escape) {
            return None;
        }
        let start = self.byte(replacement.line, replacement.column)?;
        let end = self.byte(replacement.end_line, replacement.end_column)?;
        let (from, to) = (start as u32, end as u32);
        if start == end {
            // In front of what is meant, or behind it: a continuation may lie between.
            let at = if start == comment { self.source.raw_at(from) } else { self.source.raw_before(from) };
            return Some(Edit::insert(at?, text.clone()));
        }
        let span = Span::new(self.source.raw_at(from)?, self.source.raw_before(to).filter(|_| from < to)?);
        (span.len() == to - from).then(|| Edit::replace(span, text.clone()))
    }
}
