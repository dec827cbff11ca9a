//! Keywords, flags, mount options, images, and the state of the image at an instruction.
use super::Hover;
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::{Base, ImageState};
use crate::ide::markdown::{code, item, paragraphs};
use crate::knowledge::distros::{Distro, Libc};
use crate::knowledge::instructions::{FlagDoc, MountOption, flag_doc, instruction_doc, mount_option_doc};
use crate::model::instruction::{Body, Flag, Instruction, Kind};
use crate::model::mount::parse_mount;
use crate::model::stage::Stage;
use crate::text::span::Span;

/// The answer for the parts of `instruction`, a trigger of ONBUILD included.
pub fn hover(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Hover> {
    if let Body::Onbuild(Some(nested)) = &instruction.body
        && nested.span.touches(offset)
    {
        return hover(snapshot, nested, offset);
    }
    if instruction.keyword.touches(offset) {
        return keyword(snapshot, instruction);
    }
    if let Some(flag) = instruction.flags.iter().find(|flag| flag.span.touches(offset)) {
        return mount_option(snapshot, instruction, flag, offset).or_else(|| flag_hover(snapshot, instruction, flag));
    }
    from(snapshot, instruction, offset)
}

fn keyword(snapshot: &Snapshot, instruction: &Instruction) -> Option<Hover> {
    let doc = instruction_doc(instruction.kind.keyword())?;
    let signature = code("dockerfile", &doc.signatures.join("\n"));
    let examples = code("dockerfile", &doc.examples.join("\n"));
    let state = state_at(snapshot, instruction).map(|state| state_text(&state)).unwrap_or_default();
    let link = format!("[Reference]({})", doc.link);
    let context = context_text(snapshot, instruction);
    let markdown = paragraphs(&[&signature, doc.meaning, doc.notes, &context, &state, &examples, &link]);
    Some(Hover { span: instruction.keyword, markdown })
}

/// The build context that COPY and ADD take files from, and why it is believed to be the one.
fn context_text(snapshot: &Snapshot, instruction: &Instruction) -> String {
    let is_copy = matches!(instruction.kind, Kind::Copy | Kind::Add);
    if !is_copy || snapshot.path().is_none() || instruction.flag(snapshot.text(), "from").is_some() {
        return String::new();
    }
    let Some(context) = &snapshot.facts().context else {
        return "The build context is not known: `context` in dockline.toml names it.".to_owned();
    };
    let why = context.how.why(&|path| format!("`{}`", path.display()));
    format!("Build context: `{}` ({why})", context.dir.display())
}

/// The image in front of `instruction`; behind it, for FROM.
fn state_at(snapshot: &Snapshot, instruction: &Instruction) -> Option<ImageState> {
    let file = snapshot.file();
    let index = file.instruction_at(instruction.keyword.start)?;
    let stage = file.stage_of(index)?;
    Some(if instruction.kind == Kind::From {
        snapshot.stage(stage).start.clone()
    } else {
        state_before(snapshot, stage, index)
    })
}

/// What is known of an image, as a list; empty when nothing is.
fn state_text(state: &ImageState) -> String {
    let mut lines = String::new();
    if let Some(image) = state.image() {
        let version = image.version.as_deref().unwrap_or_default();
        let distro =
            image.distro.filter(|distro| *distro != Distro::None).map_or_else(String::new, |d| format!("{d:?}"));
        lines.push_str(&item("distribution", format!("{distro} {version}").trim()));
    }
    lines.push_str(&item("C library", &libc(state)));
    if let Some(Some(go)) = state.go.as_ref() {
        let version = go.version.as_ref().map_or_else(|| "version not told by the tag".to_owned(), ToString::to_string);
        lines.push_str(&item("Go", &version));
    }
    lines.push_str(&item("user", state.user.as_ref().map_or("", |user| if user.is_empty() { "root" } else { user })));
    lines.push_str(&item("folder", &state.workdir.as_ref().map_or_else(String::new, |path| format!("`{path}`"))));
    let set = state.env.iter().filter(|(name, _)| *name != "PATH");
    let env: Vec<String> = set.map(|(name, variable)| assignment(name, &variable.value)).collect();
    lines.push_str(&item("variables", &env.join(", ")));
    let packages: Vec<&str> = state.packages.names().collect();
    lines.push_str(&item("packages", &packages.join(", ")));
    if lines.is_empty() { lines } else { format!("The image here:\n{}", lines.trim_end()) }
}

fn assignment(name: &str, value: &Known<String>) -> String {
    value.as_ref().map_or_else(|| format!("`{name}`"), |value| format!("`{name}={value}`"))
}

fn libc(state: &ImageState) -> String {
    match (state.libc(), state.glibc()) {
        (Known::Known(Libc::Glibc), Known::Known((major, minor))) => format!("glibc {major}.{minor}"),
        (Known::Known(Libc::Glibc), Known::Unknown) => "glibc".to_owned(),
        (Known::Known(Libc::Musl), _) => "musl".to_owned(),
        (Known::Known(Libc::None), _) => "none: only static programs start".to_owned(),
        (Known::Unknown, _) => String::new(),
    }
}

fn flag_hover(snapshot: &Snapshot, instruction: &Instruction, flag: &Flag) -> Option<Hover> {
    let doc = flag_doc(instruction.kind.keyword(), &format!("--{}", &snapshot[flag.name]))?;
    Some(Hover { span: flag.span, markdown: flag_text(doc) })
}

fn flag_text(doc: &FlagDoc) -> String {
    let facts = [
        item("values", doc.values),
        item("default", doc.default),
        item("since", &since(doc.since)),
        if doc.repeatable { "- may stand several times\n".to_owned() } else { String::new() },
        if doc.expands { "- variables are expanded\n".to_owned() } else { String::new() },
    ]
    .concat();
    let title = format!("**{} {}**", doc.instruction, doc.flag);
    let example = code("dockerfile", doc.example);
    paragraphs(&[&title, doc.meaning, facts.trim_end(), &example, &format!("[Reference]({})", doc.link)])
}

fn since(version: &str) -> String {
    if version.is_empty() { String::new() } else { format!("Dockerfile frontend {version}") }
}

fn mount_option(snapshot: &Snapshot, instruction: &Instruction, flag: &Flag, offset: u32) -> Option<Hover> {
    if instruction.kind != Kind::Run || &snapshot[flag.name] != "mount" {
        return None;
    }
    let mount = parse_mount(snapshot.text(), flag.span, flag.value.as_ref()?);
    let option = mount.options.iter().find(|option| option.span.touches(offset))?;
    let doc = mount_option_doc(mount.kind(), &option.key)?;
    Some(Hover { span: option.span, markdown: option_text(doc) })
}

fn option_text(doc: &MountOption) -> String {
    let title = format!("**{}** of a {} mount", doc.key, doc.mount_type);
    let facts = [
        item("also", &doc.aliases.join(", ")),
        item("values", &doc.values.join(", ")),
        item("default", doc.default),
        item("since", &since(doc.since)),
    ]
    .concat();
    let link = "[Reference](https://docs.docker.com/reference/dockerfile/#run---mount)";
    paragraphs(&[&title, doc.meaning, facts.trim_end(), link])
}

/// The image or stage of FROM, and the stage that `COPY --from` names.
fn from(snapshot: &Snapshot, instruction: &Instruction, offset: u32) -> Option<Hover> {
    let Body::From(from) = &instruction.body else { return None };
    let file = snapshot.file();
    let stage = file.stages.iter().find(|stage| file.instructions[stage.from].span == instruction.span)?;
    if let Some(name) = from.name.filter(|name| name.touches(offset)) {
        return Some(Hover { span: name, markdown: stage_text(snapshot, stage) });
    }
    let image = from.image.as_ref().filter(|image| image.span.touches(offset))?;
    Some(Hover { span: image.span, markdown: image_text(snapshot, stage, image.span)? })
}

fn stage_text(snapshot: &Snapshot, stage: &Stage) -> String {
    let name = stage.name.as_deref().unwrap_or_default();
    let from = &snapshot[snapshot.file().instructions[stage.from].span];
    let title = format!("Stage **{name}**, number {}", stage.index);
    paragraphs(&[&title, &code("dockerfile", from), &state_text(&snapshot.stage(stage).end)])
}

fn image_text(snapshot: &Snapshot, stage: &Stage, span: Span) -> Option<String> {
    let state = &snapshot.stage(stage).start;
    let title = match (&state.reference, &state.base) {
        (Some(reference), _) => format!("**{reference}**"),
        (None, Base::Unknown) => format!("**{}**", &snapshot[span]),
        (None, _) => String::new(),
    };
    let notes = state.image().map_or("", |image| image.notes);
    let facts = state_text(state);
    (!facts.is_empty()).then(|| paragraphs(&[&title, notes, &facts]))
}
