//! What a Go file uses of the functions and methods that `knowledge::go_calls` lists.
use super::{GoSource, Import, Lexer, Mention, Token, default_name};
use crate::knowledge::go_calls;
use crate::text::span::Span;

/// Records `package.Name` when the list has it; the lexer stands behind `package`.
pub fn function(lexer: &mut Lexer, source: &mut GoSource, watched: &[(String, String)], word: &str) {
    if lexer.bytes.get(lexer.at) != Some(&b'.') {
        return;
    }
    let Some((_, path)) = watched.iter().find(|(name, _)| name == word) else { return };
    let begin = lexer.at - word.len();
    lexer.next();
    let Some(Token::Word(selected)) = lexer.next() else { return };
    let name = format!("{path}.{selected}");
    if go_calls::go_call(&name).is_some() {
        record(lexer, source, name, begin);
    }
}

/// Records a mention that starts at `begin`; the lexer stands behind its name.
pub fn record(lexer: &mut Lexer, source: &mut GoSource, name: String, begin: usize) {
    let span = Span::from(begin..lexer.at);
    let fatal = lexer.bytes[..begin].ends_with(b"Must(") || ends_the_program(lexer);
    source.mentions.push(Mention { name, literals: literals(lexer), fatal, span });
}

/// Tokens behind a call that are looked at.
const MAX_LOOKED_AT: usize = 48;

/// True when the call that the lexer stands in front of is followed by `if err != nil {` and an end of the program.
fn ends_the_program(lexer: &mut Lexer) -> bool {
    let start = lexer.at;
    let mut depth = 0u32;
    let mut condition = Vec::new();
    let mut found = false;
    for _ in 0..MAX_LOOKED_AT {
        let Some(token) = lexer.next() else { break };
        match token {
            Token::Other(b'(') if condition.is_empty() => depth += 1,
            Token::Other(b')') if condition.is_empty() && depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            Token::Word(word) if condition.len() == 3 => {
                found = word == "panic" || word == "Exit" || word.starts_with("Fatal");
                if found || word == "return" {
                    break;
                }
            }
            Token::Other(b'}') if condition.len() == 3 => break,
            Token::Word(word) if ["if", "err", "nil"].contains(&word) => {
                // `if err := f(); err != nil` has its `if` in front.
                if word == "err" && condition.is_empty() {
                    condition.push("if");
                }
                condition.push(word);
            }
            Token::Other(b'!' | b'=' | b';' | b'{') => {}
            Token::Other(_) if condition.len() == 3 => {}
            Token::Text(..) if condition.len() == 3 => {}
            _ => break,
        }
    }
    lexer.at = start;
    found && condition == ["if", "err", "nil"]
}

/// The imported packages that the list has functions of: their names in the file, and paths.
pub fn watched(imports: &[Import]) -> Vec<(String, String)> {
    let listed = imports.iter().filter(|import| go_calls::is_listed_package(&import.path)).take(64);
    let named = |import: &Import| {
        let name = import.name.as_deref().unwrap_or(default_name(&import.path));
        (name.to_owned(), import.path.clone())
    };
    listed.map(named).collect()
}

/// The string literals that follow `(`; leaves the lexer where it was.
fn literals(lexer: &mut Lexer) -> Vec<String> {
    let start = lexer.at;
    let mut found = Vec::new();
    if lexer.next() == Some(Token::Other(b'(')) {
        while let Some(Token::Text(text, _)) = lexer.next() {
            let ends = lexer.next();
            if !matches!(ends, Some(Token::Other(b',' | b')'))) {
                break;
            }
            found.push(text);
            if ends == Some(Token::Other(b')')) {
                break;
            }
        }
    }
    lexer.at = start;
    found
}

/// The methods that the list has of the imported packages.
pub fn methods(imports: &[Import]) -> Vec<&'static str> {
    imports.iter().take(64).flat_map(|import| go_calls::methods_of(&import.path)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn calls_that_end_the_program() {
        let text = "package main\nimport (\n\"os\"\n\"log\"\n\"html/template\"\n\"github.com/gin-gonic/gin\"\n)\nfunc main() {\n\
            a, err := os.Open(\"a\")\nif err != nil {\nlog.Fatalf(\"x %v\", err)\n}\n\
            b, err := os.Open(\"b\")\nif err != nil {\nreturn err\n}\n\
            if c, err := os.ReadFile(\"c\"); err != nil {\npanic(err)\n}\n\
            d := template.Must(template.ParseFiles(\"d\", \"e\"))\n\
            f, _ := os.Open(\"f\")\nlog.Fatal(f)\n\
            r := gin.Default()\nr.LoadHTMLGlob(\"g/*\")\nr.Run(\":80\")\n}\n";
        let found: Vec<(String, bool)> =
            super::super::scan(text.as_bytes()).mentions.into_iter().map(|m| (m.literals.concat(), m.fatal)).collect();
        let expected =
            [("a", true), ("b", false), ("c", true), ("de", true), ("f", false), ("g/*", false), (":80", false)];
        assert_eq!(found, expected.map(|(name, fatal)| (name.to_owned(), fatal)));
    }
}
