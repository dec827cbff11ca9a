//! Several fixes as one.
use std::path::Path;

use super::rule::Fix;
use crate::analysis::snapshot::Snapshot;
use crate::text::edit::{EditSet, FileEdit};

/// Fixes that go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// What they change in the document.
    pub here: EditSet,
    /// The files that they create, and what they change in other files: one for each path.
    pub beside: Vec<FileEdit>,
    /// Which of the given ones they are, as indices.
    pub chosen: Vec<usize>,
}

impl Composed {
    /// All changes.
    pub fn edits(self) -> Vec<FileEdit> {
        let here = (!self.here.is_empty()).then_some(FileEdit::This(self.here));
        here.into_iter().chain(self.beside).collect()
    }
}

/// As many of `fixes` as don't overlap, earlier ones first. Where they spoil each other, the first that does no harm alone.
pub fn compose(snapshot: &Snapshot, fixes: &[&Fix]) -> Composed {
    let mut all = Composed::default();
    for (index, fix) in fixes.iter().enumerate() {
        add(&mut all, index, fix);
    }
    // Fixes are tested one by one; where two of them spoil each other, one has to do.
    if all.chosen.len() > 1 && !is_sound(snapshot, &all.here) {
        all = Composed::default();
        if let Some(index) = fixes.iter().position(|fix| is_sound(snapshot, &fix.here())) {
            add(&mut all, index, fixes[index]);
        }
    }
    all
}

fn add(all: &mut Composed, index: usize, fix: &Fix) {
    let Some(merged) = all.here.merge(&fix.here()) else { return };
    let mut beside = all.beside.clone();
    for edit in &fix.edits {
        match edit {
            FileEdit::This(_) => {}
            FileEdit::Create(..) | FileEdit::Other(_) => {
                let Some(at) = beside.iter().position(|before| path(before) == path(edit)) else {
                    beside.push(edit.clone());
                    continue;
                };
                let (FileEdit::Other(before), FileEdit::Other(more)) = (&beside[at], edit) else { return };
                let Some(both) = before.merge(more) else { return };
                beside[at] = FileEdit::Other(both);
            }
        }
    }
    all.here = merged;
    all.beside = beside;
    all.chosen.push(index);
}

/// The file beside this one that an edit is about.
fn path(edit: &FileEdit) -> Option<&Path> {
    match edit {
        FileEdit::This(_) => None,
        FileEdit::Create(path, _) => Some(path),
        FileEdit::Other(file) => Some(&file.path),
    }
}

/// The fix, unless the text has syntax problems of a new kind after it. It reads the whole text: for what is rarely found.
pub fn if_sound(snapshot: &Snapshot, fix: Option<Fix>) -> Option<Fix> {
    fix.filter(|fix| is_sound(snapshot, &fix.here()))
}

/// True when the text has no more syntax problems after `edits`, or none of a new kind. A repaired keyword may
/// bring to light what is wrong behind it.
fn is_sound(snapshot: &Snapshot, edits: &EditSet) -> bool {
    if edits.is_empty() {
        return true;
    }
    let after = Snapshot::of_text(&edits.apply(snapshot.text()));
    let before = &snapshot.file().problems;
    let fewer = after.file().problems.len() <= before.len();
    fewer || after.file().problems.iter().all(|problem| before.iter().any(|other| other.kind == problem.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edit::{Edit, OtherFile};
    use crate::text::span::Span;

    fn fix(start: u32, end: u32, text: &str) -> Fix {
        Fix::safe("x", vec![Edit::replace(Span::new(start, end), text)]).unwrap()
    }

    #[test]
    fn what_overlaps_waits_and_what_spoils_goes_alone() {
        let snapshot = Snapshot::of_text("FROM a\nRUN b\n");
        let fixes = [fix(0, 4, "from"), fix(2, 6, "!"), fix(5, 6, "z")];
        let composed = compose(&snapshot, &fixes.each_ref());
        assert_eq!((composed.here.apply(snapshot.text()).as_str(), composed.chosen), ("from z\nRUN b\n", vec![0, 2]));
        // Each leaves an instruction that can be read; both together leave none.
        let fixes = [fix(0, 2, ""), fix(7, 8, "R")];
        let composed = compose(&snapshot, &fixes.each_ref());
        assert_eq!(composed.chosen, [1]);
    }

    #[test]
    fn a_file_is_created_once() {
        let create = || Fix { edits: vec![FileEdit::Create(".dockerignore".into(), "x".into())], ..fix(0, 0, "") };
        let composed = compose(&Snapshot::of_text("FROM a\n"), &[&create(), &create()]);
        assert_eq!((composed.beside.len(), composed.chosen), (1, vec![0]));
    }

    #[test]
    fn edits_of_another_file_are_merged() {
        let of = |text: &str, edit: Edit| {
            let edits = EditSet::new(vec![edit]).unwrap();
            Fix::unsafe_elsewhere("x", OtherFile { path: ".dockerignore".into(), text: text.into(), edits })
        };
        let fixes = [
            of("a\nb\n", Edit::insert(4, ".git\n")),
            of("a\nb\n", Edit::delete(Span::new(0, 2))),
            of("a\nb\n", Edit::insert(4, ".git\n")),
            of("a\nb\n", Edit::replace(Span::new(1, 3), "")),
            of("a\n", Edit::insert(0, "x\n")),
        ];
        let composed = compose(&Snapshot::of_text("FROM a\n"), &fixes.each_ref());
        assert_eq!(composed.chosen, [0, 1, 2]);
        let [FileEdit::Other(file)] = composed.beside.as_slice() else { panic!("{composed:?}") };
        assert_eq!(file.after(), "b\n.git\n");
    }
}
