//! What must hold for every text: nothing panics, every span lies in the text, fixes break no syntax and come to an end, the formatter is
//! idempotent and changes no meaning, and a version built from an earlier one is the version built from nothing.
//!
//! An input is a text; behind each byte `ff` stands an edit: two bytes for the place, one for how much is replaced, and what is typed.
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use dockline::analysis::snapshot::{Earlier, Snapshot};
use dockline::ide::code_actions::OfferKind;
use dockline::ide::{
    code_actions, completion, definition, folding, format, highlight, hover, inlay_hints, references, rename,
    selection, semantic_tokens, symbols, workspace_symbols,
};
use dockline::model::dockerfile::Dockerfile;
use dockline::model::instruction::{Body, Instruction};
use dockline::model::problem::Problem;
use dockline::model::word::Word;
use dockline::project::{Facts, Memory, Needs, scan};
use dockline::rules::compose::compose;
use dockline::rules::find;
use dockline::rules::rule::{Applicability, Diagnostic, Fix, Place};
use dockline::rules::run::{find_again, run};
use dockline::rules::standing::Standing;
use dockline::settings::Settings;
use dockline::text::buffer::Buffer;
use dockline::text::edit::{EditSet, FileEdit};
use dockline::text::span::Span;

/// Starts an edit in an input; no UTF-8 has it.
const EDIT: u8 = 0xFF;
/// An input holds no more edits; each costs as much as two inputs, so that mostly the first alone is looked at.
const MAX_EDITS: usize = 4;
/// As many rounds as `dockline fix` has.
const MAX_ROUNDS: usize = 50;
/// What costs time is done for one input in so many.
const RARELY: u64 = 10;

/// A Go project around the Dockerfile.
const PROJECT: [(&str, &str); 8] = [
    ("/p/.git/HEAD", ""),
    ("/p/.dockerignore", "docs\n*.md\nbin\n!README.md\n"),
    (
        "/p/go.mod",
        "module example.com/app\n\ngo 1.24.0\n\nrequire github.com/mattn/go-sqlite3 v1.14.22\n\nreplace example.com/b => ./b\n",
    ),
    ("/p/go.sum", ""),
    (
        "/p/main.go",
        "package main\n\nimport (\n\t\"embed\"\n\t_ \"github.com/mattn/go-sqlite3\"\n)\n\n//go:embed web\nvar f embed.FS\n\nfunc main() {}\n",
    ),
    ("/p/cmd/app/main.go", "package main\n\nimport \"time\"\n\nfunc main() { time.LoadLocation(\"x\") }\n"),
    ("/p/b/go.mod", "module example.com/b\n"),
    ("/p/web/index.html", ""),
];

thread_local! {
    static SETTINGS: Arc<Settings> = Arc::new(Settings::from_toml("preset = \"pedantic\"\n").expect("the preset exists"));
    static ALONE: Arc<Facts> = Arc::default();
    static IN_PROJECT: Arc<Facts> = Arc::new(project());
}

fn project() -> Facts {
    let path = Path::new("/p/Dockerfile");
    scan(&Memory::new(PROJECT), path, Some(Path::new("/p")), &Needs::default(), Some(Path::new("/p")))
}

/// Checks an input; with `all` nothing is left out.
pub fn check(data: &[u8], all: bool) {
    let mut parts = data.split(|byte| *byte == EDIT);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let dice = data
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let facts = if dice >> 40 & 1 == 0 { &ALONE } else { &IN_PROJECT };
    let facts = facts.with(Arc::clone);
    let thorough = all || (dice >> 17).is_multiple_of(RARELY);

    let snapshot = build(&text, None, &facts);
    let outcome = run(&snapshot);
    assert_eq!(outcome.panicked, []);
    let found = outcome.diagnostics;
    for found in &found {
        finding(&snapshot, found);
    }
    together(&snapshot, &found, thorough);
    formatted(&snapshot, thorough);
    if thorough {
        alone(&snapshot, &found);
        rounds(&snapshot, found.clone());
        cursor(&snapshot, &found, (dice >> 24) as usize);
    }
    let mut edits: Vec<Vec<u8>> = parts.take(if thorough { MAX_EDITS } else { 1 }).map(<[u8]>::to_vec).collect();
    if thorough && edits.is_empty() {
        edits.push(made_up(&text, dice));
    }
    typed(snapshot, &edits);
}

