//! The commands that RUN runs, with the environment and the folder they run in.
use super::env::{Env, Origin};
use super::known::Known;
use super::path::resolve;
use crate::model::command::JsonString;
use crate::syntax::shell::{self, Script};
use crate::text::span::Span;

/// One command of a RUN, wrappers such as `env` and `time` looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "four facts that have nothing to do with each other")]
pub struct Invocation {
    /// The index of its RUN.
    pub instruction: usize,
    /// From its first assignment or word to its last, in the file.
    pub span: Span,
    /// The command's name without its folder; empty when it is not known.
    pub name: String,
    /// The name as written, with its folder.
    pub name_span: Span,
    /// What stands behind the name.
    pub args: Vec<Arg>,
    /// `VAR=value` in front of it: name, and where the whole stands.
    pub assignments: Vec<(String, Span)>,
    /// The variables that the command sees.
    pub env: Env,
    /// The folder it runs in.
    pub cwd: Known<String>,
    /// True when it may not run although all before it went well.
    pub conditional: bool,
    /// True inside `$(…)`.
    pub in_substitution: bool,
    /// True when its input comes from a pipe.
    pub piped: bool,
    /// True when the text around it was not understood.
    pub broken: bool,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Where it is written, quotes included.
    pub span: Span,
    /// Its value with all variables replaced.
    pub value: Known<String>,
    /// Its text in front of the first variable: all of it when it has none.
    pub prefix: String,
}

impl Arg {
    /// True when it is `text` for sure.
    pub fn is(&self, text: &str) -> bool {
        self.value.is(|value| value == text)
    }
}

/// Follows `cd`, `export` and assignments through the commands of one RUN.
pub struct Shell {
    scopes: Vec<Scope>,
    broken: bool,
}

#[derive(Clone)]
struct Scope {
    group: u32,
    env: Env,
    cwd: Known<String>,
}

impl Shell {
    /// The shell of a RUN starts with the image's environment and WORKDIR.
    pub fn new(env: Env, cwd: Known<String>) -> Self {
        Self { scopes: vec![Scope { group: 0, env, cwd }], broken: false }
    }

    /// The commands of `script`, whose text starts at `offset` of the file.
    pub fn run(mut self, script: &Script, offset: u32, instruction: usize) -> Vec<Invocation> {
        self.broken = script.broken;
        script.commands.iter().filter_map(|command| self.command(command, offset, instruction)).collect()
    }

    fn enter(&mut self, subshell: &[u32]) {
        let same = self.scopes[1..].iter().zip(subshell).take_while(|(scope, group)| scope.group == **group).count();
        self.scopes.truncate(same + 1);
        for &group in &subshell[same..] {
            let mut scope = self.scopes[self.scopes.len() - 1].clone();
            scope.group = group;
            self.scopes.push(scope);
        }
    }

    fn command(&mut self, command: &shell::Command, offset: u32, instruction: usize) -> Option<Invocation> {
        self.enter(&command.subshell);
        let broken = self.broken;
        let scope = self.scopes.last_mut()?;
        let unwrapped = command.unwrapped();
        let mut env = scope.env.clone();
        for assignment in &unwrapped.assignments {
            let value = scope.env.expand_shell(&assignment.value);
            let value = if command.conditional { Known::Unknown } else { value };
            let span = Some(assignment.span.shift(offset));
            if unwrapped.words.is_empty() {
                scope.env.set(&assignment.name, value, Origin::Shell, span);
            } else {
                env.set(&assignment.name, value, Origin::Shell, span);
            }
        }
        let first = unwrapped.words.first()?;
        let args: Vec<Arg> = unwrapped.arguments().iter().map(|word| arg(word, &env, offset)).collect();
        let name = unwrapped.name().map_or_else(|| known_name(&env, first), str::to_owned);
        let cwd = scope.cwd.clone();
        scope.follow(&name, unwrapped.arguments(), &args, command.conditional, offset);
        Some(Invocation {
            instruction,
            span: command.span.shift(offset),
            name,
            name_span: first.span.shift(offset),
            args,
            assignments: unwrapped.assignments.iter().map(|a| (a.name.clone(), a.span.shift(offset))).collect(),
            env,
            cwd,
            conditional: command.conditional,
            in_substitution: command.in_substitution,
            piped: command.link == shell::Link::Pipe,
            broken,
        })
    }
}

fn known_name(env: &Env, word: &shell::Word) -> String {
    env.expand_shell(word).as_ref().map(|name| super::path::base(name).to_owned()).unwrap_or_default()
}

fn arg(word: &shell::Word, env: &Env, offset: u32) -> Arg {
    Arg { span: word.span.shift(offset), value: env.expand_shell(word), prefix: word.prefix().to_owned() }
}

impl Scope {
    /// What the command does to the shell that runs it.
    fn follow(&mut self, name: &str, words: &[shell::Word], args: &[Arg], conditional: bool, offset: u32) {
        match name {
            "cd" | "pushd" => {
                let target = args.iter().find(|arg| !arg.prefix.starts_with('-'));
                let target = target.map_or(Known::Unknown, |arg| arg.value.clone());
                self.cwd = match (target, &self.cwd) {
                    _ if conditional => Known::Unknown,
                    (Known::Known(path), _) if path.starts_with('/') => Known::Known(resolve("/", &path)),
                    (Known::Known(path), Known::Known(cwd)) if !path.starts_with('~') => {
                        Known::Known(resolve(cwd, &path))
                    }
                    _ => Known::Unknown,
                };
            }
            "popd" => self.cwd = Known::Unknown,
            "export" => {
                for (word, arg) in words.iter().zip(args) {
                    let Some((name, _)) = word.prefix().split_once('=') else { continue };
                    let value = match &arg.value {
                        Known::Known(value) if !conditional => Known::Known(value[name.len() + 1..].to_owned()),
                        _ => Known::Unknown,
                    };
                    self.env.set(name, value, Origin::Shell, Some(word.span.shift(offset)));
                }
            }
            "unset" => args.iter().filter_map(|arg| arg.value.as_ref()).for_each(|name| self.env.unset(name)),
            _ => {}
        }
    }
}

/// The command of an exec form: no shell, no variables.
pub fn of_exec(words: &[JsonString], env: &Env, cwd: &Known<String>, instruction: usize) -> Option<Invocation> {
    let (first, rest) = words.split_first()?;
    let arg = |word: &JsonString| Arg {
        span: word.span,
        value: Known::Known(word.value.clone()),
        prefix: word.value.clone(),
    };
    Some(Invocation {
        instruction,
        span: first.span.cover(rest.last().map_or(first.span, |word| word.span)),
        name: super::path::base(&first.value).to_owned(),
        name_span: first.span,
        args: rest.iter().map(arg).collect(),
        assignments: Vec::new(),
        env: env.clone(),
        cwd: cwd.clone(),
        conditional: false,
        in_substitution: false,
        piped: false,
        broken: false,
    })
}
