//! What the rules of the group `package` share: the commands of package managers, and what a build says about them.
use crate::analysis::copy::{CopyFact, CopySource};
use crate::analysis::env::Origin;
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::known::Known;
use crate::analysis::package_command::PackageCommand;
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::chain;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::commands::{Taint, taint};
use crate::knowledge::glob;
use crate::knowledge::image_names::is_local;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb, program};
use crate::knowledge::packages::package_name;
use crate::model::image::ImageRef;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::{Base, Stage};
use crate::rewrite::packages::missing;
use crate::rules::commands;
use crate::rules::rule::{Finding, Fix};
use crate::syntax::shell::RedirectKind;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// One command of a package manager.
#[derive(Clone, Copy, Debug)]
pub struct Call<'s> {
    /// What it says.
    pub package: &'s PackageCommand,
    /// The command as the shell sees it.
    pub command: &'s Invocation,
}

impl<'s> Call<'s> {
    /// From the program's name to the verb.
    pub fn span(&self) -> Span {
        self.package.verb_span.map_or(self.package.name, |verb| self.package.name.cover(verb))
    }

    /// The program and the verb as they are written: `apt-get install`.
    pub fn title(&self, snapshot: &'s Snapshot) -> String {
        let name = snapshot[self.package.name].trim_matches(['"', '\'']);
        let name = name.rsplit('/').next().unwrap_or(name);
        let verb = self.package.verb_span.map_or("", |verb| snapshot[verb].trim_matches(['"', '\'']));
        format!("{name} {verb}").trim_end().to_owned()
    }

    /// True when it adds packages, or newer versions of them.
    pub fn installs(&self) -> bool {
        use Verb::{BuildDep, DistUpgrade, Group, Install, Upgrade};
        matches!(self.package.verb, Install | Group | BuildDep | Upgrade | DistUpgrade)
    }
}

/// The commands of `families` in `stage`, in order; none of scripts that were not understood.
pub fn calls<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    families: &'static [Family],
) -> impl Iterator<Item = Call<'s>> + use<'s> {
    calls_from(snapshot, stage, families, 0)
}

/// Those of [`calls`] that are not in front of instruction `first`.
pub fn calls_from<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    families: &'static [Family],
    first: usize,
) -> impl Iterator<Item = Call<'s>> + use<'s> {
    all_calls_from(snapshot, stage, families, first).filter(|call| !call.command.broken)
}

/// The same with those of scripts that are half typed, where no quote in front can mean that they are none.
pub fn typed_calls_from<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    families: &'static [Family],
    first: usize,
) -> impl Iterator<Item = Call<'s>> + use<'s> {
    all_calls_from(snapshot, stage, families, first).filter(move |call| {
        let start = snapshot.file().instructions[call.command.instruction].span.start;
        !call.command.broken || !snapshot[Span::new(start, call.command.span.end)].contains(['"', '\''])
    })
}

fn all_calls_from<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    families: &'static [Family],
    first: usize,
) -> impl Iterator<Item = Call<'s>> + use<'s> {
    let StageAnalysis { packages, commands, .. } = snapshot.stage(stage);
    let start = packages.partition_point(|package| commands[package.command].instruction < first);
    let of_families = packages[start..].iter().filter(|package| families.contains(&package.program.family));
    of_families.map(|package| Call { package, command: &commands[package.command] })
}

/// The calls by RUN, in order.
pub fn by_run<'s>(calls: impl Iterator<Item = Call<'s>>) -> Vec<Vec<Call<'s>>> {
    let mut runs: Vec<Vec<Call>> = Vec::new();
    for call in calls {
        match runs.last_mut() {
            Some(run) if run[0].command.instruction == call.command.instruction => run.push(call),
            _ => runs.push(vec![call]),
        }
    }
    runs
}

/// Stages below stages that are looked into.
const MAX_DEPTH: usize = 32;

/// True when the layers of `stage` are layers of an image that somebody starts, see [`commands::ships`].
pub fn ships(snapshot: &Snapshot, stage: &Stage) -> bool {
    ships_below(snapshot, stage, MAX_DEPTH)
}

