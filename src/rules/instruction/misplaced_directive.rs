//! `# syntax=…` where BuildKit reads it as a comment.
use crate::analysis::snapshot::Snapshot;
use crate::model::dockerfile::Directive;
use crate::rewrite::lines;
use crate::rules::compose::if_sound;
use crate::rules::directives::{self, Effect, Line, NAMES};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::syntax_fix::whole_line;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Warning, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    findings.extend(snapshot.file().directives.iter().filter_map(|directive| indented(snapshot, directive)));
    let (file, text) = (snapshot.file(), snapshot.text());
    let mut found: Vec<(&str, Finding)> = Vec::new();
    for &comment in &file.comments {
        let Some(line) = directives::read(text, comment) else { continue };
        let Some(name) = NAMES.into_iter().find(|name| snapshot[line.name].eq_ignore_ascii_case(name)) else {
            continue;
        };
        let given = file.directives.iter().any(|directive| snapshot[directive.name].eq_ignore_ascii_case(name));
        let twice = found.iter().any(|(other, _)| *other == name);
        if &snapshot[line.sign] != "=" || given || twice || behind_shebang(text, name, comment) {
            continue;
        }
        let effect = directives::effect(snapshot, name, &snapshot[line.value]);
        if let Some(effect) = effect.filter(|effect| *effect != Effect::None) {
            found.push((name, finding(snapshot, comment, line, effect)));
        }
    }
    findings.extend(found.into_iter().map(|(_, finding)| finding));
}

/// The scans for `syntax` and `check` want the `#` at the start of the line; that for `escape` does not.
fn indented(snapshot: &Snapshot, directive: &Directive) -> Option<Finding> {
    let line = whole_line(snapshot, directive.span);
    let blanks = Span::new(line.start, directive.span.start);
    let name = snapshot[directive.name].to_ascii_lowercase();
    let blank = !blanks.is_empty() && snapshot[blanks].bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    if !blank || name == "escape" {
        return None;
    }
    let effect = directives::effect(snapshot, &name, &snapshot[directive.value])?;
    let message = format!("directives stand at the start of the line: indented it is a comment, so {}", effect.words());
    let fix = Fix::unsafe_("remove the blanks in front", vec![Edit::delete(blanks)]);
    (effect != Effect::None).then(|| Finding::new(directive.span, message).fix(if_sound(snapshot, fix)))
}

/// The scans for `syntax` and `check` skip a first line `#!…`; that for `escape` ends there.
fn behind_shebang(text: &str, name: &str, comment: Span) -> bool {
    let mut before = text[..comment.start as usize].lines();
    let shebang = before.next().is_some_and(|line| line.starts_with("#!"));
    let directive = |line: &str| directives::read(line, Span::new(0, line.len() as u32)).is_some();
    name != "escape" && shebang && before.all(directive)
}

fn finding(snapshot: &Snapshot, comment: Span, line: Line, effect: Effect) -> Finding {
    let written = line.name.cover(line.value);
    let message = format!("directives stand at the very top: here it is a comment, so {}", effect.words());
    let finding = Finding::new(written, message).fix(if_sound(snapshot, move_up(snapshot, comment)));
    if effect == Effect::Escape { finding.at_level(Severity::Error) } else { finding }
}

fn move_up(snapshot: &Snapshot, comment: Span) -> Option<Fix> {
    let (file, text) = (snapshot.file(), snapshot.text());
    let inside = file.instructions.iter().any(|instruction| instruction.span.overlaps(comment));
    if inside || text.starts_with("#!") {
        return None;
    }
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let top = file.directives.last().map_or(bom, |directive| whole_line(snapshot, directive.span).end);
    let line = format!("{}{}", snapshot[comment].trim(), lines::eol(snapshot));
    let edits = vec![Edit::insert(top, line), Edit::delete(whole_line(snapshot, comment))];
    Fix::unsafe_("move it to the top", edits)
}
