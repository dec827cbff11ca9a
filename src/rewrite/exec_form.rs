//! The exec form of a command that is written for the shell.
use crate::syntax::shell::{self, Link};

/// What a shell reads as something else than a plain word. Inside quotes most would do no harm, but few commands have them.
const SPECIAL: &[char] =
    &['$', '&', '|', ';', '<', '>', '*', '?', '(', ')', '`', '~', '#', '{', '}', '[', ']', '!', '\u{0}'];

/// Commands that only a shell has, or that change it: there is no program to start instead.
const BUILTINS: &[&str] = &[
    ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "declare", "do", "done", "elif", "else",
    "eval", "exec", "exit", "export", "fg", "fi", "for", "function", "getopts", "hash", "if", "jobs", "let", "local",
    "popd", "pushd", "read", "readonly", "return", "select", "set", "shift", "shopt", "source", "then", "time",
    "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
];

/// The words of `command`, when a shell would do nothing but start one program with them.
pub fn exec_words(command: &str, escape: u8) -> Option<Vec<String>> {
    let plain = without_continuations(command, escape)?;
    if plain.contains(SPECIAL) {
        return None;
    }
    let words = if plain.bytes().all(is_plain) {
        plain.split_ascii_whitespace().map(str::to_owned).collect()
    } else {
        parsed_words(&plain)?
    };
    let first = words.first()?;
    (!BUILTINS.contains(&first.as_str()) && !first.contains('=') && !first.is_empty()).then_some(words)
}

/// No shell sees anything else in it than a part of a word, or what is between words.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" \t-_./:,=@%+".contains(&byte)
}

fn parsed_words(plain: &str) -> Option<Vec<String>> {
    let script = shell::parse(plain, 0);
    let [command] = script.commands.as_slice() else { return None };
    let whole = !script.broken && command.link == Link::First && command.group == 0;
    if !whole || !command.assignments.is_empty() || !command.redirects.is_empty() {
        return None;
    }
    command.words.iter().map(|word| word.literal().map(str::to_owned)).collect()
}

/// The logical line; `None` where a line break or a backslash is left that would mean something to the shell.
fn without_continuations(command: &str, escape: u8) -> Option<String> {
    let mut line = String::new();
    let mut parts = command.trim_end().split('\n').peekable();
    while let Some(part) = parts.next() {
        let part = part.trim_end_matches(['\r', ' ', '\t']);
        match part.strip_suffix(char::from(escape)) {
            Some(continued) => line.push_str(continued),
            None if parts.peek().is_some() && !part.is_empty() => return None,
            None => line.push_str(part),
        }
    }
    (!line.contains(['\\', '\r'])).then_some(line)
}

/// A JSON array as people write it: `["a", "b"]`.
pub fn json<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let strings: Vec<String> = words.into_iter().map(json_string).collect();
    format!("[{}]", strings.join(", "))
}

/// One word as a JSON string.
pub fn json_string(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(command: &str) -> Option<String> {
        exec_words(command, b'\\').map(|words| json(words.iter().map(String::as_str)))
    }

    #[test]
    fn converts_plain_commands() {
        assert_eq!(exec("./main --port 80").as_deref(), Some(r#"["./main", "--port", "80"]"#));
        assert_eq!(exec("java -Dx=\"a b\" 'c'd").as_deref(), Some(r#"["java", "-Dx=a b", "cd"]"#));
        assert_eq!(exec("app \\\n  --a \\\n  -b").as_deref(), Some(r#"["app", "--a", "-b"]"#));
        assert_eq!(exec("caf\u{e9} \"\"").as_deref(), Some("[\"caf\u{e9}\", \"\"]"));
    }

    #[test]
    fn leaves_what_needs_a_shell() {
        for command in [
            "",
            "app $PORT",
            "a && b",
            "A=1 app",
            "cd /x",
            "exec app",
            "app > log",
            "ls *",
            "app ~/x",
            "a; b",
            "app &",
            "(app)",
            "app # x",
            "if",
            "app \"x",
            "a\\ b",
            "echo {a,b}",
            "'a\nb'",
        ] {
            assert_eq!(exec(command), None, "{command}");
        }
    }
}