fn ships_below(snapshot: &Snapshot, stage: &Stage, depth: usize) -> bool {
    let later = &snapshot.file().stages[stage.index + 1..];
    let mut built_on_it = later.iter().filter(|other| other.base == Base::Stage(stage.index));
    commands::ships(snapshot, stage) || depth > 0 && built_on_it.any(|other| ships_below(snapshot, other, depth - 1))
}

/// True when RUN number `instruction` has a mount over one of `paths`, or one that may be.
pub fn is_mounted(stage: &StageAnalysis, instruction: usize, paths: &[&str]) -> bool {
    let Some(run) = stage.run_of(instruction) else { return true };
    let mounts = run.mounts.iter().filter(|mount| matches!(mount.kind(), "cache" | "tmpfs" | "bind"));
    mounts.filter_map(|mount| mount.target()).any(|target| {
        let target = target.trim_end_matches('/');
        target.contains('$') || paths.iter().any(|path| concerns(target, path))
    })
}

/// True when emptying `place` may empty `path`, or part of it. A path that is not absolute is part of a name: `.cache`.
fn concerns(place: &str, path: &str) -> bool {
    if !path.starts_with('/') {
        return place.contains(path);
    }
    if let Some((before, _)) = place.split_once('{') {
        return before.len() > 1 && path.starts_with(before);
    }
    let place = place.trim_end_matches(['*', '.']).trim_end_matches('/');
    place.len() > 1 && (is_below(path, place) || is_below(place, path))
}

/// True when a command behind `call` in its RUN removes one of `paths`, or may do so.
fn is_removed(snapshot: &Snapshot, stage: &StageAnalysis, call: Call, paths: &[&str]) -> bool {
    let later = stage.commands[call.package.command + 1..].iter();
    later.take_while(|command| command.instruction == call.command.instruction).any(|command| {
        let runs = matches!(command.name.as_str(), "sh" | "bash" | "ash" | "dash" | "zsh" | "su" | "eval");
        let text = &snapshot[command.span];
        if runs && (text.contains("clean") || paths.iter().any(|path| text.contains(path))) {
            // A script in quotes that may be too involved to be read.
            return true;
        }
        let removes = matches!(command.name.as_str(), "rm" | "find" | "rmdir" | "mv" | "unlink" | "truncate" | "xargs");
        let cleans = command.name.is_empty()
            || command.name.contains("clean")
            || !removes && command.args.iter().any(|arg| arg.prefix.contains("clean") && arg.prefix.contains('/'));
        cleans || removes && command.args.iter().any(|arg| touches(command, arg, paths))
    }) || stage.commands_of(call.command.instruction).iter().any(|command| command.name == "trap")
}

fn touches(command: &Invocation, arg: &Arg, paths: &[&str]) -> bool {
    if arg.prefix.starts_with('-') {
        return false;
    }
    let Some(value) = arg.value.as_ref() else {
        return arg.prefix.is_empty() || paths.iter().any(|path| concerns(&arg.prefix, path)) || arg.prefix.len() < 2;
    };
    value.split_whitespace().any(|word| {
        let place = match &command.cwd {
            Known::Known(cwd) if !word.starts_with(['/', '~']) => resolve(cwd, word),
            _ => word.to_owned(),
        };
        paths.iter().any(|path| concerns(&place, path))
    })
}

/// The index of the first instruction of the stage, or of those that it is built on, that writes a file whose path has one of
/// `marks` in it, or copies folders over `/` or `folder`: settings that we can't see may be in there. What stands in front of
/// it runs without them. A COPY that is not finished may be one of them.
pub fn configured_from(snapshot: &Snapshot, stage: &Stage, folder: &str, marks: &[&str]) -> Option<usize> {
    let marked = |span: Span| marks.iter().any(|mark| snapshot[span].contains(mark));
    chain(snapshot, stage).iter().find_map(|stage| {
        let writes = |index: usize, instruction: &Instruction| match instruction.kind {
            // The second may be a line of a RUN whose first line has lost its end.
            Kind::Run | Kind::Unknown => marked(instruction.span),
            Kind::Copy | Kind::Add => marked(instruction.span) || snapshot.file().is_refused(index),
            _ => false,
        };
        let mut instructions = snapshot.file().stage_instructions(stage);
        let written = instructions.find(|(index, instruction)| writes(*index, instruction)).map(|(index, _)| index);
        let mut copies = snapshot.stage(stage).copies.iter();
        let copied = copies.find(|copy| copies_over(copy, folder)).map(|copy| copy.instruction);
        written.into_iter().chain(copied).min()
    })
}

