//! Runs the pages: every `src/rules/*/*.md`, `src/actions/*.md` and `tests/ide/*.md` is documentation and test at once.
//!
//! A page is Markdown. The headings name its cases; a case is a run of fenced blocks, told apart by their info string:
//!
//! | block | means |
//! |---|---|
//! | `file PATH` | a file of the project, `PATH` from the context root; without any there is no project |
//! | `toml` | the settings, as in `dockline.toml` |
//! | `registry` | what registries say, a line each: `image:tag digest platforms day`, or `repository: tags` |
//! | `dockerfile` | the Dockerfile: `/Dockerfile` of the project; `path=DIR/NAME` moves it, `all` runs every rule instead of the page's own; `<|>` is the cursor (actions, ide), two of them a selection |
//! | `diagnostics` | what `dockline check --level hint` prints; without the block nothing is reported |
//! | `fixed` | the text after the first fix (or the first offer); `fixed 2` after the second, `fixed title=…` after the one called so |
//! | `created PATH` | the file that the fix of the `fixed` block above creates |
//! | `changed PATH` | another file of the project after that fix; without a `fixed` block the first such block shows the first fix of that file, the second the second |
//! | `offers` | actions: the titles that are offered, one a line |
//! | `refusal` | actions: what an editor shows where nothing is offered, and why |
//! | `hover` | ide: what hovering at the cursor shows; empty for nothing |
//! | `completion` | ide: what may stand at the cursor, the best first: what is replaced in brackets, the label, what is written where that is something else, with places to fill in too, the detail; `first=N` the first N alone |
//! | `documentation` | ide: that of the first of these |
//! | `tokens` | ide: what each word is; see ide_tokens.rs |
//! | `prepare` | ide: the name that can be changed at the cursor, or why not |
//! | `rename to=NAME` | ide: the text after renaming, or why not |
//! | `highlight`, `references`, `definition` | ide: places as `line:column text` |
//! | `selection` | ide: the growing selections |
//! | `inlay-hints` | ide: the lines that have some, hints in `‹›` |
//! | `signature` | ide: the forms at the cursor, the part that is typed in `»…«`; `typed`: a key was typed, nobody asked |
//! | `links` | ide: every link of the file and where it leads |
//! | `lens`, `symbols`, `folding`, `workspace-symbols query=TEXT` | ide: of the whole file |
//!
//! On pages of the editor's features a `dockerfile` block may say `open` (no line end behind the last line), `crlf` and `bom`.
//!
//! Other blocks are prose. A `file`, `toml`, `registry` or `dockerfile` block behind a `dockerfile` begins the next case of the same
//! heading. Cases below "Not reported" must have no finding, whatever `UPDATE` says. Every fix of every finding is tried,
//! whether a `fixed` block shows it or not: no new syntax problem, the finding gone, no fixes without end, and the same
//! text through UTF-16 positions.
//!
//! `UPDATE=1 cargo test --test pages` writes what is there into the blocks; the diff is the review. `PAGE=name` runs the
//! pages whose path contains `name`.
//!
//! What ShellCheck says of the texts of its page is recorded in tests/pages/shellcheck.json; `SHELLCHECK=path` asks that program
//! instead and fails where it says something else, or writes it with `UPDATE=1`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]
mod ide_help;
mod ide_navigate;
mod ide_tokens;
mod page;
mod recorded;
mod world;

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use dockline::actions::ACTIONS;
use dockline::rules::rule::Fix;
use dockline::text::edit::FileEdit;
use dockline::text::span::Span;
use page::{Block, Case, Page};
use world::World;

/// What should stand in the page: a replaced block, or a new one.
struct Change {
    at: Range<usize>,
    text: String,
}

/// What the cases of one page brought.
#[derive(Default)]
struct Report {
    changes: Vec<Change>,
    failures: Vec<String>,
}

#[test]
fn rule_pages() {
    assert!(run_pages("src/rules", rule_case) > 0);
}

#[test]
fn action_pages() {
    run_pages("src/actions", action_case);
}

#[test]
fn ide_pages() {
    run_pages("tests/ide", ide_case);
}

