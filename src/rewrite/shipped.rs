//! The Go program that a stage starts and another one builds, and what its packages use.
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::go::GoCommand;
use crate::analysis::path::{base, is_below, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, SourceModule};
use crate::analysis::state::DEFAULT_PATH;
use crate::knowledge::go_calls::{CallKind, go_call};
use crate::model::command::Command;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::project::go_source::{Mention, default_name};
use crate::project::packages::{GoFile, Package};
use crate::project::paths;
use crate::project::walk::Target;

/// Copies and commands that are looked at.
const MAX_LOOKED_AT: usize = 64;

/// The program that a stage starts.
#[derive(Clone, Copy, Debug)]
pub struct Shipped<'s> {
    /// The COPY that brings it.
    pub copy: &'s CopyFact,
    /// The source of that COPY.
    pub source: &'s CopySource,
    /// The stage whose command builds it.
    pub builder: &'s Stage,
    /// That command.
    pub command: &'s GoCommand,
}

/// What a program is made of.
#[derive(Clone, Debug)]
pub struct Code<'s> {
    /// Its module.
    pub module: SourceModule<'s>,
    /// The folders of its main packages, relative to the context.
    pub mains: Vec<String>,
    /// The listed functions that the project's own packages use.
    pub calls: Vec<Call<'s>>,
    /// The packages of the project, vendored ones left out.
    pub packages: Vec<&'s Package>,
    /// The import paths of all packages.
    pub imports: Vec<String>,
    /// What is built into it, relative to the context; may hold wildcards.
    pub embedded: Vec<String>,
}

/// One use of a listed function.
#[derive(Clone, Copy, Debug)]
pub struct Call<'s> {
    /// What it tells.
    pub kind: CallKind,
    /// The function and its literals.
    pub mention: &'s Mention,
    /// The folder of its package, relative to the context.
    pub dir: &'s str,
    /// The file.
    pub file: &'s GoFile,
}

/// The words of what a container of `stage` starts, shells and wrappers left out, ENTRYPOINT and CMD together; and where
/// that is written first.
pub fn start_words(snapshot: &Snapshot, stage: &Stage) -> Option<(usize, Vec<String>)> {
    let chain = source::chain(snapshot, stage);
    let last = |kind: Kind| {
        let own = |stage: &&Stage| {
            snapshot.file().stage_instructions(stage).filter(|(_, instruction)| instruction.kind == kind).last()
        };
        chain.iter().rev().find_map(own)
    };
    let (entrypoint, cmd) = (last(Kind::Entrypoint), last(Kind::Cmd));
    let is_shell = entrypoint.is_some_and(|(_, line)| line.command().is_some_and(|command| command.shell().is_some()));
    let lines: Vec<(usize, &Instruction)> = entrypoint.into_iter().chain(cmd.filter(|_| !is_shell)).collect();
    let first = lines.first()?.0;
    let words = lines.iter().flat_map(|(_, line)| written_words(snapshot, line));
    let words: Vec<String> = words.skip_while(|word| is_wrapper(word)).collect();
    (!words.is_empty()).then_some((first, words))
}

fn written_words(snapshot: &Snapshot, instruction: &Instruction) -> Vec<String> {
    let texts: Vec<&str> = match instruction.command() {
        Some(Command::Exec(words)) => words.iter().map(|word| word.value.as_str()).collect(),
        Some(Command::Shell(span)) => vec![&snapshot[*span]],
        _ => Vec::new(),
    };
    let words = texts.into_iter().flat_map(str::split_whitespace);
    words.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect()
}

fn is_wrapper(word: &str) -> bool {
    let shells = ["sh", "bash", "ash", "-c", "-ec", "-lc", "exec", "tini", "dumb-init", "--", "-g", "\\"];
    shells.contains(&base(word))
}

/// The program that `stage` starts, when a stage of this file builds it with Go and one COPY brings it.
pub fn program<'s>(snapshot: &'s Snapshot, stage: &'s Stage) -> Option<Shipped<'s>> {
    let copies: Vec<&CopyFact> = source::analyses(snapshot, stage).into_iter().flat_map(|a| &a.copies).collect();
    copies.iter().find(|copy| matches!(copy.from, CopyFrom::Stage(_)))?;
    let (_, words) = start_words(snapshot, stage)?;
    let names = started_paths(snapshot, stage, words.first()?);
    let sources = copies.iter().rev().flat_map(|copy| copy.sources.iter().map(move |source| (*copy, source)));
    sources.take(MAX_LOOKED_AT).find_map(|(copy, source)| {
        let CopyFrom::Stage(from) = copy.from else { return None };
        let destination = copy.destination.as_ref()?;
        let near = names.iter().any(|name| is_below(name, destination));
        let stages = source::chain(snapshot, &snapshot.file().stages[from]);
        stages.into_iter().rev().filter(|_| near).find_map(|builder| {
            let commands = snapshot.stage(builder).go.iter().rev().take(MAX_LOOKED_AT);
            let mut commands = commands.filter(|go| go.builds());
            let command = commands.find(|command| brings(snapshot, builder, command, copy, source, &names))?;
            Some(Shipped { copy, source, builder, command })
        })
    })
}

