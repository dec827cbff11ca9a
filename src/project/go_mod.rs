//! go.mod, go.work and vendor/modules.txt. Any bytes are accepted: what cannot be read is left out.
use crate::knowledge::GoVersion;
use crate::text::span::Span;

/// A word of the file and where it stands, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its value, unquoted.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Its line, from 0.
    pub line: u32,
}

/// A required module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// The module path.
    pub path: Word,
    /// Its version.
    pub version: Word,
    /// Marked `// indirect`: no package of the main module imports it.
    pub indirect: bool,
}

/// A replacement: `replace path [version] => target [version]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The module that is replaced.
    pub path: Word,
    /// Only this version of it.
    pub version: Option<Word>,
    /// A module path, or a directory.
    pub target: Word,
    /// The version of the target; none for a directory.
    pub target_version: Option<Word>,
}

impl Replace {
    /// True when the target is a directory.
    pub fn is_local(&self) -> bool {
        is_local(&self.target.text)
    }
}

/// True for a path that Go reads as a directory: `./x`, `../x`, `/x`, `.`, `..`.
pub fn is_local(path: &str) -> bool {
    path == "." || path == ".." || ["./", "../", "/"].iter().any(|start| path.starts_with(start))
}

/// A go.mod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoMod {
    /// The module path.
    pub module: Option<Word>,
    /// The `go` line.
    pub go: Option<Word>,
    /// The `toolchain` line.
    pub toolchain: Option<Word>,
    /// The `require` lines.
    pub requires: Vec<Require>,
    /// The `replace` lines.
    pub replaces: Vec<Replace>,
    /// The `exclude` lines: path and version.
    pub excludes: Vec<(Word, Word)>,
    /// The versions and version ranges of `retract` lines, as written.
    pub retracts: Vec<Word>,
    /// The `tool` lines: package paths.
    pub tools: Vec<Word>,
    /// The `godebug` lines: `key=value`.
    pub godebugs: Vec<Word>,
    /// The `ignore` lines: directories that `./...` leaves out.
    pub ignores: Vec<Word>,
}

impl GoMod {
    /// Reads a go.mod.
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        for line in lines(text) {
            file.line(&line);
        }
        file
    }

    /// The version of the `go` line; `None` without one, or with one that is no version.
    pub fn go_version(&self) -> Option<GoVersion> {
        GoVersion::parse(&self.go.as_ref()?.text)
    }

    /// The module path, empty when the file has none.
    pub fn path(&self) -> &str {
        self.module.as_ref().map_or("", |module| module.text.as_str())
    }

    fn line(&mut self, line: &Line) {
        let words = &line.words;
        let one = || words.first().cloned();
        let two = || Some((words.first().cloned()?, words.get(1).cloned()?));
        match line.verb.as_str() {
            "module" => self.module = self.module.take().or_else(one),
            "go" => self.go = self.go.take().or_else(one),
            "toolchain" => self.toolchain = self.toolchain.take().or_else(one),
            "require" => self.requires.extend(two().map(|(path, version)| {
                let indirect = is_indirect(&line.comment);
                Require { path, version, indirect }
            })),
            "replace" => self.replaces.extend(replace(words)),
            "exclude" => self.excludes.extend(two()),
            "retract" => self.retracts.extend(range(words)),
            "tool" => self.tools.extend(one()),
            "godebug" => self.godebugs.extend(one()),
            "ignore" => self.ignores.extend(one()),
            _ => {}
        }
    }
}

/// `// indirect`, perhaps with more text behind a semicolon.
fn is_indirect(comment: &str) -> bool {
    let text = comment.trim_start_matches('/').trim();
    text == "indirect" || text.starts_with("indirect;")
}

fn replace(words: &[Word]) -> Option<Replace> {
    let arrow = words.iter().position(|word| word.text == "=>")?;
    let (left, right) = (&words[..arrow], &words[arrow + 1..]);
    Some(Replace {
        path: left.first()?.clone(),
        version: left.get(1).cloned(),
        target: right.first()?.clone(),
        target_version: right.get(1).cloned(),
    })
}

