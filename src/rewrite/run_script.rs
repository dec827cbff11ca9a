//! Edits inside the script of a RUN: a flag for a command, a command behind or in front of another.
use crate::analysis::invocation::Invocation;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::{RunFact, StageAnalysis};
use crate::model::instruction::Instruction;
use crate::syntax::shell::{Command, Group, GroupKind, Link, Script, ShellOption};
use crate::text::edit::Edit;
use crate::text::span::Span;

use super::lines;

/// Adds `flag` behind the word at `word`; the exec form is a JSON array and stays one.
pub fn flag_behind(snapshot: &Snapshot, instruction: usize, word: Span, flag: &str) -> Edit {
    let instruction = &snapshot.file().instructions[instruction];
    Edit::insert(word.end, if is_exec(instruction) { format!(", \"{flag}\"") } else { format!(" {flag}") })
}

/// Adds `flag` in front of the word at `word`.
pub fn flag_before(snapshot: &Snapshot, instruction: usize, word: Span, flag: &str) -> Edit {
    let instruction = &snapshot.file().instructions[instruction];
    Edit::insert(word.start, if is_exec(instruction) { format!("\"{flag}\", ") } else { format!("{flag} ") })
}

/// Replaces the word at `word`, which is `old` but for its quotes.
pub fn replace_word(snapshot: &Snapshot, word: Span, old: &str, new: &str) -> Option<Edit> {
    let at = word.start + snapshot[word].rfind(old)? as u32;
    Some(Edit::replace(Span::new(at, at + old.len() as u32), new))
}

fn is_exec(instruction: &Instruction) -> bool {
    instruction.command().is_some_and(|command| command.exec().is_some())
}

/// Runs `text` behind `command` when it went well, written as the commands around it are; behind the whole `if` or loop
/// that the command is in. `None` where there is no such place: the exec form, functions, substitutions, the background.
pub fn append(snapshot: &Snapshot, stage: &StageAnalysis, command: &Invocation, text: &str) -> Option<Edit> {
    let place = Place::of(stage, command)?;
    let instruction = &snapshot.file().instructions[command.instruction];
    // BuildKit sees no here-document where the shell reads one: what is written behind it may become a part of it.
    let open = |part: &str| part.contains("<<");
    let opens = |text: &str| text.split("<<<").any(open);
    let hidden = instruction.heredocs.is_empty() && opens(&snapshot[instruction.arguments]);
    // Nor is any place certain in a here-document without its end.
    if hidden || snapshot.file().is_refused(command.instruction) {
        return None;
    }
    let end = place.end(snapshot)?;
    let separator = place.separator(snapshot, end);
    // The next line belongs to the shell's own here-document.
    let line = snapshot.text()[..end as usize].rsplit('\n').next().unwrap_or_default();
    let swallowed = separator.contains('\n') && opens(line);
    (!swallowed).then(|| Edit::insert(end, format!("{separator}{text}")))
}

/// Runs `text` in front of `command`, which then runs when that went well. `None` where that would change what else runs.
pub fn prepend(stage: &StageAnalysis, command: &Invocation, text: &str) -> Option<Edit> {
    let place = Place::of(stage, command)?;
    let fits = !matches!(place.command().link, Link::Or | Link::Pipe) && !command.in_substitution;
    fits.then(|| Edit::insert(command.span.start, format!("{text} && ")))
}

/// Removes `command` and what joins it to the next one. `None` when it is the last, or its success decides about others.
pub fn remove(snapshot: &Snapshot, stage: &StageAnalysis, command: &Invocation) -> Option<Edit> {
    let place = Place::of(stage, command)?;
    let next = place.script.commands.get(place.index + 1)?;
    let this = place.command();
    let fits = next.group == this.group
        && matches!(next.link, Link::And | Link::Then)
        && matches!(this.link, Link::First | Link::And | Link::Then)
        && (this.link != Link::And || next.link == Link::And)
        && this.redirects.is_empty()
        && !this.in_substitution;
    // What is nested in the command follows it in the list, but starts inside it.
    let behind = next.span.start + place.run.offset;
    if !fits || behind < command.span.end {
        return None;
    }
    let between = Span::new(command.span.end, behind);
    let plain = snapshot[between].bytes().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'&' | b';' | b'\\'));
    plain.then(|| Edit::delete(Span::new(command.span.start, behind)))
}

