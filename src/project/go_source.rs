//! A fast look at a Go file: package, imports, build constraint, embeds, main function. No parsing of bodies.
use crate::knowledge::go_calls;
use crate::text::span::Span;

use super::build_tags::{self, Constraint};

mod mentions;
pub mod version;

/// An imported package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The import path; `C` is cgo.
    pub path: String,
    /// The name it is given, `_` and `.` too; `None`: its own.
    pub name: Option<String>,
    /// The quoted path.
    pub span: Span,
}

/// Mention of a function or type of another package that tells what the program needs when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// `time.LoadLocation`, with the import path.
    pub name: String,
    /// The string literals that it is called with, up to the first argument that is none.
    pub literals: Vec<String>,
    /// The program ends when the call fails: `template.Must(…)`, or `if err != nil { log.Fatal(err) }` behind it.
    pub fatal: bool,
    /// The place of the name.
    pub span: Span,
}

/// What one Go file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoSource {
    /// The name in the package clause; empty when there is none.
    pub package: String,
    /// Its imports.
    pub imports: Vec<Import>,
    /// Its build constraint.
    pub constraint: Constraint,
    /// The patterns of its `//go:embed` lines.
    pub embeds: Vec<(String, Span)>,
    /// It declares `func main()`.
    pub has_main: bool,
    /// In a main package: the variable that holds the version, if the linker can set it.
    pub version: Option<version::Variable>,
    /// What it uses of the functions that `knowledge::go_calls` lists.
    pub mentions: Vec<Mention>,
    /// String literals that look like files that it reads when it runs: `templates/*.html`.
    pub asset_paths: Vec<String>,
}

impl GoSource {
    /// True when it imports `path`.
    pub fn imports(&self, path: &str) -> bool {
        self.imports.iter().any(|import| import.path == path)
    }
}

/// Reads a Go file; never fails.
pub fn scan(bytes: &[u8]) -> GoSource {
    let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut source = GoSource { constraint: constraint(&bytes[at..]), ..GoSource::default() };
    let mut lexer = Lexer { bytes, at, embeds: Vec::new(), embeds_to: 0 };
    head(&mut lexer, &mut source);
    body(&mut lexer, &mut source);
    if source.imports("embed") {
        source.embeds = lexer.embeds;
    }
    source
}

/// Reads only what stands above the declarations: package, imports and constraint.
pub fn scan_head(bytes: &[u8]) -> GoSource {
    let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut source = GoSource { constraint: constraint(&bytes[at..]), ..GoSource::default() };
    head(&mut Lexer { bytes, at, embeds: Vec::new(), embeds_to: 0 }, &mut source);
    source
}

/// The package clause and the imports; leaves the lexer behind them.
fn head(lexer: &mut Lexer, source: &mut GoSource) {
    let start = lexer.at;
    if lexer.next() != Some(Token::Word("package")) {
        lexer.at = start;
        return;
    }
    if let Some(Token::Word(name)) = lexer.next() {
        name.clone_into(&mut source.package);
    }
    loop {
        let start = lexer.at;
        match lexer.next() {
            Some(Token::Other(b';')) => {}
            Some(Token::Word("import")) => imports(lexer, &mut source.imports),
            _ => {
                lexer.at = start;
                return;
            }
        }
    }
}

fn imports(lexer: &mut Lexer, found: &mut Vec<Import>) {
    let mut name = None;
    let mut block = false;
    while let Some(token) = lexer.next() {
        match token {
            Token::Other(b'(') if !block => block = true,
            Token::Other(b')') => return,
            Token::Other(b';') => name = None,
            Token::Other(b'.') => name = Some(".".to_owned()),
            Token::Word(word) => name = Some(word.to_owned()),
            Token::Text(text, span) => {
                found.push(Import { path: text, name: name.take(), span });
                if !block {
                    return;
                }
            }
            Token::Other(_) => return,
        }
    }
}

fn body(lexer: &mut Lexer, source: &mut GoSource) {
    let watched = mentions::watched(&source.imports);
    let methods = mentions::methods(&source.imports);
    let mut depth = 0u32;
    let mut previous = "";
    while let Some(token) = lexer.next() {
        match token {
            Token::Other(b'{' | b'(') => depth += 1,
            Token::Other(b'}' | b')') => depth = depth.saturating_sub(1),
            Token::Word(word) => {
                source.has_main |= depth == 0 && previous == "func" && word == "main";
                if depth == 0 && word == "var" && source.version.is_none() && source.package == "main" {
                    let rest = lexer.bytes.get(lexer.at..).unwrap_or_default();
                    let rest = &rest[..rest.len().min(version::MAX_BYTES)];
                    source.version = version::declared(&String::from_utf8_lossy(rest));
                }
                if previous != "." {
                    mentions::function(lexer, source, &watched, word);
                } else if let Some(name) = methods.iter().find(|name| name.rsplit('.').next() == Some(word)) {
                    mentions::record(lexer, source, (*name).to_owned(), lexer.at - word.len());
                }
                previous = word;
                continue;
            }
            Token::Other(b'.') => {
                previous = ".";
                continue;
            }
            Token::Text(text, _) if go_calls::is_asset_path(&text) => source.asset_paths.push(text),
            _ => {}
        }
        previous = "";
    }
}