/// `v1.0.0` or `[v1.0.0, v1.1.0]` as one word.
fn range(words: &[Word]) -> Option<Word> {
    let (first, last) = (words.first()?, words.last()?);
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Some(Word { text: text.join(" "), span: first.span.cover(last.span), line: first.line })
}

/// A go.work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoWork {
    /// The `go` line.
    pub go: Option<Word>,
    /// The `toolchain` line.
    pub toolchain: Option<Word>,
    /// The `use` lines: directories of modules.
    pub uses: Vec<Word>,
    /// The `replace` lines.
    pub replaces: Vec<Replace>,
}

impl GoWork {
    /// Reads a go.work.
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        for line in lines(text) {
            let one = || line.words.first().cloned();
            match line.verb.as_str() {
                "go" => file.go = file.go.take().or_else(one),
                "toolchain" => file.toolchain = file.toolchain.take().or_else(one),
                "use" => file.uses.extend(one()),
                "replace" => file.replaces.extend(replace(&line.words)),
                _ => {}
            }
        }
        file
    }
}

/// A module of vendor/modules.txt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendoredModule {
    /// The module path.
    pub path: String,
    /// Its version; empty for one that is replaced by a directory.
    pub version: String,
    /// What replaces it: a module path or a directory.
    pub replaced_by: Option<String>,
    /// go.mod requires it itself.
    pub explicit: bool,
    /// The packages that are there.
    pub packages: Vec<String>,
}

/// Reads a vendor/modules.txt.
pub fn vendored_modules(text: &str) -> Vec<VendoredModule> {
    let mut modules: Vec<VendoredModule> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("## ") {
            let explicit = rest.split(';').any(|part| part.trim() == "explicit");
            if let Some(module) = modules.last_mut() {
                module.explicit |= explicit;
            }
        } else if let Some(rest) = line.strip_prefix("# ") {
            let (left, right) = rest.split_once("=>").map_or((rest, None), |(left, right)| (left, Some(right)));
            let mut words = left.split_ascii_whitespace().map(str::to_owned);
            let (Some(path), version) = (words.next(), words.next().unwrap_or_default()) else { continue };
            let replaced_by = right.and_then(|right| right.split_ascii_whitespace().next()).map(str::to_owned);
            modules.push(VendoredModule { path, version, replaced_by, ..VendoredModule::default() });
        } else if let Some(module) = modules.last_mut() {
            let package = line.trim();
            if !package.is_empty() && !package.starts_with('#') {
                module.packages.push(package.to_owned());
            }
        }
    }
    modules
}

/// One directive; those of a block `verb ( … )` carry its verb.
struct Line {
    verb: String,
    words: Vec<Word>,
    comment: String,
}

/// Directives of one file; the largest real ones have some two thousand.
const MAX_LINES: usize = 10_000;

fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for (line, raw) in (0..).zip(text[start..].split_inclusive('\n')) {
        let (mut words, comment) = words(raw, start, line);
        start += raw.len();
        if words.is_empty() || found.len() >= MAX_LINES {
            continue;
        }
        if block.is_some() && words[0].text == ")" {
            block = None;
        } else if let Some(verb) = &block {
            found.push(Line { verb: verb.clone(), words, comment });
        } else {
            let verb = words.remove(0).text;
            match words.first() {
                Some(word) if word.text == "(" => block = Some(verb),
                _ => found.push(Line { verb, words, comment }),
            }
        }
    }
    found
}

/// The words of a line, and the comment at its end.
fn words(line: &str, start: usize, number: u32) -> (Vec<Word>, String) {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if line[at..].starts_with("//") {
            return (words, line[at..].trim_end().to_owned());
        }
        let (text, end) = match bytes[at] {
            quote @ (b'"' | b'`') => quoted(line, at, quote),
            b'(' | b')' | b'[' | b']' | b',' => (line[at..=at].to_owned(), at + 1),
            _ => bare(line, at),
        };
        words.push(Word { text, span: Span::from(start + at..start + end), line: number });
        at = end;
    }
    (words, String::new())
}

