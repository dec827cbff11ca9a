//! Shell text (RUN, shell-form CMD and ENTRYPOINT, Makefile recipes) as commands and words.
//!
//! The text is rewritten to the same length first (`rewrite`), parsed by tree-sitter-bash (`grammar`), and walked
//! once (`walk`, `collect`); so every span is a span of the text that was given. Quotes are resolved here (`word`), not by the grammar.
//! All functions are pure, take any bytes and never fail: what can't be understood is left out, and `broken` says so.
mod collect;
mod grammar;
mod rewrite;
mod scan;
mod unwrap;
mod walk;
mod word;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::text::span::Span;
pub use unwrap::{ShellOption, Unwrapped, wrapper};
pub use word::{Part, Word};

/// The commands of one shell text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Script {
    /// All simple commands in the order of the text, those of substitutions and of `sh -c '…'` included.
    pub commands: Vec<Command>,
    /// What encloses commands, outermost first; number 0 is the script itself.
    pub groups: Vec<Group>,
    /// Uses of variables (`$X`, `${X…}`), in the order of the text, heredoc bodies included.
    pub uses: Vec<Use>,
    /// True when the text has a syntax error, or is too much to parse: the commands are a best effort.
    pub broken: bool,
    /// True when a `#!` names an interpreter that is no POSIX shell: there are no commands then.
    pub foreign: bool,
}

/// A simple command: `A=1 go build ./... > log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// From its first assignment, word or redirect to its last.
    pub span: Span,
    /// Index of the command word in `words`; `None` for bare assignments and redirects.
    pub name: Option<usize>,
    /// `VAR=value` in front of the command; those behind `export` or `env` are words.
    pub assignments: Vec<Assignment>,
    /// The command word and its arguments; assignments in front and redirects are left out.
    pub words: Vec<Word>,
    /// Its redirects; those behind a group are the group's.
    pub redirects: Vec<Redirect>,
    /// How it is joined to what stands before it.
    pub link: Link,
    /// The innermost group around it, an index of [`Script::groups`].
    pub group: u32,
    /// True when it may not run although all before it went well: in an `if`, `while`, `for`, `case` or function body, right
    /// of `||`, or behind `[ … ] &&` when the script goes on without it.
    pub conditional: bool,
    /// True inside `$(…)`, back-ticks, `<(…)`.
    pub in_substitution: bool,
    /// The groups around it that are processes of their own, outermost first: `cd` and `export` don't leave them.
    pub subshell: Vec<u32>,
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name; of `a[1]=x` with the subscript.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The value; without parts when empty.
    pub value: Word,
    /// All of it.
    pub span: Span,
}

/// `2> file`, `<<EOF`, `<<< word`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Descriptor, operator and target; of a heredoc without its body.
    pub span: Span,
    /// The descriptor when written: the 2 of `2>`.
    pub descriptor: Option<u32>,
    /// What it does.
    pub kind: RedirectKind,
    /// The file, descriptor, text or delimiter behind the operator.
    pub target: Option<Word>,
    /// The lines of a heredoc, without the delimiter's.
    pub body: Option<Span>,
}

/// The operator of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `>&`, `<&`, `>&-`, `<&-`
    Duplicate,
    /// `<<`, `<<-`
    Heredoc,
    /// `<<<`
    HereString,
}

/// How a command is joined to what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// Nothing stands before it in the script or substitution.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`, a line break, `then`, `do`, `else`, a case pattern.
    Then,
    /// `|`, `|&`
    Pipe,
    /// `&`: what stands before it runs in the background.
    Background,
}

/// What encloses commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is.
    pub kind: GroupKind,
    /// The group around it, a smaller index; the script's own is 0.
    pub parent: u32,
    /// All of it.
    pub span: Span,
    /// True when it is a process of its own.
    pub subshell: bool,
    /// Redirects behind it: `{ …; } > file`.
    pub redirects: Vec<Redirect>,
}

/// The kinds of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// The whole text.
    Script,
    /// `( … )`
    Subshell,
    /// `{ …; }`
    Braces,
    /// `if … fi`
    If,
    /// `for`, `while`, `until`, `select`
    Loop,
    /// `case … esac`
    Case,
    /// `name() { …; }`
    Function,
    /// `$(…)`, back-ticks, `<(…)`, `>(…)`
    Substitution,
    /// The script of `sh -c '…'`
    Nested,
}

