//! What a shell expects next.

/// What the next word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// A command, an assignment in front of it, or a word of the language.
    Command,
    /// Arguments of a command.
    Argument,
    /// The command that another one runs, behind that one's flags.
    Wrapped(Wrapped),
    /// Arguments of `export` and its kind.
    Declaration,
    /// What `[ … ]` or `[[ … ]]` compares.
    Test {
        /// `[[`, where `&&` is part of it.
        double: bool,
    },
    /// The variable of `for`.
    LoopName,
    /// The `in` of `for`.
    LoopIn,
    /// The word of `case`.
    CaseWord,
    /// The `in` of `case`.
    CaseIn,
    /// A pattern of `case`.
    Pattern,
    /// The name behind `function`.
    FunctionName,
}

/// What stands between a command such as `sudo` and the one that it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrapped {
    /// The flags that take the next word, with blanks between them.
    pub flags: &'static str,
    /// How many more words stand in front of the command.
    pub words: usize,
    /// The next word is a flag's.
    pub value: bool,
    /// `NAME=value` may stand there.
    pub assignments: bool,
}

/// What follows a word of the shell's language; `None` for any other word.
pub(super) fn behind(word: &str) -> Option<Expect> {
    Some(match word {
        "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "{" | "!" => Expect::Command,
        "fi" | "done" | "esac" | "}" => Expect::Argument,
        "for" | "select" => Expect::LoopName,
        "case" => Expect::CaseWord,
        "function" => Expect::FunctionName,
        "[[" => Expect::Test { double: true },
        _ => return None,
    })
}

/// What follows the command `name`.
pub(super) fn arguments(name: &str) -> Expect {
    match name {
        "export" | "local" | "readonly" | "declare" | "typeset" => return Expect::Declaration,
        "[" | "test" => return Expect::Test { double: false },
        // Its words are those of another program.
        "xx-go" => return Expect::Argument,
        _ => {}
    }
    match crate::syntax::shell::wrapper(name) {
        Some((flags, words)) => {
            let assignments = matches!(name, "env" | "sudo" | "doas");
            Expect::Wrapped(Wrapped { flags, words, value: false, assignments })
        }
        None => Expect::Argument,
    }
}
