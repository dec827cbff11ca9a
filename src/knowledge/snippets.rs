//! Instructions with places to fill in.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("snippets.tsv");

/// An instruction with places to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The instruction, in capitals.
    pub instruction: &'static str,
    /// What is listed.
    pub label: &'static str,
    /// What is written, in the syntax of the protocol; lines end in a line feed.
    pub text: String,
    /// One sentence.
    pub meaning: &'static str,
}

static ALL: LazyLock<Vec<Snippet>> = LazyLock::new(|| {
    let snippet = |row: table::Row| Snippet {
        instruction: row.cell(0),
        label: row.cell(1),
        text: row.cell(2).replace("\\n", "\n"),
        meaning: row.cell(3),
    };
    table::rows(TABLE).map(snippet).collect()
});

/// All of them, those of an instruction together.
pub fn snippets() -> &'static [Snippet] {
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::instructions::instruction_doc;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for snippet in snippets() {
            assert!(instruction_doc(snippet.instruction).is_some(), "{}", snippet.instruction);
            assert!(snippet.text.starts_with(snippet.instruction) && snippet.label.starts_with(snippet.instruction));
        }
    }
}
