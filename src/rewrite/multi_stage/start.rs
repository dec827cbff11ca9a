//! How a container of the stage starts: ENTRYPOINT, CMD and HEALTHCHECK.
use crate::analysis::cache;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::model::command::{Command, JsonString};
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::syntax::shell::{self, Script};
use crate::text::span::Span;

/// The last ENTRYPOINT, CMD and HEALTHCHECK of a stage, as far as they count.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// ENTRYPOINT
    pub entrypoint: Option<Line>,
    /// CMD; left out where the shell form of ENTRYPOINT hides it.
    pub cmd: Option<Line>,
    /// HEALTHCHECK with a command.
    pub healthcheck: Option<Line>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Line {
    /// The instruction's index.
    pub index: usize,
    /// The command alone.
    pub span: Span,
    /// How it is written.
    pub form: Form,
}

/// How a command is written.
#[derive(Clone, Debug)]
pub enum Form {
    /// A JSON array.
    Exec(Vec<JsonString>),
    /// The shell form of one plain command: it means the same as an array of these words.
    Plain(Vec<String>),
    /// What only a shell can run.
    Shell,
}

/// Characters that a shell makes something of.
const SPECIAL: &[char] =
    &['$', '&', '|', ';', '>', '<', '*', '?', '(', ')', '`', '~', '#', '\\', '[', ']', '{', '}', '!', '\n', '='];

impl Start {
    /// Reads `stage`; `None` when nothing is started, or when arguments are put together in a way that can't be kept.
    pub fn read(snapshot: &Snapshot, stage: &Stage) -> Option<Self> {
        let last = |kind| {
            let instructions = snapshot.file().stage_instructions(stage);
            instructions.filter(|(_, instruction)| instruction.kind == kind).last()
        };
        let line = |kind| last(kind).and_then(|(index, instruction)| Line::read(snapshot, index, instruction));
        let (entrypoint, mut cmd) = (line(Kind::Entrypoint), line(Kind::Cmd));
        if let (Some(first), Some(second)) = (&entrypoint, &cmd) {
            match (&first.form, &second.form) {
                (Form::Exec(_), Form::Exec(_)) => {}
                (Form::Exec(_), _) => return None,
                _ => cmd = None,
            }
        }
        (entrypoint.is_some() || cmd.is_some()).then(|| Self { entrypoint, cmd, healthcheck: line(Kind::Healthcheck) })
    }

    /// ENTRYPOINT and CMD as one command with its arguments; empty where a shell puts it together.
    pub fn words(&self) -> Vec<String> {
        let lines = [&self.entrypoint, &self.cmd];
        lines.into_iter().flatten().flat_map(Line::words).collect()
    }

    /// True when a shell runs the program.
    pub fn needs_shell(&self, snapshot: &Snapshot) -> bool {
        [&self.entrypoint, &self.cmd, &self.healthcheck].into_iter().flatten().any(|line| line.needs_shell(snapshot))
    }
}

impl Line {
    fn read(snapshot: &Snapshot, index: usize, instruction: &Instruction) -> Option<Self> {
        let (span, form) = match instruction.command()? {
            Command::Missing => return None,
            Command::Exec(words) if words.is_empty() => return None,
            Command::Exec(words) => (instruction.arguments, Form::Exec(words.clone())),
            Command::Shell(span) => (*span, plain(&snapshot[*span]).map_or(Form::Shell, Form::Plain)),
        };
        Some(Self { index, span, form })
    }

    /// Its words; empty for what only a shell can run.
    pub fn words(&self) -> Vec<String> {
        match &self.form {
            Form::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
            Form::Plain(words) => words.clone(),
            Form::Shell => Vec::new(),
        }
    }

    /// True when a shell must be there.
    pub fn needs_shell(&self, snapshot: &Snapshot) -> bool {
        matches!(self.form, Form::Shell) || self.script(snapshot).is_some()
    }

    /// The shell text of the shell form, or of `["sh", "-c", "…"]`.
    pub fn script(&self, snapshot: &Snapshot) -> Option<Script> {
        match &self.form {
            Form::Plain(_) => None,
            Form::Shell => Some(shell::Script::clone(&cache::script(&snapshot[self.span], snapshot.file().escape))),
            Form::Exec(words) => match words.as_slice() {
                [name, option, text, ..]
                    if is_shell(&name.value) && option.value.starts_with('-') && option.value.ends_with('c') =>
                {
                    Some(shell::parse_script(&text.value))
                }
                _ => None,
            },
        }
    }

    /// The programs that it runs, as they are named: of a shell text all of them.
    pub fn programs(&self, snapshot: &Snapshot) -> Vec<String> {
        match self.script(snapshot) {
            None => self.words().into_iter().take(1).collect(),
            Some(script) => script
                .commands
                .iter()
                .filter_map(|command| {
                    command.unwrapped().words.first().and_then(shell::Word::literal).map(str::to_owned)
                })
                .collect(),
        }
    }
}

/// True for the name of a shell.
pub fn is_shell(name: &str) -> bool {
    matches!(name.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"))
}

/// The words of a command that a shell takes as they are.
fn plain(text: &str) -> Option<Vec<String>> {
    if text.contains(SPECIAL) {
        return None;
    }
    let script = shell::parse_script(text);
    let [command] = script.commands.as_slice() else { return None };
    if script.broken || !command.assignments.is_empty() || !command.redirects.is_empty() {
        return None;
    }
    let mut words: Vec<String> =
        command.words.iter().map(|word| word.literal().map(str::to_owned)).collect::<Option<_>>()?;
    if words.first().is_some_and(|word| word == "exec") {
        words.remove(0);
    }
    // What a shell has built in is no program.
    (!words.is_empty() && !matches!(words[0].as_str(), "cd" | "." | "source" | "set" | "export" | "ulimit"))
        .then_some(words)
}

/// A JSON array of `words`.
pub fn array(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect();
    format!("[{}]", quoted.join(", "))
}

/// The folder in which containers start, when it is known.
pub fn workdir(snapshot: &Snapshot, stage: &Stage) -> Option<String> {
    match &snapshot.stage(stage).end.workdir {
        Known::Known(path) => Some(path.clone()),
        Known::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_commands() {
        let words = |text: &str| plain(text).map(|words| words.join("|"));
        assert_eq!(words("./main --name \"a b\" 'c'").as_deref(), Some("./main|--name|a b|c"));
        assert_eq!(words("exec ./main").as_deref(), Some("./main"));
        for text in ["./a && ./b", "./a $X", "X=1 ./a", "['/app']", "./a > /log", "cd /x", "./a; ./b", "./a #c"] {
            assert_eq!(words(text), None, "{text}");
        }
        assert_eq!(array(&["/a".to_owned(), "b\"c".to_owned()]), r#"["/a", "b\"c"]"#);
    }
}
