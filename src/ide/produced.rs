//! Which steps of a stage make a file or a folder.
use crate::analysis::copy::{CopyFact, CopyFrom};
use crate::analysis::go::GoCommand;
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::analysis::written::HARMLESS;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::package_files::folders_of;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::project::files::Kind as FileKind;
use crate::syntax::shell::RedirectKind;
use crate::text::span::Span;

/// Steps that one folder is made by; more help nobody.
const MAX_STEPS: usize = 16;

/// What a command that adds accounts writes.
fn account_files(command: &str) -> &'static [&'static str] {
    match command {
        "adduser" | "useradd" => &["/etc/passwd", "/etc/group", "/etc/shadow"],
        "addgroup" | "groupadd" => &["/etc/group"],
        _ => &[],
    }
}

/// How a step fits a path, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It copies a folder into one around it, in which it may be.
    Brings,
    /// It may write anything, and runs in a folder around it.
    MayWrite,
    /// It writes into a folder around it.
    Around,
    /// It makes the folder, empty.
    Makes,
    /// It writes something below it.
    Below,
    /// It writes it.
    Exact,
}

/// The steps that make `path` in `stage` or in those it is built on: the last one that surely does, else all that fill the
/// folder, else those that may. Where nothing of the file does, and nothing unknown may have, the base image.
pub fn steps(snapshot: &Snapshot, stage: &Stage, path: &str) -> Vec<Span> {
    let steps = Steps::of(snapshot, stage, path);
    let Some(best) = steps.found.iter().map(|(fit, _)| *fit).max() else {
        return base_image(snapshot, source::chain(snapshot, stage)[0], stage).into_iter().collect();
    };
    let mut spans: Vec<Span> = match best {
        Fit::Brings | Fit::MayWrite => [Fit::Brings, Fit::MayWrite].iter().filter_map(|fit| steps.last(*fit)).collect(),
        Fit::Below => steps.found.iter().filter(|(fit, _)| *fit == Fit::Below).map(|(_, span)| *span).collect(),
        Fit::Around | Fit::Makes | Fit::Exact => steps.last(best).into_iter().collect(),
    };
    spans.sort_unstable();
    spans.dedup();
    spans.truncate(MAX_STEPS);
    spans
}

/// The last step that surely makes `path` itself.
pub fn maker(snapshot: &Snapshot, stage: &Stage, path: &str) -> Option<Span> {
    Steps::of(snapshot, stage, path).last(Fit::Exact)
}

fn base_image(snapshot: &Snapshot, root: &Stage, stage: &Stage) -> Option<Span> {
    if snapshot.stage(stage).end.files.opened_by().is_some() || snapshot.stage(root).start.image().is_none() {
        return None;
    }
    let Body::From(from) = &snapshot.file().instructions[root.from].body else { return None };
    from.image.as_ref().map(|image| image.span)
}

struct Steps<'s> {
    snapshot: &'s Snapshot,
    path: &'s str,
    /// Where the image begins: what runs there was put nowhere.
    first_folder: Option<String>,
    found: Vec<(Fit, Span)>,
}

impl<'s> Steps<'s> {
    /// What is found for `path` in `stage` and in those it is built on.
    fn of(snapshot: &'s Snapshot, stage: &'s Stage, path: &'s str) -> Self {
        let chain = source::chain(snapshot, stage);
        let first_folder = snapshot.stage(chain[0]).start.workdir.as_ref().cloned();
        let mut steps = Steps { snapshot, path, first_folder, found: Vec::new() };
        for stage in chain {
            steps.of_stage(stage);
        }
        steps
    }

    fn last(&self, wanted: Fit) -> Option<Span> {
        self.found.iter().filter(|(fit, _)| *fit == wanted).map(|(_, span)| *span).max()
    }

    fn note(&mut self, fit: Option<Fit>, span: Span) {
        self.found.extend(fit.map(|fit| (fit, span)));
    }

    /// How something that is written at `written` fits; `folder` is the answer where it lies around the path.
    fn fit(&self, written: &str, folder: Option<Fit>) -> Option<Fit> {
        if written == self.path {
            Some(Fit::Exact)
        } else if is_below(written, self.path) {
            Some(Fit::Below)
        } else {
            folder.filter(|_| written != "/" && is_below(self.path, written))
        }
    }

