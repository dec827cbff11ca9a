//! The options of `RUN --mount`.
use super::{Here, Hover, path, stage, value};
use crate::analysis::path::resolve;
use crate::ide::markdown::{item, paragraphs, prose};
use crate::knowledge::instructions::{MountOption, Use, mount_option_doc};
use crate::knowledge::texts;
use crate::model::instruction::{Flag, Kind};
use crate::model::mount::{self, Mount, parse_mount};

const LINK: &str = "[Reference](https://docs.docker.com/reference/dockerfile/#run---mount)";

/// The answer for an option of a mount.
pub fn hover(here: &Here, flag: &Flag) -> Option<Hover> {
    if here.instruction.kind != Kind::Run || &here.snapshot[flag.name] != "mount" {
        return None;
    }
    let mount = parse_mount(here.snapshot.text(), flag.span, flag.value.as_ref()?);
    let option = mount.options.iter().find(|option| option.span.touches(here.offset))?;
    let doc = mount_option_doc(mount.kind(), &option.key)?;
    let value = option.value.as_ref().filter(|(value, _)| !value.is_empty());
    if let Some((name, span)) = value.filter(|(_, span)| span.touches(here.offset)) {
        let about = match doc.key {
            "from" => stage::source(here, name, false),
            "source" if mount.kind() == "bind" => source(here, &mount, name),
            _ => String::new(),
        };
        if !about.is_empty() {
            return Hover::of(*span, about);
        }
    }
    let said = value.map(|(value, _)| said(here, doc, option, value)).unwrap_or_default();
    Hover::of(option.span, option_text(doc, &said))
}

/// What a bind mount shows: a path of the context, or of a stage.
fn source(here: &Here, mount: &Mount, written: &str) -> String {
    if written.contains('$') || here.deferred {
        return String::new();
    }
    match mount.from() {
        None => path::of_context(here.snapshot, written),
        Some(name) => path::of_stage(here, name, false, &resolve("/", written)),
    }
}

fn said(here: &Here, doc: &MountOption, option: &mount::MountOption, value: &str) -> String {
    match doc.key {
        "type" => String::new(),
        "mode" => value::mode_text(value),
        "target" if !value.starts_with('/') && !value.contains('$') => {
            let state = here.state();
            let workdir = state.as_ref().and_then(|state| state.workdir.as_ref());
            workdir.map(|workdir| item("in the image", &format!("`{}`", resolve(workdir, value)))).unwrap_or_default()
        }
        key => texts::value(key, value).map(|meaning| item(&here.snapshot[option.span], meaning)).unwrap_or_default(),
    }
}

fn option_text(doc: &MountOption, said: &str) -> String {
    let title = match doc.key {
        "type" => format!("A **{}** mount", doc.mount_type),
        key => format!("**{key}** of a {} mount", doc.mount_type),
    };
    let usage = match doc.usage {
        Use::Required => "must be given",
        Use::Optional => "",
        Use::Ignored => "has no effect here",
        Use::Error => "is an error here",
    };
    let usage = if usage.is_empty() { String::new() } else { format!("- {usage}\n") };
    let facts = [
        usage,
        said.to_owned(),
        item("also", &doc.aliases.join(", ")),
        item("values", &doc.values.join(", ")),
        item("default", &prose(doc.default)),
        item("since", &since(doc.since)),
    ]
    .concat();
    paragraphs(&[&title, doc.meaning, facts.trim_end(), LINK])
}

/// The frontend that knows something first, or what else does.
pub fn since(version: &str) -> String {
    let is_number = version.starts_with(|first: char| first.is_ascii_digit());
    if is_number { format!("Dockerfile frontend {version}") } else { version.to_owned() }
}
