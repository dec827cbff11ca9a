//! Which instruction a step belongs to: by the number in its stage, and by its text, which BuildKit writes with continued
//! lines joined and variables put in. A Dockerfile may have been edited since, or the base may add steps by ONBUILD.
use std::collections::{HashMap, HashSet};

use super::Trace;
use super::line::shortened;
use super::role::{Role, role};
use crate::analysis::snapshot::Snapshot;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::{Base, Stage};

/// No builder cuts off a shorter text; `go vet ./...` ends so by itself.
const MIN_CUT: usize = 40;

/// The instruction of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its index in the file.
    pub instruction: usize,
    /// Its text is that of the step; else only its place is.
    pub exact: bool,
}

/// An instruction that BuildKit numbers.
struct Known {
    index: usize,
    stage: usize,
    /// From 0, in its stage.
    place: usize,
    kind: Kind,
    text: Pattern,
}

/// A step as it is compared with instructions.
struct Logged<'n> {
    platform: Option<&'n str>,
    /// The stage that its name says; `None` where it says none that the file has.
    stage: Option<usize>,
    /// From 0, in its stage.
    place: usize,
    kind: Kind,
    /// Without white space, quotes and escapes.
    text: String,
    /// Where its text ends, if the builder may have cut it off.
    cut: Option<usize>,
}

/// A text whose variables may have any value.
#[derive(PartialEq)]
struct Pattern {
    /// What stands between the variables, without white space, quotes and escapes.
    pieces: Vec<String>,
    /// The first line of the first here-document, likewise.
    heredoc: Option<String>,
}

/// The instructions of the steps of `trace`, one for each of its steps.
pub fn matches(snapshot: &Snapshot, trace: &Trace) -> Vec<Option<Match>> {
    let known = known(snapshot);
    let steps: Vec<Option<Logged<'_>>> = trace.steps.iter().map(|step| Logged::of(snapshot, &step.name)).collect();
    let mut found: Vec<Option<Match>> = vec![None; steps.len()];
    let mut taken: HashSet<(Option<&str>, usize)> = HashSet::new();
    for pass in [Pass::Place, Pass::Text, Pass::Edited] {
        for (index, step) in steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.as_ref()?))) {
            if found[index].is_some() {
                continue;
            }
            let is_free = |known: &&Known| !taken.contains(&(step.platform, known.index));
            let Some(one) = pass.find(&known, step, is_free) else { continue };
            taken.insert((step.platform, one.instruction));
            found[index] = Some(one);
        }
    }
    found
}

/// The instructions that have no step, though others of their stages have: the log ends before them, or is not of this text.
/// One that another stage has in the same place, with the same in front of it, is built with that one.
pub fn missing(snapshot: &Snapshot, found: &[Option<Match>]) -> Vec<usize> {
    let known = known(snapshot);
    let has: HashSet<usize> = found.iter().flatten().map(|found| found.instruction).collect();
    let stages: HashSet<usize> =
        known.iter().filter(|known| has.contains(&known.index)).map(|known| known.stage).collect();
    let shares = |one: &Known| {
        let others = known.iter().filter(|other| other.stage != one.stage && other.place == one.place);
        others.filter(|other| has.contains(&other.index)).any(|other| is_twin(snapshot, &known, one, other))
    };
    let missing = known.iter().filter(|known| stages.contains(&known.stage) && !has.contains(&known.index));
    missing.filter(|known| !shares(known)).map(|known| known.index).collect()
}

/// The stage of each numbered instruction, and which of the stage's steps it is, from 0.
pub fn places(snapshot: &Snapshot) -> HashMap<usize, (usize, usize)> {
    known(snapshot).iter().map(|known| (known.index, (known.stage, known.place))).collect()
}

/// True when both do the same to the same.
fn is_twin(snapshot: &Snapshot, known: &[Known], one: &Known, other: &Known) -> bool {
    let base = |known: &Known| &snapshot.file().stages[known.stage].base;
    base(one) == base(other) && front(known, one) == front(known, other)
}

