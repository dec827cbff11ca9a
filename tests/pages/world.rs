//! What dockline does with a case.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockline::analysis::snapshot::Snapshot;
use dockline::cli::render::text::{self, Style};
use dockline::project::{self, Memory};
use dockline::registry::reference::{Reference, Repository, is_digest};
use dockline::registry::{Image, RegistryFacts};
use dockline::rules::rule::{Diagnostic, Fix, Severity};
use dockline::rules::{self, run};
use dockline::settings::{Level, RuleSetting, Settings};
use dockline::text::buffer::{Buffer, PositionEncoding::Utf16};
use dockline::text::edit::{EditSet, FileEdit};
use dockline::text::lines::Lines;
use dockline::text::span::Span;

use crate::page::{Case, Page};
use crate::recorded;

const CURSOR: &str = "<|>";
/// Where the project of a case lies.
const ROOT: &str = "/project";

/// The surroundings of a case's Dockerfile, the files that fixes created or changed among them.
#[derive(Clone)]
pub struct World<'c> {
    case: &'c Case,
    /// The rule whose findings count; `None` for all.
    rule: Option<&'static str>,
    created: Vec<(PathBuf, String)>,
}

impl<'c> World<'c> {
    pub fn new(page: &Page, case: &'c Case) -> Self {
        let all = case.block("dockerfile").is_some_and(|block| block.info.split(' ').any(|word| word == "all"));
        let rule = rules::find(&page.title).map(|entry| entry.name).filter(|_| !all);
        Self { case, rule, created: Vec::new() }
    }

    /// `text` as the case's Dockerfile.
    pub fn snapshot(&self, text: &str) -> Snapshot {
        let mut settings = self.case.block("toml").map_or_else(Settings::default, |block| {
            Settings::from_toml(&block.text).unwrap_or_else(|error| panic!("{}: {error}", self.case.name))
        });
        if let Some(entry) = self.rule.and_then(rules::find) {
            // A page's rule is on, whatever its default.
            if entry.rule.default == rules::rule::Default::Pedantic {
                settings.rules.entry(entry.name.to_owned()).or_insert_with(|| own_level(entry.rule.severity));
            }
        }
        let context = settings.context.clone().map(|dir| Path::new(ROOT).join(dir));
        let path = Path::new(ROOT).join(self.path());
        let snapshot = Snapshot::new(Some(path.clone()), 0, Arc::from(text), None, Arc::default(), Arc::new(settings));
        let snapshot = if self.rule == Some(rules::SHELLCHECK) { recorded::with_verdicts(snapshot) } else { snapshot };
        let snapshot = match self.case.block("registry") {
            Some(block) => snapshot.with_published(Arc::new(published(&block.text))),
            None => snapshot,
        };
        if self.case.block("file").is_none() {
            return snapshot;
        }
        let needs = dockline::analysis::needs::needs(&snapshot);
        let facts = project::scan(&self.files(text), &path, Some(Path::new(ROOT)), &needs, context.as_deref());
        snapshot.with(Arc::new(facts), snapshot.shared_settings())
    }

    /// The Dockerfile's path from the root of the project.
    fn path(&self) -> String {
        let info = self.case.block("dockerfile").map_or("", |block| &block.info);
        info.split(' ').find_map(|word| word.strip_prefix("path=")).unwrap_or("Dockerfile").to_owned()
    }

    /// The project of the case.
    fn files(&self, text: &str) -> Memory {
        let mut files = Memory::default();
        files.insert(Path::new(ROOT).join(self.path()), text);
        for block in self.case.blocks.iter().filter(|block| block.kind == "file") {
            files.insert(Path::new(ROOT).join(&block.info), block.text.as_str());
        }
        for (path, text) in &self.created {
            files.insert(Path::new(ROOT).join(path), text.as_str());
        }
        files
    }

    pub fn diagnostics(&self, snapshot: &Snapshot) -> Vec<Diagnostic> {
        let outcome = run::run(snapshot);
        assert!(outcome.panicked.is_empty(), "{}: {:?} panicked", self.case.name, outcome.panicked);
        let own = |found: &Diagnostic| self.rule.is_none_or(|rule| rule == found.rule);
        outcome.diagnostics.into_iter().filter(own).collect()
    }

    /// The findings as they are printed.
    pub fn print(&self, text: &str) -> String {
        let found = self.diagnostics(&self.snapshot(text));
        let frames: Vec<_> = found.iter().map(|found| text::diagnostic(None, text, found, Style::default())).collect();
        frames.join("\n")
    }

    /// Every fix of every finding keeps the syntax, removes its finding and comes to an end.
    pub fn check_fixes(&self, text: &str) -> Result<(), String> {
        let snapshot = self.snapshot(text);
        for found in self.diagnostics(&snapshot) {
            for fix in &found.finding.fixes {
                self.check_fix(&snapshot, &found, fix).map_err(|error| format!("the fix {:?} {error}", fix.title))?;
            }
        }
        Ok(())
    }

