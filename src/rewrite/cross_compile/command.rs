//! One build command: the variables that say what it builds for.
use crate::analysis::env::Origin;
use crate::analysis::go::GoCommand;
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::resolve;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::golang_tags::GoVersion;
use crate::model::stage::Stage;
use crate::rewrite::{go_flags, needs};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// What has to change for one command.
#[derive(Default)]
pub struct Change {
    /// Its edits, but for the ARG in front of it.
    pub edits: Vec<Edit>,
    /// The pairs of ENV that go.
    pub env: Vec<Span>,
    /// The ARGs that it needs.
    pub names: Vec<&'static str>,
    /// Something was decided that may have been meant otherwise.
    pub decides: bool,
    /// What is written in front of `go`.
    missing: Vec<String>,
}

/// How a command gets a variable.
enum Setting {
    Missing,
    /// From the ARG that BuildKit sets.
    Target,
    /// From a word that is written there, and its value.
    Constant(Span, Origin, String),
}

/// The changes of `command` of `stage`, whose base moves to the builder's platform if `moves`: empty where nothing is to be done,
/// `None` where that can't be told or written.
pub fn change(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, moves: bool) -> Option<Change> {
    let mut change = Change::default();
    let arch = setting(snapshot, command, "GOARCH", "TARGETARCH")?;
    let is_done = matches!(arch, Setting::Target);
    if is_done && !moves {
        return Some(change);
    }
    if !is_understood(snapshot, stage, command) {
        return None;
    }
    cgo(snapshot, stage, command, moves, &mut change)?;
    if !is_done {
        change.platform(snapshot, stage, command, &arch)?;
    }
    change.write_missing(snapshot, command)?;
    if command.verb == "install" {
        change.edits.extend(install(snapshot, command)?);
        change.decides = true;
    }
    Some(change)
}

fn setting(snapshot: &Snapshot, command: &GoCommand, name: &str, target: &str) -> Option<Setting> {
    let Some(variable) = command.command.env.get(name) else { return Some(Setting::Missing) };
    let span = variable.span?;
    let text = &snapshot[span];
    if text.contains(target) {
        let declared = command.command.env.get(target).is_some_and(|arg| arg.value == Known::Unknown);
        return declared.then_some(Setting::Target);
    }
    let value = variable.value.as_ref().filter(|value| !value.is_empty())?;
    let plain = variable.origin != Origin::Arg && !text.contains(['$', '`', '\n']);
    plain.then(|| Setting::Constant(span, variable.origin, value.clone()))
}