/// The name that a package most probably has: the last element that is no major version.
pub fn default_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let is_version = last.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let name = if is_version { parts.next().unwrap_or(last) } else { last };
    name.split_once(".v").map_or(name, |(name, _)| name)
}

/// The constraint above the package clause. `//go:build` wins over `// +build`, which a blank line must follow.
fn constraint(bytes: &[u8]) -> Constraint {
    let mut go_build = None;
    let mut plus: Vec<&str> = Vec::new();
    let mut pending: Vec<&str> = Vec::new();
    let mut in_block = false;
    for line in bytes.split(|b| *b == b'\n') {
        let Ok(mut line) = std::str::from_utf8(line).map(str::trim) else { break };
        if line.is_empty() && !in_block {
            plus.append(&mut pending);
        }
        let found = if in_block { None } else { directive(line, "//go:build") };
        if found.is_some() && std::mem::replace(&mut go_build, found).is_some() {
            return Constraint::Invalid;
        }
        if !in_block && let Some(text) = line.strip_prefix("//").and_then(|rest| directive(rest.trim_start(), "+build"))
        {
            pending.push(text);
        }
        loop {
            if in_block {
                let Some(end) = line.find("*/") else { break };
                in_block = false;
                line = line[end + 2..].trim_start();
            } else if line.starts_with("/*") {
                in_block = true;
                line = &line[2..];
            } else {
                break;
            }
        }
        if !in_block && !line.is_empty() && !line.starts_with("//") {
            break;
        }
    }
    go_build.map_or_else(|| build_tags::parse_plus_build(&plus), build_tags::parse_go_build)
}

