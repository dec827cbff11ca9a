//! Messages and remedies of what is wrong with `RUN --mount`.
use std::borrow::Cow;

use super::rule::{Finding, Fix};
use super::stages::chain;
use super::unfinished::is_refused;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::model::check_mount::{MOUNT_KEYS, MOUNT_TYPES};
use crate::model::instruction::{Instruction, Kind};
use crate::model::mount::{Mount, parse_mount};
use crate::model::problem::MountFault;
use crate::model::stage::Stage;
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// What is wrong, and what to write instead.
pub fn message(snapshot: &Snapshot, fault: MountFault, span: Span) -> String {
    let written = shortened(&snapshot[span]);
    let key = || shortened(snapshot[span].split('=').next().unwrap_or_default());
    match fault {
        MountFault::Empty => "--mount lacks its options: write --mount=type=cache,target=/path".into(),
        MountFault::EmptyOption => "an option is missing beside this comma; no blank may stand behind a comma".into(),
        MountFault::Quotes => "a double quote of a mount stands around a whole option, as in \"target=/a,b\"".into(),
        MountFault::Type => match nearest(&snapshot[span], MOUNT_TYPES) {
            Some(known) => format!("there is no mount of type `{written}`: did you mean {known}?"),
            None => format!("there is no mount of type `{written}`: write bind, cache, tmpfs, secret or ssh"),
        },
        MountFault::Key => match nearest(&snapshot[span], MOUNT_KEYS) {
            Some(known) => format!("mounts have no option `{written}`: did you mean {known}?"),
            None if MOUNT_TYPES.contains(&&snapshot[span]) => {
                format!("mounts have no option `{written}`: write type={written}")
            }
            None => format!("mounts have no option `{written}`"),
        },
        MountFault::NoValue => format!("`{written}` lacks its value: write {written}=…"),
        MountFault::Value(expected) => format!("`{written}` is not {expected}"),
        MountFault::NotForType("ssh") => format!("an ssh mount has no option `{}`", key()),
        MountFault::NotForType(kind) => format!("a {kind} mount has no option `{}`", key()),
        MountFault::BeforeType(kind) => {
            format!("`{}` is read before the type: write type={kind} in front of it", key())
        }
        MountFault::Root => "a mount can't cover the root: name the directory that is needed".into(),
        MountFault::NoSecret => "a secret mount needs an id: write id=name".into(),
        MountFault::SourceAndId => "source is another word for id: only one of them may stand".into(),
    }
}

fn shortened(written: &str) -> Cow<'_, str> {
    match written.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &written[..end]).into(),
        None => written.into(),
    }
}

/// The remedy, where it is certain.
pub fn fix(snapshot: &Snapshot, instruction: &Instruction, fault: MountFault, span: Span) -> Option<Fix> {
    let written = &snapshot[span];
    let write = |text: String| Fix::safe(format!("write {text}"), vec![Edit::replace(span, text)]);
    match fault {
        MountFault::Type => write(nearest(written, MOUNT_TYPES)?.to_owned()),
        MountFault::Key if MOUNT_TYPES.contains(&written) => write(format!("type={written}")),
        MountFault::Key => write(nearest(written, MOUNT_KEYS)?.to_owned()),
        MountFault::Value("true or false") => match &*written.to_ascii_lowercase() {
            "yes" | "on" | "true" => write("true".into()),
            "no" | "off" | "false" => write("false".into()),
            _ => None,
        },
        MountFault::Value("shared, private or locked") => {
            write(nearest(written, ["shared", "private", "locked"])?.to_owned())
        }
        MountFault::Value(expected) if expected.starts_with("an octal") => {
            let digits = written.strip_prefix("0o")?;
            u32::from_str_radix(digits, 8).is_ok().then(|| write(format!("0{digits}")))?
        }
        MountFault::EmptyOption => remove_comma(snapshot, instruction, span),
        MountFault::BeforeType(kind) => type_first(snapshot, instruction, span, kind),
        _ => None,
    }
}

