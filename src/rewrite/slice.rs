//! The smallest Dockerfile that still has an instruction, and in which the same happens there.
//!
//! What stays: the instruction's stage up to it, the stages that it is built on, those that something that stays copies or
//! mounts from, the global ARGs that are used, and the directives. What goes: instructions that only matter when a container
//! starts, and variables that nothing behind them can see.
use std::collections::BTreeSet;

use super::lines;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::start::parent;
use crate::knowledge::predefined_args::{ArgKind, predefined_arg};
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::{Base, Stage, find_stage};
use crate::model::word::{Part, Word};
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// The text of the slice for instruction `index`; `None` for one that is in no stage.
pub fn slice(snapshot: &Snapshot, index: usize) -> Option<String> {
    let stage = snapshot.file().stage_of(index)?;
    let mut cut = Cut::new(snapshot, index);
    cut.image(stage, index);
    while let Some((other, need)) = cut.wanted.pop() {
        cut.all(&snapshot.file().stages[other], need);
    }
    cut.global_args();
    Some(cut.text())
}

/// What is needed of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Files that are copied from it.
    Files,
    /// All of it: others are built on it.
    Image,
}

/// The instructions that are to stay.
struct Cut<'s> {
    snapshot: &'s Snapshot,
    /// The chosen instruction.
    chosen: usize,
    keep: Vec<bool>,
    /// Stages that are needed and were not looked at yet.
    wanted: Vec<(usize, Need)>,
    /// For each stage whether its files, and whether all of it is, or was, among them.
    seen: Vec<[bool; 2]>,
    /// Stages of which all stays that a RUN behind them could see.
    whole: Vec<bool>,
    /// Variables that FROM lines and bare ARGs read.
    globals: BTreeSet<&'s str>,
}

/// What comes behind an instruction.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent marks")]
struct Later<'s> {
    /// A program runs: it sees all variables.
    runs: bool,
    /// A folder is made.
    folders: bool,
    /// The image itself is asked for, not only files of it.
    image: bool,
    /// A stage is built on this one: its triggers run.
    heirs: bool,
    /// The variables that are named.
    names: BTreeSet<&'s str>,
}

impl<'s> Cut<'s> {
    fn new(snapshot: &'s Snapshot, chosen: usize) -> Self {
        let stages = snapshot.file().stages.len();
        Self {
            snapshot,
            chosen,
            keep: vec![false; snapshot.file().instructions.len()],
            wanted: Vec::new(),
            seen: vec![[false; 2]; stages],
            whole: vec![false; stages],
            globals: BTreeSet::new(),
        }
    }

    /// `stage` up to the chosen instruction, as an image.
    fn image(&mut self, stage: &'s Stage, last: usize) {
        let later = Later { image: true, ..Later::default() };
        self.chain(stage, last + 1, later);
    }

    /// All of `stage`.
    fn all(&mut self, stage: &'s Stage, need: Need) {
        let image = need == Need::Image;
        self.chain(stage, stage.instructions.end, Later { image, runs: image, heirs: image, ..Later::default() });
    }

    /// Walks back from `end` in `stage` through the stages that it is built on.
    fn chain(&mut self, stage: &'s Stage, end: usize, mut later: Later<'s>) {
        let stages = &self.snapshot.file().stages;
        let (mut stage, mut end) = (stage, end);
        loop {
            if end == stage.instructions.end && later.runs {
                if self.whole[stage.index] {
                    return;
                }
                self.whole[stage.index] = later.image;
            }
            for index in (stage.from + 1..end).rev() {
                if self.stays(index, &later) {
                    self.take(stage, index, &mut later);
                }
            }
            self.from(stage);
            let Some(above) = parent(self.snapshot, stage) else { return };
            stage = &stages[above];
            end = stage.instructions.end;
            later.heirs = true;
        }
    }

    fn stays(&self, index: usize, later: &Later<'s>) -> bool {
        let instruction = &self.snapshot.file().instructions[index];
        let is_named =
            || self.declared(instruction).is_none_or(|names| names.iter().any(|name| later.names.contains(name)));
        index == self.chosen
            || match instruction.kind {
                Kind::Expose | Kind::Label | Kind::Maintainer | Kind::Stopsignal => false,
                Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck => self.starts(later),
                Kind::Arg => later.runs || is_named(),
                Kind::Env => later.image || later.runs || is_named(),
                Kind::Volume => later.image || later.runs,
                Kind::User => later.image || later.runs || later.folders,
                Kind::Shell => later.runs,
                Kind::Onbuild => later.heirs,
                _ => true,
            }
    }

