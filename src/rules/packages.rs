//! What the rules of the group `package` share: the commands of package managers, and what a build says about them.
use crate::analysis::copy::{CopyFact, CopySource};
use crate::analysis::invocation::{Arg, Invocation};
use crate::analysis::known::Known;
use crate::analysis::package_command::PackageCommand;
use crate::analysis::path::{base, is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::chain;
use crate::analysis::stage::StageAnalysis;
use crate::knowledge::base_images::normalized_repository;
use crate::knowledge::glob;
use crate::knowledge::image_names::is_local;
use crate::knowledge::package_tools::{Family, FlagMeaning, Verb};
use crate::model::image::ImageRef;
use crate::model::instruction::Kind;
use crate::model::stage::{Base, Stage};
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
    let analysis = snapshot.stage(stage);
    let of_families = analysis.packages.iter().filter(|package| families.contains(&package.program.family));
    let calls = of_families.map(|package| Call { package, command: &analysis.commands[package.command] });
    calls.filter(|call| !call.command.broken)
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

/// True when the layers of `stage` are layers of the last stage.
pub fn ships(snapshot: &Snapshot, stage: &Stage) -> bool {
    let stages = &snapshot.file().stages;
    let mut next = stages.last();
    while let Some(this) = next {
        if this.index == stage.index {
            return true;
        }
        next = if let Base::Stage(parent) = this.base { stages.get(parent) } else { None };
    }
    false
}

/// True when RUN number `instruction` has a mount over one of `paths`, or one that may be.
pub fn is_mounted(stage: &StageAnalysis, instruction: usize, paths: &[&str]) -> bool {
    let Some(run) = stage.runs.iter().find(|run| run.instruction == instruction) else { return true };
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
pub fn is_removed(stage: &StageAnalysis, call: Call, paths: &[&str]) -> bool {
    let later = stage.commands[call.package.command + 1..].iter();
    later.take_while(|command| command.instruction == call.command.instruction).any(|command| {
        let removes = matches!(command.name.as_str(), "rm" | "find" | "rmdir" | "mv" | "unlink" | "truncate" | "xargs");
        let cleans = command.name.is_empty()
            || command.name.contains("clean")
            || !removes && command.args.iter().any(|arg| arg.prefix.contains("clean") && arg.prefix.contains('/'));
        cleans || removes && command.args.iter().any(|arg| touches(command, arg, paths))
    }) || stage.commands.iter().any(|command| command.name == "trap" && command.instruction == call.command.instruction)
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

/// True when the stage, or one that it is built on, writes a file whose path has one of `marks` in it, or copies folders
/// over `/` or `folder`: settings that we can't see may be in there.
pub fn may_be_configured(snapshot: &Snapshot, stage: &Stage, folder: &str, marks: &[&str]) -> bool {
    let marked = |span: Span| marks.iter().any(|mark| snapshot[span].contains(mark));
    chain(snapshot, stage).iter().any(|stage| {
        let mut instructions = snapshot.file().stage_instructions(stage);
        instructions.any(|(_, instruction)| {
            matches!(instruction.kind, Kind::Run | Kind::Copy | Kind::Add) && marked(instruction.span)
        }) || snapshot.stage(stage).copies.iter().any(|copy| copies_over(copy, folder))
    })
}

/// True when `copy` brings a folder or an archive that may hold files for `folder`.
fn copies_over(copy: &CopyFact, folder: &str) -> bool {
    let may_be_folder = |source: &CopySource| {
        source.may_be_archive() || source.path.is(|path| path.ends_with('/') || !base(path).contains('.'))
    };
    copy.destination.is(|path| is_below(folder, path)) && copy.sources.iter().any(may_be_folder)
}

/// Reports the commands of `families` that wait for an answer. `flag` adds the flag that keeps them from asking.
pub fn asks(
    snapshot: &Snapshot,
    stage: &Stage,
    families: &'static [Family],
    report: fn(&Snapshot, &Stage, Call) -> Option<Finding>,
    findings: &mut Vec<Finding>,
) {
    for call in calls(snapshot, stage, families) {
        let asks = call.package.program.asks && (call.installs() || call.package.verb == Verb::Remove);
        let told = call.package.has(FlagMeaning::Yes) || call.package.open;
        if asks && !told && !is_answered(snapshot.stage(stage), call) {
            findings.extend(report(snapshot, stage, call));
        }
    }
}

/// True when something answers: a pipe, a file, a here-document.
fn is_answered(stage: &StageAnalysis, call: Call) -> bool {
    let instruction = call.command.instruction;
    let mut others = stage.commands.iter().filter(|command| command.instruction == instruction);
    if call.command.piped || others.any(|command| matches!(command.name.as_str(), "yes" | "expect")) {
        return call.command.name != "xargs";
    }
    let reads = |kind| matches!(kind, RedirectKind::Read | RedirectKind::Heredoc | RedirectKind::HereString);
    let run = stage.runs.iter().find(|run| run.instruction == instruction);
    let script = run.and_then(|run| Some((run.offset, run.script.as_deref()?)));
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

/// Reports installations of packages without a version, one for each command.
pub fn not_pinned(snapshot: &Snapshot, stage: &Stage, pins: &Pins, findings: &mut Vec<Finding>) {
    let fixed = [FlagMeaning::Constraint, FlagMeaning::Fixed, FlagMeaning::Versioned];
    for call in calls(snapshot, stage, pins.families) {
        if call.package.verb != Verb::Install || fixed.iter().any(|flag| call.package.has(*flag)) {
            continue;
        }
        // What a variable holds is for others to say; patterns name no package.
        let literal = call.package.words(call.command).filter(|arg| arg.is(&arg.prefix));
        let words = literal.filter(|arg| !arg.prefix.contains(['*', '?', '{', ' ', '$']));
        let free = words.filter(|arg| (pins.is_free)(&arg.prefix) && !is_allowed(snapshot, pins, &arg.prefix));
        let free: Vec<&Arg> = free.collect();
        let Some(first) = free.first() else { continue };
        let name = (pins.name)(&first.prefix);
        let message = match free.len() {
            1 => format!("`{name}` has no version: every build installs the newest"),
            2 => format!("`{name}` and another package have no version: every build installs the newest"),
            more => {
                format!("`{name}` and {} other packages have no version: every build installs the newest", more - 1)
            }
        };
        findings.push(Finding::new(first.span, message));
    }
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
        let mut others = calls(snapshot, stage, cache.cleaners).filter(|call| call.command.instruction == instruction);
        !is_mounted(analysis, instruction, cache.paths)
            && !others.any(|call| call.package.verb == cache.cleans && call.package.command > last.package.command)
            && !is_removed(analysis, last, cache.paths)
    });
    runs
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

/// True when a script that we can't see runs behind `call`, in this stage or in one that is built on it.
pub fn runs_scripts(snapshot: &Snapshot, stage: &Stage, call: Call) -> bool {
    let is_script = |command: &&Invocation| {
        let written = snapshot[command.name_span].trim_matches(['"', '\'']);
        let system = ["/bin/", "/usr/", "/sbin/"].iter().any(|folder| written.starts_with(folder));
        let shell = matches!(command.name.as_str(), "sh" | "bash" | "ash" | "dash" | "source" | "." | "make" | "npx");
        command.name.is_empty() || shell || written.contains('/') && !system
    };
    let stages = snapshot.file().stages[stage.index..].iter();
    let above = stages.filter(|other| chain(snapshot, other).iter().any(|base| base.index == stage.index));
    above.into_iter().any(|other| {
        let from = if other.index == stage.index { call.package.command + 1 } else { 0 };
        snapshot.stage(other).commands[from..].iter().any(|command| is_script(&command))
    })
}

/// True when the base image sets no variables that we don't know of and that matter here: an image of our table, or an
/// official one.
pub fn env_is_known(snapshot: &Snapshot, stage: &Stage) -> bool {
    let start = &snapshot.stage(stage).start;
    let Some(reference) = start.reference.as_deref() else { return false };
    let repository = ImageRef::parse(reference).repository;
    start.image().is_some() || !is_local(&repository) && !normalized_repository(&repository).contains('/')
}

/// True for a word of an RPM installation that has a version, or may have one: `git-2.43`, `java-17-openjdk`, `./a.rpm`,
/// `@group`, `nodejs:18`.
pub fn may_have_rpm_version(word: &str) -> bool {
    let dashed = word.as_bytes().windows(2).any(|pair| pair[0] == b'-' && pair[1].is_ascii_digit());
    dashed || word.contains(['/', '@', '=', '<', '>', ':', '(']) || word.ends_with(".rpm")
}