    fn check_fix(&self, before: &Snapshot, found: &Diagnostic, fix: &Fix) -> Result<(), String> {
        let fixed = fixed_text(before, fix)?;
        let after = self.after(fix);
        let same = |other: &&Diagnostic| other.rule == found.rule && other.finding.message == found.finding.message;
        let old = self.diagnostics(before).iter().filter(same).count();
        let new = after.diagnostics(&after.snapshot(&fixed)).iter().filter(same).count();
        if new >= old {
            return Err(format!("leaves the finding in place:\n{fixed}"));
        }
        after.settles(fixed)
    }

    /// Applies fix after fix until none is offered.
    fn settles(mut self, mut text: String) -> Result<(), String> {
        for _ in 0..50 {
            let snapshot = self.snapshot(&text);
            let found = self.diagnostics(&snapshot);
            let Some(fix) = found.iter().find_map(|found| found.finding.fixes.first()) else { return Ok(()) };
            text = fixed_text(&snapshot, fix)?;
            self = self.after(fix);
        }
        Err(format!("is followed by fixes without end:\n{text}"))
    }

    /// The surroundings with the files that `fix` creates or changes.
    pub fn after(&self, fix: &Fix) -> Self {
        let mut world = self.clone();
        world.created.extend(fix.edits.iter().filter_map(|edit| match edit {
            FileEdit::Create(path, text) => Some((path.clone(), text.clone())),
            FileEdit::Other(file) => Some((file.path.clone(), file.after())),
            FileEdit::This(_) => None,
        }));
        world
    }
}

/// What registries say, a line each: `image:tag digest platforms day`, or `repository: tags`.
fn published(text: &str) -> RegistryFacts {
    let mut facts = RegistryFacts::default();
    for line in text.lines() {
        let (name, rest) = line.split_once(' ').unwrap();
        let words = || rest.split(' ').map(str::to_owned);
        if let Some(repository) = name.strip_suffix(':') {
            facts.add_tags(Repository::of(repository).unwrap(), words().collect());
            continue;
        }
        let digest = words().next().filter(|digest| is_digest(digest)).unwrap();
        let platforms = words().filter(|word| word.contains('/')).collect();
        let created = words().find(|word| word.starts_with("20"));
        facts.add_image(Reference::of(name).unwrap(), Arc::new(Image { digest, platforms, created }));
    }
    facts
}

fn own_level(severity: Severity) -> RuleSetting {
    RuleSetting::Level(match severity {
        Severity::Hint => Level::Hint,
        Severity::Info => Level::Info,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    })
}

/// The text after `fix`, when it has no problem of a new kind and an editor arrives at the same text.
pub fn fixed_text(before: &Snapshot, fix: &Fix) -> Result<String, String> {
    let edits = fix.here();
    let mut elsewhere = false;
    for edit in &fix.edits {
        elsewhere |= matches!(edit, FileEdit::Create(..));
        if let FileEdit::Other(file) = edit {
            elsewhere |= file.after() != *file.text;
            if through_utf16(&file.text, &file.edits) != file.after() {
                return Err(format!(
                    "gives another {} when its edits go through UTF-16 positions",
                    file.path.display()
                ));
            }
        }
    }
    if edits.is_empty() && !elsewhere {
        return Err("changes nothing".into());
    }
    let fixed = edits.apply(before.text());
    if through_utf16(before.text(), &edits) != fixed {
        return Err("gives another text when its edits go through UTF-16 positions".into());
    }
    let after = Snapshot::of_text(&fixed);
    let (old, new) = (&before.file().problems, &after.file().problems);
    match new.iter().find(|problem| !old.iter().any(|other| other.kind == problem.kind)) {
        Some(problem) => Err(format!("breaks the syntax ({:?}):\n{fixed}", problem.kind)),
        None => Ok(fixed),
    }
}

/// The edits as an editor applies them.
fn through_utf16(text: &str, edits: &EditSet) -> String {
    let mut buffer = Buffer::new(text);
    let lines = Lines::new(text.into());
    for edit in edits.edits().iter().rev() {
        let range = (lines.position(edit.span.start, Utf16), lines.position(edit.span.end, Utf16));
        buffer.apply(Some(range), &edit.text, Utf16);
    }
    buffer.text().to_string()
}

/// The fix that a `fixed` block's info string names, out of all that are offered.
pub fn named<'f>(fixes: &'f [Fix], info: &str) -> Option<&'f Fix> {
    if let Some(title) = info.strip_prefix("title=") {
        return fixes.iter().find(|fix| fix.title == title);
    }
    let number: usize = if info.is_empty() { 1 } else { info.parse().ok()? };
    fixes.get(number.checked_sub(1)?)
}

/// The text without cursor marks, and what they select: all of it without any.
pub fn cursor(text: &str) -> (String, Span) {
    let plain = text.replace(CURSOR, "");
    let mut marks = text.match_indices(CURSOR).enumerate().map(|(index, (at, _))| at - index * CURSOR.len());
    let span = match (marks.next(), marks.next()) {
        (None, _) => Span::new(0, plain.len() as u32),
        (Some(start), end) => Span::from(start..end.unwrap_or(start)),
    };
    (plain, span)
}
