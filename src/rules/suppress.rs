//! Comments that silence findings: ours, hadolint's, BuildKit's and ShellCheck's.
use std::collections::HashMap;

use super::find;
use super::rule::{Diagnostic, Finding, Fix, Place, Tag};
use super::syntax_fix::whole_line;
use crate::analysis::snapshot::Snapshot;
use crate::model::dockerfile::Dockerfile;
use crate::rewrite::lines;
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// Every suppression of a file, and which of them silenced something.
#[derive(Debug, Default)]
pub struct Suppressions {
    names: Vec<Name>,
    /// By instruction (`None`: the whole file) and name in lower case: where in `names` they are.
    index: HashMap<(Option<usize>, String), Vec<usize>>,
}

/// One name in a comment.
#[derive(Debug)]
struct Name {
    span: Span,
    comment: Span,
    ours: bool,
    hadolint: bool,
    used: bool,
}

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
struct Ignore {
    names: Vec<Span>,
    whole_file: bool,
    form: Form,
}

/// Whose comment it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Ours,
    Hadolint,
    BuildKit,
    /// `# shellcheck disable=SC2086` in front of an instruction or between its lines, where no shell sees it.
    ShellCheck,
}

/// The name under which `skip=all` of BuildKit is kept.
const CHECKS: &str = "all checks";

impl Suppressions {
    /// Reads the comments of `snapshot`.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut all = Self::default();
        let file = snapshot.file();
        for directive in &file.directives {
            if snapshot[directive.name].eq_ignore_ascii_case("check") {
                let names = check_names(snapshot.text(), directive.value);
                all.add(snapshot, directive.span, None, &Ignore { names, whole_file: true, form: Form::BuildKit });
            }
        }
        // Most files have none, and are asked after each keystroke.
        if !file.comments.iter().any(|comment| snapshot[*comment].contains('=')) {
            return all;
        }
        for block in blocks(snapshot) {
            let mut checks = 0;
            for &comment in &block.comments {
                let Some(ignore) = read(snapshot.text(), comment) else { continue };
                // BuildKit takes the first `check` comment of a block alone.
                checks += usize::from(ignore.form == Form::BuildKit);
                if ignore.form == Form::BuildKit && (checks > 1 || comment.end <= block.check_from) {
                    continue;
                }
                match (ignore.whole_file, block.instruction) {
                    (true, _) => all.add(snapshot, comment, None, &ignore),
                    // Above nothing it silences nothing: no instruction has this number.
                    (false, instruction) => {
                        all.add(snapshot, comment, Some(instruction.unwrap_or(usize::MAX)), &ignore);
                    }
                }
            }
        }
        all
    }

    fn add(&mut self, snapshot: &Snapshot, comment: Span, instruction: Option<usize>, ignore: &Ignore) {
        if ignore.form == Form::Hadolint && !snapshot.settings().hadolint_comments.0 {
            return;
        }
        for &span in &ignore.names {
            let name = snapshot[span].to_ascii_lowercase();
            let name = if ignore.form == Form::BuildKit && name == "all" { CHECKS.to_owned() } else { name };
            let key = (instruction, name);
            self.index.entry(key).or_default().push(self.names.len());
            let (ours, hadolint) = (ignore.form == Form::Ours, ignore.form == Form::Hadolint);
            self.names.push(Name { span, comment, ours, hadolint, used: false });
        }
    }

    /// True when a comment silences `found`; that comment is then in use.
    pub fn silences(&mut self, file: &Dockerfile, found: &Diagnostic) -> bool {
        if self.names.is_empty() {
            return false;
        }
        // `check=skip=all` skips BuildKit's checks; its errors stay.
        let check = find(found.rule).is_none_or(|entry| entry.group != "syntax").then_some(CHECKS);
        let names = [found.rule, "all"].into_iter().chain(check).chain(found.aliases.iter().copied());
        let names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
        let mut silenced = false;
        let places = [None, file.instruction_at(found.finding.span.start)].map(|place| (place, false));
        for (place, of_hadolint) in places.into_iter().chain(elsewhere(file, found).map(|place| (Some(place), true))) {
            for name in &names {
                for &at in self.index.get(&(place, name.clone())).into_iter().flatten() {
                    let counts = !of_hadolint || self.names[at].hadolint;
                    self.names[at].used |= counts;
                    silenced |= counts;
                }
            }
        }
        silenced
    }

    /// Our comments that silenced nothing although `ran` says that their rule looked.
    pub fn unused(&self, snapshot: &Snapshot, ran: impl Fn(&str) -> bool) -> Vec<Finding> {
        let idle = self.names.iter().filter(|name| name.ours && !name.used);
        let known = idle.filter(|name| find(&snapshot[name.span]).is_some_and(|entry| ran(entry.name)));
        known.map(|name| unused(snapshot, name)).collect()
    }

    /// Names in our comments that no rule has.
    pub fn unknown(&self, snapshot: &Snapshot) -> Vec<Finding> {
        let ours = self.names.iter().filter(|name| name.ours);
        ours.filter(|name| find(&snapshot[name.span]).is_none()).map(|name| unknown(snapshot, name)).collect()
    }
}

