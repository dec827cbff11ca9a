//! `go build main.go`, although the package has more files.
use crate::analysis::go::{GoCommand, program_name};
use crate::analysis::invocation::Arg;
use crate::analysis::known::Answer;
use crate::analysis::path::{base, is_go_file};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::model::stage::Stage;
use crate::project::paths;
use crate::rewrite::go_flags;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Hint, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Commands that are looked at; no build has more.
const MAX_COMMANDS: usize = 64;

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    if snapshot.facts().context.is_none() {
        return;
    }
    let names_file = |go: &&GoCommand| {
        let verb = matches!(go.verb.as_str(), "build" | "run");
        verb && !go.command.broken && go.packages.first().is_some_and(|first| is_go_file(&first.prefix))
    };
    let mut commands = snapshot.stage(stage).go.iter().filter(names_file).take(MAX_COMMANDS);
    findings.extend(commands.find_map(|command| finding(snapshot, stage, command)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Finding> {
    let count = command.packages.iter().take_while(|package| is_go_file(&package.prefix)).count();
    let files = command.packages.get(..count)?;
    if command.verb == "build" && count < command.packages.len() {
        return None;
    }
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, command.cgo() != Answer::No)?;
    let first = files.first()?.value.as_ref()?;
    let found = snapshot.facts().resolve_packages(&module.cwd, first, &build)?;
    let package = found.first().filter(|package| package.complete)?;
    let mut named = Vec::new();
    for file in files {
        let file = file.value.as_ref().filter(|file| paths::parent(file) == paths::parent(first))?;
        named.push(base(file));
    }
    let selected: Vec<_> = package.selected(&build).collect();
    let all_belong = named.iter().all(|name| selected.iter().any(|file| file.name == *name));
    let (inside, left_out): (Vec<_>, Vec<_>) = selected.iter().partition(|file| named.contains(&file.name.as_str()));
    // Several programs in one folder are built by their files.
    let has_main = |files: &[&&crate::project::packages::GoFile]| files.iter().any(|file| file.source.has_main);
    if !all_belong || left_out.is_empty() || !has_main(&inside) || has_main(&left_out) {
        return None;
    }
    let which = match left_out.as_slice() {
        [only] => format!("{} is", only.name),
        [one, other] => format!("{} and {} are", one.name, other.name),
        [first, ..] => format!("{} and {} more are", first.name, left_out.len() - 1),
        [] => return None,
    };
    let span = files.first()?.span.cover(files.last()?.span);
    let what = if files.len() > 1 { "these files alone are" } else { "this file alone is" };
    let finding = Finding::new(span, format!("{what} built: {which} of the same package"));
    Some(finding.fix(fix(snapshot, command, files, first)))
}

/// The package instead of its files; the program keeps its name.
fn fix(snapshot: &Snapshot, command: &GoCommand, files: &[Arg], first: &str) -> Option<Fix> {
    let plain = files.iter().all(|file| file.value.is(|value| snapshot[file.span] == **value));
    let folder = paths::parent(first).trim_start_matches("./");
    let package = match folder {
        "" | "." => ".".to_owned(),
        _ if folder.starts_with(['/', '.']) => folder.to_owned(),
        _ => format!("./{folder}"),
    };
    let span = files.first()?.span.cover(files.last()?.span);
    let mut edits = vec![Edit::replace(span, package.clone())];
    if command.verb == "build" && command.flag("-o").is_none() {
        let name = program_name(first, None)?;
        if program_name(&package, None).as_ref() != Some(&name) {
            edits.push(go_flags::insert(snapshot, command, &format!("-o {name}"))?);
        }
    }
    if plain { Fix::unsafe_(format!("name the package: {package}"), edits) } else { None }
}
