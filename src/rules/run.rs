//! The engine: runs every rule that is on, catches those that panic, lets one of two findings win, applies levels and
//! suppressions, sorts.
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use super::memory::{Found, Memory};
use super::rule::{Check, Diagnostic, Finding};
use super::suppress::Suppressions;
use super::{Entry, RULES, SHELLCHECK, levels, shell_group, syntax};
use crate::analysis::snapshot::Snapshot;
use crate::model::dockerfile::Dockerfile;
use crate::model::instruction::Instruction;
use crate::model::stage::Stage;
use crate::settings::Settings;
use crate::text::span::Span;

/// What a run brought.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The findings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that panicked: a bug of ours each, whose findings are missing.
    pub panicked: Vec<Panic>,
}

/// A rule that panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The rule's name.
    pub rule: &'static str,
    /// Where in our source, and what it said.
    pub message: String,
}

/// One fault, one finding: where the rule in front and one behind it report the same place, the first stands.
/// Whether that is the same span or the same instruction is said by [`Same`].
const WINNERS: &[(&str, Same, &[&str])] = &[
    ("platform-arg-not-declared", Same::Span, &["undefined-variable"]),
    ("version-arg-not-in-stage", Same::Span, &["undefined-variable"]),
    ("private-module-token", Same::Instruction, &["secrets-in-arg-or-env"]),
    ("broken-json-form", Same::Instruction, &["shell-form-entrypoint", "shell-form-without-shell", "shellcheck"]),
    ("shell-form-without-shell", Same::Instruction, &["shell-form-entrypoint"]),
    ("work-file-outside-context", Same::Span, &["copy-source-missing"]),
    ("image-older-than-go-mod", Same::Span, &["go-end-of-life"]),
    ("cgo-disabled-but-needed", Same::Instruction, &["cgo-needs-compiler"]),
    ("go-cache-not-writable", Same::Instruction, &["build-without-cache-mount"]),
    ("dockerignore-hides-needed", Same::Instruction, &["copy-source-ignored"]),
    ("undefined-variable", Same::Span, &["env-uses-old-value"]),
    ("unknown-stage", Same::Span, &["invalid-image-reference"]),
    ("context-copied-to-root", Same::Instruction, &["copy-without-workdir"]),
    ("overridden-instruction", Same::Instruction, &["shell-form-entrypoint", "shell-form-without-shell"]),
    ("copied-file-not-owned", Same::Instruction, &["chmod-after-copy"]),
    ("trailing-comment", Same::Instruction, &["undefined-variable"]),
    ("spaced-equals-sign", Same::Instruction, &["legacy-key-value"]),
    ("swallowed-instruction", Same::Instruction, &["empty-continuation-line", "legacy-key-value", "missing-equals"]),
    ("trailing-comment", Same::Span, &["broken-json-form"]),
    (
        "variable-in-copy-from",
        Same::Span,
        &["undefined-variable", "version-arg-not-in-stage", "platform-arg-not-declared"],
    ),
];

/// Groups whose rules look at the project too.
const NEED_PROJECT: [&str; 3] = ["go", "runtime", "context"];

/// How close two findings must be to be one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Same {
    /// Their spans share a byte.
    Span,
    /// They are in one instruction.
    Instruction,
}

/// Runs all rules over `snapshot` and makes all fixes.
pub fn run(snapshot: &Snapshot) -> Outcome {
    let mut outcome = run_rules(snapshot, RULES);
    make_fixes(snapshot, &mut outcome);
    outcome
}

/// Makes the fixes of `outcome` that were left for later.
pub fn make_fixes(snapshot: &Snapshot, outcome: &mut Outcome) {
    for found in outcome.diagnostics.iter_mut().filter(|found| found.finding.later.is_some()) {
        match caught(|| found.finding.remedies(snapshot)) {
            Ok(fixes) => Arc::make_mut(&mut found.finding).fixes = fixes,
            Err(message) => outcome.panicked.push(Panic { rule: found.rule, message }),
        }
        Arc::make_mut(&mut found.finding).later = None;
    }
}

