//! Comments that mean something: directives at the top of the file, and comments that silence rules.
use super::typed::{Typed, line_of};
use super::{Item, ItemKind, Offer, usual};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::ImageState;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::hadolint;
use crate::rules::directives::NAMES;
use crate::rules::rule::Diagnostic;
use crate::rules::{Entry, RULES, SHELLCHECK, find};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// What stands behind `dockline:`.
const OURS: [(&str, &str); 2] =
    [("ignore=", "silence rules for the instruction below"), ("ignore-file=", "silence rules in the whole file")];

/// The text of a comment, as far as the cursor.
pub struct CommentPlace {
    /// What stands behind the number sign, blanks left out.
    typed: Typed,
    /// A directive may stand here.
    is_directive: bool,
}

/// So many lines of directives are looked at; there are three.
const MAX_DIRECTIVES: usize = 8;

/// The comment or the directive that `offset` is in.
pub fn at(snapshot: &Snapshot, offset: u32) -> Option<CommentPlace> {
    let (file, text) = (snapshot.file(), snapshot.text());
    let line = line_of(text, offset);
    let written = &snapshot[line];
    let sign = line.start + written.find('#')? as u32;
    let blank = snapshot[Span::new(line.start, sign)].trim_matches(['\u{feff}', ' ', '\t']).is_empty();
    let starts =
        |span: &Span| span.start <= sign && sign < span.end && !snapshot[Span::new(span.start, sign)].contains('#');
    let is_comment = || file.comments.iter().any(starts) || file.directives.iter().any(|found| starts(&found.span));
    if !blank || offset <= sign || !is_comment() {
        return None;
    }
    let behind = &snapshot[Span::new(sign + 1, line.end)];
    let start = (sign + 1 + (behind.len() - behind.trim_start_matches([' ', '\t']).len()) as u32).min(offset);
    let end = (line.start + written.trim_end().len() as u32).max(offset);
    let typed = Typed::new(text, Span::new(start, end), offset);
    Some(CommentPlace { typed, is_directive: is_prologue(snapshot, line.start) })
}

/// True when only directives stand in front of the line at `start`.
fn is_prologue(snapshot: &Snapshot, start: u32) -> bool {
    let mut lines = snapshot.text()[..start as usize].split_inclusive('\n');
    let mut at = 0;
    let directives = lines.by_ref().take(MAX_DIRECTIVES).all(|line| {
        let (from, to) = (at, at + line.len() as u32);
        at = to;
        let directives = &snapshot.file().directives;
        directives.iter().any(|directive| from <= directive.span.start && directive.span.end <= to)
            || from == 0 && line.starts_with("#!")
    });
    directives && lines.next().is_none()
}

/// The words that mean something there, then their values.
pub fn items<'f>(snapshot: &Snapshot, place: &CommentPlace, findings: &dyn Fn() -> &'f [Diagnostic]) -> Vec<Item> {
    let typed = &place.typed;
    let left = typed.left.as_str();
    if let Some((name, value)) = typed.name_and_value().filter(|_| place.is_directive) {
        let name = name.trim().to_ascii_lowercase();
        let value = value.behind(value.left.len() - value.left.trim_start().len());
        match name.as_str() {
            "check" => return checks(&value, findings, true),
            _ if NAMES.contains(&name.as_str()) => return usual::items(&name, &ImageState::unknown(), &value, 0),
            _ => {}
        }
    }
    if left.starts_with("dockline ") {
        return without_colon(snapshot, typed, findings);
    }
    if let Some(at) = list_at(left, "dockline:", &["ignore", "ignore-file"]) {
        return rules(snapshot, &typed.behind(at), findings(), !left.contains("ignore-file"));
    }
    let reads_hadolint = snapshot.settings().hadolint_comments.0;
    if let Some(at) = list_at(left, "hadolint ", &["ignore", "global ignore"]) {
        return if reads_hadolint { codes(&typed.behind(at), findings()) } else { Vec::new() };
    }
    if let Some(at) = left.find("disable=").filter(|_| left.starts_with("shellcheck ")) {
        return codes_of_shellcheck(&typed.behind(at + "disable=".len()), findings());
    }
    if let Some(at) = list_at(left, "check", &[""]) {
        return checks(&typed.behind(at), findings, false);
    }
    // Words of people are left alone.
    if !typed.right.is_empty() || left.contains('=') {
        return Vec::new();
    }
    first_words(snapshot, place, reads_hadolint)
}

