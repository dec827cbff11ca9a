//! File name patterns: Go's filepath.Match, and with `**` as .dockerignore understands it.

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    /// `?`: one character, no slash.
    One,
    /// `?` of a shell: one character.
    Any,
    /// `*`: any characters, no slash.
    Star,
    /// `**/` between other things: nothing, or directories. Two states: before it, and inside it.
    DeepStart,
    DeepInside,
    /// `**` at the end, `*` of a shell: everything.
    Rest,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// A compiled pattern. Matching takes time linear in the lengths of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// None in front of a literal.
    tokens: Vec<Token>,
    /// The whole pattern, when nothing in it is special.
    literal: Option<String>,
    /// What stands in front of the first special character, and behind the last one.
    ends: (String, String),
}

/// Without these a pattern is what it matches.
const SPECIAL: [char; 4] = ['*', '?', '[', '\\'];

/// No path is longer than this, so a longer pattern is refused. In bytes.
const MAX_PATTERN: usize = 4096;

impl Pattern {
    /// As COPY and ADD read their sources; `None` when Go refuses the pattern.
    pub fn file_match(text: &str) -> Option<Self> {
        new(text, false)
    }

    /// As .dockerignore reads a cleaned line; `None` when Go refuses the pattern.
    pub fn dockerignore(text: &str) -> Option<Self> {
        new(text, true)
    }

    /// As `${V#pattern}` reads it: slashes are nothing special, brackets neither.
    pub fn shell(text: &str) -> Self {
        let token = |c| match c {
            '*' => Token::Rest,
            '?' => Token::Any,
            c => Token::Char(c),
        };
        Self { tokens: text.chars().map(token).collect(), literal: None, ends: Default::default() }
    }

    /// True when the pattern covers the whole text.
    pub fn matches(&self, text: &str) -> bool {
        if let Some(literal) = &self.literal {
            return literal == text;
        }
        // Most names of a directory differ there.
        if !text.starts_with(&self.ends.0) || !text.ends_with(&self.ends.1) {
            return false;
        }
        let end = self.tokens.len();
        let mut states = vec![false; end + 1];
        states[0] = true;
        self.skip(&mut states);
        for c in text.chars() {
            let mut next = vec![false; end + 1];
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| states[*at]) {
                step(token, at, c, &mut next);
            }
            self.skip(&mut next);
            states = next;
        }
        states[end]
    }

    /// Marks what is reached without reading a character.
    fn skip(&self, states: &mut [bool]) {
        for (at, token) in self.tokens.iter().enumerate() {
            if !states[at] {
                continue;
            }
            match token {
                Token::Star | Token::Rest => states[at + 1] = true,
                Token::DeepStart => {
                    states[at + 1] = true;
                    states[at + 2] = true;
                }
                _ => {}
            }
        }
    }
}

fn step(token: &Token, at: usize, c: char, next: &mut [bool]) {
    match token {
        Token::Char(expected) => next[at + 1] |= *expected == c,
        Token::One => next[at + 1] |= c != '/',
        Token::Any => next[at + 1] = true,
        Token::Star => next[at] |= c != '/',
        Token::Rest => next[at] = true,
        Token::DeepStart => {}
        Token::DeepInside => {
            next[at] = true;
            next[at + 1] |= c == '/';
        }
        Token::Class { negated, ranges } => {
            let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
            next[at + 1] |= inside != *negated;
        }
    }
}

fn new(text: &str, deep: bool) -> Option<Pattern> {
    if text.len() > MAX_PATTERN {
        return None;
    }
    if !text.contains(SPECIAL) {
        return Some(Pattern { tokens: Vec::new(), literal: Some(text.to_owned()), ends: Default::default() });
    }
    compile(text, deep)
}