/// Runs `rules` over `snapshot`; fixes that cost time are left for `Finding::remedies`.
pub fn run_rules(snapshot: &Snapshot, rules: &'static [Entry]) -> Outcome {
    let (outcome, found, ran) = look(snapshot, rules, None);
    let found = found.into_iter().map(|found| found.diagnostic).collect();
    finish(snapshot, rules, outcome, found, &ran)
}

/// Runs all rules over `snapshot`; fixes that cost time are left for `Finding::remedies`. What `earlier` says of stages that
/// did not change since is taken from there. `None` instead of a memory when a rule panicked.
pub fn find_again(snapshot: &Snapshot, earlier: Option<&Memory>) -> (Outcome, Option<Memory>) {
    let (outcome, found, ran) = look(snapshot, RULES, earlier);
    let all = found.iter().map(|found| found.diagnostic.clone()).collect();
    let memory = outcome.panicked.is_empty().then(|| Memory::new(snapshot, found));
    (finish(snapshot, RULES, outcome, all, &ran), memory)
}

/// What is found before comments are read, and by the names of which rules.
fn look(
    snapshot: &Snapshot,
    rules: &'static [Entry],
    earlier: Option<&Memory>,
) -> (Outcome, Vec<Found>, Vec<&'static str>) {
    let mut outcome = Outcome::default();
    let mut ran = Vec::new();
    let (mut found, stale) = earlier.map_or((Vec::new(), Vec::new()), |earlier| earlier.recall(snapshot));
    let is_stale = |stage: &&Stage| stale.get(stage.index).is_none_or(|stale| *stale);
    let stages: Vec<&Stage> = snapshot.file().stages.iter().filter(is_stale).collect();
    for entry in rules.iter().filter(|entry| levels::is_on(entry, snapshot.settings())) {
        let before = found.len();
        match caught(|| check(entry, snapshot, &stages, &mut found)) {
            Ok(()) => ran.push(entry.name),
            Err(message) => {
                found.truncate(before);
                outcome.panicked.push(Panic { rule: entry.name, message });
            }
        }
    }
    (outcome, found, ran)
}

/// The findings that are left, in the order of the text.
fn finish(
    snapshot: &Snapshot,
    rules: &'static [Entry],
    mut outcome: Outcome,
    mut found: Vec<Diagnostic>,
    ran: &[&str],
) -> Outcome {
    apply_comments(snapshot, rules, ran, &mut found);
    found.sort_by_key(|found| (found.finding.span.start, found.finding.span.end, found.rule));
    outcome.diagnostics = found;
    outcome
}

/// Removes what loses and what comments silence; adds what is wrong with the comments themselves.
fn apply_comments(snapshot: &Snapshot, rules: &'static [Entry], ran: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    let file = snapshot.file();
    let mut suppressions = Suppressions::of(snapshot);
    // A finding that loses still needs its comment: without it, it would be there when the winner is repaired.
    let silenced: Vec<bool> = diagnostics.iter().map(|found| suppressions.silences(file, found)).collect();
    let lost = losers(file, diagnostics);
    let mut keep = silenced.iter().zip(lost).map(|(silenced, lost)| !silenced && !lost);
    diagnostics.retain(|_| keep.next().unwrap_or(true));

    // Without a project these rules see too little to say that a comment is not needed.
    let sees = |entry: &&Entry| snapshot.facts().context.is_some() || !NEED_PROJECT.contains(&entry.group);
    let by_shellcheck = |rule: &str| rule == SHELLCHECK && !shell_group::shellcheck::looked_at_all(snapshot);
    let looked = |rule: &str| {
        ran.contains(&rule) && rules.iter().filter(sees).any(|entry| entry.name == rule) && !by_shellcheck(rule)
    };
    let own = [
        ("unknown-rule-in-suppression", suppressions.unknown(snapshot)),
        ("unused-suppression", suppressions.unused(snapshot, looked)),
    ];
    for (name, findings) in own {
        let Some(entry) = rules.iter().find(|entry| entry.name == name && ran.contains(&name)) else { continue };
        for found in findings {
            let Some(found) = diagnostic(entry, snapshot.settings(), found) else { continue };
            if !suppressions.silences(file, &found) {
                diagnostics.push(found);
            }
        }
    }
}