/// `a,,b` → `a,b`; `type=cache, target=/a` → `type=cache,target=/a`
fn remove_comma(snapshot: &Snapshot, instruction: &Instruction, at: Span) -> Option<Fix> {
    let flag = instruction.flags.iter().find(|flag| flag.span.touches(at.start))?;
    let text = snapshot.text();
    let end = flag.span.end;
    if at.start != end {
        let comma = Span::new(at.start, at.start + 1);
        return (&snapshot[comma] == ",").then(|| Fix::safe("remove the comma", vec![Edit::delete(comma)]))?;
    }
    let comma = Span::new(end.checked_sub(1)?, end);
    if &snapshot[comma] != "," {
        return None;
    }
    let rest = &text[end as usize..instruction.span.end.max(end) as usize];
    let next = rest.trim_start_matches([' ', '\t']);
    let blanks = (rest.len() - next.len()) as u32;
    let key = next.split(['=', ' ', '\n']).next().unwrap_or_default();
    if blanks > 0 && MOUNT_KEYS.contains(&key) && next[key.len()..].starts_with('=') {
        return Fix::safe("remove the blank behind the comma", vec![Edit::delete(Span::new(end, end + blanks))]);
    }
    Fix::safe("remove the comma", vec![Edit::delete(comma)])
}

/// Moves `type=…` to the front of its mount.
fn type_first(snapshot: &Snapshot, instruction: &Instruction, at: Span, kind: &str) -> Option<Fix> {
    let flag = instruction.flags.iter().find(|flag| flag.span.contains(at))?;
    let value = flag.value.as_ref()?.span;
    let mount = parse_mount(snapshot.text(), flag.span, flag.value.as_ref()?);
    let types: Vec<_> = mount.options.iter().filter(|option| option.key == "type").collect();
    let [only] = types.as_slice() else { return None };
    let plain = !snapshot[value].contains(['"', '\'', '\\', '\n']);
    let before = Span::new(only.span.start.checked_sub(1)?, only.span.end);
    let edits = vec![Edit::insert(value.start, format!("{},", &snapshot[only.span])), Edit::delete(before)];
    (plain && value.contains(before)).then(|| Fix::safe(format!("move type={kind} to the front"), edits))?
}

/// Targets of `stage` that come out at the root: relative ones, and those that are not given, start at WORKDIR.
pub fn targets(snapshot: &Snapshot, stage: &Stage) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, instruction) in snapshot.file().stage_instructions(stage).filter(|(_, it)| it.kind == Kind::Run) {
        for flag in instruction.flags_named(snapshot.text(), "mount") {
            let Some(value) = &flag.value else { continue };
            let mount = parse_mount(snapshot.text(), flag.span, value);
            let Some(target) = relative_target(&mount) else { continue };
            let state = state_before(snapshot, stage, index);
            let Known::Known(workdir) = &state.workdir else { continue };
            let half_typed = |stage| is_refused(snapshot, stage, &[Kind::Workdir, Kind::Unknown]);
            if comes_out_at_root(workdir, target) && !chain(snapshot, stage).any(half_typed) {
                findings.push(root_target(&mount, target, flag.span));
            }
        }
    }
    findings
}

fn root_target(mount: &Mount, target: &str, flag: Span) -> Finding {
    if target.is_empty() {
        return Finding::new(flag, format!("a {} mount needs a target: write target=/path", mount.kind()));
    }
    let option = mount.options.iter().find(|option| option.value.as_ref().is_some_and(|(value, _)| value == target));
    let span = option.map_or(flag, |option| option.span);
    Finding::new(span, "this target is the root, which a mount can't cover: name the directory that is needed")
}

/// The target of a bind, cache or tmpfs mount that does not begin at the root, empty where there is none.
fn relative_target(mount: &Mount) -> Option<&str> {
    let key = |option: &crate::model::mount::MountOption| matches!(&*option.key, "target" | "dst" | "destination");
    let given = mount.options.iter().rev().find(|option| key(option));
    // A key without a value is another finding.
    let target = match given {
        Some(option) => &*option.value.as_ref()?.0,
        None => "",
    };
    let kind = mount.kind().to_ascii_lowercase();
    let needs = matches!(&*kind, "bind" | "cache" | "tmpfs");
    let known = |option: &crate::model::mount::MountOption| MOUNT_KEYS.contains(&&*option.key);
    let plain = !target.contains(['$', '"', '\'', '\\']);
    (needs && plain && !target.starts_with('/') && mount.options.iter().all(known)).then_some(target)
}

fn comes_out_at_root(workdir: &str, target: &str) -> bool {
    let mut depth = 0_usize;
    for part in workdir.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
    }
    depth == 0
}