fn bare(line: &str, at: usize) -> (String, usize) {
    let rest = &line[at..];
    let stops = |(i, c): (usize, char)| {
        c.is_whitespace() || (!c.is_ascii_alphanumeric() && ("()[],\"`".contains(c) || rest[i..].starts_with("//")))
    };
    let len = rest
        .char_indices()
        .position(|it| it.0 > 0 && stops(it))
        .map_or(rest.len(), |n| rest.char_indices().nth(n).map_or(rest.len(), |(i, _)| i));
    (rest[..len].to_owned(), at + len)
}

/// A quoted word; an open one ends with the line.
fn quoted(line: &str, at: usize, quote: u8) -> (String, usize) {
    let mut text = String::new();
    let mut chars = line[at + 1..].char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\n' => return (text, at + 1 + i),
            _ if c == char::from(quote) => return (text, at + 2 + i),
            '\\' if quote == b'"' => text.extend(chars.next().map(|(_, c)| c)),
            _ => text.push(c),
        }
    }
    (text, line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}// comment\nmodule \"example.com/app\" // x\r\n\ngo 1.22.3\ntoolchain go1.23.1\n
require github.com/a/b v1.2.3 // indirect; see below
require (
\tgithub.com/mattn/go-sqlite3 v1.14.22
\tgolang.org/x/sys v0.1.0 // indirect
)
replace github.com/a/b => ./third/b
replace (
\tgithub.com/c/d v1.0.0 => ../d
\tgithub.com/e/f v1.0.0 => github.com/g/f v1.1.0
)
exclude github.com/a/b v1.0.0
retract [v1.0.0, v1.1.0]
tool example.com/app/cmd/gen
godebug default=go1.21
ignore ./node_modules
";

    #[test]
    fn reads_go_mod() {
        let file = GoMod::parse(TEXT);
        assert_eq!(file.path(), "example.com/app");
        assert_eq!(&TEXT[file.module.as_ref().unwrap().span.range()], "\"example.com/app\"");
        assert_eq!(file.go_version(), GoVersion::parse("1.22.3"));
        assert_eq!(file.toolchain.as_ref().unwrap().text, "go1.23.1");
        let requires: Vec<_> = file.requires.iter().map(|r| (r.path.text.as_str(), r.indirect)).collect();
        assert_eq!(
            requires,
            [("github.com/a/b", true), ("github.com/mattn/go-sqlite3", false), ("golang.org/x/sys", true)]
        );
        assert_eq!(&TEXT[file.requires[1].version.span.range()], "v1.14.22");
        assert_eq!(file.replaces.iter().map(Replace::is_local).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(file.replaces[1].version.as_ref().unwrap().text, "v1.0.0");
        assert_eq!((file.excludes.len(), file.tools.len(), file.godebugs.len(), file.ignores.len()), (1, 1, 1, 1));
        assert_eq!(file.retracts[0].text, "[ v1.0.0 , v1.1.0 ]");
    }

    #[test]
    fn reads_go_work() {
        let work = GoWork::parse("go 1.22\nuse ./a\nuse (\n\t.\n\t./b/c // x\n)\nreplace x => ./y\n");
        assert_eq!(work.uses.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["./a", ".", "./b/c"]);
        assert!(work.replaces[0].is_local());
    }

    #[test]
    fn reads_modules_txt() {
        let text = "# github.com/a/b v1.2.3\n## explicit; go 1.17\ngithub.com/a/b\ngithub.com/a/b/c\n# x/y => ./y\n";
        let modules = vendored_modules(text);
        assert_eq!(modules.len(), 2);
        assert!(modules[0].explicit && modules[0].packages.len() == 2);
        assert_eq!(modules[1].replaced_by.as_deref(), Some("./y"));
    }

    #[test]
    fn survives_anything() {
        for text in
            ["", "(", ")", "module", "require (", "require (\n\"", "replace a =>", "go \u{1F600}//", "\"\\", "`a\n`"]
        {
            GoMod::parse(text);
            GoWork::parse(text);
            vendored_modules(text);
        }
        assert_eq!(GoMod::parse("module a//b").path(), "a");
    }
}
