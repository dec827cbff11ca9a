//! What changed from one text to another: one stretch of bytes, everything in front of it and behind it is the same.
use super::span::Span;

/// Bytes `start..old_end` of the old text became `start..new_end` of the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where the texts part.
    pub start: u32,
    /// Where they meet again, in the old text.
    pub old_end: u32,
    /// Where they meet again, in the new text.
    pub new_end: u32,
}

impl Difference {
    /// The shortest stretch that tells `new` from `old`; its ends may lie inside a character.
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let shorter = old.len().min(new.len());
        let start = common(old.chunks(BLOCK).zip(new.chunks(BLOCK)), |(a, b)| a.iter().zip(b));
        let start = start.min(shorter);
        let end = common_end(&old[start..], &new[start..]);
        Self { start: start as u32, old_end: (old.len() - end) as u32, new_end: (new.len() - end) as u32 }
    }

    /// The shortest stretch of whole lines that tells `new` from `old`; the last line may have no line break.
    pub fn of_lines(old: &str, new: &str) -> Self {
        let differ = Self::between(old, new).start as usize;
        let start = old.as_bytes()[..differ].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (old_rest, new_rest) = (&old.as_bytes()[start..], &new.as_bytes()[start..]);
        let same = common_end(old_rest, new_rest);
        let is_line = |rest: &[u8]| rest.len() == same || rest[rest.len() - same - 1] == b'\n';
        let end = if is_line(old_rest) && is_line(new_rest) {
            same
        } else {
            let tail = &old_rest[old_rest.len() - same..];
            tail.iter().position(|byte| *byte == b'\n').map_or(0, |at| same - at - 1)
        };
        Self { start: start as u32, old_end: (old.len() - end) as u32, new_end: (new.len() - end) as u32 }
    }

    /// True when `span` of the old text reaches into the stretch or touches it.
    pub fn touches(self, span: Span) -> bool {
        span.start <= self.old_end && self.start <= span.end
    }

    /// How far what lies behind the stretch moved, to be added with wrapping.
    pub fn by(self) -> u32 {
        self.new_end.wrapping_sub(self.old_end)
    }

    /// Where `span` of the old text lies now; `span` must not reach into the stretch.
    #[must_use]
    pub fn moved(self, span: Span) -> Span {
        if span.end <= self.start { span } else { span.moved(self.by()) }
    }
}

/// Bytes that are compared at once.
const BLOCK: usize = 256;

/// How many bytes are the same at the end of both.
fn common_end(old: &[u8], new: &[u8]) -> usize {
    let blocks = old.rchunks(BLOCK).zip(new.rchunks(BLOCK));
    common(blocks, |(a, b)| a.iter().rev().zip(b.iter().rev())).min(old.len()).min(new.len())
}

/// How many bytes are the same, over blocks of the same length and then byte by byte.
fn common<'t, B, I>(blocks: B, bytes: impl Fn((&'t [u8], &'t [u8])) -> I) -> usize
where
    B: Iterator<Item = (&'t [u8], &'t [u8])>,
    I: Iterator<Item = (&'t u8, &'t u8)>,
{
    let mut same = 0;
    for (one, other) in blocks {
        if one == other {
            same += one.len();
        } else {
            return same + bytes((one, other)).take_while(|(one, other)| one == other).count();
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_stretch() {
        let long = "x".repeat(1_000);
        let cases = [
            ("", "", (0, 0, 0)),
            ("abc", "abc", (3, 3, 3)),
            ("abc", "abXc", (2, 2, 3)),
            ("abXc", "abc", (2, 3, 2)),
            ("aa", "aaa", (2, 2, 3)),
            ("aaa", "aa", (2, 3, 2)),
            ("", "abc", (0, 0, 3)),
            ("abc", "xyz", (0, 3, 3)),
        ];
        for (old, new, (start, old_end, new_end)) in cases {
            assert_eq!(Difference::between(old, new), Difference { start, old_end, new_end }, "{old} {new}");
            let (old, new) = (format!("{long}{old}|{long}"), format!("{long}{new}|{long}"));
            let found = Difference::between(&old, &new);
            assert_eq!(&old[..found.start as usize], &new[..found.start as usize]);
            assert_eq!(&old[found.old_end as usize..], &new[found.new_end as usize..]);
            assert_eq!(found.old_end - found.start, old_end - start);
        }
    }

    #[test]
    fn finds_the_lines() {
        let cases = [
            ("", "", (0, 0, 0)),
            ("RUN x", "RU\nRUN x", (0, 0, 3)),
            ("a\nRUN x\nb\n", "a\nRU\nRUN x\nb\n", (2, 2, 5)),
            ("a\nRUN x\nb\n", "a\nRUN \nb\n", (2, 8, 7)),
            ("a\nb\n", "a\nb", (2, 4, 3)),
            ("a\nb", "a\nb\nc", (2, 3, 5)),
            ("a\nb\nc\n", "a\nc\n", (2, 4, 2)),
            ("a\nxb\n", "a\nb\n", (2, 5, 4)),
        ];
        for (old, new, (start, old_end, new_end)) in cases {
            assert_eq!(Difference::of_lines(old, new), Difference { start, old_end, new_end }, "{old:?} {new:?}");
        }
    }

    #[test]
    fn moves_what_is_behind() {
        let change = Difference { start: 4, old_end: 6, new_end: 5 };
        assert_eq!(change.moved(Span::new(0, 4)), Span::new(0, 4));
        assert_eq!(change.moved(Span::new(6, 9)), Span::new(5, 8));
    }
}
