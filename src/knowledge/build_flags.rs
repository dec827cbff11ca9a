//! The flags of the programs that build images.
use super::table;

const FLAGS: &str = include_str!("build_flags.tsv");

/// True for a flag that takes no value; all others do, in the same word or the next.
pub fn stands_alone(flag: &str) -> bool {
    table::rows(FLAGS).any(|row| row.cell(0) == flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(FLAGS);
        assert!(stands_alone("--push") && !stands_alone("--tag"));
    }
}
