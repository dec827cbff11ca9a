//! The program reads files of the project that the image lacks.
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::path::{base, is_below, relative, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source::{self, Origin};
use crate::knowledge::go_calls::CallKind;
use crate::model::instruction::{Body, Kind};
use crate::model::stage::Stage;
use crate::project::files;
use crate::project::paths;
use crate::rewrite::lines;
use crate::rewrite::shipped::{self, Call, Code, Shipped};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::chain;
use crate::rules::started::is_for_developers;
use crate::rules::unfinished::{is_refused, may_bring_more};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Tools that put files into the program before it is built.
const BUNDLERS: [&str; 8] = [
    "github.com/gobuffalo/packr",
    "github.com/GeertJohan/go.rice",
    "github.com/rakyll/statik",
    "github.com/markbates/pkger",
    "github.com/shurcooL/vfsgen",
    "github.com/shurcooL/httpfs",
    "github.com/elazarl/go-bindata-assetfs",
    "github.com/knadh/stuffbin",
];

/// Files that are often mounted into the container instead.
const MOUNTED: [&str; 13] =
    ["yml", "yaml", "json", "toml", "ini", "conf", "cfg", "env", "pem", "key", "crt", "db", "properties"];

/// Folders that hold what users bring.
const FILLED: [&str; 9] = ["data", "uploads", "upload", "tmp", "storage", "media", "downloads", "logs", "files"];

/// A file or folder that the program reads and the image lacks.
struct Lacking<'s> {
    call: Call<'s>,
    /// As the program names it.
    written: &'s str,
    /// Relative to the context.
    in_context: String,
    /// Where it should be in the image.
    path: String,
    mounted: bool,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let analysis = snapshot.stage(stage);
    let from_stage = |copy: &CopyFact| matches!(copy.from, CopyFrom::Stage(_));
    if snapshot.facts().context.is_none() || !analysis.copies.iter().any(from_stage) {
        return;
    }
    let refused = is_refused(snapshot, stage, &[Kind::Workdir, Kind::Volume]) || may_bring_more(snapshot, stage);
    if refused || is_for_developers(snapshot, stage) || may_bring_files(snapshot, stage) {
        return;
    }
    let Some(program) = shipped::program(snapshot, stage) else { return };
    let Some(workdir) = analysis.end.workdir.as_ref() else { return };
    let Some(code) = shipped::code(snapshot, &program) else { return };
    let moves = code.calls.iter().any(|call| call.kind == CallKind::WorkingDirectory);
    let bundles = code.imports.iter().any(|path| BUNDLERS.iter().any(|bundler| path.starts_with(bundler)));
    if moves || bundles {
        return;
    }
    let mut lacking: Vec<Lacking> = Vec::new();
    for call in &code.calls {
        let Some(path) = read(call) else { continue };
        let Some(found) = lacks(snapshot, stage, &code, workdir, call, path) else { continue };
        if lacking.iter().all(|other| other.path != found.path) {
            lacking.push(found);
        }
    }
    findings.extend(finding(snapshot, stage, &program, &lacking));
}

/// True when commands of the stage may bring any file, or a volume does.
fn may_bring_files(snapshot: &Snapshot, stage: &Stage) -> bool {
    let opened = snapshot.stage(stage).end.files.opened_by().is_some();
    opened
        || chain(snapshot, stage).any(|stage| {
            let brings = |name: &str| matches!(name, "tee" | "echo" | "printf" | "cat" | "ln" | "touch" | "sed");
            snapshot.stage(stage).commands.iter().any(|command| brings(&command.name))
                || snapshot
                    .file()
                    .stage_instructions(stage)
                    .any(|(_, step)| matches!(step.kind, Kind::Volume | Kind::Onbuild) || !step.heredocs.is_empty())
        })
}

/// The relative path that a call reads without an alternative: it ends the program when it is not there, or serves nothing.
fn read<'s>(call: &Call<'s>) -> Option<&'s str> {
    let mention = call.mention;
    let path = match call.kind {
        CallKind::Files => mention.literals.first()?,
        CallKind::Served => mention.literals.get(1)?,
        CallKind::Directory if mention.name == "net/http.Dir" || mention.fatal => mention.literals.first()?,
        CallKind::File if mention.fatal && !matches!(mention.name.as_str(), "os.Stat" | "os.OpenFile") => {
            mention.literals.first()?
        }
        _ => return None,
    };
    let path = path.strip_prefix("./").unwrap_or(path);
    // What stands in front of the first wildcard is a folder.
    let literal = path.split(['*', '?', '[', '{']).next().unwrap_or(path);
    let literal = if literal.len() < path.len() { literal.rsplit_once('/')?.0 } else { path.trim_end_matches('/') };
    let outside = literal.starts_with(['/', '~', '.']) || literal.contains(['$', '%', ' ', ':', '\\']);
    (!literal.is_empty() && !outside).then_some(literal)
}

fn lacks<'s>(
    snapshot: &Snapshot,
    stage: &Stage,
    code: &Code<'s>,
    workdir: &str,
    call: &Call<'s>,
    written: &'s str,
) -> Option<Lacking<'s>> {
    let facts = snapshot.facts();
    let name = base(written);
    let top = written.split('/').next().unwrap_or(written);
    if FILLED.contains(&top) || name == ".env" || is_covered(code, written) {
        return None;
    }
    let main = code.mains.first().map_or("", String::as_str);
    let dirs = [code.module.module.dir.as_str(), main, ""];
    let mut places = dirs.iter().map(|dir| paths::join(dir, written));
    let in_context =
        places.find(|place| facts.arrives(place) == Some(true) && facts.is_git_ignored(place) != Some(true))?;
    let path = resolve(workdir, written);
    if holds(snapshot, stage, &path) {
        return None;
    }
    let mounted = MOUNTED.contains(&extension(name));
    // Who has a compose file or a chart may mount what is missing.
    let mounts = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "chart", "charts", "k8s"];
    if mounted && mounts.iter().any(|name| facts.exists(name) == Some(true)) {
        return None;
    }
    Some(Lacking { call: *call, written, in_context, path, mounted })
}

