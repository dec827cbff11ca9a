//! The Go commands of a stage: what they build, from where, with which settings, and what comes out.
use super::invocation::{Arg, Invocation};
use super::known::{Answer, Known};
use super::path::{base, resolve};
use super::state::ImageState;
use crate::knowledge::go_words::go_flag;
use crate::model::mount::Mount;
use crate::text::span::Span;

/// One `go …` command.
#[derive(Clone, Debug)]
pub struct GoCommand {
    /// The RUN's index.
    pub instruction: usize,
    /// `go` and all that follows it, assignments in front included.
    pub span: Span,
    /// `build`, `install`, `mod download`, `test` …
    pub verb: String,
    /// Where the verb stands.
    pub verb_span: Span,
    /// Flags in order, those of GOFLAGS first.
    pub flags: Vec<GoFlag>,
    /// What stands behind the flags: packages, for most commands.
    pub packages: Vec<Arg>,
    /// The command with its environment and folder.
    pub command: Invocation,
    /// The image in front of the command: what the RUN installed before it is there.
    pub state: ImageState,
    /// The mounts of the RUN.
    pub mounts: Vec<Mount>,
}

/// A flag of the go command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoFlag {
    /// With one dash: `-ldflags`.
    pub name: String,
    /// Its value; `true` for one that stands alone.
    pub value: Known<String>,
    /// Where it is written; of GOFLAGS, where the command is.
    pub span: Span,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// It needs no library.
    Static,
    /// It needs the C library of the stage that built it.
    Dynamic,
    /// Nobody can tell.
    Unknown,
}

/// Commands whose second word belongs to the verb.
const TWO_WORDS: [&str; 3] = ["mod", "work", "tool"];

/// Reads `command` as a Go command.
pub fn read(command: &Invocation, state: &ImageState, mounts: &[Mount]) -> Option<GoCommand> {
    if !is_go(&command.name) {
        return None;
    }
    let mut args = command.args.as_slice();
    let mut flags = goflags(command);
    take_flags(&mut args, &mut flags);
    let first = args.first()?;
    let mut verb = first.value.as_ref()?.clone();
    let mut verb_span = first.span;
    args = &args[1..];
    if TWO_WORDS.contains(&verb.as_str())
        && let Some(second) = args.first().filter(|arg| !arg.prefix.starts_with('-'))
    {
        verb = format!("{verb} {}", second.value.as_ref()?);
        verb_span = verb_span.cover(second.span);
        args = &args[1..];
    }
    take_flags(&mut args, &mut flags);
    Some(GoCommand {
        instruction: command.instruction,
        span: command.span,
        verb,
        verb_span,
        flags,
        packages: args.to_vec(),
        command: command.clone(),
        state: state.clone(),
        mounts: mounts.to_vec(),
    })
}