/// Where hadolint reports what our rule reports at another instruction: that is where its comment stands.
fn elsewhere<'a>(file: &'a Dockerfile, found: &'a Diagnostic) -> impl Iterator<Item = usize> + 'a {
    let related = found.finding.related.iter().filter(|_| found.rule == "overridden-instruction");
    related.filter_map(|(place, _)| match place {
        Place::Here(span) => file.instruction_at(span.start),
        Place::There(..) => None,
    })
}

/// The comments and directives that silence anything, in the order of the text.
pub fn comments(snapshot: &Snapshot) -> Vec<Span> {
    let mut spans: Vec<Span> = Suppressions::of(snapshot).names.iter().map(|name| name.comment).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn unused(snapshot: &Snapshot, name: &Name) -> Finding {
    let message = format!("{} reports nothing here", &snapshot[name.span]);
    let mut finding = Finding::new(name.span, message).fix(remove(snapshot, name));
    finding.tag = Some(Tag::Unnecessary);
    finding
}

fn unknown(snapshot: &Snapshot, name: &Name) -> Finding {
    let written = &snapshot[name.span];
    let known = super::RULES.iter().map(|entry| entry.name);
    let Some(rule) = nearest(written, known) else {
        return Finding::new(name.span, format!("there is no rule {written}"));
    };
    let fix = Fix::safe(format!("write {rule}"), vec![Edit::replace(name.span, rule)]);
    Finding::new(name.span, format!("there is no rule {written}: did you mean {rule}?")).fix(fix)
}

/// Removes the name with its comma, or the comment's line when it is the only one.
fn remove(snapshot: &Snapshot, name: &Name) -> Option<Fix> {
    let ignore = read(snapshot.text(), name.comment)?;
    let at = ignore.names.iter().position(|span| *span == name.span)?;
    let span = match (ignore.names.get(at + 1), at.checked_sub(1)) {
        (Some(next), _) => Span::new(name.span.start, next.start),
        (None, Some(before)) => Span::new(ignore.names[before].end, name.span.end),
        (None, None) => {
            let line = whole_line(snapshot, name.comment);
            // Without the comment in front of it, a line like `# syntax=…` would become a directive.
            let next = snapshot.text()[line.end as usize..].trim_start();
            let directives = snapshot.file().directives.last().map_or(0, |directive| directive.span.end);
            let first = snapshot.text()[directives as usize..line.start as usize].trim().is_empty();
            if first && next.starts_with('#') {
                return None;
            }
            line
        }
    };
    Fix::safe("remove it", vec![Edit::delete(span)])
}

/// The comments above an instruction, and those between its lines.
struct Block {
    comments: Vec<Span>,
    instruction: Option<usize>,
    /// Where the block begins as BuildKit reads it: behind the last empty comment.
    check_from: u32,
}

fn blocks(snapshot: &Snapshot) -> Vec<Block> {
    let file = snapshot.file();
    let mut comments = file.comments.clone();
    comments.sort_unstable();
    let mut comments = comments.into_iter().peekable();
    let mut blocks = Vec::new();
    for index in 0..=file.instructions.len() {
        let instruction = file.instructions.get(index);
        let end = instruction.map_or(u32::MAX, |instruction| instruction.span.end);
        let mut block = Block { comments: Vec::new(), instruction: instruction.map(|_| index), check_from: 0 };
        while let Some(comment) = comments.next_if(|comment| comment.start < end) {
            if snapshot[comment].trim_start_matches('#').trim().is_empty() {
                block.check_from = comment.end;
            }
            block.comments.push(comment);
        }
        if !block.comments.is_empty() {
            blocks.push(block);
        }
    }
    blocks
}

/// What the comment says, if it is a suppression.
fn read(text: &str, comment: Span) -> Option<Ignore> {
    let line = &text[comment.range()];
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let (form, rest) = if let Some(rest) = rest.strip_prefix("dockline:") {
        (Form::Ours, rest.trim_start())
    } else if let Some(rest) = rest.strip_prefix("hadolint ") {
        (Form::Hadolint, rest.trim_start())
    } else if let Some(rest) = rest.strip_prefix("shellcheck ") {
        let list = rest.split_once("disable=")?.1;
        let names = list_of_names(list, comment.start + (line.len() - list.len()) as u32);
        return Some(Ignore { names, whole_file: false, form: Form::ShellCheck });
    } else {
        let value = rest.strip_prefix("check")?.trim_start().strip_prefix('=')?.trim_start();
        let start = comment.start + (line.len() - value.len()) as u32;
        let names = check_names(text, Span::new(start, comment.end));
        return Some(Ignore { names, whole_file: false, form: Form::BuildKit });
    };
    let global = rest.strip_prefix("global ").map(str::trim_start).filter(|_| form == Form::Hadolint);
    let file = rest.strip_prefix("ignore-file").filter(|_| form == Form::Ours);
    let (whole_file, rest) = match (global, file) {
        (Some(rest), _) => (true, rest.strip_prefix("ignore")?),
        (None, Some(rest)) => (true, rest),
        (None, None) => (false, rest.strip_prefix("ignore")?),
    };
    let list = rest.trim_start().strip_prefix('=')?;
    let start = comment.start + (line.len() - list.len()) as u32;
    Some(Ignore { names: list_of_names(list, start), whole_file, form })
}

/// `a, b reason`: names with commas between them.
fn list_of_names(list: &str, start: u32) -> Vec<Span> {
    let mut names = Vec::new();
    let mut rest = list.trim_start();
    loop {
        let at = start + (list.len() - rest.len()) as u32;
        let length =
            rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
        if length == 0 {
            return names;
        }
        names.push(Span::new(at, at + length as u32));
        let Some(next) = rest[length..].trim_start().strip_prefix(',') else { return names };
        rest = next.trim_start();
    }
}

/// The names that the comment at `comment` silences; none for another comment.
pub fn names_in(text: &str, comment: Span) -> Vec<Span> {
    read(text, comment).map(|ignore| ignore.names).unwrap_or_default()
}

/// The names behind `skip=` in the value of BuildKit's `check`: up to the first blank, `;` between options.
pub fn check_names(text: &str, value: Span) -> Vec<Span> {
    let mut names = Vec::new();
    let value_text = text[value.range()].split_whitespace().next().unwrap_or_default();
    let mut at = value.start;
    for option in value_text.split(';') {
        if let Some(list) = option.strip_prefix("skip=") {
            names.extend(list_of_names(list, at + 5));
        }
        at += option.len() as u32 + 1;
    }
    names
}

/// Silences `found` from now on: a comment above its instruction, or one more name in the comment that is there.
/// `None` where a finding belongs to no instruction.
pub fn ignore(snapshot: &Snapshot, found: &Diagnostic) -> Option<Fix> {
    let file = snapshot.file();
    let rule = name(found);
    let index = file.instruction_at(found.finding.span.start)?;
    let title = format!("ignore {rule} here");
    let above = blocks(snapshot).into_iter().find(|block| block.instruction == Some(index));
    let comments = above.map_or(Vec::new(), |block| block.comments);
    if let Some(edit) = grow(snapshot, &comments, false, rule) {
        return Fix::safe(title, vec![edit]);
    }
    let start = file.instructions[index].span.start;
    let at = above_hadolint(snapshot, &comments, start);
    let line = whole_line(snapshot, Span::at(at));
    let newline = lines::eol(snapshot);
    let indent = snapshot[Span::new(line.start, at)].trim_start_matches('\u{feff}');
    Fix::safe(title, vec![Edit::insert(at, format!("# dockline: ignore={rule}{newline}{indent}"))])
}

/// Silences the rule of `found` in the whole file: a comment at its top, below what must stand first there, or one more
/// name in the comment that is there.
pub fn ignore_in_file(snapshot: &Snapshot, found: &Diagnostic) -> Option<Fix> {
    let rule = name(found);
    let title = format!("ignore {rule} in this file");
    let file = snapshot.file();
    if let Some(edit) = grow(snapshot, &file.comments, true, rule) {
        return Fix::safe(title, vec![edit]);
    }
    let newline = lines::eol(snapshot);
    let comment = format!("# dockline: ignore-file={rule}");
    let text = snapshot.text();
    let first = text.len() - text.trim_start_matches('\u{feff}').len();
    let above = match file.directives.last() {
        Some(directive) => Some(directive.span),
        // A script's first line stays the first.
        None => text[first..].starts_with("#!").then(|| Span::at(first as u32)),
    };
    let at = above.map_or(first as u32, |above| whole_line(snapshot, above).end);
    let is_open = at > 0 && at as usize == text.len() && !text.ends_with('\n');
    let insert = if is_open { format!("{newline}{comment}") } else { format!("{comment}{newline}") };
    Fix::safe(title, vec![Edit::insert(at, insert)])
}

/// The name under which a finding is ignored: all of ShellCheck at once is seldom meant.
fn name(found: &Diagnostic) -> &'static str {
    found.aliases.first().filter(|_| found.rule == super::SHELLCHECK).copied().unwrap_or(found.rule)
}