/// Removes `command` and what joins it to the one in front of it. `None` when something follows, or it decides about others.
pub fn remove_last(snapshot: &Snapshot, stage: &StageAnalysis, command: &Invocation) -> Option<Edit> {
    let place = Place::of(stage, command)?;
    let this = place.command();
    let commands = &place.script.commands;
    let last =
        commands[..place.index].iter().rfind(|other| other.group == this.group && other.span.end <= this.span.start)?;
    let fits = matches!(this.link, Link::And | Link::Then) && this.redirects.is_empty() && !this.in_substitution;
    let between = Span::new(last.span.end, this.span.start).shift(place.run.offset);
    let plain = snapshot[between].bytes().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'&' | b';' | b'\\'));
    let end = snapshot.file().instructions[place.run.instruction].span.end;
    let heredoc = !snapshot.file().instructions[place.run.instruction].heredocs.is_empty();
    let ends = snapshot[Span::new(command.span.end, end)].trim().is_empty();
    (fits && plain && ends && !heredoc && this.group == 0)
        .then(|| Edit::delete(Span::new(between.start, command.span.end)))
}

/// A command in its script.
struct Place<'s> {
    run: &'s RunFact,
    script: &'s Script,
    index: usize,
}

impl<'s> Place<'s> {
    fn of(stage: &'s StageAnalysis, command: &Invocation) -> Option<Self> {
        let at = stage.runs.binary_search_by_key(&command.instruction, |run| run.instruction).ok()?;
        let run = &stage.runs[at];
        let script = run.script.as_deref().filter(|script| !script.broken)?;
        let index = script.commands.iter().position(|other| other.span.shift(run.offset) == command.span)?;
        Some(Self { run, script, index })
    }

    fn command(&self) -> &'s Command {
        &self.script.commands[self.index]
    }

    /// The groups around the command, innermost first.
    fn groups(&self) -> impl Iterator<Item = &'s Group> {
        let mut next = Some(self.command().group);
        std::iter::from_fn(move || {
            let index = next?;
            let group = self.script.groups.get(index as usize)?;
            next = (index > 0).then_some(group.parent);
            Some(group)
        })
    }

    /// Behind the command, or behind the outermost `if`, loop or pipeline that it is in.
    fn end(&self, snapshot: &Snapshot) -> Option<u32> {
        let mut end = self.command().span.end;
        for group in self.groups() {
            match group.kind {
                GroupKind::If | GroupKind::Loop | GroupKind::Case if group.redirects.is_empty() => end = group.span.end,
                GroupKind::If | GroupKind::Loop | GroupKind::Case => return None,
                GroupKind::Function | GroupKind::Substitution => return None,
                GroupKind::Script | GroupKind::Subshell | GroupKind::Braces | GroupKind::Nested => {}
            }
        }
        let behind = |end: u32| {
            let stop = snapshot.file().instructions[self.run.instruction].span.end;
            snapshot.text().get((end + self.run.offset) as usize..stop as usize).map(first_operator)
        };
        let mut later = self.script.commands.iter();
        while behind(end)? == "|" {
            end = later.find(|command| command.span.start >= end && command.link == Link::Pipe)?.span.end;
        }
        (behind(end)? != "&").then_some(end + self.run.offset)
    }

    /// What to write between the command that ends at `end` and a new one.
    fn separator(&self, snapshot: &Snapshot, end: u32) -> String {
        let instruction = &snapshot.file().instructions[self.run.instruction];
        let heredoc = !instruction.heredocs.is_empty();
        let own = self.own_separators(snapshot);
        if self.script.option_at(self.index, ShellOption::ErrExit)
            && let Some(then) = own.iter().rfind(|(link, text)| *link == Link::Then && text.contains('\n'))
            && (!heredoc || rest_of_line(snapshot, end).trim().is_empty())
        {
            return then.1.to_owned();
        }
        let text = &snapshot[self.command().span.shift(self.run.offset)];
        let joined = own.iter().rfind(|(link, text)| *link == Link::And && text.contains('\n'));
        match (joined, text.rsplit_once('\n')) {
            (Some((_, separator)), _) => (*separator).to_owned(),
            (None, Some((_, last))) => {
                let indent = &last[..last.len() - last.trim_start().len()];
                let escape = if heredoc { '\\' } else { char::from(snapshot.file().escape) };
                format!(" {escape}{}{indent}&& ", lines::eol(snapshot))
            }
            (None, None) => " && ".to_owned(),
        }
    }

    /// What stands between the commands of the command's own group, where it is nothing but what joins them.
    fn own_separators(&self, snapshot: &'s Snapshot) -> Vec<(Link, &'s str)> {
        let group = self.command().group;
        let pairs = self.script.commands.windows(2).filter(|pair| pair.iter().all(|command| command.group == group));
        let between = pairs.filter_map(|pair| {
            let span = Span::new(pair[0].span.end, pair[1].span.start.max(pair[0].span.end));
            let text = &snapshot[span.shift(self.run.offset)];
            let plain = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'&' | b';' | b'\\' | b'`');
            (text.bytes().all(plain) && text.matches('\n').count() < 2).then_some((pair[1].link, text))
        });
        between.collect()
    }
}