/// The snapshot, the spans of its model checked.
fn build(text: &str, earlier: Option<&Earlier>, facts: &Arc<Facts>) -> Snapshot {
    let path = Some(Path::new("/p/Dockerfile").into());
    let snapshot = Snapshot::new(path, 0, text.into(), earlier, facts.clone(), SETTINGS.with(Arc::clone));
    model(snapshot.text(), snapshot.file());
    snapshot
}

/// What it becomes with `edits`.
fn after(snapshot: &Snapshot, edits: &EditSet) -> Snapshot {
    edits.edits().iter().for_each(|edit| lies_in(snapshot.text(), edit.span, edit));
    let after = snapshot.with_text(&edits.apply(snapshot.text()));
    model(after.text(), after.file());
    after
}

/// What it becomes with `edits`, which break no syntax: no more problems, or none of a new kind.
fn repaired(before: &Snapshot, edits: &EditSet, what: &dyn Fn() -> String) -> Snapshot {
    let after = after(before, edits);
    let (old, new) = (&before.file().problems, &after.file().problems);
    let is_new = |problem: &&Problem| old.iter().all(|other| other.kind != problem.kind);
    if let Some(problem) = new.iter().find(is_new).filter(|_| new.len() > old.len()) {
        panic!("{} breaks the syntax: {problem:?}\n{:?}\n{:?}", what(), before.text(), after.text());
    }
    after
}

/// True where fixes repair syntax, so that what is wrong behind it may come to light.
fn is_syntax(found: &Diagnostic) -> bool {
    found.rule == "swallowed-instruction" || find(found.rule).is_some_and(|entry| entry.group == "syntax")
}

fn lies_in(text: &str, span: Span, what: &impl Debug) {
    let is_right = span.start <= span.end && text.get(span.range()).is_some();
    assert!(is_right, "{span:?} of {what:?} in {} bytes: {text:?}", text.len());
}

fn model(text: &str, file: &Dockerfile) {
    let directives = file.directives.iter().flat_map(|it| [it.span, it.name, it.value]);
    let stages = file.stages.iter().map(|stage| stage.span);
    let problems = file.problems.iter().map(|problem| problem.span);
    let spans = file.comments.iter().copied().chain(directives).chain(stages).chain(problems);
    spans.for_each(|span| lies_in(text, span, &"the file"));
    file.instructions.iter().for_each(|it| instruction(text, it));
    let disjoint = file.instructions.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
    assert!(disjoint, "instructions overlap: {text:?}");
}