/// `go`, and the names under which distributions install other versions of it.
fn is_go(name: &str) -> bool {
    name == "go" || name.strip_prefix("go1.").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn goflags(command: &Invocation) -> Vec<GoFlag> {
    let Some(text) = command.env.known("GOFLAGS") else { return Vec::new() };
    let flag = |word: &str| {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        GoFlag { name: one_dash(name), value: Known::Known(value.to_owned()), span: command.span }
    };
    text.split_whitespace().map(|word| flag(word.trim_matches(['"', '\'']))).collect()
}

fn one_dash(name: &str) -> String {
    name.strip_prefix("--").map_or_else(|| name.to_owned(), |rest| format!("-{rest}"))
}

/// Takes the flags at the front of `args`, with the values that follow them.
fn take_flags(args: &mut &[Arg], flags: &mut Vec<GoFlag>) {
    while let Some((arg, rest)) = args.split_first() {
        if !arg.prefix.starts_with('-') || arg.prefix.len() < 2 {
            return;
        }
        *args = rest;
        let (name, inline) = match arg.prefix.split_once('=') {
            Some((name, _)) => {
                let value =
                    arg.value.as_ref().and_then(|value| value.split_once('=')).map(|(_, value)| value.to_owned());
                (one_dash(name), Some(Known::from(value)))
            }
            None => (one_dash(&arg.prefix), None),
        };
        let takes_word = inline.is_none() && go_flag(&name).is_some_and(|flag| !flag.is_bool());
        let mut span = arg.span;
        let value = match (inline, takes_word, rest.split_first()) {
            (Some(value), ..) => value,
            (None, true, Some((next, after))) => {
                *args = after;
                span = span.cover(next.span);
                next.value.clone()
            }
            _ => Known::Known("true".to_owned()),
        };
        flags.push(GoFlag { name, value, span });
    }
}

impl GoCommand {
    /// The last flag called `name` (`-o`).
    pub fn flag(&self, name: &str) -> Option<&GoFlag> {
        self.flags.iter().rev().find(|flag| flag.name == name)
    }

    /// True for `go build` and `go install`.
    pub fn builds(&self) -> bool {
        matches!(self.verb.as_str(), "build" | "install")
    }

    /// True when it compiles: the build cache helps it.
    pub fn compiles(&self) -> bool {
        matches!(self.verb.as_str(), "build" | "install" | "test" | "vet" | "run" | "generate")
    }

    /// True when it may download modules.
    pub fn downloads(&self) -> bool {
        self.compiles() || self.verb.starts_with("mod ") || matches!(self.verb.as_str(), "get" | "list" | "work sync")
    }

    /// True for `go mod download` and what fills the module cache as well.
    pub fn is_download(&self) -> bool {
        matches!(self.verb.as_str(), "mod download" | "mod vendor" | "work sync")
            || (self.verb == "get" && self.packages.iter().all(|package| !package.prefix.contains('@')))
    }

    /// True when it works on the module of the folder it runs in: not `go install tool@version`, not `go env`.
    pub fn is_of_module(&self) -> bool {
        match self.verb.as_str() {
            "build" | "test" | "vet" | "run" | "install" | "generate" | "list" => {
                !self.packages.iter().any(|package| package.prefix.contains('@'))
            }
            "mod download" => self.packages.is_empty(),
            "mod verify" | "mod vendor" | "mod tidy" => true,
            _ => false,
        }
    }

    /// The folder it works in: the shell's, or that of `-C`.
    pub fn folder(&self) -> Known<String> {
        match (&self.command.cwd, self.flag("-C").map(|flag| &flag.value)) {
            (cwd, None) => cwd.clone(),
            (Known::Known(cwd), Some(Known::Known(to))) => Known::Known(resolve(cwd, to)),
            _ => Known::Unknown,
        }
    }

    /// The value of a Go variable for this command; `None` when nothing sets it, unknown when it can't be told.
    pub fn variable(&self, name: &str) -> Option<Known<String>> {
        match self.command.env.get(name) {
            Some(variable) => Some(variable.value.clone()),
            None if self.command.env.is_open() && self.state.image().is_none() => Some(Known::Unknown),
            None => None,
        }
    }

    /// Build tags; `None` when they can't be told.
    pub fn tags(&self) -> Option<Vec<String>> {
        match self.flag("-tags").map(|flag| flag.value.as_ref()) {
            None => Some(Vec::new()),
            Some(None) => None,
            Some(Some(tags)) => Some(tags.split([',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()),
        }
    }

    /// Is cgo on? The variable decides; without it, Go looks for a C compiler since 1.20, and is off for other platforms.
    /// Source: cmd/dist and go/build; checked with Go 1.19, 1.21 and 1.27.
    pub fn cgo(&self) -> Answer {
        match self.variable("CGO_ENABLED") {
            Some(Known::Unknown) => return Answer::Unknown,
            Some(Known::Known(value)) if value == "0" => return Answer::No,
            Some(Known::Known(value)) if value == "1" => return Answer::Yes,
            _ => {}
        }
        if self.command.name_span.len() == 5 {
            return Answer::Unknown; // xx-go sets it by itself
        }
        match self.is_cross() {
            Answer::Yes => return Answer::No,
            Answer::Unknown => return Answer::Unknown,
            Answer::No => {}
        }
        let Some(toolchain) = self.state.go.as_ref() else { return Answer::Unknown };
        let before_1_20 = toolchain
            .as_ref()
            .and_then(|go| go.version.as_ref())
            .map(|version| (version.major, version.minor) < (1, 20));
        match (before_1_20, self.state.has_c_compiler()) {
            (Some(true), _) => Answer::Yes,
            // A tag without a version is newer than that.
            (None, Answer::No) if toolchain.is_none() => Answer::Unknown,
            (_, answer) => answer,
        }
    }

    /// Does it build for another platform than its own? A GOARCH that is set may be the builder's or another one.
    fn is_cross(&self) -> Answer {
        let os = self.variable("GOOS");
        let unset = |value: &Option<Known<String>>| value.as_ref().is_none_or(|value| value.is(String::is_empty));
        let linux = unset(&os) || os.as_ref().is_some_and(|value| value.is(|os| os == "linux"));
        match os {
            Some(Known::Known(_)) if !linux => Answer::Yes,
            Some(Known::Unknown) => Answer::Unknown,
            _ if unset(&self.variable("GOARCH")) => Answer::No,
            _ => Answer::Unknown,
        }
    }

    /// How what it builds is linked, cgo being `cgo`; `needs_c` says whether a package uses cgo for real.
    pub fn linkage(&self, needs_c: Answer) -> Linkage {
        let buildmode = self.flag("-buildmode").map(|flag| flag.value.as_ref().map_or("?", String::as_str));
        let static_link = self.ldflags_are_static(needs_c);
        match (self.cgo(), buildmode) {
            (_, Some(mode)) if !matches!(mode, "exe" | "default") => Linkage::Unknown,
            (Answer::No, _) => Linkage::Static,
            (Answer::Unknown, _) => Linkage::Unknown,
            (Answer::Yes, _) => match (static_link, needs_c, self.tags()) {
                (None, ..) | (_, _, None) => Linkage::Unknown,
                (Some(true), ..) => Linkage::Static,
                (_, Answer::Yes, _) => Linkage::Dynamic,
                (_, _, Some(tags)) if tags.iter().any(|tag| tag == "netgo" || tag == "osusergo") => Linkage::Unknown,
                _ => Linkage::Dynamic,
            },
        }
    }

    /// Do the linker flags make a static program? `None` when they can't be read.
    fn ldflags_are_static(&self, needs_c: Answer) -> Option<bool> {
        let extra = self.command.env.get("CGO_LDFLAGS");
        if extra.is_some_and(|variable| variable.value.as_ref().is_none_or(|value| value.contains("static"))) {
            return None;
        }
        let Some(flag) = self.flag("-ldflags") else { return Some(false) };
        let text = flag.value.as_ref()?;
        let is_static = text.contains("-static");
        let external = text.contains("external");
        match (is_static, external, needs_c) {
            (false, ..) => Some(false),
            (true, true, _) | (true, _, Answer::Yes) => Some(true),
            (true, false, _) => None,
        }
    }

    /// The absolute paths of the programs it writes; `None` when they can't be told. `module` is the module's path.
    pub fn outputs(&self, module: Option<&str>) -> Option<Vec<String>> {
        let Known::Known(folder) = self.folder() else { return None };
        let names: Option<Vec<String>> = if self.packages.is_empty() {
            Some(vec![program_name(".", module)?])
        } else {
            self.packages.iter().map(|package| program_name(package.value.as_ref()?, module)).collect()
        };
        match self.verb.as_str() {
            "build" => match self.flag("-o").map(|flag| flag.value.as_ref()) {
                None => (self.packages.len() < 2).then_some(names)?.map(|names| below(&folder, &names)),
                Some(None) => None,
                Some(Some(out)) if out.ends_with('/') || matches!(out.as_str(), "." | "..") => {
                    names.map(|names| below(&resolve(&folder, out), &names))
                }
                Some(Some(out)) => Some(vec![resolve(&folder, out)]),
            },
            "install" => {
                if self.variable("GOARCH").is_some() || self.variable("GOOS").is_some() {
                    return None;
                }
                let bin = match (self.command.env.known("GOBIN"), self.command.env.known("GOPATH")) {
                    (Some(bin), _) => bin.to_owned(),
                    (None, Some(gopath)) => resolve(gopath, "bin"),
                    (None, None) => return None,
                };
                names.map(|names| below(&bin, &names))
            }
            _ => None,
        }
    }
}

fn below(folder: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| resolve(folder, name)).collect()
}

/// A program's default name: the last element of the import path, `/vN` left out; of a file, its stem. `module` is the import
/// path of the folder that the command runs in.
pub fn program_name(package: &str, module: Option<&str>) -> Option<String> {
    let package = package.split('@').next().unwrap_or(package);
    if package.contains("...") {
        return None;
    }
    if let Some(stem) = package.strip_suffix(".go") {
        return Some(base(stem).to_owned());
    }
    let local = package.trim_start_matches("./").trim_matches('/');
    let path = match local {
        "" | "." => module?,
        _ if package.starts_with("../") || local.starts_with("..") => return None,
        _ => local,
    };
    let mut elements = path.rsplit('/');
    let last = elements.next()?;
    let is_version =
        last.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let name = if is_version { elements.next().unwrap_or(last) } else { last };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names() {
        assert_eq!(program_name(".", Some("example.com/foo/v2")).as_deref(), Some("foo"));
        assert_eq!(program_name("./cmd/server", None).as_deref(), Some("server"));
        assert_eq!(program_name("./cmd/server/main.go", None).as_deref(), Some("main"));
        assert_eq!(program_name("./...", None), None);
        assert_eq!(program_name("github.com/a/b/v3@v3.1.0", None).as_deref(), Some("b"));
    }
}
