//! Build constraints: `//go:build` lines, `// +build` lines and file names. Source: go/build and go/build/constraint.
use crate::knowledge::go_words;

/// What a build is made for; decides which files of a package belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// GOOS.
    pub goos: String,
    /// GOARCH.
    pub goarch: String,
    /// cgo is on.
    pub cgo: bool,
    /// `-tags`.
    pub tags: Vec<String>,
    /// The N of Go 1.N that builds; `None`: as new as any constraint asks for.
    pub go_minor: Option<u32>,
}

impl Default for Build {
    fn default() -> Self {
        Self { goos: "linux".into(), goarch: "amd64".into(), cgo: true, tags: Vec::new(), go_minor: None }
    }
}

impl Build {
    /// The same build with cgo on or off.
    #[must_use]
    pub fn with_cgo(&self, cgo: bool) -> Self {
        Self { cgo, ..self.clone() }
    }

    /// Whether a tag of a constraint holds.
    pub fn has_tag(&self, tag: &str) -> bool {
        if tag == self.goos || tag == self.goarch || tag == "gc" {
            return true;
        }
        let implied = [("android", "linux"), ("illumos", "solaris"), ("ios", "darwin")];
        if implied.contains(&(self.goos.as_str(), tag)) {
            return true;
        }
        match tag {
            "cgo" => self.cgo,
            "unix" => !["windows", "plan9", "js", "wasip1"].contains(&self.goos.as_str()),
            _ => match tag.strip_prefix("go1.").and_then(|minor| minor.parse::<u32>().ok()) {
                Some(minor) => self.go_minor.is_none_or(|known| minor <= known),
                None => self.tags.iter().any(|known| known == tag),
            },
        }
    }

    /// Whether the GOOS and GOARCH in a file's name fit: `x_linux.go`, `x_linux_arm64_test.go`.
    pub fn fits_name(&self, name: &str) -> bool {
        let stem = name.split('.').next().unwrap_or_default();
        // What stands before the first underscore never counts: linux.go is for every system.
        let Some((_, rest)) = stem.split_once('_') else { return true };
        let mut words: Vec<&str> = rest.split('_').collect();
        if words.last() == Some(&"test") {
            words.pop();
        }
        let Some(last) = words.pop() else { return true };
        let before = words.pop().unwrap_or_default();
        if go_words::is_goarch(last) && go_words::is_goos(before) {
            return self.has_tag(last) && self.has_tag(before);
        }
        !(go_words::is_goarch(last) || go_words::is_goos(last)) || self.has_tag(last)
    }
}

/// The constraint in the head of a file.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Constraint {
    /// None: the file always belongs.
    #[default]
    None,
    /// An expression over tags.
    Expr(Expr),
    /// A line that Go refuses; the package does not build.
    Invalid,
}

/// An expression over build tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The tag is set.
    Tag(String),
    /// The opposite.
    Not(Box<Expr>),
    /// Both.
    And(Box<Expr>, Box<Expr>),
    /// One of both.
    Or(Box<Expr>, Box<Expr>),
}

impl Expr {
    /// Whether it holds for a build.
    pub fn holds(&self, build: &Build) -> bool {
        match self {
            Expr::Tag(tag) => build.has_tag(tag),
            Expr::Not(inner) => !inner.holds(build),
            Expr::And(left, right) => left.holds(build) && right.holds(build),
            Expr::Or(left, right) => left.holds(build) || right.holds(build),
        }
    }

    fn and(left: Option<Expr>, right: Expr) -> Expr {
        left.map_or(right.clone(), |left| Expr::And(Box::new(left), Box::new(right)))
    }

    fn or(left: Option<Expr>, right: Expr) -> Expr {
        left.map_or(right.clone(), |left| Expr::Or(Box::new(left), Box::new(right)))
    }
}

/// No sane constraint has more parts; deeper ones are invalid to us, as they could overflow the stack.
const MAX_PARTS: usize = 200;

/// The text behind `//go:build`.
pub fn parse_go_build(text: &str) -> Constraint {
    let Some(tokens) = tokens(text).filter(|tokens| tokens.len() <= MAX_PARTS) else { return Constraint::Invalid };
    let mut parser = Parser { tokens: &tokens, at: 0 };
    match parser.or() {
        Some(expr) if parser.at == tokens.len() => Constraint::Expr(expr),
        _ => Constraint::Invalid,
    }
}