/// Where the list behind `name word=` begins.
fn list_at(left: &str, name: &str, words: &[&str]) -> Option<usize> {
    let equals = left.find('=')?;
    let word = left[..equals].strip_prefix(name)?.split_whitespace().collect::<Vec<_>>().join(" ");
    words.contains(&word.as_str()).then_some(equals + 1)
}

/// `# dockline ignore=` silences nothing: what is taken puts the colon in.
fn without_colon<'f>(snapshot: &Snapshot, typed: &Typed, findings: &dyn Fn() -> &'f [Diagnostic]) -> Vec<Item> {
    let name = "dockline";
    let mut items = match list_at(&typed.left, name, &["ignore", "ignore-file"]) {
        Some(at) => rules(snapshot, &typed.behind(at), findings(), !typed.left.contains("ignore-file")),
        None if !typed.right.is_empty() => Vec::new(),
        None => {
            let rest = &typed.left[name.len()..];
            let word = typed.behind(typed.left.len() - rest.trim_start().len());
            let mut offer = Offer::new(&word);
            for (rank, (label, detail)) in (10..).zip(OURS).filter(|(_, (label, _))| label.starts_with(&word.left)) {
                offer.add(ItemKind::Keyword, label, detail, String::new(), rank);
            }
            offer.items
        }
    };
    for item in &mut items {
        item.also = Some(Edit::insert(typed.start + name.len() as u32, ":"));
    }
    items
}

fn first_words(snapshot: &Snapshot, place: &CommentPlace, reads_hadolint: bool) -> Vec<Item> {
    let typed = &place.typed;
    let mut offer = Offer::new(typed);
    let mut add = |label: &str, detail: &str, rank: u32| {
        // Not by a part of it: that would be in the way of sentences.
        if label.to_ascii_lowercase().starts_with(&typed.left.to_ascii_lowercase()) {
            offer.add(ItemKind::Keyword, label, detail, String::new(), rank);
        }
    };
    let is_given =
        |name: &str| snapshot.file().directives.iter().any(|other| snapshot[other.name].eq_ignore_ascii_case(name));
    if place.is_directive {
        let details = ["which frontend reads the file", "which character continues lines", "what the builder checks"];
        for (rank, (name, detail)) in (0..).zip(NAMES.iter().zip(details)).filter(|(_, (name, _))| !is_given(name)) {
            add(&format!("{name}="), detail, rank);
        }
    } else {
        add("check=skip=", "leave out checks of BuildKit for the instruction below", 12);
    }
    for (rank, (word, detail)) in (10..).zip(OURS) {
        add(&format!("dockline: {word}"), detail, rank);
    }
    add("shellcheck disable=", "silence codes of ShellCheck for the instruction below", 15);
    if reads_hadolint {
        add("hadolint ignore=", "the same in hadolint's form", 13);
        add("hadolint global ignore=", "the same for the whole file in hadolint's form", 14);
    }
    offer.items
}

/// The name at the cursor, and the others; `None` behind the list, where a reason stands.
fn list(typed: &Typed) -> Option<(Typed, Vec<String>)> {
    let part = typed.part(&[',', ';']);
    let part = part.behind(part.left.len() - part.left.trim_start().len());
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let before = &typed.left[..typed.left.len() - part.left.len()];
    if !is_name(&part.left) || before.split([',', ';']).any(|name| !is_name(name.trim().trim_start_matches("skip="))) {
        return None;
    }
    let mut part = part;
    part.cut(&[' ', '\t']);
    let behind = typed.right.get(part.right.len()..).unwrap_or_default();
    let behind = behind.split_whitespace().next().filter(|_| behind.starts_with(',')).unwrap_or_default();
    let others = before.split(',').chain(behind.split(',')).map(|name| name.trim().to_owned());
    Some((part, others.filter(|name| !name.is_empty()).collect()))
}

