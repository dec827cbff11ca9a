//! Flags and variables that Go needed once: `-a`, `-installsuffix cgo`, `GO111MODULE=on`, `go get -d ./...`.
use crate::analysis::env::Env;
use crate::analysis::go::GoCommand;
use crate::analysis::go_caches;
use crate::analysis::invocation::Invocation;
use crate::analysis::known::{Answer, Known};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::knowledge::golang_tags::GoVersion;
use crate::model::instruction::{Instruction, Kind};
use crate::model::stage::Stage;
use crate::rewrite::{go_flags, lines, run_script};
use crate::rules::commands::ENOUGH;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity, Tag};
use crate::rules::unfinished::first_refused;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

const VARIABLE: &str = "GO111MODULE";

/// Something that goes.
struct Relic {
    span: Span,
    message: &'static str,
    /// What takes it away; empty where that can't be written.
    edits: Vec<Edit>,
    /// Taking it away may change what is built.
    unsure: bool,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let mut relics: Vec<Relic> = Vec::new();
    for go in analysis.go.iter().filter(|go| is_readable(snapshot, go)).take(ENOUGH) {
        flags(snapshot, stage, go, &mut relics);
        relics.extend(assignment(snapshot, go));
        relics.extend(written(snapshot, stage, go));
        relics.extend(get(snapshot, go));
    }
    relics.extend(exported(snapshot, stage));
    relics.extend(set(snapshot, stage));
    if let Some(refused) = first_refused(snapshot, stage, &[Kind::Env, Kind::Arg]) {
        let start = snapshot.file().instructions[refused].span.start;
        relics.retain(|relic| relic.message != ON || relic.span.end <= start);
    }
    relics.sort_by_key(|relic| relic.span);
    findings.extend(finding(&relics));
}

/// One finding for all: what is sure goes by one fix, what needs a look with it by another.
fn finding(relics: &[Relic]) -> Option<Finding> {
    let first = relics.first()?;
    let mut finding = Finding::new(first.span, first.message);
    finding.tag = Some(Tag::Unnecessary);
    for other in relics.iter().skip(1) {
        finding = finding.because(other.span, other.message);
    }
    let edits_of = |relics: &mut dyn Iterator<Item = &Relic>| -> Vec<Edit> {
        relics.flat_map(|relic| relic.edits.iter().cloned()).collect()
    };
    let sure = edits_of(&mut relics.iter().filter(|relic| !relic.unsure));
    let all = edits_of(&mut relics.iter());
    let more = all.len() > sure.len();
    let title = "leave to go what it does by itself";
    if !sure.is_empty() {
        finding = finding.fix(Fix::safe(title, sure.clone()));
    }
    if more {
        let title =
            if sure.is_empty() { title.to_owned() } else { format!("{title}, and download by `go mod download`") };
        finding = finding.fix(Fix::unsafe_(title, all));
    }
    Some(finding)
}

fn is_readable(snapshot: &Snapshot, go: &GoCommand) -> bool {
    !go.command.broken && !snapshot.file().is_refused(go.instruction)
}

/// The Go of an image is known and not older than `minor`; a tag without a version is newer.
fn has_go(state: &ImageState, minor: u32) -> bool {
    let Some(Some(go)) = state.go.as_ref() else { return false };
    go.version.as_ref().is_none_or(|version| *version >= GoVersion::minor(1, minor))
}