/// A use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The variable.
    pub name: String,
    /// The name alone, without `$` and braces.
    pub span: Span,
}

/// Parses the text behind an instruction's keyword and flags, its heredocs included. `escape` is the file's escape character.
///
/// Comment lines and blank lines between continued lines don't count, as in BuildKit. When the text is only one heredoc, its
/// body is the script.
pub fn parse(body: &str, escape: u8) -> Script {
    let (source, lone) = rewrite::instruction(body, escape);
    match lone {
        Some(heredoc) => {
            let tabs = heredoc.strip_tabs;
            script_in(body, heredoc.body, tabs)
        }
        None => walk::walk(&source),
    }
}

/// Parses a script as a shell reads it: a heredoc body, a recipe line, a file.
pub fn parse_script(text: &str) -> Script {
    script_in(text, Span::new(0, text.len() as u32), false)
}

/// True when the shell of a SHELL instruction (`["/bin/bash", "-c"]`) or of a `#!` line reads POSIX shell text.
pub fn is_posix(shell: &[String]) -> bool {
    let names = shell.iter().map(|word| base_name(word));
    let name = names.into_iter().find(|name| !matches!(name.as_str(), "env" | "busybox" | "-s"));
    matches!(name.as_deref(), Some("sh" | "bash" | "ash" | "dash" | "ksh" | "mksh" | "zsh"))
}

impl Script {
    /// A script without commands.
    fn empty(span: Span) -> Self {
        let group = Group { kind: GroupKind::Script, parent: 0, span, subshell: false, redirects: Vec::new() };
        Self { groups: vec![group], ..Self::default() }
    }

    /// True when the option is set where the command runs, by `set` commands before it that surely ran in its process or in
    /// one around it.
    pub fn option_at(&self, command: usize, option: ShellOption) -> bool {
        let Some(at) = self.commands.get(command) else { return false };
        let visible = |before: &&Command| !before.conditional && at.subshell.starts_with(&before.subshell);
        self.commands[..command].iter().filter(visible).filter_map(|before| before.shell_option(option)).next_back()
            == Some(true)
    }
}

impl Command {
    /// The command's name when it is known; wrappers such as `env` are not looked through, see [`Command::unwrapped`].
    pub fn name(&self) -> Option<&str> {
        self.name.and_then(|index| self.words.get(index)).and_then(Word::literal)
    }

    /// The words behind the command word.
    pub fn arguments(&self) -> &[Word] {
        self.name.and_then(|index| self.words.get(index + 1..)).unwrap_or_default()
    }
}

fn script_in(text: &str, span: Span, strip_tabs: bool) -> Script {
    if let Some(interpreter) = shebang(&text[span.range()])
        && !is_posix(&interpreter)
    {
        return Script { foreign: true, ..Script::empty(span) };
    }
    walk::walk(&rewrite::script(text, span, strip_tabs))
}

fn shebang(text: &str) -> Option<Vec<String>> {
    let line = text.trim_start_matches('\t').strip_prefix("#!")?.lines().next()?;
    Some(line.split_ascii_whitespace().map(String::from).collect())
}

fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), String::from)
}

/// A text after rewriting: same length as what was given, and what was taken out of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// The rewritten text, up to the end of the script.
    text: String,
    /// Which part of it is the script.
    script: Range<usize>,
    /// Continuations, each from its escape character to the start of the next line that counts.
    joints: Vec<Span>,
    /// Heredocs, blanked in `text`.
    heredocs: Vec<Heredoc>,
    /// The variables that it uses.
    uses: Vec<Use>,
}

/// A heredoc: its operator and delimiter, and its lines.
#[derive(Clone, Debug)]
struct Heredoc {
    /// `2<<-'EOF'`
    span: Span,
    descriptor: Option<u32>,
    /// `'EOF'`
    delimiter: Span,
    /// `EOF`
    name: String,
    /// The lines without the delimiter's.
    body: Span,
    /// True for `<<-`.
    strip_tabs: bool,
    /// True when the body is not expanded.
    quoted: bool,
}