    /// How a container starts matters where that was chosen.
    fn starts(&self, later: &Later) -> bool {
        let chosen = self.snapshot.file().instructions[self.chosen].kind;
        later.image && matches!(chosen, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck)
    }

    /// The names that ARG or ENV sets; `None` where one of them is not known.
    fn declared(&self, instruction: &'s Instruction) -> Option<Vec<&'s str>> {
        let text = self.snapshot.text();
        let name = |word: &'s Word| match word.parts.as_slice() {
            [Part::Text { span, cooked: None }] => Some(&text[span.range()]),
            _ => None,
        };
        let names: Option<Vec<&str>> = instruction.pairs().iter().map(|pair| name(&pair.name)).collect();
        // Some variables are read by the builder itself.
        names.filter(|names| !names.is_empty() && !names.iter().any(|name| is_for_the_builder(name)))
    }

    /// Keeps an instruction and notes what it needs.
    fn take(&mut self, stage: &'s Stage, index: usize, later: &mut Later<'s>) {
        let instruction = &self.snapshot.file().instructions[index];
        self.keep[index] = true;
        let started = matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
        later.runs |= matches!(instruction.kind, Kind::Run | Kind::Onbuild | Kind::Unknown) || started;
        later.folders |= instruction.kind == Kind::Workdir;
        later.names.extend(variables(&self.snapshot[instruction.span]));
        if instruction.kind == Kind::Arg {
            let bare = instruction.pairs().iter().filter(|pair| pair.value.is_none());
            self.globals.extend(bare.map(|pair| &self.snapshot[pair.name.span]));
        }
        self.sources(stage, instruction);
    }

    /// Keeps the FROM of `stage`.
    fn from(&mut self, stage: &'s Stage) {
        if std::mem::replace(&mut self.keep[stage.from], true) {
            return;
        }
        let instruction = &self.snapshot.file().instructions[stage.from];
        self.globals.extend(variables(&self.snapshot[instruction.span]));
        let Body::From(from) = &instruction.body else { return };
        let open = stage.base == Base::Image && parent(self.snapshot, stage).is_none();
        if let Some(image) = from.image.as_ref().filter(|_| open) {
            self.possible_parents(stage, image);
        }
    }

    /// `FROM build-$TARGETARCH`: each stage whose name may be meant.
    fn possible_parents(&mut self, stage: &'s Stage, image: &Word) {
        let text = self.snapshot.text();
        if self.snapshot.globals().expand(text, image) != Known::Unknown {
            return;
        }
        let literal =
            |part: Option<&Part>| part.and_then(|part| part.text(text)).unwrap_or_default().to_ascii_lowercase();
        let (start, end) = (literal(image.parts.first()), literal(image.parts.last()));
        for other in &self.snapshot.file().stages[..stage.index] {
            let fits = |name: &String| name.starts_with(&start) && name.ends_with(&end);
            if other.name.as_ref().is_some_and(fits) {
                self.want(other.index, Need::Image);
            }
        }
    }

    fn want(&mut self, stage: usize, need: Need) {
        if !std::mem::replace(&mut self.seen[stage][need as usize], true) {
            self.wanted.push((stage, need));
        }
    }

    /// Wants the stages that `instruction` of `stage` copies or mounts from.
    fn sources(&mut self, stage: &'s Stage, instruction: &'s Instruction) {
        let text = self.snapshot.text();
        for flag in &instruction.flags {
            let Some(value) = &flag.value else { continue };
            match (&self.snapshot[flag.name], instruction.kind) {
                ("from", Kind::Copy | Kind::Add) => self.source(stage, &value.literal(text).unwrap_or_default(), true),
                ("mount", Kind::Run) => {
                    let mount = parse_mount(text, flag.span, value);
                    self.source(stage, mount.from().unwrap_or_default(), false);
                }
                _ => {}
            }
        }
        if let Body::Onbuild(Some(trigger)) = &instruction.body {
            // It runs in a later stage, which may know more names.
            let last = self.snapshot.file().stages.last().unwrap_or(stage);
            self.sources(last, trigger);
        }
    }

