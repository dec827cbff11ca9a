//! What is known of Go's variables, commands and flags, as Markdown: for hover and completion.
use super::markdown::{item, paragraphs};
use crate::knowledge::go_words::{GoCommand, GoEnv, GoFlag};

/// A variable, without its name.
pub fn variable(variable: &GoEnv) -> String {
    let facts = [
        item("default", variable.default),
        item("good", variable.good),
        item("wrong", variable.bad),
        item("since", &if variable.since.is_empty() { String::new() } else { format!("Go {}", variable.since) }),
    ]
    .concat();
    paragraphs(&[variable.meaning, facts.trim_end(), variable.notes])
}

/// A flag with its name.
pub fn flag(flag: &GoFlag) -> String {
    let title =
        if flag.value == "bool" { format!("**{}**", flag.name) } else { format!("**{}** {}", flag.name, flag.value) };
    paragraphs(&[&title, flag.meaning, flag.notes])
}

/// A command with its name.
pub fn command(command: &GoCommand) -> String {
    paragraphs(&[&format!("**go {}**", command.name), command.meaning, command.notes])
}