/// `-a` and `-installsuffix`.
fn flags(snapshot: &Snapshot, stage: &Stage, go: &GoCommand, relics: &mut Vec<Relic>) {
    let of_std = go.packages.iter().any(|package| matches!(package.prefix.as_str(), "std" | "cmd"));
    if !matches!(go.verb.as_str(), "build" | "install" | "test" | "vet" | "run") || of_std || !has_go(&go.state, 10) {
        return;
    }
    let is_shell =
        snapshot.file().instructions[go.instruction].command().is_some_and(|command| command.exec().is_none());
    for flag in go.flags.iter().filter(|flag| flag.span != go.span) {
        let message = match (flag.name.as_str(), flag.value.as_ref().map(String::as_str)) {
            ("-a", Some("true")) if !may_be_stale(snapshot, stage, go) => {
                "`-a` has no use: go knows what it has to compile again"
            }
            ("-installsuffix", Some(_)) => {
                "`-installsuffix` has no use: go tells builds with and without cgo apart by itself"
            }
            _ => continue,
        };
        let edits = if is_shell { go_flags::delete(snapshot, vec![flag.span]) } else { Vec::new() };
        relics.push(Relic { span: flag.span, message, edits, unsure: false });
    }
    join_neighbours(snapshot, relics);
}

/// Flags side by side are deleted together, lest a blank stays or goes twice.
fn join_neighbours(snapshot: &Snapshot, relics: &mut [Relic]) {
    for index in 1..relics.len() {
        let (before, after) = relics.split_at_mut(index);
        let (Some(one), Some(other)) = (before.last_mut(), after.first_mut()) else { return };
        let between = one.span.end..other.span.start.max(one.span.end);
        let beside = one.span.end <= other.span.start
            && snapshot.text()[between.start as usize..between.end as usize].trim_matches([' ', '\t']).is_empty();
        if beside && !one.edits.is_empty() && !other.edits.is_empty() {
            other.edits = go_flags::delete(snapshot, vec![one.span, other.span]);
            one.edits.clear();
        }
    }
}