    fn source(&mut self, stage: &Stage, name: &str, numbers: bool) {
        let stages = &self.snapshot.file().stages;
        if let Some(found) = find_stage(stages, stage.index, name, numbers) {
            self.want(found, Need::Files);
            return;
        }
        // A later stage can't be taken from: that it is there is what fails.
        let later =
            stages[stage.index..].iter().skip(1).find(|later| later.name.as_deref() == Some(&*name.to_lowercase()));
        if let Some(later) = later {
            let from = &self.snapshot.file().instructions[later.from];
            self.keep[later.from] = true;
            self.globals.extend(variables(&self.snapshot[from.span]));
        }
    }

    /// Keeps the global ARGs that are read.
    fn global_args(&mut self) {
        let file = self.snapshot.file();
        let globals: Vec<usize> = file.global_args().collect();
        for index in globals.into_iter().rev() {
            let instruction = &file.instructions[index];
            let names = self.declared(instruction);
            if names.is_none_or(|names| names.iter().any(|name| self.globals.contains(name))) {
                self.keep[index] = true;
                self.globals.extend(variables(&self.snapshot[instruction.span]));
            }
        }
    }

    /// What stays, as it is written, but for the numbers of stages.
    fn text(&self) -> String {
        let (file, eol) = (self.snapshot.file(), lines::eol(self.snapshot));
        let mut head = String::new();
        for directive in &file.directives {
            head.push_str(&self.snapshot[directive.span]);
            head.push_str(eol);
        }
        let mut body = String::new();
        for (index, instruction) in file.instructions.iter().enumerate().filter(|(index, _)| self.keep[*index]) {
            let block = lines::block(self.snapshot, index);
            if has_blank_line_above(self.snapshot.text(), block.start) && !(head.is_empty() && body.is_empty()) {
                body.push_str(eol);
            }
            let mut edits = Vec::new();
            self.numbers(instruction, block.start, &mut edits);
            let written = &self.snapshot[block];
            let text = EditSet::new(edits).map_or_else(|| written.to_owned(), |edits| edits.apply(written));
            body.push_str(text.trim_start_matches('\u{feff}'));
            body.push_str(eol);
        }
        // A comment that has come to the top must not become a directive.
        let becomes_directive = body.starts_with('#')
            && Snapshot::of_text(&format!("{head}{body}")).file().directives.len() > file.directives.len();
        format!("{head}{}{body}", if becomes_directive { eol } else { "" })
    }

    /// `COPY --from=2` where stages in front of the third one are gone. The edits are relative to `start`.
    fn numbers(&self, instruction: &Instruction, start: u32, edits: &mut Vec<Edit>) {
        let (file, text) = (self.snapshot.file(), self.snapshot.text());
        let flag = instruction.flag(text, "from").filter(|_| matches!(instruction.kind, Kind::Copy | Kind::Add));
        let value = flag.and_then(|flag| flag.value.as_ref());
        let number = value.and_then(|value| value.literal(text)?.parse::<usize>().ok());
        if let (Some(value), Some(number)) = (value, number.filter(|number| *number < file.stages.len())) {
            let before = file.stages[..number].iter().filter(|stage| self.keep[stage.from]).count();
            let span = Span::new(value.span.start - start, value.span.end - start);
            if before != number {
                edits.push(Edit::replace(span, before.to_string()));
            }
        }
        if let Body::Onbuild(Some(trigger)) = &instruction.body {
            self.numbers(trigger, start, edits);
        }
    }
}

/// A variable that the builder reads by itself.
fn is_for_the_builder(name: &str) -> bool {
    predefined_arg(name).is_some_and(|arg| arg.kind == ArgKind::Buildkit)
}

/// The names behind `$` and `${` in a text; a few more than are expanded.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    })
}

