//! What the frontend that `# syntax=` asks for does not know yet.
use super::rule::{Finding, Fix};
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::instructions::flag_doc;
use crate::model::dockerfile::Directive;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::value::is_file_mode;
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The first stable versions with here-documents, symbols in --chmod, and secrets as variables, as minor numbers.
const HEREDOCS: u32 = 4;
const SYMBOLS: u32 = 13;
const SECRET_VARIABLES: u32 = 10;

/// Flags, here-documents and values that are newer than the version in the first line.
pub fn too_new(snapshot: &Snapshot) -> Vec<Finding> {
    let named = |directive: &&Directive| snapshot[directive.name].eq_ignore_ascii_case("syntax");
    let Some(directive) = snapshot.file().directives.iter().find(named) else { return Vec::new() };
    let Some((minor, number)) = pinned(snapshot, directive) else { return Vec::new() };
    let mut findings = Vec::new();
    for instruction in &snapshot.file().instructions {
        let nested = if let Body::Onbuild(Some(nested)) = &instruction.body { Some(&**nested) } else { None };
        for instruction in [Some(&**instruction), nested].into_iter().flatten() {
            for (span, since) in newer(snapshot, instruction, minor) {
                findings.push(finding(snapshot, span, since, directive, number));
            }
        }
    }
    findings
}

fn finding(snapshot: &Snapshot, span: Span, since: u32, directive: &Directive, number: Span) -> Finding {
    let written = &snapshot[span];
    let message = format!("`{written}` needs docker/dockerfile:1.{since} or newer");
    let digest = snapshot[directive.value].contains('@');
    let fix = (!digest).then(|| {
        let edits = vec![Edit::replace(number, format!("1.{since}"))];
        Fix::unsafe_(format!("ask for docker/dockerfile:1.{since}"), edits)
    });
    Finding::new(span, message).because(directive.value, "this version is asked for").fix(fix.flatten())
}

/// The minor version of `docker/dockerfile:1.N…`, and where the version stands. `1` alone is the newest; labs have more.
fn pinned(snapshot: &Snapshot, directive: &Directive) -> Option<(u32, Span)> {
    let value = snapshot[directive.value].split(' ').next()?;
    let image = value.strip_prefix("docker.io/").unwrap_or(value);
    let tag = image.strip_prefix("docker/dockerfile:")?.split('@').next()?;
    let mut parts = tag.splitn(3, '.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    if major != "1" || patch.parse::<u32>().is_err() {
        return None;
    }
    let start = directive.value.start + (value.len() - image.len() + "docker/dockerfile:".len()) as u32;
    Some((minor.parse().ok()?, Span::new(start, start + tag.len() as u32)))
}

/// What `instruction` uses that came behind version 1.`minor`, and with which version it came.
fn newer(snapshot: &Snapshot, instruction: &Instruction, minor: u32) -> Vec<(Span, u32)> {
    let text = snapshot.text();
    let mut found = Vec::new();
    for flag in &instruction.flags {
        let name = Span::new(flag.span.start, flag.name.end);
        let since = flag_doc(instruction.kind.keyword(), &snapshot[name]).and_then(|doc| minor_of(doc.since));
        if let Some(since) = since.filter(|since| *since > minor) {
            found.push((name, since));
            continue;
        }
        let Some(value) = &flag.value else { continue };
        let symbols = |mode: &str| !mode.starts_with(|first: char| first.is_ascii_digit()) && is_file_mode(mode);
        if &snapshot[name] == "--chmod" && minor < SYMBOLS && value.literal(text).is_some_and(|mode| symbols(&mode)) {
            found.push((value.span, SYMBOLS));
        }
        if &snapshot[name] == "--mount" && minor < SECRET_VARIABLES {
            let mount = parse_mount(text, flag.span, value);
            let variable = mount.options.iter().find(|option| option.key == "env");
            found.extend(variable.map(|option| (option.span, SECRET_VARIABLES)));
        }
    }
    let takes = matches!(instruction.kind, Kind::Run | Kind::Copy | Kind::Add);
    if let Some(heredoc) = instruction.heredocs.first().filter(|_| takes && minor < HEREDOCS) {
        found.push((heredoc.start, HEREDOCS));
    }
    found
}

/// `1.20` → 20; nothing for what is not stable or not of the frontend.
fn minor_of(since: &str) -> Option<u32> {
    since.strip_prefix("1.")?.parse().ok()
}