/// For each of `diagnostics`, whether another one stands for it.
fn losers(file: &Dockerfile, diagnostics: &[Diagnostic]) -> Vec<bool> {
    let at = |found: &Diagnostic| file.instruction_at(found.finding.span.start);
    let is_winner = |found: &&Diagnostic| WINNERS.iter().any(|(winner, ..)| *winner == found.rule);
    let in_instruction = |found: &Diagnostic| Some((at(found)?, found.rule, found.finding.span));
    let winners = diagnostics.iter().filter(is_winner).filter_map(in_instruction);
    let mut winners: Vec<(usize, &str, Span)> = winners.collect();
    winners.sort_unstable_by_key(|(index, ..)| *index);
    let loses = |found: &Diagnostic| {
        let Some(index) = at(found) else { return false };
        let beside = &winners[winners.partition_point(|winner| winner.0 < index)..];
        let beside = &beside[..beside.partition_point(|winner| winner.0 == index)];
        !beside.is_empty()
            && WINNERS.iter().filter(|(.., losers)| losers.contains(&found.rule)).any(|(rule, same, _)| {
                let near = |span: &Span| *same == Same::Instruction || span.overlaps(found.finding.span);
                beside.iter().any(|(_, winner, span)| winner == rule && near(span))
            })
    };
    diagnostics.iter().map(loses).collect()
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOK: Once = Once::new();

/// Calls `work`; when it panics, what was said and where, instead of noise on standard error.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                CAUGHT.with_borrow_mut(|text| *text = info.to_string());
            } else {
                default(info);
            }
        }));
    });
    CATCHING.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(false);
    result.map_err(|_| CAUGHT.take())
}

fn diagnostic(entry: &Entry, settings: &Settings, finding: Finding) -> Option<Diagnostic> {
    Some(Diagnostic {
        rule: entry.name,
        aliases: finding.aliases.unwrap_or(entry.rule.aliases),
        severity: levels::of_finding(entry, &finding, settings)?,
        finding: Arc::new(finding),
    })
}

