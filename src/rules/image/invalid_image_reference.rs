//! `FROM MyImage`: what no registry can hold.
use crate::analysis::snapshot::Snapshot;
use crate::model::image::{ReferenceFlaw, reference_flaw};
use crate::model::stage::{Base, Stage};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::{called, from, place, sources};
use crate::rules::unfinished::may_be_called_anything;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Error,
    default: Default::On,
    since: "0.1.0",
    aliases: &["INVALID_REFERENCE_FORMAT", "FLAG_INVALID_FROM_VALUE", "BASE_NAME_EMPTY"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    findings.extend(of_from(snapshot, stage));
    let stages = &snapshot.file().stages;
    for source in sources(snapshot, stage).filter(|source| source.name.parse::<i64>().is_err()) {
        if source.stage(stages).is_none()
            && !may_be_called_anything(snapshot, stage)
            && let Some(mut finding) = finding(snapshot, &source.name, source.span)
        {
            finding.aliases = Some(&["FLAG_INVALID_FROM_VALUE"]);
            findings.push(finding);
        }
    }
}

fn of_from(snapshot: &Snapshot, stage: &Stage) -> Option<Finding> {
    let word = from(snapshot, stage)?.image.as_ref().filter(|word| stage.base == Base::Image && word.flaw.is_none())?;
    let name = word.literal(snapshot.text())?;
    let lower = name.to_ascii_lowercase();
    let earlier = snapshot.file().stages[..stage.index].iter().rev();
    let meant = earlier.into_iter().find(|other| other.name.as_deref() == Some(&lower)).filter(|_| lower != *name);
    let mut finding = if let Some(other) = meant {
        let fix = Fix::safe(format!("write {lower}"), vec![Edit::replace(word.span, lower.as_str())]);
        let message = format!("`{name}` is no image, and {} is found in lower case only", called(other));
        Finding::new(word.span, message).because(place(snapshot, other), "the stage").fix(fix)
    } else {
        finding(snapshot, &name, word.span)?
    };
    let empty = name.is_empty();
    finding.aliases = Some(if empty { &["BASE_NAME_EMPTY"] } else { &["INVALID_REFERENCE_FORMAT"] });
    Some(finding)
}

fn finding(snapshot: &Snapshot, name: &str, span: Span) -> Option<Finding> {
    let flaw = reference_flaw(name).filter(|_| !is_placeholder(name))?;
    let finding = Finding::new(span, message(name, flaw));
    let better = match flaw {
        ReferenceFlaw::UpperCase => name.to_ascii_lowercase(),
        ReferenceFlaw::Scheme => name.split_once("://")?.1.to_owned(),
        _ => return Some(finding),
    };
    let better = Some(better).filter(|better| reference_flaw(better).is_none() && snapshot[span] == *name);
    Some(finding.fix(better.and_then(|it| Fix::unsafe_(format!("write {it}"), vec![Edit::replace(span, it)]))))
}

/// True for what a tool replaces before the file is built: `{{.Image}}`, `%%BASE%%`, `@BASE@`, `<image>`, `__BASE__`,
/// `BASEIMAGE`.
fn is_placeholder(name: &str) -> bool {
    let capitals = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-');
    name.contains(['{', '}', '%', '<', '>'])
        || name.starts_with(['@', '['])
        || name.contains("__")
        || !name.is_empty() && name.chars().all(capitals)
}

fn message(name: &str, flaw: ReferenceFlaw) -> String {
    let short: String = name.chars().take(80).collect();
    let why = match flaw {
        ReferenceFlaw::Empty => return "the name of the image is empty".to_owned(),
        ReferenceFlaw::Scheme => "a registry stands in front, without a scheme such as https://",
        ReferenceFlaw::UpperCase => "the name of a repository is in lower case",
        ReferenceFlaw::Registry => "in front of the first slash stands no host name with an optional port",
        ReferenceFlaw::Repository => {
            "a repository has lower-case letters and digits, joined by `.`, `_`, `__`, `-` or `/`"
        }
        ReferenceFlaw::Id => "this is the id of an image, and an image is asked for by its name or digest",
        ReferenceFlaw::Tag if name.ends_with(':') => "a tag is missing behind the colon",
        ReferenceFlaw::Tag => "a tag has letters, digits and `_`, and behind the first of them `.` and `-` too",
        ReferenceFlaw::Digest => "a digest is `sha256:` and 64 hexadecimal digits in lower case",
    };
    format!("`{short}` is no image: {why}")
}