/// Runs every case of the pages in `folder`; how many there were.
fn run_pages(folder: &str, run: fn(&Page, &Case, &mut Report)) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wanted = std::env::var("PAGE").unwrap_or_default();
    let (mut cases, mut failures) = (usize::from(!wanted.is_empty()), String::new());
    for path in pages(&root.join(folder)).into_iter().filter(|path| path.to_string_lossy().contains(&wanted)) {
        let page = page::read(&path);
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let mut report = Report::default();
        page.cases.iter().for_each(|case| run(&page, case, &mut report));
        cases += page.cases.len();
        if page.cases.is_empty() {
            report.failures.push("the page has no case".into());
        }
        for failure in &report.failures {
            let _ = writeln!(failures, "{name}: {failure}\n");
        }
        failures.push_str(&finish(&page, &name, report.changes));
    }
    println!("{folder}: {cases} cases");
    assert!(failures.is_empty(), "\n{failures}");
    cases
}

/// The Markdown files below `root`, sorted; a README describes its folder.
fn pages(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("README.md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Writes the changes with UPDATE; else they are a failure, as a diff.
fn finish(page: &Page, name: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|change| change.at.start);
    let mut text = page.text.clone();
    for change in changes.iter().rev() {
        text.replace_range(change.at.clone(), &change.text);
    }
    if text == page.text {
        return String::new();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&page.path, text).unwrap();
        return String::new();
    }
    let diff = similar::TextDiff::from_lines(&page.text, &text);
    format!("{}\n", diff.unified_diff().header(name, &format!("{name}, as it is")))
}

/// Notes what should stand in `block`, or in a new block behind `after`.
fn compare(report: &mut Report, after: &Block, block: Option<&Block>, info: &str, actual: &str) {
    match block {
        Some(block) if block.text.trim_end_matches('\n') != actual.trim_end_matches('\n') => {
            report.changes.push(Change { at: block.range.clone(), text: page::fenced(info, actual) });
        }
        None if !actual.is_empty() => {
            let text = format!("\n{}", page::fenced(info, actual));
            report.changes.push(Change { at: after.range.end..after.range.end, text });
        }
        _ => {}
    }
}

fn rule_case(page: &Page, case: &Case, report: &mut Report) {
    let Some(dockerfile) = case.block("dockerfile") else { return };
    if dockline::rules::find(&page.title).is_none_or(|entry| entry.name != page.title) {
        report.failures.push(format!("{:?} is no rule", page.title));
        return;
    }
    let world = World::new(page, case);
    let printed = world.print(&dockerfile.text);
    if case.silent && !printed.is_empty() {
        report.failures.push(format!("{}: reported though it must not be:\n{printed}", case.name));
        return;
    }
    compare(report, dockerfile, case.block("diagnostics"), "diagnostics", &printed);
    if let Err(error) = world.check_fixes(&dockerfile.text) {
        report.failures.push(format!("{}: {error}", case.name));
    }
    let found = world.diagnostics(&world.snapshot(&dockerfile.text));
    let fixes: Vec<Fix> = found.into_iter().flat_map(|found| found.finding.fixes.clone()).collect();
    fixed_blocks(case, &dockerfile.text, &fixes, report);
}

/// Every `fixed` block, and the `created` and `changed` blocks that follow it.
fn fixed_blocks(case: &Case, text: &str, fixes: &[Fix], report: &mut Report) {
    let mut current: Option<&Fix> = None;
    let mut rank = 0;
    for block in &case.blocks {
        if block.kind == "fixed" {
            current = world::named(fixes, &block.info);
            match current {
                Some(fix) => {
                    let info = format!("fixed {}", block.info);
                    compare(report, block, Some(block), info.trim_end(), &fix.here().apply(text));
                }
                None => report.failures.push(format!("{}: there is no fix {:?}", case.name, block.info)),
            }
        } else if block.kind == "created" {
            let created = current.iter().flat_map(|fix| &fix.edits).find_map(|edit| match edit {
                FileEdit::Create(path, text) if path.ends_with(&block.info) => Some(text.as_str()),
                _ => None,
            });
            compare(report, block, Some(block), &format!("created {}", block.info), created.unwrap_or_default());
        } else if block.kind == "changed" {
            let of = current.map_or(fixes, std::slice::from_ref);
            let mut changed = of.iter().flat_map(|fix| &fix.edits).filter_map(|edit| match edit {
                FileEdit::Other(file) if file.path.ends_with(&block.info) => Some(file.after()),
                _ => None,
            });
            let Some(text) = changed.nth(rank) else {
                report.failures.push(format!("{}: no fix changes {:?}", case.name, block.info));
                continue;
            };
            rank += usize::from(current.is_none());
            compare(report, block, Some(block), &format!("changed {}", block.info), &text);
        }
    }
}