/// Adds what `entry` finds, with the stage in which it was asked to look; it is asked about `stages` only.
fn check(entry: &Entry, snapshot: &Snapshot, stages: &[&Stage], found: &mut Vec<Found>) {
    let mut findings = Vec::new();
    let file = snapshot.file();
    let mut keep = |stage, findings: &mut Vec<Finding>| {
        if findings.is_empty() {
            return;
        }
        let diagnostics = findings.drain(..).filter_map(|found| diagnostic(entry, snapshot.settings(), found));
        found.extend(diagnostics.map(|diagnostic| Found { stage, diagnostic }));
    };
    match entry.rule.check {
        _ if entry.group == "syntax" => {
            for (stage, finding) in syntax::findings(snapshot, entry.name, stages) {
                findings.push(finding);
                keep(stage, &mut findings);
            }
        }
        Check::File(check) => check(snapshot, &mut findings),
        Check::Stage(check) => {
            for stage in stages {
                check(snapshot, stage, &mut findings);
                keep(Some(stage.index), &mut findings);
            }
        }
        Check::Instruction(kind, check) => {
            let first = file.stages.first().map_or(file.instructions.len(), |stage| stage.from);
            let of_kind = |instruction: &&Arc<Instruction>| instruction.kind == kind;
            for instruction in file.instructions[..first].iter().filter(of_kind) {
                check(snapshot, instruction, &mut findings);
            }
            keep(None, &mut findings);
            for stage in stages {
                let instructions = file.instructions[stage.instructions.clone()].iter().filter(of_kind);
                instructions.for_each(|instruction| check(snapshot, instruction, &mut findings));
                keep(Some(stage.index), &mut findings);
            }
        }
    }
    keep(None, &mut findings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instruction::Kind;
    use crate::rules::rule::{Default, Rule, Severity};

    const fn warning(check: Check) -> Rule {
        Rule { severity: Severity::Warning, default: Default::On, since: "0.1.0", aliases: &["DL1"], check }
    }

    const fn entry(name: &'static str, rule: &'static Rule) -> Entry {
        Entry { name, group: "test", rule, page: "" }
    }

    fn report(_: &Snapshot, instruction: &Instruction, out: &mut Vec<Finding>) {
        out.push(Finding::new(instruction.span, "a RUN"));
    }

    fn fails(_: &Snapshot, _: &mut Vec<Finding>) {
        let nothing: [u8; 0] = [];
        assert!(nothing.first() == Some(&1), "injected");
    }

    static REPORT: Rule = warning(Check::Instruction(Kind::Run, report));
    static FAILS: Rule = warning(Check::File(fails));
    static ENTRIES: [Entry; 3] = [entry("one", &REPORT), entry("broken", &FAILS), entry("two", &REPORT)];
    static RIVALS: [Entry; 2] = [entry("shell-form-entrypoint", &REPORT), entry("shell-form-without-shell", &REPORT)];

    fn rules(text: &str, entries: &'static [Entry]) -> Vec<&'static str> {
        run_rules(&Snapshot::of_text(text), entries).diagnostics.iter().map(|found| found.rule).collect()
    }

    #[test]
    fn a_panic_costs_one_rules_findings() {
        let outcome = run_rules(&Snapshot::of_text("FROM a\nRUN true\n"), &ENTRIES);
        let found: Vec<_> = outcome.diagnostics.iter().map(|found| found.rule).collect();
        assert_eq!(found, ["one", "two"]);
        assert_eq!(outcome.panicked.len(), 1);
        assert_eq!(outcome.panicked[0].rule, "broken");
        assert!(outcome.panicked[0].message.contains("injected") && outcome.panicked[0].message.contains("run.rs"));
    }

    #[test]
    fn one_fault_has_one_finding() {
        assert_eq!(rules("FROM a\nRUN true\n", &RIVALS), ["shell-form-without-shell"]);
    }

    #[test]
    fn comments_silence() {
        let cases = [
            ("FROM a\n# dockline: ignore=one why\nRUN true\nRUN true\n", 3),
            ("FROM a\n# dockline: ignore-file=one,two\nRUN true\nRUN true\n", 0),
            ("FROM a\nRUN true\nRUN true\n# dockline: ignore-file=DL1\n", 0),
            ("FROM a\n# hadolint ignore=DL1\nRUN true\nRUN true\n", 2),
            ("# hadolint global ignore=DL1\nFROM a\nRUN true\nRUN true\n", 0),
            ("# check=skip=DL1\nFROM a\nRUN true\nRUN true\n", 0),
            ("# check=error=true;skip=all\nFROM a\nRUN true\nRUN true\n", 0),
            ("FROM a\n# check=skip=DL1 // why\nRUN true\nRUN true\n", 2),
            ("FROM a\n# check=skip=DL1\n\n# x\nRUN true\nRUN true\n", 2),
            ("FROM a\n# check=skip=DL1\n#\nRUN true\nRUN true\n", 4),
            ("FROM a\n# check=skip=DL2\n# check=skip=DL1\nRUN true\nRUN true\n", 4),
            ("FROM a\nRUN true && \\\n  # dockline: ignore=one\n  true\nRUN true\n", 3),
            ("FROM a\nRUN true\n# dockline: ignore=one\n", 2),
            ("FROM a\nRUN <<EOF\n# dockline: ignore=one\nEOF\nRUN true\n", 4),
        ];
        for (text, expected) in cases {
            assert_eq!(rules(text, &ENTRIES).len(), expected, "{text}");
        }
    }

    #[test]
    fn levels_come_from_settings() {
        let text = "FROM a\nRUN true\n";
        for (toml, expected) in [("DL1 = \"off\"", None), ("one = \"error\"", Some(Severity::Error))] {
            let settings = Settings::from_toml(&format!("[rules]\n{toml}\n")).unwrap();
            let snapshot = Snapshot::of_text(text).with(std::sync::Arc::default(), settings.into());
            let outcome = run_rules(&snapshot, &ENTRIES[..1]);
            assert_eq!(outcome.diagnostics.first().map(|found| found.severity), expected);
        }
    }
}