    fn of_stage(&mut self, stage: &'s Stage) {
        let analysis = self.snapshot.stage(stage);
        for (index, instruction) in self.snapshot.file().stage_instructions(stage) {
            if instruction.kind == Kind::Workdir {
                self.workdir(stage, index, instruction.span);
            }
        }
        analysis.copies.iter().for_each(|copy| self.copy(copy));
        self.by_origin(stage);
        for command in &analysis.commands {
            match analysis.go.iter().find(|go| go.span == command.span) {
                Some(go) => self.go(stage, go),
                None => self.command(command),
            }
        }
        analysis.runs.iter().for_each(|run| self.redirects(analysis, run));
        for install in analysis.installs.iter().filter(|install| !install.removes) {
            for (name, span) in &install.packages {
                let named = self.path.split('/').any(|part| {
                    part == name || part.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
                });
                let filled = || folders_of(name).any(|folder| is_below(self.path, folder));
                self.note((named || filled()).then_some(Fit::Exact), *span);
            }
        }
    }

    /// WORKDIR makes its folder.
    fn workdir(&mut self, stage: &Stage, index: usize, span: Span) {
        let written = self.snapshot.file().instructions[index].value().map(|value| value.raw(self.snapshot.text()));
        // The cheap question first.
        let last = written.map(|written| base(written.trim_matches(['"', '\'']))).unwrap_or_default();
        if !last.is_empty() && !last.contains('$') && !self.path.contains(last) {
            return;
        }
        let behind = crate::analysis::stage::state_before(self.snapshot, stage, index + 1).workdir;
        let fit = behind.as_ref().and_then(|folder| self.fit(folder, None));
        self.note(fit.map(|_| Fit::Makes), span);
    }

    fn copy(&mut self, copy: &CopyFact) {
        let instruction = &self.snapshot.file().instructions[copy.instruction];
        let span = instruction.span;
        let Some(destination) = copy.destination.as_ref() else { return };
        for heredoc in &instruction.heredocs {
            let written = if copy.into_folder { resolve(destination, &heredoc.delimiter) } else { destination.clone() };
            self.note(self.fit(&written, None), heredoc.start);
        }
        for source in &copy.sources {
            let from_context = copy.from == CopyFrom::Context;
            let kind =
                source.path.as_ref().filter(|_| from_context).and_then(|path| self.snapshot.facts().paths.kind(path));
            let whole = source.path.is(|path| path.is_empty() || path == "/" || path.ends_with("/."));
            let target = copy.target(source).as_ref().filter(|_| !whole && kind != Some(FileKind::Directory)).cloned();
            let place = if copy.sources.len() > 1 { source.span } else { span };
            // A file brings itself; a folder, what is in it.
            let folder = Some(Fit::Brings).filter(|_| kind != Some(FileKind::File));
            let written = target.as_deref().unwrap_or(destination);
            let fit =
                self.fit(written, folder).or_else(|| self.fit(destination, folder).filter(|fit| *fit == Fit::Brings));
            let unsure = whole && fit == Some(Fit::Exact);
            self.note(if unsure { Some(Fit::Below) } else { fit }, place);
        }
    }

    /// The copy that brings the file of the context, where the project is known.
    fn by_origin(&mut self, stage: &Stage) {
        if let Origin::Context(path, Some(copy)) = source::origin(self.snapshot, stage, usize::MAX, &[], self.path)
            && self.snapshot.facts().paths.kind(&path) == Some(FileKind::File)
            && stage.instructions.contains(&copy)
        {
            self.note(Some(Fit::Exact), self.snapshot.file().instructions[copy].span);
        }
    }

