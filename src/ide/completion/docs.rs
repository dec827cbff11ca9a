//! What is known of instructions, flags and options, as Markdown.
use crate::ide::markdown::{code, item, paragraphs, prose};
use crate::knowledge::instructions::{FlagDoc, InstructionDoc, MountOption};

/// An instruction, with its forms.
pub fn instruction(doc: &InstructionDoc) -> String {
    let link = format!("[Reference]({})", doc.link);
    paragraphs(&[&code("dockerfile", &doc.signatures.join("\n")), doc.meaning, doc.notes, &link])
}

/// A flag of an instruction.
pub fn flag(doc: &FlagDoc) -> String {
    let facts =
        [item("values", doc.values), item("default", &prose(doc.default)), item("since", &since(doc.since))].concat();
    let example = code("dockerfile", doc.example);
    paragraphs(&[doc.meaning, facts.trim_end(), &example, &format!("[Reference]({})", doc.link)])
}

/// An option of a mount.
pub fn mount_option(doc: &MountOption) -> String {
    let facts = [
        item("also", &doc.aliases.join(", ")),
        item("values", &doc.values.join(", ")),
        item("default", &prose(doc.default)),
        item("since", &since(doc.since)),
    ]
    .concat();
    paragraphs(&[doc.meaning, facts.trim_end()])
}

/// The first sentence.
pub fn sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

fn since(version: &str) -> String {
    if version.is_empty() { String::new() } else { format!("Dockerfile frontend {version}") }
}
