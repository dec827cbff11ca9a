//! The options of `RUN --mount`.
use super::{Help, Parameter, Signature};
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::instructions::{MountOption, Use, ValueKind, mount_options};
use crate::model::check_mount::MOUNT_TYPES;
use crate::model::instruction::{Instruction, Kind};
use crate::model::mount::{Mount, parse_mount};
use crate::text::span::Span;

/// The options of the mount that the cursor is in: of its type, or of every type while that is not written.
pub fn help(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Help> {
    if instruction.kind != Kind::Run {
        return None;
    }
    let mut flags = instruction.flags_named(snapshot.text(), "mount");
    let is_in = |value: &Span| value.touches(offset);
    let flag = flags.find(|flag| flag.value.as_ref().is_some_and(|value| is_in(&value.span)))?;
    let value = flag.value.as_ref()?;
    let mount = parse_mount(snapshot.text(), flag.span, value);
    let written = mount.get(&["type"]);
    let known = written.and_then(|written| MOUNT_TYPES.iter().find(|known| known.eq_ignore_ascii_case(written)));
    let types = known.map_or(&MOUNT_TYPES[..], std::slice::from_ref);
    let active = types.iter().position(|known| written.is_some_and(|written| known.starts_with(written)));
    let signatures = types.iter().map(|kind| signature(kind, &mount, offset)).collect();
    Some(Help { signatures, active: active.unwrap_or_default() })
}

fn signature(kind: &str, mount: &Mount, offset: u32) -> Signature {
    let mut label = "--mount=".to_owned();
    let mut parameters = Vec::new();
    let options = legal(kind);
    for (index, option) in options.iter().enumerate() {
        let optional = option.key != "type" && option.usage != Use::Required;
        label.push_str(if optional {
            "[,"
        } else if index > 0 {
            ","
        } else {
            ""
        });
        let start = label.len();
        label.push_str(&written(kind, option));
        parameters.push(Parameter { span: Span::from(start..label.len()), documentation: about(option) });
        label.push_str(if optional { "]" } else { "" });
    }
    let documentation = options.first().map_or("", |option| option.meaning).to_owned();
    Signature { label, documentation, parameters, active: active(&options, mount, offset) }
}

/// The type, then what must be there, then what may.
fn legal(kind: &str) -> Vec<&'static MountOption> {
    let of = |usage: Use, is_type: bool| {
        mount_options(kind).filter(move |option| option.usage == usage && (option.key == "type") == is_type)
    };
    of(Use::Optional, true).chain(of(Use::Required, false)).chain(of(Use::Optional, false)).collect()
}

/// `sharing=shared|private|locked`
fn written(kind: &str, option: &MountOption) -> String {
    let value = match option.kind {
        _ if option.key == "type" => kind.to_owned(),
        ValueKind::Bool => return option.key.to_owned(),
        _ if !option.values.is_empty() => option.values.join("|"),
        ValueKind::Path => "<path>".to_owned(),
        ValueKind::Integer => "<number>".to_owned(),
        ValueKind::Octal => "<octal>".to_owned(),
        _ if option.key == "size" => "<bytes>".to_owned(),
        ValueKind::Text | ValueKind::Duration => "<name>".to_owned(),
    };
    format!("{}={value}", option.key)
}

fn about(option: &MountOption) -> String {
    if option.key == "type" {
        return format!("{} One of {}.", option.meaning, option.values.join(", "));
    }
    let said = |title: &str, text: &str| if text.is_empty() { String::new() } else { format!(" {title}: {text}.") };
    [option.meaning, &said("Default", option.default), &said("Also", &option.aliases.join(", "))].concat()
}

/// The option at the cursor, by its name or the beginning of it; behind a comma the first that is missing.
fn active(options: &[&MountOption], mount: &Mount, offset: u32) -> Option<usize> {
    let is = |option: &MountOption, key: &str| option.key == key || option.aliases.contains(&key);
    if let Some(here) = mount.options.iter().find(|option| option.span.touches(offset)) {
        let exact = options.iter().position(|option| is(option, &here.key));
        let starts = |name: &str| name.starts_with(&*here.key) && here.value.is_none();
        let begun = || options.iter().position(|option| starts(option.key));
        let other = || options.iter().position(|option| option.aliases.iter().any(|alias| starts(alias)));
        return exact.or_else(begun).or_else(other);
    }
    if mount.options.is_empty() {
        return Some(0);
    }
    let given = |option: &&&MountOption| mount.options.iter().any(|other| is(option, &other.key));
    let missing = options.iter().find(|option| option.usage == Use::Required && !given(option))?;
    options.iter().position(|option| option.key == missing.key)
}
