//! All tables, as they are: what `dockline data` prints.
use super::table::{self, Row};

/// A table of this folder.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name of its file with dashes, without the ending: `cgo-modules`.
    pub name: &'static str,
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// The table called `name`; underscores and the file's ending are accepted.
pub fn named(name: &str) -> Option<&'static Table> {
    let name = name.strip_suffix(".tsv").unwrap_or(name).replace('_', "-");
    TABLES.iter().find(|table| table.name == name)
}

impl Table {
    /// What it holds.
    pub fn about(&self) -> &'static str {
        let first = self.comments().next().unwrap_or_default();
        first.split(SOURCE).next().unwrap_or(first).trim()
    }

    /// Where its facts come from.
    pub fn source(&self) -> &'static str {
        self.comments().find_map(|line| line.split_once(SOURCE)).map_or("", |(_, source)| source.trim())
    }

    /// How to read its cells, line by line.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        self.comments().skip(1).filter(|line| !line.contains(SOURCE))
    }

    /// The day of its facts, as `2026-11-22`: that of the source's last word on it.
    pub fn date(&self) -> &'static str {
        self.comments().flat_map(dates).max().unwrap_or_default()
    }

    /// The names of its columns.
    pub fn columns(&self) -> Vec<&'static str> {
        self.lines().next().map(|line| line.split('\t').collect()).unwrap_or_default()
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        table::rows(self.text)
    }

    /// Its heading and rows as they are written.
    pub fn lines(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
    }

    fn comments(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().map_while(|line| line.strip_prefix("# "))
    }
}

const SOURCE: &str = "Source:";

/// The days that a line names.
fn dates(line: &'static str) -> impl Iterator<Item = &'static str> {
    let words = line.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.filter(|word| {
        let mask: Vec<u8> = word.bytes().map(|byte| if byte == b'-' { b'-' } else { b'0' }).collect();
        mask == b"0000-00-00"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_says_where_it_comes_from_and_when() {
        assert!(TABLES.len() > 30);
        for table in TABLES {
            assert!(!table.about().is_empty() && !table.source().is_empty(), "{}: no source", table.name);
            assert!(table.date().starts_with("20"), "{}: no date", table.name);
            assert!(table.rows().next().is_some(), "{}: no rows", table.name);
            table::assert_table(table.text);
            let mut columns = table.columns();
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), table.columns().len(), "{}: two columns have one name", table.name);
        }
    }

    #[test]
    fn parts_of_a_table() {
        let table = named("golang_tags.tsv").unwrap();
        assert_eq!((table.name, table.date()), ("golang-tags", "2026-08-19"));
        assert_eq!(table.columns()[..2], ["go", "suffix"]);
        assert!(table.source().starts_with("git history of docker-library/official-images"));
        assert!(table.notes().any(|note| note.contains("Patch -1")) && named("nothing").is_none());
    }
}