/// The texts behind `// +build`, one a line: lines and commas are AND, blanks OR. Invalid lines do not count.
pub fn parse_plus_build(lines: &[&str]) -> Constraint {
    let mut all = None;
    let mut parts = 0;
    for line in lines {
        let mut any = None;
        for option in line.split_ascii_whitespace() {
            let mut both = None;
            for tag in option.split(',') {
                parts += 1;
                let (negated, name) = tag.strip_prefix('!').map_or((false, tag), |name| (true, name));
                if parts > MAX_PARTS || name.is_empty() || !name.chars().all(is_tag_char) {
                    return Constraint::Invalid;
                }
                let tag = Expr::Tag(name.to_owned());
                both = Some(Expr::and(both, if negated { Expr::Not(Box::new(tag)) } else { tag }));
            }
            any = both.map(|both| Expr::or(any.take(), both)).or(any);
        }
        all = any.map(|any| Expr::and(all.take(), any)).or(all);
    }
    all.map_or(Constraint::None, Constraint::Expr)
}

fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

fn tokens(text: &str) -> Option<Vec<&str>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '(' | ')' | '!' => 1,
            '&' if rest.starts_with("&&") => 2,
            '|' if rest.starts_with("||") => 2,
            _ if is_tag_char(c) => rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len()),
            // A comment may follow.
            '/' if rest.starts_with("//") => break,
            _ => return None,
        };
        tokens.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    Some(tokens)
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Option<Expr> {
        let mut left = self.and()?;
        while self.eat("||") {
            left = Expr::or(Some(left), self.and()?);
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut left = self.not()?;
        while self.eat("&&") {
            left = Expr::and(Some(left), self.not()?);
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Expr> {
        if self.eat("!") {
            // Go refuses a double negation.
            return if self.eat("!") { None } else { Some(Expr::Not(Box::new(self.not()?))) };
        }
        if self.eat("(") {
            let inner = self.or()?;
            return self.eat(")").then_some(inner);
        }
        let tag = self.tokens.get(self.at).filter(|token| token.chars().next().is_some_and(is_tag_char))?;
        self.at += 1;
        Some(Expr::Tag((*tag).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, build: &Build) -> Option<bool> {
        match parse_go_build(text) {
            Constraint::Expr(expr) => Some(expr.holds(build)),
            _ => None,
        }
    }

    #[test]
    fn expressions() {
        let build = Build { tags: vec!["musl".into()], go_minor: Some(21), ..Build::default() };
        for (text, expected) in [
            ("linux && !windows", true),
            ("linux && (arm64 || amd64) && cgo", true),
            ("unix && musl && gc", true),
            ("go1.21 && !go1.22", true),
            ("ignore || darwin || !linux", false),
            ("!cgo", false),
        ] {
            assert_eq!(holds(text, &build), Some(expected), "{text}");
        }
        for bad in ["", "linux &&", "(linux", "linux)", "a b", "!!a", "a & b", "-x"] {
            assert_eq!(holds(bad, &build), None, "{bad}");
        }
        assert_eq!(parse_go_build(&"(".repeat(100_000)), Constraint::Invalid);
    }

    #[test]
    fn old_lines() {
        let build = Build::default();
        let plus = |lines: &[&str]| match parse_plus_build(lines) {
            Constraint::Expr(expr) => expr.holds(&build),
            other => other == Constraint::None,
        };
        assert!(plus(&["linux,cgo darwin"]) && plus(&["windows linux", "amd64"]) && plus(&[]) && plus(&[""]));
        assert!(!plus(&["linux", "arm64"]) && !plus(&["!linux"]) && !plus(&["ignore"]));
    }

    #[test]
    fn file_names() {
        let build = Build::default();
        for name in
            ["linux.go", "a_linux.go", "a_linux_amd64.go", "a_amd64_test.go", "a_b.go", "a_test.go", "_linux.go"]
        {
            assert!(build.fits_name(name), "{name}");
        }
        for name in ["a_windows.go", "a_linux_arm64.go", "x_windows_amd64.go", "a_arm64_test.go", "a_wasm.go"] {
            assert!(!build.fits_name(name), "{name}");
        }
    }
}
