//! Did you mean: the known word that is closest to a mistyped one.

/// Longer words are not compared: nobody types them by mistake.
const MAX_LENGTH: usize = 48;

/// The one of `candidates` that is at most two typing mistakes away from `word` (one, for words of up to five letters),
/// whatever the case; the first of several that are equally close.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.is_empty() || word.len() > MAX_LENGTH {
        return None;
    }
    let limit = if word.len() <= 5 { 1 } else { 2 };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = distance(word.as_bytes(), candidate.as_bytes());
        if distance <= limit && distance < candidate.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// True when one mistake lies between the words: a letter too many, too few or wrong, or two swapped.
pub fn is_one_mistake(word: &str, other: &str) -> bool {
    word.len() <= MAX_LENGTH && distance(word.as_bytes(), other.as_bytes()) == 1
}

/// How many letters are to be inserted, left out, replaced, or swapped with their neighbour. More than two is not exact.
fn distance(one: &[u8], other: &[u8]) -> usize {
    if one.len().abs_diff(other.len()) > 2 || other.len() > MAX_LENGTH {
        return usize::MAX;
    }
    let same = |left: u8, right: u8| left.eq_ignore_ascii_case(&right);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, &left) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, &right) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(!same(left, right));
            let mut least = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && same(left, other[column - 1]) && same(one[row - 1], right) {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_typing_mistakes() {
        let words = ["RUN", "COPY", "FROM", "ENTRYPOINT", "ENV"];
        assert_eq!(nearest("RUNN", words), Some("RUN"));
        assert_eq!(nearest("form", words), Some("FROM"));
        assert_eq!(nearest("ENTYRPONT", words), Some("ENTRYPOINT"));
        assert_eq!(nearest("ENC", words), Some("ENV"));
        assert_eq!(nearest("HELLO", ["SHELL"]), None);
        assert_eq!(nearest("XYZ", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest(&"R".repeat(99), words), None);
    }
}