/// The paths that the first word of a command may mean.
fn started_paths(snapshot: &Snapshot, stage: &Stage, word: &str) -> Vec<String> {
    let end = &snapshot.stage(stage).end;
    if word.contains('/') {
        let workdir = end.workdir.as_ref().map_or("/", String::as_str);
        return vec![resolve(workdir, word)];
    }
    let path = end.env.known("PATH").unwrap_or(DEFAULT_PATH);
    path.split(':').map(|folder| resolve(folder, word)).collect()
}

/// True when `source` of `copy` brings an output of `command` to one of the paths `names`.
fn brings(
    snapshot: &Snapshot,
    builder: &Stage,
    command: &GoCommand,
    copy: &CopyFact,
    source: &CopySource,
    names: &[String],
) -> bool {
    let Some(from) = source.path.as_ref().filter(|_| command.is_of_module()) else { return false };
    // Only where the command does not say it the module does, which is costly to find.
    let by_module = || {
        let module = source::module_of(snapshot, builder, command)?;
        command.outputs(Some(module.module.go_mod.path()))
    };
    let outputs = command.outputs(None).or_else(by_module).unwrap_or_default();
    outputs.iter().any(|output| {
        let lands = match (relative(output, from), copy.destination.as_ref()) {
            (Some(""), _) => copy.target(source).as_ref().cloned(),
            (Some(rest), Some(to)) => Some(resolve(to, rest)),
            _ => None,
        };
        lands.is_some_and(|lands| names.contains(&lands))
    })
}

/// What `shipped` is made of; `None` when that can't be told.
pub fn code<'s>(snapshot: &'s Snapshot, shipped: &Shipped<'s>) -> Option<Code<'s>> {
    let module = source::module_of(snapshot, shipped.builder, shipped.command)?;
    let build = source::build_of(shipped.command, true)?;
    let mains = source::packages_of(snapshot, &module, shipped.command, &build)?;
    let dirs: Vec<&str> = mains.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let vendor = paths::join(&module.module.dir, "vendor");
    let own = walk.reached.iter().filter_map(|reached| match &reached.target {
        Target::Dir(dir) if paths::strip(dir, &vendor).is_none() => snapshot.facts().package_at(dir),
        _ => None,
    });
    let packages: Vec<&Package> = own.collect();
    let (mut calls, mut embedded) = (Vec::new(), Vec::new());
    for package in &packages {
        for file in package.selected(&build) {
            let mentions = file.source.mentions.iter();
            calls.extend(
                mentions.filter_map(|mention| {
                    Some(Call { kind: go_call(&mention.name)?, mention, dir: &package.dir, file })
                }),
            );
            let patterns = file.source.embeds.iter().map(|(pattern, _)| pattern.trim_start_matches("all:"));
            embedded.extend(patterns.map(|pattern| paths::join(&package.dir, pattern)));
        }
    }
    let imports = walk.reached.iter().map(|reached| reached.import_path.clone()).collect();
    Some(Code { module, mains, calls, packages, imports, embedded })
}

impl Call<'_> {
    /// How the file calls it: `template.ParseFiles`, `gin.Run`.
    pub fn name(&self) -> String {
        let (path, name) = self.mention.name.rsplit_once('.').unwrap_or_default();
        format!("{}.{name}", default_name(path.trim_end_matches(".*")))
    }

    /// The file, relative to the context.
    pub fn place(&self) -> String {
        paths::join(self.dir, &self.file.name)
    }
}

impl Code<'_> {
    /// The paths that the program makes or opens to write, as they are written: of files, folders and SQLite databases.
    pub fn written(&self) -> impl Iterator<Item = (&Call<'_>, &str)> {
        self.calls.iter().filter_map(|call| Some((call, written(call)?)))
    }
}

/// The literal path that a call writes to.
fn written<'s>(call: &Call<'s>) -> Option<&'s str> {
    let literals = &call.mention.literals;
    let path = match call.kind {
        CallKind::Write => literals.first()?,
        CallKind::Database if call.mention.name == "database/sql.Open" => {
            literals.first().filter(|driver| driver.starts_with("sqlite"))?;
            literals.get(1)?
        }
        CallKind::Database => literals.first()?,
        _ => return None,
    };
    let path = path.strip_prefix("file:").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    let is_path = !path.is_empty() && !path.starts_with([':', '~']) && !path.contains(['%', '$', '=', ' ', '*']);
    is_path.then_some(path)
}