/// The texts of a stage up to `last`.
fn front<'k>(known: &'k [Known], last: &Known) -> Vec<&'k Pattern> {
    let up_to = |known: &&Known| known.stage == last.stage && known.place <= last.place;
    known.iter().filter(up_to).map(|known| &known.text).collect()
}

/// In which order instructions are looked for.
#[derive(Clone, Copy)]
enum Pass {
    /// Where the step says, with its text.
    Place,
    /// Its text elsewhere.
    Text,
    /// Where the step says, with another text.
    Edited,
}

impl Pass {
    fn find(self, known: &[Known], step: &Logged<'_>, is_free: impl Fn(&&Known) -> bool) -> Option<Match> {
        let is_there = |known: &&Known| known.place == step.place && step.may_be_in(known.stage);
        let fits = |known: &&Known| known.text.fits(step);
        let mut free = known.iter().filter(|known| known.kind == step.kind);
        let found = match self {
            Pass::Place => free.find(|known| is_there(known) && is_free(known) && fits(known)),
            Pass::Text => {
                let fitting = free.filter(|known| fits(known) && is_free(known));
                fitting.min_by_key(|known| (!step.may_be_in(known.stage), known.place.abs_diff(step.place)))
            }
            Pass::Edited => free.find(|known| is_there(known) && is_free(known)),
        }?;
        Some(Match { instruction: found.index, exact: !matches!(self, Pass::Edited) })
    }
}

impl<'n> Logged<'n> {
    fn of(snapshot: &Snapshot, name: &'n str) -> Option<Self> {
        let Role::Instruction(step) = role(name) else { return None };
        let (keyword, rest) = step.text.split_once(' ').unwrap_or((step.text, ""));
        let kind = Kind::of(keyword);
        let rest = if kind == Kind::From { plain_image(rest) } else { rest };
        let text = kind.keyword().to_owned() + &compact(rest);
        let cut = text.strip_suffix("...").filter(|front| front.len() >= MIN_CUT).map(str::len);
        let stage = step.stage.and_then(|name| {
            snapshot.file().stages.iter().rfind(|stage| is_named(stage, name)).map(|stage| stage.index)
        });
        let place = (step.number as usize).checked_sub(1)?;
        Some(Self { platform: step.platform, stage, place, kind, text, cut })
    }

    /// True unless its name says another stage.
    fn may_be_in(&self, stage: usize) -> bool {
        self.stage.is_none_or(|own| own == stage)
    }
}

/// How steps name a stage.
pub fn step_name(stage: &Stage) -> String {
    stage.name.clone().unwrap_or_else(|| format!("stage-{}", stage.index))
}

/// True when steps name the stage so.
pub fn is_named(stage: &Stage, name: &str) -> bool {
    match &stage.name {
        Some(own) => own.eq_ignore_ascii_case(name),
        None => name.strip_prefix("stage-").and_then(|number| number.parse().ok()) == Some(stage.index),
    }
}

/// The instructions that BuildKit numbers: those that make a layer, and FROM with an image.
fn known(snapshot: &Snapshot) -> Vec<Known> {
    let file = snapshot.file();
    let mut all = Vec::new();
    for stage in &file.stages {
        let counts = |instruction: &Instruction| match instruction.kind {
            Kind::From => stage.base == Base::Image,
            kind => matches!(kind, Kind::Run | Kind::Copy | Kind::Add | Kind::Workdir),
        };
        let counted = file.stage_instructions(stage).filter(|(_, instruction)| counts(instruction)).enumerate();
        all.extend(counted.map(|(place, (index, instruction))| {
            let text = Pattern::of(snapshot, instruction);
            Known { index, stage: stage.index, place, kind: instruction.kind, text }
        }));
    }
    all
}