    fn go(&mut self, stage: &Stage, go: &GoCommand) {
        if !go.builds() {
            return;
        }
        let module =
            || source::module_of(self.snapshot, stage, go).and_then(|found| found.module.import_path(&found.cwd));
        let outputs = go.outputs(None).or_else(|| go.outputs(module().as_deref()));
        let folder = go.folder();
        let out = go.flag("-o").and_then(|flag| flag.value.as_ref());
        let out = out.zip(folder.as_ref()).map(|(out, folder)| resolve(folder, out));
        let best = outputs.iter().flatten().filter_map(|output| self.fit(output, None)).max();
        let fit = best.or_else(|| match (&out, folder.as_ref()) {
            // It may name a folder that is there already.
            (Some(out), _) => self.fit(out, Some(Fit::Around)),
            // A program whose name is not known.
            (None, Some(folder)) if outputs.is_none() && go.verb == "build" => {
                let child =
                    self.path.rsplit_once('/').is_some_and(|(parent, name)| parent == folder && !name.contains('.'));
                child.then_some(Fit::Around)
            }
            _ => None,
        });
        self.note(fit, go.span);
    }

    fn command(&mut self, command: &Invocation) {
        let operands = || command.args.iter().filter(|arg| !arg.prefix.starts_with('-'));
        let fit = match command.name.as_str() {
            "mkdir" => operands().filter_map(|arg| self.argument(command, arg, None)).max().map(|_| Fit::Makes),
            "touch" => operands().filter_map(|arg| self.argument(command, arg, None)).max(),
            "cp" | "mv" | "ln" | "install" => self.moved(command),
            name if account_files(name).contains(&self.path) => Some(Fit::Exact),
            name if HARMLESS.contains(&name) => None,
            name => {
                let named = command.args.iter().filter_map(|arg| self.argument(command, arg, Some(Fit::Around))).max();
                let chosen = |cwd: &&String| *cwd != "/" && self.first_folder.as_ref() != Some(*cwd);
                let anywhere = || command.cwd.as_ref().filter(|cwd| chosen(cwd) && is_below(self.path, cwd));
                named.or_else(|| anywhere().filter(|_| taint(name) != Taint::None).map(|_| Fit::MayWrite))
            }
        };
        self.note(fit, command.span);
    }

    /// How the path that an argument names fits: `dir`, `-o=dir`, `of=dir`.
    fn argument(&self, command: &Invocation, arg: &Arg, folder: Option<Fit>) -> Option<Fit> {
        let value = arg.value.as_ref()?;
        let path = value.rsplit_once('=').map_or(value.as_str(), |(_, path)| path);
        let absolute = path.starts_with('/');
        if path.is_empty() || path.starts_with('-') || !absolute && matches!(path, "." | "..") {
            return None;
        }
        let path = resolve(command.cwd.as_ref().filter(|_| !absolute).map_or("/", String::as_str), path);
        // A word that names no path is not one around it.
        self.fit(&path, folder.filter(|_| absolute)).filter(|_| absolute || command.cwd.as_ref().is_some())
    }

    /// `cp a b dir`: files get names in a folder, or a new name.
    fn moved(&self, command: &Invocation) -> Option<Fit> {
        let operands: Vec<&String> = command
            .args
            .iter()
            .filter(|arg| !arg.prefix.starts_with('-'))
            .filter_map(|arg| arg.value.as_ref())
            .collect();
        let (to, from) = operands.split_last()?;
        let cwd = if to.starts_with('/') { "/" } else { command.cwd.as_ref()? };
        let to = resolve(cwd, to);
        let inside = from.iter().filter_map(|from| self.fit(&resolve(&to, base(from)), None)).max();
        self.fit(&to, Some(Fit::Around)).max(inside)
    }

    /// `> file`
    fn redirects(&mut self, analysis: &StageAnalysis, run: &RunFact) {
        let Some(script) = &run.script else { return };
        let commands = analysis.commands_of(run.instruction);
        for command in &script.commands {
            let span = command.span.shift(run.offset);
            let cwd = commands.iter().find(|other| other.span == span).and_then(|other| other.cwd.as_ref());
            for redirect in &command.redirects {
                let writes = matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append);
                let Some(path) = redirect.target.as_ref().and_then(|target| target.literal()).filter(|_| writes) else {
                    continue;
                };
                let place = if path.starts_with('/') { Some("/") } else { cwd.map(String::as_str) };
                let fit = place.and_then(|place| self.fit(&resolve(place, path), None));
                self.note(fit, span);
            }
        }
    }
}