/// True when `copy` brings a folder or an archive that may hold files for `folder`.
fn copies_over(copy: &CopyFact, folder: &str) -> bool {
    let may_be_folder = |source: &CopySource| {
        source.may_be_archive() || source.path.is(|path| path.ends_with('/') || !base(path).contains('.'))
    };
    copy.destination.is(|path| is_below(folder, path)) && copy.sources.iter().any(may_be_folder)
}

/// The finding for a call that asks whether to go on: `edit` adds `flag`, which answers.
pub fn asks(snapshot: &Snapshot, call: Call, flag: &str, edit: Edit) -> Finding {
    let message = format!("`{}` asks whether to go on: nobody answers in a build, and it fails", call.title(snapshot));
    Finding::new(call.span(), message).fix(safe(format!("add {flag}"), Some(edit)))
}

/// The commands of `families` that wait for an answer which nobody gives. Whether `folder` and `marks` may say that nothing
/// is asked, see [`configured_from`].
pub fn asking<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    families: &'static [Family],
    folder: &str,
    marks: &[&str],
) -> Vec<Call<'s>> {
    let asks = |call: &Call| {
        let told = call.package.has(FlagMeaning::Yes) || call.package.open;
        // Without a name, or with what `autoremove` finds, there may be nothing to do.
        let named = !call.package.operands.is_empty() || call.command.name == "xargs";
        let changes = match call.package.verb {
            Verb::Upgrade | Verb::DistUpgrade => true,
            Verb::Remove => named,
            _ => named && call.installs(),
        };
        let asks = call.package.program.asks && changes && !told;
        asks && !is_answered(snapshot.stage(stage), *call) && !is_there(snapshot.stage(stage), *call)
    };
    let mut found: Vec<Call> = calls(snapshot, stage, families).filter(asks).collect();
    if !found.is_empty()
        && let Some(from) = configured_from(snapshot, stage, folder, marks)
    {
        found.retain(|call| call.command.instruction < from);
    }
    found
}

/// True when all that is named is in the base image for sure: nothing is left to be done.
fn is_there(stage: &StageAnalysis, call: Call) -> bool {
    let Some(manager) = stage.start.package_manager().as_ref().copied() else { return false };
    let words: Vec<&str> = call.package.words(call.command).map(|arg| package_name(manager, &arg.prefix)).collect();
    call.package.verb == Verb::Install && !words.is_empty() && missing(&stage.start, &words).is_empty()
}

/// True when something answers: a pipe, a file, a here-document.
fn is_answered(stage: &StageAnalysis, call: Call) -> bool {
    let instruction = call.command.instruction;
    let mut others = stage.commands_of(instruction).iter();
    if call.command.piped || others.any(|command| matches!(command.name.as_str(), "yes" | "expect")) {
        return call.command.name != "xargs";
    }
    let reads = |kind| matches!(kind, RedirectKind::Read | RedirectKind::Heredoc | RedirectKind::HereString);
    let script = stage.run_of(instruction).and_then(|run| Some((run.offset, run.script.as_deref()?)));
    script.is_some_and(|(offset, script)| {
        let command = script.commands.iter().find(|command| command.span.shift(offset) == call.command.span);
        command.is_some_and(|command| command.redirects.iter().any(|redirect| reads(redirect.kind)))
    })
}

/// A rule about versions.
#[derive(Clone, Copy, Debug)]
pub struct Pins {
    /// The rule's name, then its aliases: where its options may stand.
    pub names: &'static [&'static str],
    /// The package managers.
    pub families: &'static [Family],
    /// True for a word that names a package without a version.
    pub is_free: fn(&str) -> bool,
    /// The package in a word.
    pub name: fn(&str) -> &str,
}