fn action_case(page: &Page, case: &Case, report: &mut Report) {
    let Some(dockerfile) = case.block("dockerfile") else { return };
    let Some(entry) = ACTIONS.iter().find(|entry| entry.name == page.title) else {
        report.failures.push(format!("{:?} is no action", page.title));
        return;
    };
    let (text, span) = world::cursor(&dockerfile.text);
    let world = World::new(page, case);
    let snapshot = world.snapshot(&text);
    let offers = (entry.action.offers)(&snapshot, span);
    let titles: Vec<&str> = offers.iter().map(|fix| fix.title.as_str()).collect();
    let titles = titles.join("\n");
    compare(report, dockerfile, case.block("offers"), "offers", &titles);
    if let Some(block) = case.block("refusal") {
        let refusal = entry.action.refusal.and_then(|refusal| refusal(&snapshot, span));
        let text = refusal.map(|refusal| format!("{}: {}", refusal.title, refusal.reason));
        compare(report, dockerfile, Some(block), "refusal", &text.unwrap_or_default());
    }
    fixed_blocks(case, &text, &offers, report);
    for fix in &offers {
        let fixed = match world::fixed_text(&snapshot, fix) {
            Ok(fixed) => fixed,
            Err(error) => {
                report.failures.push(format!("{}: {:?} {error}", case.name, fix.title));
                continue;
            }
        };
        let first = fix.here().edits().first().map_or(0, |edit| edit.span.start);
        let place = if span.len() as usize == text.len() { Span::new(0, fixed.len() as u32) } else { Span::at(first) };
        let again = (entry.action.offers)(&world.after(fix).snapshot(&fixed), place);
        if again.iter().any(|other| other.title == fix.title) {
            report.failures.push(format!("{}: {:?} is offered again:\n{fixed}", case.name, fix.title));
        }
    }
}

/// Features of the editor; each reads its own block.
fn ide_case(page: &Page, case: &Case, report: &mut Report) {
    let Some(dockerfile) = case.block("dockerfile") else { return };
    let (text, cursor) = world::cursor(&ide_navigate::as_typed(dockerfile));
    let world = World::new(page, case);
    let snapshot = world.snapshot(&text);
    ide_navigate::compare_all(&world, &snapshot, case, cursor.start, report);
    if let Some(block) = case.block("hover") {
        let hover = dockline::ide::hover::hover(&snapshot, cursor.start).map(|hover| hover.markdown);
        compare(report, dockerfile, Some(block), "hover", &hover.unwrap_or_default());
    }
    ide_tokens::check(page, case, dockerfile, report);
    ide_help::check(case, &text, cursor, &snapshot, report);
    let Some(block) = case.block("completion") else { return };
    let found = dockline::rules::run::run(&snapshot).diagnostics;
    let items = dockline::ide::completion::completion(&snapshot, cursor.start, &|| &found);
    let first = block.info.strip_prefix("first=").map_or(usize::MAX, |number| number.parse().unwrap());
    let lines: Vec<String> = items.iter().take(first).map(|item| item_text(&text, item)).collect();
    compare(report, dockerfile, Some(block), format!("completion {}", block.info).trim(), &lines.join("\n"));
    if let Some(block) = case.block("documentation") {
        let text = items.first().map(|item| item.documentation.as_str());
        compare(report, dockerfile, Some(block), "documentation", text.unwrap_or_default());
    }
}

/// `[bui] build: Compile packages.`
fn item_text(text: &str, item: &dockline::ide::completion::Item) -> String {
    let written = if item.insert == item.label { String::new() } else { format!(" ({:?})", item.insert) };
    let detail = if item.detail.is_empty() { String::new() } else { format!(": {}", item.detail) };
    let snippet = item.snippet.as_ref().map_or_else(String::new, |snippet| format!(" (snippet {snippet:?})"));
    let also = item.also.as_ref().map_or_else(String::new, |also| format!(" (also {:?})", also.text));
    format!("[{}] {}{written}{snippet}{also}{detail}", &text[item.span.range()], item.label)
}