fn compile(text: &str, deep: bool) -> Option<Pattern> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '*' if deep && chars.get(at + 1) == Some(&'*') => {
                at += if chars.get(at + 2) == Some(&'/') { 3 } else { 2 };
                // A leading `**` before plain text is a suffix match: `**foo` covers barfoo, `**foo*` does not.
                let plain = |rest: &[char]| !rest.iter().any(|c| ['*', '?', '\\', '[', ']'].contains(c));
                if at >= chars.len() || (at == 2 && plain(&chars[at..])) {
                    tokens.push(Token::Rest);
                } else {
                    tokens.extend([Token::DeepStart, Token::DeepInside]);
                }
                continue;
            }
            '*' => tokens.push(Token::Star),
            '?' => tokens.push(Token::One),
            '\\' => {
                at += 1;
                tokens.push(Token::Char(*chars.get(at)?));
            }
            '[' => {
                let (token, end) = class(&chars, at + 1)?;
                tokens.push(token);
                at = end;
                continue;
            }
            c => tokens.push(Token::Char(c)),
        }
        at += 1;
    }
    let plain = |token: &Token| if let Token::Char(c) = token { Some(*c) } else { None };
    let tail: Vec<char> = tokens.iter().rev().map_while(plain).collect();
    let ends = (tokens.iter().map_while(plain).collect(), tail.into_iter().rev().collect());
    Some(Pattern { tokens, literal: None, ends })
}

/// A character class from behind its `[`; and the place behind its `]`.
fn class(chars: &[char], mut at: usize) -> Option<(Token, usize)> {
    let negated = chars.get(at) == Some(&'^');
    at += usize::from(negated);
    let mut ranges = Vec::new();
    while chars.get(at) != Some(&']') || ranges.is_empty() {
        let low = class_char(chars, &mut at)?;
        let mut high = low;
        if chars.get(at) == Some(&'-') {
            at += 1;
            high = class_char(chars, &mut at)?;
        }
        ranges.push((low, high));
    }
    Some((Token::Class { negated, ranges }, at + 1))
}

fn class_char(chars: &[char], at: &mut usize) -> Option<char> {
    let c = *chars.get(*at)?;
    *at += 1;
    match c {
        '-' | ']' => None,
        '\\' => {
            *at += 1;
            chars.get(*at - 1).copied()
        }
        _ => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(pattern: &str, path: &str) -> bool {
        Pattern::file_match(pattern).unwrap().matches(path)
    }

    fn ignore(pattern: &str, path: &str) -> bool {
        Pattern::dockerignore(pattern).unwrap().matches(path)
    }

    #[test]
    fn file_match() {
        assert!(file("go.*", "go.mod") && file("go.su[m]", "go.sum") && file("[^a-c]x", "dx") && file("a\\*", "a*"));
        assert!(
            !file("*", "a/b") && !file("?", "/") && !file("[a-c]", "d") && !file("**", "a/b") && file("*/*", "a/b")
        );
        for bad in ["[", "[a", "[]a]", "[-]", "a\\", "[a-]"] {
            assert!(Pattern::file_match(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn shell() {
        let covers = |pattern: &str, text: &str| Pattern::shell(pattern).matches(text);
        assert!(covers("*", "a/b") && covers("*", "") && covers("a?b*", "a/b") && covers("[a]*c", "[a]bc"));
        assert!(!covers("?", "") && !covers("a", "ab") && !covers("[a]", "a") && covers("é?", "éè"));
    }

    #[test]
    fn double_stars() {
        assert!(ignore("**/*.go", "a.go") && ignore("**/*.go", "x/y/a.go") && ignore("**", "x/y"));
        assert!(
            ignore("a/**", "a/b/c") && !ignore("a/**", "a") && ignore("a/**/b", "a/b") && ignore("a/**/b", "a/x/y/b")
        );
        assert!(ignore("**foo", "x/barfoo") && ignore("**/foo", "foo") && !ignore("**/foo", "xfoo"));
        assert!(
            !ignore("**foo*", "barfoo")
                && ignore("**foo*", "x/foobar")
                && ignore("a**b", "ax/b")
                && !ignore("a**b", "axb")
        );
        assert!(!ignore("*.md", "docs/a.md") && ignore("docs/*.md", "docs/a.md"));
    }

    #[test]
    fn hostile_patterns_are_linear() {
        let pattern = Pattern::dockerignore(&format!("{}c", "*a**/".repeat(500))).unwrap();
        assert!(!pattern.matches(&"a".repeat(4000)));
    }
}