/// Reports installations of packages without a version, one finding for each RUN.
pub fn not_pinned(snapshot: &Snapshot, stage: &Stage, pins: &Pins, findings: &mut Vec<Finding>) {
    let fixed = [FlagMeaning::Constraint, FlagMeaning::Fixed, FlagMeaning::Versioned];
    let installs =
        |call: &Call| call.package.verb == Verb::Install && !fixed.iter().any(|flag| call.package.has(*flag));
    for run in by_run(calls(snapshot, stage, pins.families).filter(installs)) {
        let mut words: Vec<(&str, Span)> = Vec::new();
        for call in &run {
            let mut args: Vec<&Arg> = call.package.words(call.command).collect();
            // A list in a variable is there once for each of its words.
            args.dedup_by_key(|arg| arg.span);
            words.extend(args.iter().flat_map(|arg| packages_in(snapshot, *call, arg).map(|word| (word, arg.span))));
        }
        let free = words.into_iter().filter(|(word, _)| (pins.is_free)(word) && !is_allowed(snapshot, pins, word));
        let free: Vec<(&str, Span)> = free.collect();
        let Some(&(first, span)) = free.first() else { continue };
        let name = (pins.name)(first);
        let message = match free.len() {
            1 => format!("`{name}` has no version: every build installs the newest"),
            2 => format!("`{name}` and another package have no version: every build installs the newest"),
            more => {
                format!("`{name}` and {} other packages have no version: every build installs the newest", more - 1)
            }
        };
        findings.push(Finding::new(span, message));
    }
}

/// The packages that a word stands for: itself, or what ENV or the shell gave to its variable. ARG is there to be set from
/// outside. Patterns name none.
fn packages_in<'c>(snapshot: &Snapshot, call: Call<'c>, arg: &'c Arg) -> impl Iterator<Item = &'c str> + use<'c> {
    let name = snapshot[arg.span].trim_matches(['"', '$', '{', '}']);
    let origin = call.command.env.get(name).map(|variable| variable.origin);
    let is_list = arg.prefix.is_empty() && matches!(origin, Some(Origin::Env | Origin::Shell));
    let known = arg.value.as_ref().filter(|value| is_list || **value == arg.prefix);
    // Only what a variable held is split.
    let words = known.into_iter().flat_map(move |value| value.split(move |c: char| is_list && c.is_whitespace()));
    let is_flag = move |word: &str| is_list && word.starts_with('-');
    words.filter(move |word| !word.is_empty() && !word.contains(['*', '?', '{', ' ', '$']) && !is_flag(word))
}

fn is_allowed(snapshot: &Snapshot, pins: &Pins, word: &str) -> bool {
    let tables = pins.names.iter().filter_map(|name| snapshot.settings().rule_options(name));
    let mut lists = tables.filter_map(|options| options.get("allow")?.as_array());
    lists.any(|list| list.iter().filter_map(|name| name.as_str()).any(|pattern| glob(pattern, (pins.name)(word))))
}

/// A cache that package managers leave in a layer.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    /// Who fills it.
    pub families: &'static [Family],
    /// By doing what.
    pub fills: &'static [Verb],
    /// Who may empty it.
    pub cleaners: &'static [Family],
    /// By doing what.
    pub cleans: Verb,
    /// Where it is: absolute paths, or parts of them.
    pub paths: &'static [&'static str],
}

/// The calls of each RUN that fill `cache`, where nothing in that RUN empties it and the layer ships.
pub fn left_behind<'s>(snapshot: &'s Snapshot, stage: &Stage, cache: &Cache) -> Vec<Vec<Call<'s>>> {
    if !ships(snapshot, stage) {
        return Vec::new();
    }
    let analysis = snapshot.stage(stage);
    let fills = |call: &Call| {
        cache.fills.contains(&call.package.verb) && !call.package.has(FlagMeaning::Elsewhere) && !call.package.open
    };
    let mut runs = by_run(calls(snapshot, stage, cache.families).filter(fills));
    runs.retain(|run| {
        let last = run[run.len() - 1];
        let instruction = last.command.instruction;
        let mut others = calls_from(snapshot, stage, cache.cleaners, instruction)
            .take_while(|call| call.command.instruction == instruction);
        !is_mounted(analysis, instruction, cache.paths)
            && !others.any(|call| call.package.verb == cache.cleans && call.package.command > last.package.command)
            && !is_removed(snapshot, analysis, last, cache.paths)
    });
    runs
}

