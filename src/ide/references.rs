//! Every place that names the same stage or variable.
use super::occurrences::{self, Role, around};
use super::targets;
use crate::analysis::snapshot::Snapshot;
use crate::project::builds::targets::Target;
use crate::text::span::Span;

/// The places that name what stands at `offset`, in the order of the text; definitions only `with_definitions`.
pub fn references(snapshot: &Snapshot, offset: u32, with_definitions: bool) -> Vec<Span> {
    let Some((_, all)) = around(snapshot, offset) else { return Vec::new() };
    all.iter().filter(|found| with_definitions || found.role == Role::Use).map(|found| found.span).collect()
}

/// The places in other files that name the stage at `offset`.
pub fn references_elsewhere(snapshot: &Snapshot, offset: u32) -> Vec<&Target> {
    match around(snapshot, offset) {
        Some((occurrences::Occurrence { target: occurrences::Target::Stage(index), .. }, _)) => {
            targets::of_stage(snapshot, index).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many places the cursor `|` has, with and without definitions.
    fn count(marked: &str) -> (usize, usize) {
        let offset = marked.find('|').unwrap() as u32;
        let snapshot = Snapshot::of_text(&marked.replacen('|', "", 1));
        (references(&snapshot, offset, true).len(), references(&snapshot, offset, false).len())
    }

    #[test]
    fn stages() {
        let text = "FROM a AS o|ne\nFROM one AS two\nCOPY --from=one x /\nCOPY --from=0 x /\nRUN --mount=from=one,target=/x y\nCOPY --from=two z /\n";
        assert_eq!(count(text), (5, 4));
        assert_eq!(
            count("FROM a AS one\nFROM b AS one\nCOPY --from=o|ne x /\n"),
            (2, 1),
            "not the stage that it is in"
        );
    }

    #[test]
    fn variables() {
        let text = "ARG V=1\nFROM a:$V\nARG V\nRUN echo $V ${V:-1} '$V'\nFROM b\nENV V=2\nUSER $|V\n";
        assert_eq!(count(text), (2, 1));
        assert_eq!(count(&text.replace('|', "").replace("ARG V=1", "ARG |V=1")), (5, 3));
    }
}