/// A command that we know to the last word, in an image with a Go toolchain and without wrappers that choose the platform.
pub fn is_understood(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> bool {
    let invocation = &command.command;
    let by_shell = snapshot.file().instructions[command.instruction].command().is_some_and(|run| run.exec().is_none());
    let toolchain = matches!(&command.state.go, Known::Known(Some(_)));
    let go = snapshot[invocation.name_span].ends_with("go") && !snapshot[invocation.name_span].ends_with("xx-go");
    let plain_mode =
        command.flag("-buildmode").is_none_or(|mode| mode.value.is(|mode| mode == "exe" || mode == "default"));
    let before = |run: &&crate::analysis::invocation::Invocation| {
        run.instruction == command.instruction && run.span.start < command.span.start
    };
    let reads = |name: &str| matches!(name, "." | "source" | "eval");
    let sourced = snapshot.stage(stage).commands.iter().filter(before).any(|run| reads(&run.name));
    by_shell && toolchain && go && plain_mode && !sourced && !invocation.broken && !invocation.in_substitution
}

/// Cross-compiled programs have no cgo; `None` where one needs it, or may.
fn cgo(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, moves: bool, change: &mut Change) -> Option<()> {
    let need = needs::of(snapshot, stage, &[command]).cgo;
    let set = command.command.env.get("CGO_ENABLED").map(|variable| &variable.value);
    match set {
        _ if need == Answer::Yes => None,
        Some(Known::Known(value)) => (value == "0").then_some(()),
        Some(Known::Unknown) => None,
        // On the builder's platform already, every other platform gets a wrong program: this can only help.
        None if command.cgo() == Answer::No || !moves && command.command.env.get("GOARCH").is_none() => Some(()),
        None if need == Answer::No => {
            change.missing.push("CGO_ENABLED=0".to_owned());
            change.decides = true;
            Some(())
        }
        None => None,
    }
}

impl Change {
    /// True when nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.env.is_empty()
    }

    fn platform(&mut self, snapshot: &Snapshot, stage: &Stage, command: &GoCommand, arch: &Setting) -> Option<()> {
        let os = setting(snapshot, command, "GOOS", "TARGETOS")?;
        if matches!(&os, Setting::Constant(_, _, value) if value != "linux") {
            return None;
        }
        self.decides |= matches!(arch, Setting::Constant(..));
        self.set(snapshot, stage, command, &os, ("GOOS", "TARGETOS"))?;
        self.set(snapshot, stage, command, arch, ("GOARCH", "TARGETARCH"))?;
        let arm = setting(snapshot, command, "GOARM", "TARGETVARIANT")?;
        if matches!(arm, Setting::Constant(..)) {
            self.set(snapshot, stage, command, &arm, ("GOARM", "TARGETVARIANT"))?;
        }
        Some(())
    }

    fn set(
        &mut self,
        snapshot: &Snapshot,
        stage: &Stage,
        command: &GoCommand,
        setting: &Setting,
        (name, target): (&'static str, &'static str),
    ) -> Option<()> {
        let value = if target == "TARGETVARIANT" { "${TARGETVARIANT#v}".to_owned() } else { format!("${target}") };
        let text = format!("{name}={value}");
        match setting {
            Setting::Target => return Some(()),
            Setting::Missing => self.missing.push(text),
            Setting::Constant(span, Origin::Env, _) => {
                self.env.push(*span);
                self.missing.push(text);
            }
            Setting::Constant(span, Origin::Shell, _) => {
                let own = command.command.assignments.iter().any(|(_, assignment)| assignment == span);
                if !own && !only_builds_follow(snapshot, stage, *span) {
                    return None;
                }
                self.edits.push(Edit::replace(*span, text));
            }
            Setting::Constant(..) => return None,
        }
        self.names.push(target);
        Some(())
    }

    fn write_missing(&mut self, snapshot: &Snapshot, command: &GoCommand) -> Option<()> {
        if self.missing.is_empty() {
            return Some(());
        }
        if !takes_assignments(snapshot, command) {
            return None;
        }
        let text = self.missing.join(" ");
        self.edits.push(Edit::insert(command.command.name_span.start, format!("{text} ")));
        Some(())
    }
}

/// True when assignments can stand right in front of `command`: a wrapper that starts `go` may not take them.
pub fn takes_assignments(snapshot: &Snapshot, command: &GoCommand) -> bool {
    let invocation = &command.command;
    let mut at = command.span.start;
    for span in invocation.assignments.iter().map(|(_, span)| *span).chain([invocation.name_span]) {
        if span.start < at {
            return false;
        }
        let blank = |c: char| c.is_ascii_whitespace() || c == '\\' || c == '`';
        if !matches!(snapshot[Span::new(at, span.start)].trim_matches(blank), "" | "env") {
            return false;
        }
        at = span.end;
    }
    true
}

/// `go build -o` instead of `go install`, which writes to a folder of its own for another platform.
pub fn install(snapshot: &Snapshot, command: &GoCommand) -> Option<Vec<Edit>> {
    let folder = install_folder(command)?;
    let version = command.state.go.as_ref()?.as_ref()?.version.as_ref();
    if &snapshot[command.verb_span] != "install" || version.is_some_and(|version| *version < GoVersion::minor(1, 14)) {
        return None;
    }
    let output = format!("-o {folder}/");
    Some(if command.flag("-C").is_some() {
        vec![Edit::replace(command.verb_span, "build"), go_flags::insert(snapshot, command, &output)?]
    } else {
        vec![Edit::replace(command.verb_span, format!("build {output}"))]
    })
}

/// The folder that `go install` writes to for its own platform.
pub fn install_folder(command: &GoCommand) -> Option<String> {
    let env = &command.command.env;
    match (env.get("GOBIN"), env.known("GOPATH")) {
        (Some(bin), _) => bin.value.as_ref().filter(|bin| bin.starts_with('/')).map(|bin| resolve("/", bin)),
        (None, Some(gopath)) => Some(resolve(gopath, "bin")),
        (None, None) => None,
    }
}

/// Behind `export GOARCH=…` at `span`, Go only builds: a program of another platform can't be run.
fn only_builds_follow(snapshot: &Snapshot, stage: &Stage, span: Span) -> bool {
    let analysis = snapshot.stage(stage);
    let Some(run) = analysis.runs.iter().find(|run| snapshot.file().instructions[run.instruction].span.contains(span))
    else {
        return false;
    };
    let mut later = analysis.go.iter().filter(|go| go.instruction == run.instruction && go.span.start > span.start);
    later.all(|go| matches!(go.verb.as_str(), "build" | "install" | "mod download"))
}
