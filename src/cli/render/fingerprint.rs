//! What makes a finding the same finding after lines above it have come or gone.
use std::collections::HashMap;

use super::place::portable;
use crate::cli::checked::Checked;
use crate::rules::rule::Diagnostic;

/// FNV-1a with 128 bits: <https://datatracker.ietf.org/doc/draft-eastlake-fnv/>. It must not change between versions.
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// For each finding of a file: of path, rule and the text of its line, and how many like it stand above.
pub fn fingerprints(checked: &Checked) -> Vec<String> {
    let path = portable(&checked.name);
    let mut seen: HashMap<u128, usize> = HashMap::new();
    let print = |found: &Diagnostic| {
        let hash = [&*path, found.rule, &line(&checked.text, found)].iter().fold(BASIS, |hash, part| {
            let bytes = part.bytes().chain([0]);
            bytes.fold(hash, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
        });
        let count = seen.entry(hash).or_default();
        *count += 1;
        format!("{hash:032x}:{count}")
    };
    checked.diagnostics.iter().map(print).collect()
}

/// The line in which the finding begins; blanks don't count.
fn line(text: &str, found: &Diagnostic) -> String {
    let start = (found.finding.span.start as usize).min(text.len());
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[from..].lines().next().unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