/// The last command of `families` in the RUN of `call`.
pub fn last_of<'s>(
    snapshot: &'s Snapshot,
    stage: &Stage,
    call: Call<'s>,
    families: &'static [Family],
) -> &'s Invocation {
    let instruction = call.command.instruction;
    let all = calls_from(snapshot, stage, families, instruction);
    all.take_while(|call| call.command.instruction == instruction).last().unwrap_or(call).command
}

/// The last command of `families` in the RUN of `call`, or the last one behind `call` that may install something by itself.
pub fn last_change<'s>(snapshot: &'s Snapshot, stage: &Stage, call: Call<'s>, families: &[Family]) -> &'s Invocation {
    let analysis = snapshot.stage(stage);
    let commands = analysis.commands_of(call.command.instruction);
    let of_families = |command: &&Invocation| {
        program(&command.name).is_some_and(|program| families.contains(&program.family)) || command.name == "xargs"
    };
    let changes = |command: &&Invocation| of_families(command) || taint(&command.name) == Taint::All;
    let mut behind = commands.iter().filter(|command| command.span.start >= call.command.span.start);
    behind.rfind(changes).unwrap_or(call.command)
}

/// `sudo ` where the call is made with it.
pub fn sudo(snapshot: &Snapshot, call: Call) -> &'static str {
    let prefix = &snapshot[Span::new(call.command.span.start, call.package.name.start.max(call.command.span.start))];
    if prefix.split_whitespace().any(|word| word == "sudo") { "sudo " } else { "" }
}

/// A safe fix of one edit, where there is one.
pub fn safe(title: impl Into<String>, edit: Option<Edit>) -> Option<Fix> {
    Fix::safe(title, vec![edit?])
}

/// The index of the last command of `stage` that may be a script which we can't see; past the last one when it is in a
/// stage that is built on this one.
pub fn last_script(snapshot: &Snapshot, stage: &Stage) -> Option<usize> {
    let is_script = |command: &Invocation| {
        let written = snapshot[command.name_span].trim_matches(['"', '\'']);
        let system = ["/bin/", "/usr/", "/sbin/"].iter().any(|folder| written.starts_with(folder));
        let shell = matches!(command.name.as_str(), "sh" | "bash" | "ash" | "dash" | "source" | "." | "make" | "npx");
        command.name.is_empty() || shell || written.contains('/') && !system
    };
    let stages = snapshot.file().stages[stage.index + 1..].iter();
    let mut above = stages.filter(|other| chain(snapshot, other).iter().any(|base| base.index == stage.index));
    let commands = &snapshot.stage(stage).commands;
    if above.any(|other| snapshot.stage(other).commands.iter().any(is_script)) {
        return Some(commands.len());
    }
    commands.iter().rposition(is_script)
}

/// True when the base image sets no variables that we don't know of and that matter here: an image of our table, or an
/// official one.
pub fn env_is_known(snapshot: &Snapshot, stage: &Stage) -> bool {
    let start = &snapshot.stage(stage).start;
    let Some(reference) = start.reference.as_deref() else { return false };
    let repository = ImageRef::parse(reference).repository;
    start.image().is_some() || !is_local(&repository) && !normalized_repository(&repository).contains('/')
}

/// How the name of a file with a package ends.
const RPM_FILE: &str = ".rpm";

/// True for a word of an RPM installation that has a version, or may have one: `git-2.43`, `java-17-openjdk`, `./a.rpm`,
/// `@group`, `nodejs:18`.
pub fn may_have_rpm_version(word: &str) -> bool {
    let dashed = word.as_bytes().windows(2).any(|pair| pair[0] == b'-' && pair[1].is_ascii_digit());
    dashed || word.contains(['/', '@', '=', '<', '>', ':', '(']) || word.ends_with(RPM_FILE)
}
