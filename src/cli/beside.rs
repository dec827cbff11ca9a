//! Files beside Dockerfiles that fixes create or change: several Dockerfiles may want something of one ignore file.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::render::place::portable;
use super::write;
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its text as it was read; `None` for a file that is created.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: String,
}

/// Files by their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    files: BTreeMap<PathBuf, Change>,
}

impl Beside {
    /// What becomes of a file; `None` when nothing does.
    pub fn at(&self, path: &Path) -> Option<&Change> {
        self.files.get(path)
    }

    /// All of them, by path.
    pub fn changes(&self) -> impl Iterator<Item = (&PathBuf, &Change)> {
        self.files.iter()
    }

    /// A new file.
    pub fn create(&mut self, path: PathBuf, text: String) {
        self.files.insert(path, Change { before: None, after: text });
    }

    /// A file that was there as `before`, or that was created or changed before: it has the text `after` now.
    pub fn change(&mut self, path: PathBuf, before: &str, after: String) {
        let new = Change { before: Some(before.to_owned()), after: String::new() };
        self.files.entry(path).or_insert(new).after = after;
    }

    /// Adds what `other` changes. Returns the files of which not all that it changes could be added.
    pub fn merge(&mut self, other: &Beside) -> Vec<PathBuf> {
        let mut lost = Vec::new();
        for (path, change) in &other.files {
            match self.files.get_mut(path) {
                None => {
                    self.files.insert(path.clone(), change.clone());
                }
                Some(own) if own == change => {}
                Some(own) => match both(own, change) {
                    Some(after) => own.after = after,
                    None => lost.push(path.clone()),
                },
            }
        }
        lost
    }

    /// Writes them all; says of those that could not be written why, and returns them. A file that has changed since it was read
    /// stays as it is.
    pub fn save(&self, complaints: &mut Vec<String>) -> BTreeSet<PathBuf> {
        let mut refused = BTreeSet::new();
        for (path, change) in &self.files {
            let written = match &change.before {
                None => write::create(path, &change.after).map_err(|error| error.to_string()),
                Some(before) => match fs::read(path) {
                    Ok(bytes) if bytes == before.as_bytes() => {
                        write::replace(path, &change.after).map_err(|error| error.to_string())
                    }
                    Ok(_) => Err("not written: it has changed since it was read".to_owned()),
                    Err(error) => Err(error.to_string()),
                },
            };
            if let Err(error) = written {
                complaints.push(format!("{}: {error}", portable(&path.display().to_string())));
                refused.insert(path.clone());
            }
        }
        refused
    }
}

/// The text after both changes of one file. Of two that create it the first counts.
fn both(one: &Change, other: &Change) -> Option<String> {
    let (Some(before), Some(same)) = (&one.before, &other.before) else {
        return (one.before == other.before).then(|| one.after.clone());
    };
    let merged = edits(before, &one.after)?.merge(&edits(same, &other.after)?).filter(|_| before == same)?;
    Some(merged.apply(before))
}

/// What turns one text into the other, line by line; of a changed line only what differs.
fn edits(before: &str, after: &str) -> Option<EditSet> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let mut edits = Vec::new();
    let changes = capture_diff_slices(Algorithm::Myers, &old, &new);
    for op in changes.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (from, text) = (op.old_range(), new[op.new_range()].concat());
        let start = length(&old[..from.start]);
        let from = start..start + length(&old[from]);
        let same = before[from.clone()].chars().zip(text.chars()).take_while(|(one, other)| one == other);
        let same: usize = same.map(|(one, _)| one.len_utf8()).sum();
        let span = Span::from(from.start + same..from.end);
        if span.is_empty() {
            // Each line by itself: what both add is added once.
            edits.extend(lines(&text[same..]).into_iter().map(|line| Edit::replace(span, line)));
        } else {
            edits.push(Edit::replace(span, &text[same..]));
        }
    }
    EditSet::new(edits)
}

/// The lines of a text, each with its line break: the one in front of it, where the text begins with one.
fn lines(text: &str) -> Vec<&str> {
    if !text.starts_with(['\r', '\n']) {
        return text.split_inclusive('\n').collect();
    }
    let breaks = text.match_indices('\n').map(|(at, _)| at - usize::from(text[..at].ends_with('\r')));
    let starts: Vec<usize> = breaks.chain([text.len()]).collect();
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(before: &str, one: &str, other: &str) -> Option<String> {
        let of = |after: &str| {
            let mut beside = Beside::default();
            beside.change("i".into(), before, after.to_owned());
            beside
        };
        let mut all = of(one);
        let lost = all.merge(&of(other));
        lost.is_empty().then(|| all.at(Path::new("i")).unwrap().after.clone())
    }

    #[test]
    fn nothing_is_lost_and_nothing_comes_twice() {
        assert_eq!(merged("a\n", "a\n.git\n", "a\n.git\n").as_deref(), Some("a\n.git\n"));
        assert_eq!(merged("a\nb\n", "a\nb\n.git\n", "a\n!a/x\nb\n").as_deref(), Some("a\n!a/x\nb\n.git\n"));
        assert_eq!(merged("a\n", "a\n!x\n", "a\n!y\n").as_deref(), Some("a\n!x\n!y\n"));
        assert_eq!(merged("a", "a\n!x", "a\n!y").as_deref(), Some("a\n!x\n!y"));
        assert_eq!(merged("a", "a\r\n.git\r\n!x", "a\r\n!y\r\n.git").as_deref(), Some("a\r\n.git\r\n!x\r\n!y"));
        assert_eq!(merged("a\n", "a\n.git\n!x\n", "a\n.git\n!y\n").as_deref(), Some("a\n.git\n!x\n!y\n"));
        assert_eq!(merged("a\r\nb\r\n", "b\r\n", "a\r\nb\r\n.git\r\n").as_deref(), Some("b\r\n.git\r\n"));
        assert_eq!(merged("a\nb\n", "b\n", "a\n!a/x\nb\n").as_deref(), Some("!a/x\nb\n"));
        assert_eq!(merged("ab\n", "ax\n", "ay\n"), None);
    }

    #[test]
    fn a_file_is_created_once() {
        let mut all = Beside::default();
        all.create("i".into(), "a\n".to_owned());
        let first = all.clone();
        assert_eq!(all.merge(&first.clone()), [""; 0].map(PathBuf::from));
        let mut other = Beside::default();
        other.create("i".into(), "b\n".to_owned());
        assert!(all.merge(&other).is_empty() && all == first);
    }

    #[test]
    fn what_has_changed_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".dockerignore");
        fs::write(&path, "b\n").unwrap();
        let mut beside = Beside::default();
        beside.change(path.clone(), "a\n", "a\n.git\n".to_owned());
        let mut complaints = Vec::new();
        assert!(beside.save(&mut complaints).contains(&path));
        assert!(
            complaints[0].ends_with(".dockerignore: not written: it has changed since it was read"),
            "{complaints:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "b\n");
        fs::write(&path, "a\n").unwrap();
        assert!(beside.save(&mut complaints).is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n.git\n");
    }
}