fn has_blank_line_above(text: &str, start: u32) -> bool {
    let above = text[..start as usize].strip_suffix('\n');
    above.is_some_and(|above| above.rsplit('\n').next().unwrap_or_default().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slice for the instruction that contains `mark`.
    fn of(text: &str, mark: &str) -> String {
        let snapshot = Snapshot::of_text(text);
        let at = text.find(mark).unwrap() as u32;
        slice(&snapshot, snapshot.file().instruction_at(at).unwrap()).unwrap()
    }

    #[test]
    fn keeps_what_is_needed() {
        let text = "# syntax=docker/dockerfile:1\n\n# license\n\nARG GO=1.27\nARG OTHER\nFROM golang:$GO AS build\nLABEL a=b\n\
                    ARG V\nWORKDIR /src\n# all of it\nCOPY . .\nRUN go build -o /out/app .\nCMD [\"x\"]\n\nFROM node AS web\nRUN npm ci\n\n\
                    FROM alpine AS last\nEXPOSE 80\nENV A=1\nCOPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\n";
        let wanted = "# syntax=docker/dockerfile:1\n\nARG GO=1.27\nFROM golang:$GO AS build\nARG V\nWORKDIR /src\n# all of it\nCOPY . .\n\
                      RUN go build -o /out/app .\n\nFROM alpine AS last\nENV A=1\nCOPY --from=build /out/app /app\n";
        assert_eq!(of(text, "/out/app /app"), wanted);
        assert_eq!(of(text, "npm ci"), "# syntax=docker/dockerfile:1\n\nFROM node AS web\nRUN npm ci\n");
        let with_start = format!("{wanted}ENTRYPOINT [\"/app\"]\n");
        assert_eq!(of(text, "ENTRYPOINT"), with_start);
    }

    #[test]
    fn numbers_follow_their_stages() {
        let text =
            "FROM a\nRUN x\nFROM b\nRUN y\nFROM c\nCOPY --from=1 /y /y\nRUN --mount=type=bind,from=web,target=/w z\n";
        assert_eq!(of(text, "/y /y"), "FROM b\nRUN y\nFROM c\nCOPY --from=0 /y /y\n");
        let onbuild = "FROM q\nFROM b\nRUN y\nFROM c AS base\nONBUILD COPY --from=1 / /\nFROM base\nRUN z\n";
        assert_eq!(of(onbuild, "RUN z"), onbuild.replace("FROM q\n", "").replace("from=1", "from=0"));
    }

    #[test]
    fn stages_that_may_be_meant_stay() {
        let text = "ARG WHICH\nFROM x AS web\nRUN w\nFROM x AS run-amd64\nRUN a\nFROM x AS run-arm64\nRUN b\nFROM run-$WHICH\nRUN c\n";
        assert_eq!(of(text, "RUN c"), text.replace("FROM x AS web\nRUN w\n", ""));
        let text = "ARG WHICH=web\nFROM x AS web\nRUN w\nFROM x AS api\nFROM $WHICH\nRUN c\n";
        assert_eq!(of(text, "RUN c"), text.replace("FROM x AS api\n", ""));
        let later = "FROM x\nCOPY --from=late /a /a\nRUN y\nFROM x AS late\nRUN z\n";
        assert_eq!(of(later, "--from"), "FROM x\nCOPY --from=late /a /a\nFROM x AS late\n");
    }

    #[test]
    fn variables_stay_where_they_are_seen() {
        let text = "FROM x AS a\nARG ONE TWO=$ONE\nARG SOURCE_DATE_EPOCH\nENV E=1 F=$TWO\nARG LATE\nCOPY $TWO /\nENV AFTER=1\nUSER u\n\
                    FROM y\nCOPY --from=a / /\n";
        let kept = "FROM x AS a\nARG ONE TWO=$ONE\nARG SOURCE_DATE_EPOCH\nCOPY $TWO /\nFROM y\nCOPY --from=a / /\n";
        assert_eq!(of(text, "--from=a"), kept);
        assert_eq!(of(text, "USER"), text[..text.find("FROM y").unwrap()].replace("ARG LATE\n", ""));
    }

    #[test]
    fn texts_survive_byte_for_byte() {
        let text = "\u{feff}# escape=`\r\n\r\n# escape=x\r\nfrom x\r\nexpose 1\r\n  # why\r\n  run a `\r\n   # in it\r\n   && b\r\ncopy <<E /e\r\n$X\r\n# no comment\r\nE\r\nrun c\r\n";
        let wanted = text.trim_start_matches('\u{feff}').replace("expose 1\r\n", "");
        assert_eq!(of(text, "run c"), wanted);
        let text = "\n# escape=`\nFROM x\nRUN y\n";
        assert_eq!(of(text, "RUN y"), text);
    }
}