/// `|`, `&`, or nothing of that kind at the start of `text`; `||` and `&&` are not meant.
fn first_operator(text: &str) -> &'static str {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\\');
    match text.as_bytes() {
        [b'|', b'|', ..] | [b'&', b'&', ..] => "",
        [b'|', ..] => "|",
        [b'&', ..] => "&",
        _ => "",
    }
}

fn rest_of_line(snapshot: &Snapshot, offset: u32) -> &str {
    snapshot.text()[offset as usize..].lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::edit::EditSet;

    fn edited(run: &str, edit: impl Fn(&Snapshot, &StageAnalysis, &Invocation) -> Option<Edit>) -> Option<String> {
        let text = format!("FROM a\nRUN {run}\n");
        let snapshot = Snapshot::of_text(&text);
        let stage = &snapshot.stages()[0];
        let command = stage.commands.iter().rfind(|command| command.name == "get")?;
        let edit = edit(&snapshot, stage, command)?;
        let after = EditSet::new(vec![edit])?.apply(&text);
        Some(after.strip_prefix("FROM a\nRUN ")?.strip_suffix('\n')?.to_owned())
    }

    fn appended(run: &str) -> Option<String> {
        edited(run, |snapshot, stage, command| append(snapshot, stage, command, "rm"))
    }

    #[test]
    fn appends_in_the_style_of_the_script() {
        for (run, expected) in [
            ("get x", "get x && rm"),
            ("get x; y", "get x && rm; y"),
            ("a && \\\n    get x && \\\n    y", "a && \\\n    get x && \\\n    rm && \\\n    y"),
            ("a \\\n && get x \\\n && y", "a \\\n && get x \\\n && rm \\\n && y"),
            ("a && get \\\n    x \\\n    y", "a && get \\\n    x \\\n    y \\\n    && rm"),
            ("set -eux; \\\n\tget x; \\\n\ty", "set -eux; \\\n\tget x; \\\n\trm; \\\n\ty"),
            ("<<E\nset -e\nget x\ny\nE", "<<E\nset -e\nget x\nrm\ny\nE"),
            ("<<E\nget x # why\ny\nE", "<<E\nget x && rm # why\ny\nE"),
            ("get x | tee log && y", "get x | tee log && rm && y"),
            ("if a; then get x; fi; y", "if a; then get x; fi && rm; y"),
            ("{ a; get x; } || y", "{ a; get x && rm; } || y"),
            ("sh -c 'a && get x'", "sh -c 'a && get x && rm'"),
            ("get x > log 2>&1", "get x > log 2>&1 && rm"),
        ] {
            assert_eq!(appended(run).as_deref(), Some(expected), "{run}");
        }
        let swallowed = "<<E\nset -e\nget - <<F\nx\nF\ny\nE";
        for run in ["[\"get\", \"x\"]", "get x & y", "f() { get x; }; f", "echo $(get x)", swallowed] {
            assert_eq!(appended(run), None, "{run}");
        }
    }

    #[test]
    fn prepends_and_removes() {
        let prepended = |run: &str| edited(run, |_, stage, command| prepend(stage, command, "up"));
        assert_eq!(prepended("a && A=1 get x").as_deref(), Some("a && up && A=1 get x"));
        assert_eq!(prepended("a || get x"), None);
        let removed = |run: &str| edited(run, remove);
        assert_eq!(removed("get x && \\\n  y && z").as_deref(), Some("y && z"));
        assert_eq!(removed("a && get x; y"), None);
        assert_eq!(removed("a; get x; y").as_deref(), Some("a; y"));
        assert_eq!(removed("a && get x"), None);
        assert_eq!(removed("get $(y) && z"), None);
    }
}