/// What follows a directive and a blank.
fn directive<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(String, Span),
    Other(u8),
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    embeds: Vec<(String, Span)>,
    /// Where the last `//go:embed` line ended: the lexer looks ahead and goes back.
    embeds_to: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let start = self.at;
            let byte = *self.bytes.get(start)?;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if self.bytes[start..].starts_with(b"//") => self.line_comment(),
                b'/' if self.bytes[start..].starts_with(b"/*") => self.at = self.find(b"*/", start + 2),
                b'"' | b'\'' => {
                    self.at = self.string_end(byte);
                    return Some(self.text(start, byte));
                }
                b'`' => {
                    self.at = self.find(b"`", start + 1);
                    return Some(self.text(start, byte));
                }
                _ if is_word(byte) => {
                    let rest = &self.bytes[start..];
                    self.at += rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
                    return Some(Token::Word(std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default()));
                }
                _ => {
                    self.at += 1;
                    return Some(Token::Other(byte));
                }
            }
        }
    }

    /// The place behind the next `needle`, or the end.
    fn find(&self, needle: &[u8], from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let found = rest.windows(needle.len()).position(|window| window == needle);
        found.map_or(self.bytes.len(), |at| from + at + needle.len())
    }

    /// The place behind a string or rune; an open one ends with its line.
    fn string_end(&self, quote: u8) -> usize {
        let mut at = self.at + 1;
        while let Some(byte) = self.bytes.get(at) {
            at += 1;
            match byte {
                b'\\' => at += 1,
                b'\n' => break,
                _ if *byte == quote => break,
                _ => {}
            }
        }
        at.min(self.bytes.len())
    }

    fn text(&self, start: usize, quote: u8) -> Token<'a> {
        let raw = &self.bytes[start + 1..self.at];
        let raw = raw.strip_suffix(&[quote]).unwrap_or(raw);
        if quote == b'\'' {
            return Token::Other(b'\'');
        }
        let mut text = String::from_utf8_lossy(raw).into_owned();
        if quote == b'"' && text.contains('\\') {
            text = unescape(&text);
        }
        Token::Text(text, Span::from(start..self.at))
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..];
        self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let before = self.bytes[..start].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        let is_first = matches!(before, None | Some(b'\n'));
        let line = &self.bytes[start..self.at];
        if is_first && start >= self.embeds_to && line.starts_with(b"//go:embed") {
            self.embeds_to = self.at;
            let line = std::str::from_utf8(line).unwrap_or_default();
            self.embeds.extend(embeds(line, start));
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Only the escapes that paths may hold; others stay as they are.
fn unescape(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The patterns of one `//go:embed` line.
fn embeds(line: &str, start: usize) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut at = "//go:embed".len();
    if !line[at..].starts_with([' ', '\t']) {
        return found;
    }
    while let Some(skip) = line[at..].find(|c: char| !c.is_whitespace()) {
        at += skip;
        let rest = &line[at..];
        let quote = rest.chars().next().filter(|c| ['"', '`'].contains(c));
        let (text, len) = if let Some(quote) = quote {
            let end = rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
            (rest[1..end].trim_end_matches(quote), end)
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (&rest[..end], end)
        };
        found.push((text.to_owned(), Span::from(start + at..start + at + len)));
        at += len;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::build_tags::Build;

    fn paths(text: &str) -> Vec<String> {
        scan(text.as_bytes()).imports.into_iter().map(|import| import.path).collect()
    }

    #[test]
    fn imports_of_all_forms() {
        let text = "// c\npackage a // import \"x\"\nimport \"fmt\"; import \"os\"\nimport (\n\t_ \"a/b\"\n\t. `c`\n\tx \"d/v2\" // \"no\"\n\t/* \"no\" */\n)\nvar s = \"import \\\"no\\\"\"\n";
        assert_eq!(paths(text), ["fmt", "os", "a/b", "c", "d/v2"]);
        let source = scan(text.as_bytes());
        assert_eq!(source.package, "a");
        assert_eq!(source.imports[4].name.as_deref(), Some("x"));
        assert_eq!(&text[source.imports[4].span.range()], "\"d/v2\"");
    }

    #[test]
    fn cgo_and_main() {
        let source = scan(
            b"package main\n/*\n#include <x.h>\n*/\nimport \"C\"\nfunc helper() { func() {}() }\nfunc main() {}\n",
        );
        assert!(source.imports("C") && source.has_main);
        let other = "package main\ntype t int\nfunc (t) main() {}\nvar s = `\nfunc main() {}`\nfunc f() { // func main()\n}\nvar r = '\"'\n";
        assert!(!scan(other.as_bytes()).has_main);
    }

    #[test]
    fn constraints() {
        let holds = |text: &str| match scan(text.as_bytes()).constraint {
            Constraint::None => Some(true),
            Constraint::Expr(expr) => Some(expr.holds(&Build::default())),
            Constraint::Invalid => None,
        };
        assert_eq!(holds("/* x\n*/\n\n//go:build windows\npackage a\n"), Some(false));
        assert_eq!(holds("//go:build linux\n// +build windows\n\npackage a\n"), Some(true));
        assert_eq!(holds("// +build windows\n\npackage a\n"), Some(false));
        assert_eq!(holds("// +build windows\npackage a\n"), Some(true));
        assert_eq!(holds("package a\n//go:build windows\n"), Some(true));
        assert_eq!(holds("//go:builder\n// go:build windows\npackage a\n"), Some(true));
        assert_eq!(holds("//go:build linux &&\npackage a\n"), None);
    }

    #[test]
    fn embed_lines() {
        let text = "package a\nimport _ \"embed\"\n//go:embed static/* \"a b\" all:x\nvar f embed.FS\nvar (\n\t//go:embed y\n\ts string // go:embed no\n) //go:embed no\n//go:embedded\n";
        let source = scan(text.as_bytes());
        assert_eq!(
            source.embeds.iter().map(|(p, _)| p.as_str()).collect::<Vec<_>>(),
            ["static/*", "a b", "all:x", "y"]
        );
        assert_eq!(&text[source.embeds[1].1.range()], "\"a b\"");
    }

    #[test]
    fn mentions_of_listed_functions() {
        let text = "package a\nimport (\n\"time\"\nh \"net/http\"\n)\nfunc f(x T) {\n\ttime.LoadLocation(\"Europe/Paris\")\n\th.ListenAndServe(\":8080\", nil)\n\tx.time.LoadLocation(1)\n\ttime.Now()\n}\n";
        let source = scan(text.as_bytes());
        let found: Vec<_> = source.mentions.iter().map(|m| (m.name.as_str(), m.literals.join(" "))).collect();
        let expected =
            [("time.LoadLocation", "Europe/Paris".to_owned()), ("net/http.ListenAndServe", ":8080".to_owned())];
        assert_eq!(found, expected);
        assert_eq!(&text[source.mentions[1].span.range()], "h.ListenAndServe");
    }

    #[test]
    fn survives_anything() {
        for text in [
            "",
            "package",
            "import",
            "package a\nimport (",
            "package a\nimport \"",
            "/*",
            "\"\\",
            "`",
            "'\\",
            "package a.b",
        ] {
            scan(text.as_bytes());
        }
        scan(b"\xff\xfe\x00package");
        assert_eq!(default_name("github.com/a/b/v2"), "b");
        assert_eq!(default_name("gopkg.in/yaml.v3"), "yaml");
    }
}