impl Pattern {
    fn of(snapshot: &Snapshot, instruction: &Instruction) -> Self {
        let mut text = instruction.kind.keyword().to_owned();
        if let Body::From(from) = &instruction.body {
            text.push_str(plain_image(from.image.as_ref().map_or("", |image| &snapshot[image.span])));
        } else {
            let start = instruction.keyword.end as usize;
            let end = (instruction.arguments.end as usize).max(start);
            join(&snapshot.text()[start..end], char::from(snapshot.file().escape), &mut text);
        }
        let heredoc = instruction.heredocs.first();
        let heredoc = heredoc.map(|heredoc| compact(snapshot[heredoc.body].trim().lines().next().unwrap_or_default()));
        Self { pieces: pieces(&text), heredoc }
    }

    /// True when a step's text may be this one's.
    fn fits(&self, step: &Logged<'_>) -> bool {
        let first = self.pieces[0].as_str();
        if let Some(front) = step.cut.map(|end| &step.text[..end]) {
            let alone = self.pieces.len() == 1;
            if alone && first.starts_with(front) || !alone && (front.starts_with(first) || first.starts_with(front)) {
                return true;
            }
        }
        match &self.heredoc {
            Some(line) => self.split_off(&step.text).is_some_and(|rest| is_summary(rest, line)),
            None => self.split_off(&step.text).is_some_and(str::is_empty) || self.ends(&step.text),
        }
    }

    /// What stands behind the pieces, each where it is first found.
    fn split_off<'l>(&self, logged: &'l str) -> Option<&'l str> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = logged.strip_prefix(first.as_str())?;
        for piece in others {
            rest = &rest[rest.find(piece.as_str())? + piece.len()..];
        }
        Some(rest)
    }

    /// True when the last piece, behind a variable, is where the text ends.
    fn ends(&self, logged: &str) -> bool {
        let Some((last, front)) = self.pieces.split_last().filter(|(_, front)| !front.is_empty()) else { return false };
        let front = Pattern { pieces: front.to_vec(), heredoc: None };
        logged.strip_suffix(last.as_str()).is_some_and(|logged| front.split_off(logged).is_some())
    }
}

/// `(set -e...)`, or nothing: COPY says nothing of its documents.
fn is_summary(rest: &str, line: &str) -> bool {
    let inner = rest.strip_prefix('(').map(|rest| rest.trim_end_matches([')', '.']));
    rest.is_empty() || inner.is_some_and(|inner| line.starts_with(inner) || inner.starts_with(line))
}

/// An image without what every name may have in front and behind.
fn plain_image(image: &str) -> &str {
    let image = image.trim();
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    image.strip_suffix(":latest").unwrap_or(image)
}

/// Adds the logical line that `lines` are: no comments, no continuations.
fn join(lines: &str, escape: char, out: &mut String) {
    for line in lines.lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.trim_end();
        out.push_str(&compact(line.strip_suffix(escape).unwrap_or(line)));
    }
}

/// Without what may be written in several ways.
fn compact(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace() && !matches!(it, '"' | '\'' | '\\' | '`')).collect()
}

/// `a$B/c${D:-e}f` → `a`, `/c`, `f`
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let behind = &rest[at + 1..];
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let length = match behind.strip_prefix('{') {
            Some(inner) => inner.find('}').map_or(0, |end| end + 2),
            None => behind.find(|it| !is_name(it)).unwrap_or(behind.len()),
        };
        let Some(last) = pieces.last_mut() else { break };
        last.push_str(&rest[..at]);
        rest = &behind[length..];
        if length == 0 {
            last.push('$');
        } else {
            pieces.push(String::new());
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.push_str(rest);
    }
    pieces
}