fn instruction(text: &str, it: &Instruction) {
    let mut spans = vec![it.span, it.keyword, it.arguments];
    spans.extend(
        it.flags.iter().flat_map(|flag| [Some(flag.span), Some(flag.name), span(flag.value.as_ref())]).flatten(),
    );
    let heredocs = it.heredocs.iter();
    spans.extend(heredocs.flat_map(|it| [Some(it.start), Some(it.body), it.end, span(it.content.as_ref())]).flatten());
    match &it.body {
        Body::From(from) => spans.extend([span(from.image.as_ref()), from.r#as, from.name].into_iter().flatten()),
        Body::Copy(copy) => spans.extend(copy.sources.iter().chain(&copy.destination).map(|word| word.span)),
        Body::Pairs(pairs) => {
            spans.extend(
                pairs.iter().flat_map(|it| [Some(it.span), Some(it.name.span), span(it.value.as_ref())]).flatten(),
            );
        }
        Body::Words(words) => spans.extend(words.iter().map(|word| word.span)),
        Body::Value(value) => spans.extend(span(value.as_ref())),
        Body::Onbuild(Some(nested)) => instruction(text, nested),
        _ => {}
    }
    for span in spans {
        lies_in(text, span, &it.kind);
    }
}

fn span(word: Option<&Word>) -> Option<Span> {
    word.map(|word| word.span)
}

fn finding(snapshot: &Snapshot, found: &Diagnostic) {
    lies_in(snapshot.text(), found.finding.span, found);
    for (place, _) in &found.finding.related {
        if let Place::Here(span) = place {
            lies_in(snapshot.text(), *span, found);
        }
    }
    found.finding.fixes.iter().for_each(|fix| edits(snapshot, fix));
}

fn edits(snapshot: &Snapshot, fix: &Fix) {
    fix.here().edits().iter().for_each(|edit| lies_in(snapshot.text(), edit.span, fix));
}

/// All fixes that compose; with `thorough` what they lead to is formatted too.
fn together(snapshot: &Snapshot, found: &[Diagnostic], thorough: bool) {
    let fixes = found.iter().filter(|found| !is_syntax(found)).filter_map(|found| found.finding.fixes.first());
    let fixes: Vec<&Fix> = fixes.collect();
    if fixes.is_empty() {
        return;
    }
    let composed = compose(snapshot, &fixes);
    let titles = || composed.chosen.iter().map(|index| fixes[*index].title.as_str()).collect::<Vec<_>>().join(", ");
    let after = repaired(snapshot, &composed.here, &titles);
    if thorough {
        formatted(&after, false);
    }
}

/// Each fix for itself.
fn alone(snapshot: &Snapshot, found: &[Diagnostic]) {
    for found in found {
        for fix in &found.finding.fixes {
            if is_syntax(found) {
                after(snapshot, &fix.here());
            } else {
                repaired(snapshot, &fix.here(), &|| format!("{}: {}", found.rule, fix.title));
            }
        }
    }
}

/// Safe fixes come to an end, as `dockline fix` applies them.
fn rounds(start: &Snapshot, found: Vec<Diagnostic>) {
    let (mut snapshot, mut found) = (start.clone(), found);
    for _ in 0..MAX_ROUNDS {
        let changes = |fix: &&Fix| {
            let here = fix.applicability == Applicability::Safe && !fix.here().is_empty();
            here && fix.here().apply(snapshot.text()) != snapshot.text()
        };
        let fixes: Vec<&Fix> = found.iter().filter_map(|found| found.finding.fixes.iter().find(changes)).collect();
        let composed = compose(&snapshot, &fixes);
        if composed.chosen.is_empty() {
            return;
        }
        snapshot = after(&snapshot, &composed.here);
        let outcome = run(&snapshot);
        assert_eq!(outcome.panicked, []);
        found = outcome.diagnostics;
    }
    let rules: Vec<&str> = found.iter().map(|found| found.rule).collect();
    panic!("fixes find no end: {rules:?}\n{:?}\n{:?}", start.text(), snapshot.text());
}

fn formatted(snapshot: &Snapshot, thorough: bool) {
    let set = format::format(snapshot);
    if set.is_empty() {
        return;
    }
    let after = after(snapshot, &set);
    let (old, new) = (snapshot.text(), after.text());
    assert_eq!(format::meaning(snapshot), format::meaning(&after), "the meaning changed:\n{old:?}\n{new:?}");
    assert_eq!(format::format(&after).apply(new), new, "not idempotent:\n{old:?}");
    let bare = |text: &str| text.replace([' ', '\t', '\r', '\n'], "").to_ascii_lowercase();
    assert_eq!(bare(old), bare(new), "more than blanks and case changed");
    if thorough {
        for edit in set.edits() {
            let one = EditSet::new(vec![edit.clone()]).expect("it is one").apply(old);
            let one = snapshot.with_text(&one);
            assert_eq!(format::meaning(snapshot), format::meaning(&one), "{edit:?} changed the meaning:\n{old:?}");
        }
    }
}

/// What an editor asks for at a place.
fn cursor(snapshot: &Snapshot, found: &[Diagnostic], at: usize) {
    let text = snapshot.text();
    let at = at % (text.len() + 1);
    let end = (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let start = (0..=at.saturating_sub(at % 7)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    for offer in code_actions::code_actions(snapshot, found, Span::from(start..end), &|_| true) {
        let resolved = || code_actions::resolve(snapshot, found, &offer.title);
        for edit in offer.edits.clone().or_else(resolved).unwrap_or_default() {
            let FileEdit::This(set) = edit else { continue };
            if offer.kind == OfferKind::Rewrite {
                repaired(snapshot, &set, &|| offer.title.clone());
            } else {
                after(snapshot, &set);
            }
        }
    }
    let part = after(snapshot, &format::format_range(snapshot, Span::from(start..end)));
    assert_eq!(format::meaning(snapshot), format::meaning(&part), "{start}..{end}: {text:?}");
    after(snapshot, &format::new_line(snapshot, end as u32));
    let spans = references::references(snapshot, end as u32, true);
    for span in spans {
        lies_in(text, span, &"a reference");
    }
    navigate(snapshot, end as u32);
    hover::hover(snapshot, end as u32);
    completion::completion(snapshot, end as u32, &|| &[]);
    symbols::symbols(snapshot);
    folding::folds(snapshot);
    let tokens = semantic_tokens::semantic_tokens(snapshot, None);
    for token in &tokens {
        lies_in(text, token.span, token);
    }
    let is_behind = |pair: &[semantic_tokens::Token]| pair[0].span.end <= pair[1].span.start;
    assert!(tokens.windows(2).all(is_behind), "tokens overlap: {text:?}");
}

/// Places lie in the text, selections in each other, and a new name breaks nothing.
fn navigate(snapshot: &Snapshot, at: u32) {
    let text = snapshot.text();
    for place in definition::definition(snapshot, at) {
        if let definition::Place::Here(span) = place {
            lies_in(text, span, &"a definition");
        }
    }
    for found in highlight::highlight(snapshot, at) {
        lies_in(text, found.span, &"a highlight");
    }
    let chain = selection::selections(snapshot, at);
    for span in &chain {
        lies_in(text, *span, &"a selection");
    }
    assert!(chain.windows(2).all(|pair| pair[1].contains(pair[0]) && pair[0] != pair[1]), "{at}: {chain:?} {text:?}");
    for name in ["zz_new", "ZZ_NEW"] {
        if let Ok(Some(edits)) = rename::rename(snapshot, at, name) {
            repaired(snapshot, &edits, &|| format!("renaming at {at}"));
        }
    }
    for hint in inlay_hints::known::known(snapshot, Span::new(0, text.len() as u32)) {
        lies_in(text, Span::at(hint.offset), &"a hint");
    }
    workspace_symbols::declared(snapshot);
}

/// An edit that moves a part of the text.
fn made_up(text: &str, dice: u64) -> Vec<u8> {
    let bytes = text.as_bytes();
    let from = (dice >> 8) as usize % (bytes.len() + 1);
    let mut edit = dice.to_le_bytes()[..3].to_vec();
    edit.extend(bytes[from..].iter().take((dice >> 32) as usize % 24));
    edit
}

/// Each version built from the one before it is the version built from nothing.
fn typed(mut snapshot: Snapshot, edits: &[Vec<u8>]) {
    if edits.is_empty() {
        return;
    }
    let facts = ALONE.with(Arc::clone);
    snapshot = snapshot.with(facts.clone(), snapshot.shared_settings());
    let mut buffer = Buffer::new(snapshot.text());
    let (first, mut memory) = find_again(&snapshot, None);
    let standing = Arc::new(Standing::new(&snapshot, Arc::new(first.diagnostics)));
    for edit in edits {
        let Some((head, text)) = edit.split_at_checked(3) else { continue };
        let start = usize::from(u16::from_be_bytes([head[0], head[1]])) % (buffer.len() as usize + 1);
        let end = (start + usize::from(head[2] % 32)).min(buffer.len() as usize);
        let mut earlier = Earlier::of(&snapshot);
        earlier.edit(&buffer.replace(Span::from(start..end), &String::from_utf8_lossy(text)));
        let new = buffer.text();
        let (kept, fresh) = (build(&new, Some(&earlier), &facts), build(&new, None, &facts));
        let case = || format!("{start}..{end} {:?} in {:?}", String::from_utf8_lossy(text), snapshot.text());
        assert!(kept.file() == fresh.file(), "another file: {}\n{:?}\n{:?}", case(), kept.file(), fresh.file());
        let (found, next) = find_again(&kept, memory.as_ref());
        let expected = find_again(&fresh, None).0.diagnostics;
        assert!(found.diagnostics == expected, "other findings: {}\n{:?}\n{expected:?}", case(), found.diagnostics);
        for held in standing.hold(&kept, &expected).map(|(_, held)| held).into_iter().flatten() {
            assert!(new.get(held.finding.span.range()).is_some(), "{} stands nowhere: {}", held.rule, case());
        }
        (snapshot, memory) = (kept, next);
    }
}