/// One more name in the last of `comments` that ignores something, here or in the whole file.
fn grow(snapshot: &Snapshot, comments: &[Span], whole_file: bool, rule: &str) -> Option<Edit> {
    let mut ours = comments.iter().filter_map(|&comment| read(snapshot.text(), comment));
    let last = ours.rfind(|ignore| ignore.form == Form::Ours && ignore.whole_file == whole_file)?;
    let name = last.names.last().copied()?;
    Some(Edit::insert(name.end, format!(",{rule}")))
}

/// Where a comment for the instruction at `start` goes: above one for hadolint, which counts only if nothing is between.
fn above_hadolint(snapshot: &Snapshot, comments: &[Span], start: u32) -> u32 {
    let mut at = start;
    for &comment in comments.iter().rev().filter(|comment| comment.end <= start) {
        let is_next = snapshot[Span::new(comment.end, at)].trim().is_empty();
        let is_hadolint = snapshot[comment].trim_start_matches('#').trim_start().starts_with("hadolint ");
        if !is_next || !is_hadolint {
            break;
        }
        at = comment.start;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Option<(Vec<&str>, bool)> {
        let ignore = read(text, Span::new(0, text.len() as u32))?;
        Some((ignore.names.iter().map(|span| &text[span.range()]).collect(), ignore.whole_file))
    }

    #[test]
    fn reads_comments() {
        assert_eq!(names("# dockline: ignore=a,b-c reason"), Some((vec!["a", "b-c"], false)));
        assert_eq!(names("#dockline:ignore = a , b reason, more"), Some((vec!["a", "b"], false)));
        assert_eq!(names("# dockline: ignore-file=DL3006"), Some((vec!["DL3006"], true)));
        assert_eq!(names("# hadolint ignore=DL3006,DL3008"), Some((vec!["DL3006", "DL3008"], false)));
        assert_eq!(names("# hadolint global ignore=DL3006"), Some((vec!["DL3006"], true)));
        assert_eq!(names("# check=skip=A,B;error=true // C"), Some((vec!["A", "B"], false)));
        assert_eq!(names("# check=error=true"), Some((vec![], false)));
        assert_eq!(names("# shellcheck disable=SC2086,SC2046 # why"), Some((vec!["SC2086", "SC2046"], false)));
        assert_eq!(names("# shellcheck shell=bash"), None);
        assert_eq!(names("# hadolint shell=bash"), None);
        assert_eq!(names("# dockline is nice"), None);
        assert_eq!(names("# dockline: ignore"), None);
        assert_eq!(names("# dockline: ignore="), Some((vec![], false)));
    }

    #[test]
    fn a_comment_is_added_or_grows() {
        let after = |text: &str| {
            let snapshot = Snapshot::of_text(text);
            let found = crate::rules::run::run(&snapshot).diagnostics;
            let fix = ignore(&snapshot, found.iter().find(|found| found.rule == "unknown-flag").unwrap()).unwrap();
            let fixed = fix.here().apply(text);
            let left = crate::rules::run::run(&Snapshot::of_text(&fixed)).diagnostics;
            assert!(left.iter().all(|found| found.rule != "unknown-flag"), "{fixed}");
            fixed
        };
        let added = "# syntax=docker/dockerfile:1\n# dockline: ignore=unknown-flag\nFROM --x=y a\n";
        assert_eq!(after("# syntax=docker/dockerfile:1\nFROM --x=y a\n"), added);
        assert_eq!(after("FROM a\r\n  COPY --x a b"), "FROM a\r\n  # dockline: ignore=unknown-flag\r\n  COPY --x a b");
        let grown = "FROM a\n# dockline: ignore=invalid-port,unknown-flag why\nCOPY --x a b\n";
        assert_eq!(after("FROM a\n# dockline: ignore=invalid-port why\nCOPY --x a b\n"), grown);
    }

    #[test]
    fn a_comment_for_the_file_stands_below_the_directives() {
        let after = |text: &str| {
            let snapshot = Snapshot::of_text(text);
            let found = crate::rules::run::run(&snapshot).diagnostics;
            let fix = ignore_in_file(&snapshot, found.iter().find(|found| found.rule == "unknown-flag").unwrap());
            let fixed = fix.unwrap().here().apply(text);
            let left = Snapshot::of_text(&fixed);
            assert_eq!(left.file().directives.len(), snapshot.file().directives.len(), "{fixed}");
            assert!(
                crate::rules::run::run(&left).diagnostics.iter().all(|found| found.rule != "unknown-flag"),
                "{fixed}"
            );
            fixed
        };
        let ours = "# dockline: ignore-file=unknown-flag";
        assert_eq!(after("FROM --x=y a\n"), format!("{ours}\nFROM --x=y a\n"));
        assert_eq!(after("\u{feff}FROM --x=y a"), format!("\u{feff}{ours}\nFROM --x=y a"));
        let directives = "# escape=`\r\n# syntax=docker/dockerfile:1\r\n";
        assert_eq!(
            after(&format!("{directives}\r\nFROM --x a\r\n")),
            format!("{directives}{ours}\r\n\r\nFROM --x a\r\n")
        );
        assert_eq!(after("#!/usr/bin/docker\nFROM --x a\n"), format!("#!/usr/bin/docker\n{ours}\nFROM --x a\n"));
        let before = "FROM --x a\n# dockline: ignore-file=invalid-port why\nEXPOSE 99999\n";
        assert_eq!(after(before), before.replace("port why", "port,unknown-flag why"));
    }

    #[test]
    fn a_comment_never_comes_between() {
        let after = |text: &str, rule: &str| {
            let snapshot = Snapshot::of_text(text);
            let found = crate::rules::run::run(&snapshot).diagnostics;
            ignore(&snapshot, found.iter().find(|found| found.rule == rule).unwrap()).unwrap().here().apply(text)
        };
        let hadolint = "FROM a\n# why\n# hadolint ignore=DL3020\n";
        let expected = "FROM a\n# why\n# dockline: ignore=unknown-flag\n# hadolint ignore=DL3020\nCOPY --x a b\n";
        assert_eq!(after(&format!("{hadolint}COPY --x a b\n"), "unknown-flag"), expected);
        let continued = "FROM a\nHEALTHCHECK \\\n  # why\n  --x=1 CMD true\n";
        let expected = continued.replace("HEALTH", "# dockline: ignore=unknown-flag\nHEALTH");
        assert_eq!(after(continued, "unknown-flag"), expected);
        let heredoc = "FROM a\n\tCOPY --x <<EOF /b\n# text\nEOF\n";
        let expected = heredoc.replace("COPY", "# dockline: ignore=unknown-flag\n\tCOPY");
        assert_eq!(after(heredoc, "unknown-flag"), expected);
        assert_eq!(
            after("\u{feff}FROM --x a\n", "unknown-flag"),
            "\u{feff}# dockline: ignore=unknown-flag\nFROM --x a\n"
        );
    }

    #[test]
    fn settings_may_leave_hadolint_out() {
        let settings = crate::settings::Settings::from_toml("hadolint-comments = false").unwrap();
        let text = "# hadolint global ignore=DL3061\nFROM --x a\n# hadolint ignore=unknown-flag\nCOPY --x a b\n";
        let snapshot = Snapshot::of_text(text);
        assert_eq!(Suppressions::of(&snapshot).names.len(), 2);
        assert_eq!(Suppressions::of(&snapshot.with(std::sync::Arc::default(), settings.into())).names.len(), 0);
    }
}
