//! `# sytnax=…` at the top of the file.
use crate::analysis::snapshot::Snapshot;
use crate::rules::compose::if_sound;
use crate::rules::directives::{self, Effect, Line, NAMES};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Warning, default: Default::On, since: "0.1.0", aliases: &[], check: Check::File(check) };

fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let text = snapshot.text();
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for line in text[start..].split_inclusive('\n') {
        let span = Span::new(start as u32, (start + line.len()) as u32);
        start += line.len();
        let Some(read) = directives::read(text, span) else { return };
        let written = &snapshot[read.name];
        let right_sign = &snapshot[read.sign] == "=";
        if right_sign && NAMES.iter().any(|name| name.eq_ignore_ascii_case(written)) {
            continue;
        }
        let Some(name) = nearest(written, NAMES) else { return };
        let Some(effect) = directives::effect(snapshot, name, &snapshot[read.value]) else { return };
        // One at a time: to try a fix costs a look at the whole text.
        let is_first = findings.is_empty();
        findings.push(finding(snapshot, read, name, effect, is_first));
    }
}

fn finding(snapshot: &Snapshot, line: Line, name: &str, effect: Effect, is_first: bool) -> Finding {
    let written = Span::new(line.name.start, line.sign.end);
    // A line that is no directive ends them: those below it are lost too.
    let lost = match effect {
        Effect::None => "it is a comment, and so are directives below it",
        _ => effect.words(),
    };
    let message = format!("`{}` is no directive, so {lost}: did you mean `{name}=`?", &snapshot[written]);
    let blanks = if &snapshot[line.sign] == "=" { written } else { Span::new(written.start, line.value.start) };
    let finding = Finding::new(written, message);
    let fix =
        || if_sound(snapshot, Fix::unsafe_(format!("write {name}="), vec![Edit::replace(blanks, format!("{name}="))]));
    let finding = if is_first { finding.fix(fix()) } else { finding };
    if effect == Effect::Escape { finding.at_level(Severity::Error) } else { finding }
}
