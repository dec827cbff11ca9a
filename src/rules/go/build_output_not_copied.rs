//! A program is copied from where the build does not put it.
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::go::GoCommand;
use crate::analysis::known::Answer;
use crate::analysis::path::{base, is_below};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::written::{self, Written};
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::{called, chain};
use crate::rules::unfinished::{is_refused, may_bring_more};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let mut builders: Vec<usize> = Vec::new();
    for copy in &snapshot.stage(stage).copies {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let builder = &snapshot.file().stages[from];
        // WORKDIR makes folders too.
        let unfinished = || may_bring_more(snapshot, builder) || is_refused(snapshot, builder, &[Kind::Workdir]);
        if builders.contains(&from) || !builds(snapshot, builder) || unfinished() {
            continue;
        }
        builders.push(from);
        let Some(written) = written::of(snapshot, builder) else { continue };
        findings.extend(of_builder(snapshot, stage, builder, &written));
    }
}

/// Most stages that are copied from build nothing.
fn builds(snapshot: &Snapshot, builder: &Stage) -> bool {
    let mut commands = chain(snapshot, builder).flat_map(|stage| &snapshot.stage(stage).go);
    commands.any(GoCommand::builds)
}

/// What `stage` copies from `builder` and is not there.
fn of_builder(snapshot: &Snapshot, stage: &Stage, builder: &Stage, written: &Written) -> Vec<Finding> {
    let from = |copy: &&CopyFact| copy.from == CopyFrom::Stage(builder.index);
    let copies = || snapshot.stage(stage).copies.iter().filter(from);
    let sources = copies().flat_map(|copy| &copy.sources);
    let takes = |source: &CopySource, program: &str| {
        source.path.as_ref().is_none_or(|path| source.is_glob() || is_below(program, path))
    };
    let taken = |program: &str| copies().flat_map(|copy| &copy.sources).any(|source| takes(source, program));
    let missing = sources.filter_map(|source| {
        let path = source.path.as_ref().filter(|path| !source.is_glob() && path.len() > 1)?;
        let (program, command) = meant(written, path, taken)?;
        let is_lacking = may_be_told(snapshot, builder, path, program) && written.lacks(snapshot, builder, path);
        is_lacking.then(|| finding(snapshot, builder, source, (path, program, command)))
    });
    missing.collect()
}

/// The program that `path` means: the one of that name, or the only one where nothing copies it.
fn meant<'w>(written: &'w Written, path: &str, taken: impl Fn(&str) -> bool) -> Option<(&'w String, &'w GoCommand)> {
    let mut named = written.programs.iter().filter(|(program, _)| base(program) == base(path));
    let (program, command) = match (named.next(), written.programs.as_slice()) {
        (Some(found), _) => found,
        (None, [only]) if !taken(&only.0) => only,
        _ => return None,
    };
    // Any other program of that name may be meant as well.
    named.all(|(other, _)| other == program).then_some((program, *command))
}

/// False where the base image or its packages may have put something.
fn may_be_told(snapshot: &Snapshot, builder: &Stage, path: &str, program: &str) -> bool {
    const OF_THE_SYSTEM: [&str; 20] = [
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/media", "/mnt", "/opt", "/proc",
        "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
    ];
    let end = &snapshot.stage(builder).end;
    let of_system = OF_THE_SYSTEM.iter().any(|folder| is_below(path, folder));
    let own_name = base(path) == base(program) && end.has_command(base(path)) != Answer::Yes;
    let of_go = ["/go/pkg", "/go/src", "/usr/local/go"].iter().any(|folder| is_below(path, folder));
    let is_folder = matches!(path, "/go" | "/go/bin");
    !of_go && !is_folder && (!of_system || own_name) && !path.contains('$')
}

fn finding(
    snapshot: &Snapshot,
    builder: &Stage,
    source: &CopySource,
    (path, program, command): (&str, &str, &GoCommand),
) -> Finding {
    let relative = !snapshot[source.span].trim_matches(['"', '\'']).starts_with(['/', '$']);
    let why = if relative { ": COPY --from starts at /" } else { "" };
    let message = format!("`{path}` is not in {}{why}", called(builder));
    let place = command.flag("-o").map_or(command.span, |flag| flag.span);
    let finding = Finding::new(source.span, message).because(place, format!("the program is `{program}`"));
    finding.fix(fix(snapshot, source, program))
}

/// The right path; where the program has another name, somebody has to look.
fn fix(snapshot: &Snapshot, source: &CopySource, program: &str) -> Option<Fix> {
    let plain = program.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte));
    let raw = &snapshot[source.span];
    let quoted = u32::from(raw.len() > 1 && raw.starts_with(['"', '\'']));
    let span = Span::new(source.span.start + quoted, source.span.end - quoted);
    let edits = vec![Edit::replace(span, program)];
    let title = format!("copy {program}");
    let same_name = source.path.is(|path| base(path) == base(program));
    match (plain, same_name) {
        (false, _) => None,
        (true, true) => Fix::safe(title, edits),
        (true, false) => Fix::unsafe_(title, edits),
    }
}