/// A step's text on one line, for people.
pub fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = shortened(&line, most);
    if short.len() < line.len() { format!("{}…", short.trim_end()) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::read;

    fn found(text: &str, names: &[&str]) -> Vec<Option<(usize, bool)>> {
        let snapshot = Snapshot::of_text(text);
        let log: String = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("#{0} {name}\n#{0} DONE 1.0s", at + 1))
            .collect::<Vec<_>>()
            .join("\n");
        let found = matches(&snapshot, &read(&log)[0]);
        found.into_iter().map(|found| found.map(|found| (found.instruction, found.exact))).collect()
    }

    #[test]
    fn by_number_and_text() {
        let text = "ARG V=1\nFROM golang:$V AS Build\nENV A=b\nWORKDIR /src\nCOPY --link a \\\n  # why\n  $A ./\nrun go build \\\n    -o \"$OUT\" .\n\nFROM scratch\nCOPY --from=build /a /a\n";
        let names = [
            "[build 1/4] FROM docker.io/library/golang:1@sha256:ab",
            "[build 2/4] WORKDIR /src",
            "[build 3/4] COPY --link a   b ./",
            "[build 4/4] RUN go build     -o \"$OUT\" .",
            "[stage-1 1/1] COPY --from=build /a /a",
            "[internal] load build context",
        ];
        let exact = |index| Some((index, true));
        assert_eq!(found(text, &names), [exact(1), exact(3), exact(4), exact(5), exact(7), None]);
    }

    #[test]
    fn an_edited_file() {
        let text = "FROM a\nRUN new\nRUN one\nRUN two\n";
        let names = ["[1/3] FROM docker.io/library/a:latest", "[2/3] RUN one", "[3/3] RUN three"];
        assert_eq!(found(text, &names), [Some((0, true)), Some((2, true)), None]);
        let text = "FROM a AS x\nRUN one\nFROM x\nRUN changed\n";
        let names = ["[old 1/1] RUN one", "[stage-1 1/1] RUN two"];
        assert_eq!(found(text, &names), [Some((1, true)), Some((3, false))]);
    }

    #[test]
    fn heredocs_and_cut_names() {
        let text = "FROM a\nRUN <<EOF\n\nset -e\nx\nEOF\nRUN <<EOF cat\ny\nEOF\n\
            RUN long command line, longer than 40 bytes as it must be to be cut\nRUN a $X b c\nRUN go vet $X ./...\n";
        let names = [
            "[2/6] RUN <<EOF (set -e...)",
            "[3/6] RUN <<EOF cat (z)",
            "[4/6] RUN long command line, longer than 40 bytes as it must b...",
            "[5/6] RUN a 1 b c",
            "[6/6] RUN go vet -x ./...",
            "[7/6] RUN go vet -x ./cmd/...",
        ];
        let exact = |index| Some((index, true));
        let edited = |index| Some((index, false));
        assert_eq!(found(text, &names), [exact(1), edited(2), exact(3), exact(4), exact(5), None]);
    }

    #[test]
    fn each_platform_has_its_steps() {
        let text = "FROM a AS b\nRUN x\nRUN x\n";
        let names = [
            "[linux/amd64 2/3] RUN x",
            "[linux/amd64 3/3] RUN x",
            "[linux/arm64 2/3] RUN x",
            "[linux/arm64 3/3] RUN x",
        ];
        let exact = |index| Some((index, true));
        assert_eq!(found(text, &names), [exact(1), exact(2), exact(1), exact(2)]);
    }

    #[test]
    fn twins_are_not_missing() {
        let text = "FROM a AS b\nWORKDIR /x\nRUN b\nFROM a AS c\nWORKDIR /x\nRUN c\nFROM d\nRUN d\n";
        let snapshot = Snapshot::of_text(text);
        let log = "#1 [b 1/3] FROM docker.io/library/a\n#2 [b 2/3] WORKDIR /x\n#3 [b 3/3] RUN b\n#4 [c 3/3] RUN c\n";
        let twins = matches(&snapshot, &read(log)[0]);
        assert_eq!(missing(&snapshot, &twins), Vec::<usize>::new());
        let log = log.replace("#3 [b 3/3] RUN b\n", "");
        assert_eq!(missing(&snapshot, &matches(&snapshot, &read(&log)[0])), [2]);
    }

    #[test]
    fn variables_are_gaps() {
        assert_eq!(pieces("a$B/c${D:-e}f$(x)$"), ["a", "/c", "f$(x)$"]);
        assert_eq!((pieces("${"), pieces("$A")), (vec!["${".to_owned()], vec![String::new(), String::new()]));
    }
}
