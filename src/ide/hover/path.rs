//! Paths: sources and destinations of COPY and ADD, folders, and the programs of exec forms.
use super::{Here, Hover, origin};
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::known::Known;
use crate::analysis::path::{in_context, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::ide::lines;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::texts;
use crate::model::command::Command;
use crate::model::instruction::{Body, Copy, Healthcheck, Kind};
use crate::model::stage::find_stage;
use crate::model::value::{is_address, is_git};
use crate::model::word::Word;
use crate::project::facts::Facts;
use crate::project::files;
use crate::project::ignore::Line;
use crate::project::paths::join;
use crate::rules::stages::called;

/// So many entries of a folder, or matches of a pattern, are named.
const MAX_NAMED: usize = 8;

/// The answer for a path.
pub fn hover(here: &Here) -> Option<Hover> {
    if here.deferred {
        return None;
    }
    match (&here.instruction.body, here.instruction.kind) {
        (Body::Copy(copy), _) => copied(here, copy),
        (Body::Value(Some(word)), Kind::Workdir) if word.span.touches(here.offset) => folder(here, word),
        (Body::Words(words), Kind::Volume) => folder(here, words.iter().find(|word| word.span.touches(here.offset))?),
        (Body::Command(command) | Body::Healthcheck(Healthcheck::Cmd(_, command)), kind) if kind != Kind::Shell => {
            program(here, command)
        }
        _ => None,
    }
}

/// A folder of the image, and what the instruction does with it.
fn folder(here: &Here, word: &Word) -> Option<Hover> {
    let state = here.state()?;
    let path = state.env.expand(here.snapshot.text(), word);
    let path = path.as_ref().filter(|path| !path.is_empty())?;
    let absolute = match state.workdir.as_ref() {
        _ if path.starts_with('/') => resolve("/", path),
        Some(workdir) => resolve(workdir, path),
        None => return None,
    };
    if is_foreign(&absolute) {
        return None;
    }
    let meaning = texts::parameter(here.instruction.kind.keyword(), "<path>").unwrap_or_default();
    Hover::of(word.span, paragraphs(&[&format!("{} in the image", lines::code(&absolute)), meaning]))
}

/// True for a path of Windows, which is resolved in another way.
fn is_foreign(path: &str) -> bool {
    path.contains(['\\', ':'])
}

fn copied(here: &Here, copy: &Copy) -> Option<Hover> {
    let (snapshot, touches) = (here.snapshot, |word: &&Word| word.span.touches(here.offset));
    if let Some(heredoc) = here.instruction.heredocs.iter().find(|heredoc| heredoc.start.touches(here.offset)) {
        let how = if heredoc.expand { "Variables in it are expanded." } else { "Nothing in it is expanded." };
        let title = format!("A file called **{}** with the lines below", heredoc.delimiter);
        return Hover::of(heredoc.start, paragraphs(&[&title, how]));
    }
    if !copy.json && snapshot[here.instruction.arguments].starts_with("[\"") {
        return None; // An array that is not finished: its words are no paths.
    }
    let analysis = snapshot.stage(here.stage?);
    let fact = analysis.copies.iter().find(|fact| fact.instruction == here.index);
    if let Some(word) = copy.sources.iter().find(touches) {
        let markdown = match fact {
            Some(fact) => {
                fact.sources.iter().find(|source| source.span == word.span).map(|source| from(here, fact, source))
            }
            None => half_typed(here, word),
        };
        return Hover::of(word.span, markdown?);
    }
    let destination = copy.destination.as_ref().filter(touches)?;
    Hover::of(destination.span, fact.map(|fact| target(here, fact)).unwrap_or_default())
}

/// A source without a destination yet.
fn half_typed(here: &Here, word: &Word) -> Option<String> {
    let path = word.literal(here.snapshot.text()).filter(|path| !path.is_empty() && !is_address(path))?;
    match here.instruction.flag(here.snapshot.text(), "from") {
        None => Some(of_context(here.snapshot, &path)),
        Some(flag) => {
            let name = flag.value.as_ref()?.literal(here.snapshot.text())?;
            Some(of_stage(here, &name, true, &resolve("/", &path)))
        }
    }
}

/// Where a source comes from.
fn from(here: &Here, fact: &CopyFact, source: &CopySource) -> String {
    let Some(path) = source.path.as_ref() else { return String::new() };
    match &fact.from {
        CopyFrom::Context if source.remote => remote(path),
        CopyFrom::Context => {
            let text = of_context(here.snapshot, path);
            let unpacked = here.instruction.kind == Kind::Add && source.may_be_archive() && !source.is_glob();
            let flag = here.instruction.flag(here.snapshot.text(), "unpack").is_none();
            let note = if unpacked && flag && !text.is_empty() { "ADD unpacks it." } else { "" };
            paragraphs(&[&text, note])
        }
        CopyFrom::Stage(index) => in_stage(here, *index, path),
        CopyFrom::Image(_) | CopyFrom::Unknown => String::new(),
    }
}

fn remote(address: &str) -> String {
    if is_git(address) {
        return "A git repository: the builder clones it. `#` and a branch, tag or commit behind it says which state."
            .to_owned();
    }
    "A file that the builder fetches. It is not unpacked unless `--unpack` says so; `--checksum` pins it.".to_owned()
}

/// What is known of a path of the build context; empty where the context is not known.
pub fn of_context(snapshot: &Snapshot, written: &str) -> String {
    let facts = snapshot.facts().likely();
    let Some(context) = &facts.context else { return String::new() };
    let path = in_context(written);
    let place = match snapshot.facts().context {
        Some(_) => format!("the build context `{}`", context.dir.display()),
        None => format!("`{}`, which is probably the build context", context.dir.display()),
    };
    if path.contains(['*', '?', '[']) {
        return matches_text(facts, &path, &place);
    }
    let title = lines::code(if path.is_empty() { "." } else { &path });
    match (facts.exists(&path), facts.paths.kind(&path)) {
        (Some(true), Some(files::Kind::Directory)) => {
            let title =
                if path.is_empty() { format!("All of {place}") } else { format!("{title}, a folder of {place}") };
            paragraphs(&[&title, &ignored(facts, &path), &entries(facts, &path)])
        }
        (Some(true), _) => paragraphs(&[&format!("{title}, a file of {place}"), &ignored(facts, &path)]),
        (Some(false), _) => {
            let made = facts.is_git_ignored(&path) == Some(true);
            let made = if made { "git ignores it: it may be made before the build." } else { "" };
            paragraphs(&[&format!("{title} is not in {place}"), made])
        }
        (None, _) => String::new(),
    }
}

/// The line of the ignore file that keeps `path` out, as a sentence.
fn ignored(facts: &Facts, path: &str) -> String {
    let Some(line) = facts.ignore.as_ref().and_then(|ignore| ignore.decider(path)).filter(|line| !line.negated) else {
        return String::new();
    };
    let part = facts.ignore.as_ref().is_some_and(|ignore| ignore.lines().iter().any(|line| line.negated));
    let part = part && facts.paths.kind(path) == Some(files::Kind::Directory);
    let except = if part { ", but for what lines with `!` let through" } else { "" };
    format!("It does not get into the build{except}: {}", line_text(facts, line))
}

/// ``line 3 of `.dockerignore`: `*.md` ``
fn line_text(facts: &Facts, line: &Line) -> String {
    let name = facts.ignore_path.as_deref().and_then(|path| path.file_name());
    let name = name.map_or_else(|| ".dockerignore".to_owned(), |name| name.to_string_lossy().into_owned());
    let written = facts.ignore.as_ref().and_then(|ignore| ignore.text().get(line.span.range())).unwrap_or_default();
    format!("line {} of `{name}`, {}", line.number + 1, lines::code(written))
}

fn is_out(facts: &Facts, path: &str) -> bool {
    facts.is_ignored(path) == Some(true)
}

/// What is in a folder: what gets into the build, and what does not.
fn entries(facts: &Facts, folder: &str) -> String {
    let Some(children) = facts.paths.children(folder) else { return String::new() };
    let named = |(name, kind): &(&str, files::Kind)| {
        let slash = if *kind == files::Kind::Directory { "/" } else { "" };
        format!("`{name}{slash}`")
    };
    let (out, there): (Vec<_>, Vec<_>) = children.iter().partition(|(name, _)| is_out(facts, &join(folder, name)));
    let holds = cut(there.into_iter().map(named).collect());
    let left_out = cut(out.into_iter().map(named).collect());
    (item("holds", &holds) + &item("left out by the ignore file", &left_out)).trim_end().to_owned()
}

fn matches_text(facts: &Facts, pattern: &str, place: &str) -> String {
    let Some(found) = facts.glob(pattern) else { return String::new() };
    if found.is_empty() {
        return format!("{} matches nothing in {place}", lines::code(pattern));
    }
    let (out, there): (Vec<&str>, Vec<&str>) = found.iter().partition(|path| is_out(facts, path));
    let named = |paths: Vec<&str>| cut(paths.into_iter().map(|path| format!("`{path}`")).collect());
    let list = item("matches", &named(there)) + &item("left out by the ignore file", &named(out));
    paragraphs(&[&format!("{} in {place}", lines::code(pattern)), list.trim_end()])
}

fn cut(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(MAX_NAMED);
    items.truncate(MAX_NAMED);
    let items = items.join(", ");
    if more == 0 { items } else { format!("{items} and {more} more") }
}

/// What is known of an absolute path of the stage called `name`; empty for an image.
pub fn of_stage(here: &Here, name: &str, numbers: bool, path: &str) -> String {
    let Some(own) = here.stage else { return String::new() };
    let found = find_stage(&here.snapshot.file().stages, own.index, name, numbers);
    found.map(|index| in_stage(here, index, path)).unwrap_or_default()
}

fn in_stage(here: &Here, index: usize, path: &str) -> String {
    let Some(stage) = here.snapshot.file().stages.get(index) else { return String::new() };
    let steps = origin::text(here.snapshot, stage, usize::MAX, path);
    if steps.is_empty() { steps } else { paragraphs(&[&format!("{} of {}", lines::code(path), called(stage)), &steps]) }
}

/// Where a copy puts its files.
fn target(here: &Here, fact: &CopyFact) -> String {
    let Some(destination) = fact.destination.as_ref().filter(|path| !is_foreign(path)) else { return String::new() };
    let slash = if fact.into_folder && destination != "/" { "/" } else { "" };
    let title = format!("{} in the image", lines::code(&format!("{destination}{slash}")));
    let facts = here.snapshot.facts().likely();
    let mut list = Vec::new();
    for source in fact.sources.iter().take(MAX_NAMED) {
        let (Some(path), false) = (source.path.as_ref(), source.is_glob() || source.remote) else { continue };
        if here.instruction.kind == Kind::Add && source.may_be_archive() {
            continue; // What is in it goes there.
        }
        let is_folder = path.is_empty() || facts.paths.kind(path) == Some(files::Kind::Directory);
        if fact.from == CopyFrom::Context && is_folder {
            let name = if path.is_empty() { "." } else { path };
            list.push(format!("- what is in `{name}` → `{destination}{slash}`"));
        } else if let Some(known) =
            fact.target(source).as_ref().filter(|_| fact.into_folder && is_file(facts, fact, path))
        {
            list.push(format!("- `{path}` → `{known}`"));
        }
    }
    paragraphs(&[&title, &list.join("\n")])
}

fn is_file(facts: &Facts, fact: &CopyFact, path: &str) -> bool {
    fact.from == CopyFrom::Context && facts.paths.kind(path) == Some(files::Kind::File)
}

/// The program of an exec form, and where it comes from.
fn program(here: &Here, command: &Command) -> Option<Hover> {
    let first = command.exec()?.first().filter(|word| word.span.touches(here.offset))?;
    let stage = here.stage?;
    let before = if here.instruction.kind == Kind::Run { here.index } else { usize::MAX };
    let mut candidates = vec![first.value.clone()];
    if !first.value.contains('/') {
        let state = here.state()?;
        let Known::Known(path) = state.env.value("PATH") else { return about(here, first.span, &first.value) };
        candidates = path.split(':').map(|folder| resolve(folder, &first.value)).collect();
    }
    let absolute = candidates.into_iter().filter(|path| path.starts_with('/')).map(|path| resolve("/", &path));
    for path in absolute {
        let steps = origin::text(here.snapshot, stage, before, &path);
        if !steps.is_empty() {
            return Hover::of(first.span, paragraphs(&[&format!("{} in the image", lines::code(&path)), &steps]));
        }
    }
    about(here, first.span, &first.value)
}

fn about(here: &Here, span: crate::text::span::Span, name: &str) -> Option<Hover> {
    let state = here.state()?;
    Hover::of(span, super::shell::command_text(&state, name))
}
