//! Lines and columns as reports count them: from 1, columns in Unicode scalar values.
use std::path::Path;

use crate::text::buffer::PositionEncoding::Utf32;
use crate::text::lines::Lines;
use crate::text::span::Span;

/// Where something begins and ends; the end is behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first line.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column behind the last character.
    pub end_column: u32,
}

/// The place of `span` in a text.
pub fn range(lines: &Lines, span: Span) -> Range {
    let (start, end) = (lines.position(span.start, Utf32), lines.position(span.end, Utf32));
    Range { line: start.line + 1, column: start.column + 1, end_line: end.line + 1, end_column: end.column + 1 }
}

/// The path of a file that a fix of `name` creates or changes, as reports want it.
pub fn beside(name: &str, other: &Path) -> String {
    portable(&Path::new(name).parent().unwrap_or(Path::new("")).join(other).display().to_string())
}

/// A path as reports want it: with slashes, relative to the working directory where it lies below it.
pub fn portable(name: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = Path::new(name);
    let path = path.strip_prefix(&here).unwrap_or(path).display().to_string();
    if std::path::MAIN_SEPARATOR == '/' { path } else { path.replace(std::path::MAIN_SEPARATOR, "/") }
}
