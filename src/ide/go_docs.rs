//! What is known of Go's variables, commands and flags, as Markdown: for hover and completion.
use super::markdown::{item, paragraphs, prose};
use crate::knowledge::go_words::{GoCommand, GoEnv, GoFlag};

/// A variable, without its name.
pub fn variable(variable: &GoEnv) -> String {
    let facts = [
        item("default", &prose(variable.default)),
        item("good", &prose(variable.good)),
        item("wrong", &prose(variable.bad)),
        item("since", &if variable.since.is_empty() { String::new() } else { format!("Go {}", variable.since) }),
    ]
    .concat();
    paragraphs(&[&prose(variable.meaning), facts.trim_end(), &prose(variable.notes)])
}

/// A flag with its name.
pub fn flag(flag: &GoFlag) -> String {
    let title =
        if flag.value == "bool" { format!("**{}**", flag.name) } else { format!("**{}** {}", flag.name, flag.value) };
    paragraphs(&[&title, &prose(flag.meaning), &prose(flag.notes)])
}

/// A command with its name.
pub fn command(command: &GoCommand) -> String {
    paragraphs(&[&format!("**go {}**", command.name), &prose(command.meaning), &prose(command.notes)])
}