/// True when the program may do without: the path is built in, written or looked for elsewhere.
fn is_covered(code: &Code, written: &str) -> bool {
    let name = base(written);
    let top = written.split('/').next().unwrap_or(written);
    let embedded = code.embedded.iter().any(|pattern| {
        let mut parts = pattern.split('/');
        parts.any(|part| part == name || part == top)
    });
    embedded
        || code.calls.iter().any(|call| {
            let asks = call.kind == CallKind::Write || matches!(call.mention.name.as_str(), "os.Stat" | "os.OpenFile");
            asks && call.mention.literals.iter().any(|path| path.trim_start_matches("./").starts_with(top))
        })
}

/// True when a copy of the stage brings `path`, something around it, or something that is not known.
fn holds(snapshot: &Snapshot, stage: &Stage, path: &str) -> bool {
    let around = |other: &str| is_below(path, other) || is_below(other, path);
    let mut copies = chain(snapshot, stage).flat_map(|stage| &snapshot.stage(stage).copies);
    copies.any(|copy| {
        let Some(destination) = copy.destination.as_ref() else { return true };
        let broken = copy.sources.is_empty();
        broken
            || copy.sources.iter().any(|source| match copy.target(source).as_ref() {
                None => true,
                Some(target) if is_file(snapshot, copy, source) => path == target || is_below(target, path),
                Some(target) => around(target) || around(destination),
            })
    })
}

/// What follows the last dot of a file's name.
fn extension(path: &str) -> &str {
    base(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// True for a source that is one file for sure.
fn is_file(snapshot: &Snapshot, copy: &CopyFact, source: &CopySource) -> bool {
    let Some(path) = source.path.as_ref().filter(|_| !source.is_glob() && !source.remote) else { return false };
    let in_context = |path: &str| matches!(snapshot.facts().paths.kind(path), Some(files::Kind::File));
    match copy.from {
        CopyFrom::Context => in_context(path),
        CopyFrom::Stage(from) => {
            let builder = &snapshot.file().stages[from];
            let certificates =
                ["crt", "pem"].contains(&extension(path)) || matches!(path.as_str(), "/etc/passwd" | "/etc/group");
            let commands = source::analyses(snapshot, builder).into_iter().flat_map(|stage| &stage.go).take(64);
            let built =
                || commands.flat_map(|command| command.outputs(None).unwrap_or_default()).any(|out| out == *path);
            let copied = || match source::origin(snapshot, builder, usize::MAX, &[], path) {
                Origin::Context(path, _) => in_context(&path),
                _ => false,
            };
            certificates || built() || copied()
        }
        CopyFrom::Image(_) | CopyFrom::Unknown => false,
    }
}

fn finding(snapshot: &Snapshot, stage: &Stage, program: &Shipped, lacking: &[Lacking]) -> Option<Finding> {
    let first = lacking.iter().find(|lacking| !lacking.mounted).or_else(|| lacking.first())?;
    let more = match lacking.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let message = format!(
        "the program reads `{}`{more}, which this image lacks: nothing copies it to {}",
        first.written, first.path
    );
    let finding = Finding::new(program.source.span, message)
        .because(program.command.span, format!("built here, with {} in {}", first.call.name(), first.call.place()));
    let level = if first.mounted { Severity::Hint } else { Severity::Warning };
    Some(finding.at_level(level).fix(fix(snapshot, stage, program, lacking)))
}

/// Copies what is missing from the context, behind the program.
fn fix(snapshot: &Snapshot, stage: &Stage, program: &Shipped, lacking: &[Lacking]) -> Option<Fix> {
    let workdir = snapshot.stage(stage).end.workdir.as_ref()?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let index = program.copy.instruction;
    if !stage.instructions.contains(&index) || lacking.iter().any(|lacking| !plain(&lacking.in_context)) {
        return None;
    }
    let tops: Vec<&Lacking> = lacking
        .iter()
        .filter(|one| !lacking.iter().any(|other| other.path != one.path && is_below(&one.path, &other.path)))
        .collect();
    let here = workdir_before(snapshot, stage, index).is_some_and(|here| here == *workdir);
    let new: Vec<String> = tops
        .iter()
        .map(|one| {
            let to = relative(&one.path, workdir).filter(|_| here).map_or(one.path.clone(), |to| format!("./{to}"));
            lines::line(snapshot, index, Kind::Copy, &format!("{} {to}", one.in_context))
        })
        .collect();
    let names: Vec<&str> = tops.iter().map(|one| one.in_context.as_str()).collect();
    let edit: Edit = lines::insert_after(snapshot, index, &new);
    Fix::unsafe_(format!("copy {}", names.join(", ")), vec![edit])
}

/// WORKDIR at instruction `index`, where it is written in the stage itself.
fn workdir_before(snapshot: &Snapshot, stage: &Stage, index: usize) -> Option<String> {
    let steps =
        snapshot.file().stage_instructions(stage).filter(|(at, step)| *at < index && step.kind == Kind::Workdir);
    let last = steps.last()?.1;
    let Body::Value(Some(word)) = &last.body else { return None };
    let text = word.literal(snapshot.text()).filter(|text| text.starts_with('/'))?;
    Some(resolve("/", &text))
}