/// What is in a cache may have been compiled with other C headers, which go does not look at.
fn may_be_stale(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> bool {
    let folder = go_caches::folders(snapshot, stage, go).builds;
    let holds =
        |folder: &String| go.mounts.iter().any(|mount| go_caches::holds(snapshot, go, mount, folder) != Answer::No);
    let may_hold = folder.as_ref().map_or(go.mounts.iter().any(|mount| mount.kind() == "cache"), holds);
    may_hold && go.cgo() != Answer::No
}

const ON: &str = "GO111MODULE=on has no use: modules are on since Go 1.16";

/// True when nothing in front says something else, which `on` would overrule.
fn is_default(env: &Env) -> bool {
    env.get(VARIABLE).is_none_or(|variable| variable.value.is(|value| value == "on")) && !env.is_open()
}

/// `GO111MODULE=on go build`
fn assignment(snapshot: &Snapshot, go: &GoCommand) -> Option<Relic> {
    let (_, span) = go.command.assignments.iter().find(|(name, _)| name == VARIABLE)?;
    let on = go.command.env.known(VARIABLE) == Some("on") && is_default(&go.state.env) && has_go(&go.state, 16);
    on.then(|| Relic { span: *span, message: ON, edits: go_flags::delete(snapshot, vec![*span]), unsure: false })
}

/// `go env -w GO111MODULE=on`
fn written(snapshot: &Snapshot, stage: &Stage, go: &GoCommand) -> Option<Relic> {
    let is_it = go.verb == "env" && snapshot[go.span].ends_with("-w GO111MODULE=on");
    (is_it && is_default(&go.state.env) && has_go(&go.state, 16)).then(|| removed(snapshot, stage, &go.command))
}

/// `export GO111MODULE=on`
fn exported(snapshot: &Snapshot, stage: &Stage) -> Vec<Relic> {
    let analysis = snapshot.stage(stage);
    let exports = analysis.commands.iter().filter(|command| {
        command.name == "export" && command.args.len() == 1 && command.args[0].is("GO111MODULE=on") && !command.broken
    });
    let known = |command: &&Invocation| is_default(&command.env) && has_go(&analysis.start, 16);
    let refused = |command: &&Invocation| snapshot.file().is_refused(command.instruction);
    exports
        .filter(known)
        .filter(|command| !refused(command))
        .take(ENOUGH)
        .map(|command| removed(snapshot, stage, command))
        .collect()
}

/// Without the command; without the whole RUN where it is alone.
fn removed(snapshot: &Snapshot, stage: &Stage, command: &Invocation) -> Relic {
    let analysis = snapshot.stage(stage);
    let alone = analysis.commands.iter().filter(|other| other.instruction == command.instruction).count() == 1;
    let without = || {
        let edit = run_script::remove(snapshot, analysis, command);
        edit.or_else(|| run_script::remove_last(snapshot, analysis, command)).into_iter().collect()
    };
    let edits = if alone { lines::delete(snapshot, &[command.instruction]) } else { without() };
    Relic { span: command.span, message: ON, edits, unsure: false }
}

/// `ENV GO111MODULE=on`
fn set(snapshot: &Snapshot, stage: &Stage) -> Vec<Relic> {
    let (file, text) = (snapshot.file(), snapshot.text());
    let mut relics = Vec::new();
    if !has_go(&snapshot.stage(stage).start, 16) {
        return relics;
    }
    for (index, instruction) in file.stage_instructions(stage) {
        if instruction.kind != Kind::Env || file.is_refused(index) {
            continue;
        }
        let on = |name: &str, value: Option<&str>| name == VARIABLE && value == Some("on");
        let at = instruction.pairs().iter().position(|pair| {
            let value = pair.value.as_ref().and_then(|value| value.literal(text));
            on(pair.name.raw(text), value.as_deref())
        });
        if let Some(at) = at
            && is_default(&state_before(snapshot, stage, index).env)
        {
            let span = instruction.pairs()[at].span;
            relics.push(Relic {
                span,
                message: ON,
                edits: without_pair(snapshot, index, instruction, at),
                unsure: false,
            });
        }
    }
    relics
}

/// The instruction without its pair `at`.
fn without_pair(snapshot: &Snapshot, index: usize, instruction: &Instruction, at: usize) -> Vec<Edit> {
    let pairs = instruction.pairs();
    let span = match (at.checked_sub(1).map(|before| pairs[before].span), pairs.get(at + 1)) {
        (None, None) => return lines::delete(snapshot, &[index]),
        (_, Some(next)) => Span::new(pairs[at].span.start, next.span.start),
        (Some(before), None) => Span::new(before.end, pairs[at].span.end),
    };
    let blank = snapshot[span].replacen(&snapshot[pairs[at].span], "", 1);
    let escape = char::from(snapshot.file().escape);
    let plain = blank.chars().all(|c| c.is_ascii_whitespace() || c == escape);
    if plain { vec![Edit::delete(span)] } else { Vec::new() }
}

/// `go get -d ./...`
fn get(snapshot: &Snapshot, go: &GoCommand) -> Option<Relic> {
    let is_local = go.packages.iter().all(|package| matches!(package.prefix.as_str(), "." | "./..." | "./"));
    let plain = go.flags.iter().all(|flag| matches!(flag.name.as_str(), "-d" | "-v" | "-x" | "-t"));
    let fits = go.verb == "get" && go.flag("-d").is_some_and(|flag| flag.span != go.span) && is_local && plain;
    if !fits || !has_go(&go.state, 18) || source::is_gopath_mode(go) || matches!(go.folder(), Known::Unknown) {
        return None;
    }
    let exec = snapshot.file().instructions[go.instruction].command()?.exec().is_some();
    let ends = go.flags.iter().map(|flag| flag.span).chain(go.packages.iter().map(|package| package.span));
    let end = ends.filter(|span| *span != go.span).map(|span| span.end).max()?;
    let loud = if go.flag("-x").is_some() { " -x" } else { "" };
    let edit = Edit::replace(Span::new(go.verb_span.start, end), format!("mod download{loud}"));
    let message = "`-d` has no use since Go 1.18, and `go get` may change go.mod: `go mod download` only downloads";
    Some(Relic { span: go.span, message, edits: if exec { Vec::new() } else { vec![edit] }, unsure: true })
}
