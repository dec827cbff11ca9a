//! Embedded tables: tab-separated, `#` comment lines on top, then one heading line.

/// One row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    cells: Vec<&'static str>,
}

impl Row {
    /// The cell of a column, counted from 0; empty when the row is shorter, or holds `-`.
    pub fn cell(&self, column: usize) -> &'static str {
        match self.cells.get(column) {
            None | Some(&"-") => "",
            Some(cell) => cell,
        }
    }

    /// The same as an option: `None` for an empty cell.
    pub fn some(&self, column: usize) -> Option<&'static str> {
        Some(self.cell(column)).filter(|cell| !cell.is_empty())
    }

    /// The words of a cell.
    pub fn words(&self, column: usize) -> Vec<&'static str> {
        self.cell(column).split_ascii_whitespace().collect()
    }

    /// `yes`, `no`, or unknown.
    pub fn yes_no(&self, column: usize) -> Option<bool> {
        match self.cell(column) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }
}

/// The rows of a table, its comments and heading left out.
pub fn rows(text: &'static str) -> impl Iterator<Item = Row> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.skip(1).map(|line| Row { cells: line.split('\t').collect() })
}

/// True when `text` matches `pattern`, in which `*` stands for any text.
pub fn glob(pattern: &str, text: &str) -> bool {
    // Most of a table differs from the text in the first byte: nothing is searched for before.
    let first = pattern.as_bytes().first();
    if first != Some(&b'*') && first != text.as_bytes().first() {
        return false;
    }
    let is_same = |(wanted, byte): &(u8, u8)| wanted == byte && *wanted != b'*';
    let head = pattern.bytes().zip(text.bytes()).take_while(is_same).count();
    if pattern.as_bytes().get(head) != Some(&b'*') {
        return head == pattern.len() && head == text.len();
    }
    let rest = &pattern[head + 1..];
    let (parts, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let mut left = &text[head..];
    for part in parts.split('*') {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

/// Panics unless each row has as many cells as the heading; for the tests of the tables.
#[cfg(test)]
pub fn assert_table(text: &'static str) {
    let mut lines = text.lines();
    assert!(text.starts_with("# ") && text.contains("Source:"), "no header comment");
    let heading = lines.find(|line| !line.starts_with("# ")).unwrap();
    let columns = heading.split('\t').count();
    for line in lines {
        assert_eq!(line.split('\t').count(), columns, "{line}");
        assert_eq!(line.trim_end_matches([' ', '\r']), line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("*alpine*", "1.21-alpine3.18") && glob("*", "") && glob("a*c*e", "abcde"));
        assert!(!glob("a*c*e", "abde") && !glob("abc", "abcd") && !glob("a*aa", "aa"));
        assert!(glob("é*è", "éaè") && !glob("é*", "è") && !glob("abcd", "abc") && glob("*", "*") && glob("*b*", "ab"));
    }
}
