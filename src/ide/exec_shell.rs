//! The script of an exec form that starts a shell itself: `CMD ["sh", "-c", "exec server --port $PORT"]`.
use std::slice::from_ref;

use crate::analysis::snapshot::Snapshot;
use crate::model::command::Command;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::syntax::shell::{Script, is_posix, parse_script};
use crate::text::span::Span;

/// The text between the quotes that the shell of `instruction` reads.
pub fn text(instruction: &Instruction) -> Option<Span> {
    let instruction = if let Body::Onbuild(Some(trigger)) = &instruction.body { trigger } else { instruction };
    let spoken = matches!(instruction.kind, Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
    let Command::Exec(words) = instruction.command().filter(|_| spoken)? else { return None };
    let shell = words.iter().position(|word| is_posix(from_ref(&word.value)))?;
    let takes = |flag: &str| flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c');
    let flag = words[shell..].iter().position(|word| takes(&word.value))?;
    let script = words.get(shell + flag + 1)?.span;
    Some(Span::new(script.start + 1, script.end - 1))
}

/// What the shell reads of [`text`], at the places where it is written; `None` where escapes leave that open.
pub fn script(snapshot: &Snapshot, text: Span) -> Option<Script> {
    unescaped(&snapshot[text]).map(|text| parse_script(&text))
}

/// A JSON string without its escapes but as long: blanks in front of a run of escapes stand for the backslashes.
fn unescaped(written: &str) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    let (mut letters, mut run) = (written.chars(), String::new());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => run.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                same @ ('"' | '\\' | '/') => same,
                _ => return None,
            }),
            // The array goes on in the next line.
            '\n' => return None,
            _ => {
                text.extend(std::iter::repeat_n(' ', run.len()).chain(run.drain(..)));
                text.push(letter);
            }
        }
    }
    text.extend(std::iter::repeat_n(' ', run.len()).chain(run.drain(..)));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_keep_their_length() {
        assert_eq!(unescaped(r#"a \"$B\" \\$C \\\"x"#).as_deref(), Some(r#"a  "$B "  \$C   \"x"#));
        assert_eq!(unescaped(r"a\n\tb").as_deref(), Some("a  \n\tb"));
        assert_eq!(unescaped(r"a\u0024b"), None);
    }

    #[test]
    fn finds_the_script() {
        let found = |line: &str| {
            let snapshot = Snapshot::of_text(&format!("FROM a\n{line}\n"));
            text(&snapshot.file().instructions[1]).map(|text| snapshot[text].to_owned())
        };
        assert_eq!(
            found(r#"CMD ["tini", "--", "/bin/bash", "-o", "pipefail", "-ec", "x $A"]"#).as_deref(),
            Some("x $A")
        );
        assert_eq!(found(r#"ONBUILD RUN ["sh", "-c", "x"]"#).as_deref(), Some("x"));
        for line in [r#"CMD ["sh", "run.sh"]"#, r#"SHELL ["sh", "-c"]"#, r#"CMD ["gcc", "-c", "a.c"]"#, "CMD sh -c x"] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
