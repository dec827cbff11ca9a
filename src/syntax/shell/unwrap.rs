//! Looks through commands that run another one (`env`, `sudo`, `time` …), and reads `set`.
use super::{Assignment, Command, Word};
use crate::text::span::Span;

/// Commands that run the command behind their flags: name, flags that take the next word, words in front of the command.
const WRAPPERS: &[(&str, &str, usize)] = &[
    ("builtin", "", 0),
    ("busybox", "", 0),
    ("chronic", "", 0),
    ("command", "", 0),
    ("doas", "-u -C", 0),
    ("dumb-init", "", 0),
    ("eatmydata", "", 0),
    ("env", "-u --unset -C --chdir", 0),
    ("exec", "-a", 0),
    ("gosu", "", 1),
    ("ionice", "-c -n", 0),
    ("nice", "-n --adjustment", 0),
    ("nohup", "", 0),
    ("setarch", "", 1),
    ("stdbuf", "-i -o -e", 0),
    ("su-exec", "", 1),
    ("sudo", "-u -g -h -p -C -r -t -T -U -D -R", 0),
    ("time", "-f -o", 0),
    ("timeout", "-s -k --signal --kill-after", 1),
    ("tini", "-p -e", 0),
    ("xx-go", "", 0),
];

/// A command without what is wrapped around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped<'a> {
    /// The command word and its arguments; empty for bare assignments.
    pub words: &'a [Word],
    /// Assignments in front, and those of `env` and `sudo`, in order.
    pub assignments: Vec<Assignment>,
    /// True when `env -i` drops the environment.
    pub clean: bool,
    /// Names of the wrappers that were looked through, outermost first.
    pub wrappers: Vec<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Unwrapped<'a> {
    /// The command's name when it is known, without its directory: `go` for `/usr/local/go/bin/go` and for `xx-go`.
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The words behind the command word.
    pub fn arguments(&self) -> &'a [Word] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// An option of the shell that `set` switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShellOption {
    /// `set -e`: a failing command ends the script.
    ErrExit,
    /// `set -u`: an unset variable is an error.
    NoUnset,
    /// `set -x`: commands are printed.
    XTrace,
    /// `set -o pipefail`: a pipe fails when any of its commands does.
    PipeFail,
}

impl ShellOption {
    fn names(self) -> (Option<char>, &'static str) {
        match self {
            ShellOption::ErrExit => (Some('e'), "errexit"),
            ShellOption::NoUnset => (Some('u'), "nounset"),
            ShellOption::XTrace => (Some('x'), "xtrace"),
            ShellOption::PipeFail => (None, "pipefail"),
        }
    }
}

impl Command {
    /// The command that runs in the end: `go build` in `env A=1 time go build`.
    pub fn unwrapped(&self) -> Unwrapped<'_> {
        let words = self.name.and_then(|index| self.words.get(index..)).unwrap_or_default();
        let mut found = Unwrapped {
            words,
            assignments: self.assignments.clone(),
            clean: false,
            wrappers: Vec::new(),
            name: words.first().and_then(Word::literal).map(file_name),
        };
        while let Some((wrapper, inner)) = found.name.and_then(|name| Some((name, unwrap_once(name, &mut found)?))) {
            found.wrappers.push(wrapper);
            if wrapper == "xx-go" {
                found.name = Some("go");
                break;
            }
            found.words = inner;
            found.name = inner.first().and_then(Word::literal).map(file_name);
        }
        found
    }

    /// What a `set` command does to the option: on, off, or `None` when it does not touch it.
    pub fn shell_option(&self, option: ShellOption) -> Option<bool> {
        if self.name() != Some("set") {
            return None;
        }
        let (letter, long) = option.names();
        let mut state = None;
        let mut words = self.arguments().iter().map_while(Word::literal);
        while let Some(word) = words.next() {
            let on = word.starts_with('-');
            let Some(letters) = word.strip_prefix(['-', '+']).filter(|letters| !letters.starts_with('-')) else {
                break;
            };
            if letter.is_some_and(|letter| letters.contains(letter)) {
                state = Some(on);
            }
            if letters.contains('o') && words.next() == Some(long) {
                state = Some(on);
            }
        }
        state
    }

    /// The word that a shell runs as a script: behind the `-c` of `sh -c '…'`, `bash -euxc '…'`.
    pub(super) fn script_word(&self) -> Option<&Word> {
        let command = self.unwrapped();
        if !matches!(command.name()?, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh") {
            return None;
        }
        let mut words = command.arguments().iter();
        while let Some(word) = words.next() {
            let flag = word.literal()?;
            let letters = flag.strip_prefix(['-', '+'])?;
            if !letters.starts_with('-') && flag.starts_with('-') && letters.contains('c') {
                return words.next();
            }
            if letters == "o" || letters.ends_with('o') && !letters.starts_with('-') {
                words.next();
            }
        }
        None
    }
}

/// Of a command that runs another one: the flags that take the next word, with blanks between them, and how many words stand
/// in front of the command. `None` for all others.
pub fn wrapper(name: &str) -> Option<(&'static str, usize)> {
    WRAPPERS.iter().find(|wrapper| wrapper.0 == name).map(|(_, flags, words)| (*flags, *words))
}

/// The words behind a wrapper's own; `None` when it is none, or runs nothing.
fn unwrap_once<'a>(name: &str, found: &mut Unwrapped<'a>) -> Option<&'a [Word]> {
    let (with_value, in_front) = wrapper(name)?;
    let with_value: Vec<&str> = with_value.split(' ').collect();
    let mut rest = found.words.get(1..)?;
    let mut assignments = Vec::new();
    let mut clean = false;
    while let Some((word, behind)) = rest.split_first() {
        // A flag or an assignment with an expansion in its value is still one; an expansion alone may be the command.
        let prefix = word.prefix();
        let is_assignment = matches!(name, "env" | "sudo" | "doas") && !prefix.starts_with('-') && prefix.contains('=');
        if is_assignment {
            assignments.extend(assignment(word));
        } else if !prefix.starts_with('-') {
            break;
        } else if matches!((name, prefix), ("command", "-v" | "-V") | ("xx-go", "--wrap") | ("env", "-S")) {
            return None;
        }
        clean |= name == "env" && matches!(prefix, "-" | "-i" | "--ignore-environment");
        let width = usize::from(!is_assignment && with_value.contains(&prefix));
        rest = behind.get(width..)?;
        if prefix == "--" {
            break;
        }
    }
    rest = rest.get(in_front..)?;
    rest.first()?;
    found.assignments.append(&mut assignments);
    found.clean |= clean;
    Some(rest)
}

fn assignment(word: &Word) -> Option<Assignment> {
    let (name, value) = word.key_value()?;
    let end = value.span.start.saturating_sub(1).max(word.span.start);
    let name_span = Span::new(word.span.start, end);
    Some(Assignment { name: name.to_owned(), name_span, value, span: word.span })
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