/// Rules of ours, those first that report something below, or in the file.
fn rules(snapshot: &Snapshot, typed: &Typed, found: &[Diagnostic], here: bool) -> Vec<Item> {
    let Some((typed, taken)) = list(typed) else { return Vec::new() };
    let file = snapshot.file();
    let below = file.instructions.partition_point(|instruction| instruction.span.end < typed.offset());
    let below = file.instructions.get(below).map(|instruction| instruction.span);
    let reports = |name: &str, span: Option<Span>| {
        found.iter().find(|found| found.rule == name && span.is_none_or(|span| span.touches(found.finding.span.start)))
    };
    let mut offer = Offer::new(&typed);
    for (at, entry) in (100..).zip(RULES).filter(|(_, entry)| !taken.iter().any(|name| name == entry.name)) {
        let finding = below.filter(|_| here).and_then(|span| reports(entry.name, Some(span)));
        let (rank, detail) = match (finding, reports(entry.name, None)) {
            (Some(found), _) => (0, format!("reported below: {}", found.finding.message)),
            (None, Some(found)) => {
                (if here { 50 } else { 0 }, format!("reported in this file: {}", found.finding.message))
            }
            (None, None) => (at, entry.summary()),
        };
        offer.add(ItemKind::Rule, entry.name, &detail, documentation(entry), rank);
    }
    offer.items
}

fn documentation(entry: &Entry) -> String {
    let facts = [
        item("group", entry.group),
        item("level", entry.rule.severity.word()),
        item("elsewhere", &entry.rule.aliases.join(", ")),
    ];
    paragraphs(&[&entry.summary(), facts.concat().trim_end()])
}

fn codes(typed: &Typed, found: &[Diagnostic]) -> Vec<Item> {
    let Some((typed, taken)) = list(typed) else { return Vec::new() };
    let mut offer = Offer::new(&typed);
    for (rank, code) in (1..).zip(hadolint::codes()).filter(|(_, code)| !taken.iter().any(|name| name == code)) {
        let ours = find(code);
        let reported = found.iter().any(|found| found.aliases.contains(&code));
        let rank = if reported { 0 } else { rank };
        let detail = ours.map(Entry::summary).unwrap_or_default();
        offer.add(ItemKind::Rule, code, &detail, ours.map(documentation).unwrap_or_default(), rank);
    }
    offer.items
}

/// The codes that ShellCheck reports in the file; there are too many others.
fn codes_of_shellcheck(typed: &Typed, found: &[Diagnostic]) -> Vec<Item> {
    let Some((typed, taken)) = list(typed) else { return Vec::new() };
    let reported = found.iter().filter(|found| found.rule == SHELLCHECK);
    let mut codes: Vec<_> =
        reported.filter_map(|found| Some((*found.aliases.first()?, &*found.finding.message))).collect();
    codes.sort_unstable();
    codes.dedup_by_key(|(code, _)| *code);
    codes.retain(|(code, _)| !taken.iter().any(|name| name == code));
    let mut offer = Offer::new(&typed);
    for (code, message) in codes {
        offer.add(ItemKind::Rule, code, message, String::new(), 0);
    }
    offer.items
}

/// Options of `check=`, and behind `skip=` the checks of BuildKit that we know.
fn checks<'f>(typed: &Typed, findings: &dyn Fn() -> &'f [Diagnostic], whole_file: bool) -> Vec<Item> {
    if typed.left.contains([' ', '\t']) {
        return Vec::new();
    }
    let option = typed.part(&[';']);
    let Some((key, names)) = option.name_and_value() else {
        let mut items = usual::items("check", &ImageState::unknown(), &option, 0);
        let others = &typed.left[..typed.left.len() - option.left.len()];
        items.retain(|item| {
            let key = item.label.split('=').next().unwrap_or_default();
            !others.contains(key) && (whole_file || item.label.starts_with("skip"))
        });
        return items;
    };
    match key {
        "skip" => names_of_checks(&names, findings()),
        "error" if whole_file => super::booleans(&names),
        _ => Vec::new(),
    }
}

fn names_of_checks(typed: &Typed, found: &[Diagnostic]) -> Vec<Item> {
    let Some((typed, taken)) = list(typed) else { return Vec::new() };
    let mut offer = Offer::new(&typed);
    for entry in RULES {
        for alias in
            entry.rule.aliases.iter().filter(|alias| is_check(alias) && !taken.iter().any(|name| name == *alias))
        {
            let reported = found.iter().any(|found| found.rule == entry.name && found.aliases.contains(alias));
            offer.add(ItemKind::Rule, alias, &entry.summary(), documentation(entry), if reported { 0 } else { 10 });
        }
    }
    if taken.is_empty() {
        offer.add(ItemKind::Rule, "all", "all checks", String::new(), 20);
    }
    offer.items
}

/// BuildKit writes its checks in `CamelCase`; codes of others have digits, underscores, or no small letters.
fn is_check(alias: &str) -> bool {
    alias.bytes().all(|byte| byte.is_ascii_alphabetic()) && alias.bytes().any(|byte| byte.is_ascii_lowercase())
}
