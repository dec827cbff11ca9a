//! Signature help: the forms of the instruction at the cursor, or the options of a mount, and which part is being typed.
mod active;
mod forms;
mod mount;

use super::markdown::paragraphs;
use super::open::open_instruction;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::instructions::{InstructionDoc, flag_doc, instruction_doc};
use crate::knowledge::texts;
use crate::model::instruction::Body;
use crate::text::span::Span;

/// What is shown at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The forms, at least one.
    pub signatures: Vec<Signature>,
    /// The one that is being typed.
    pub active: usize,
}

/// One form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// As the reference writes it.
    pub label: String,
    /// What it is for.
    pub documentation: String,
    /// Its parts, in order.
    pub parameters: Vec<Parameter>,
    /// The part that is being typed.
    pub active: Option<usize>,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Where it stands in the label, in bytes.
    pub span: Span,
    /// What it means, as Markdown; may be empty.
    pub documentation: String,
}

/// What to show at `offset`; `asked` when a person asked for it and not a key that was typed. `None` in keywords, comments,
/// here-documents and, unless it was asked for, in the text of a shell.
pub fn signature(snapshot: &Snapshot, offset: u32, asked: bool) -> Option<Help> {
    let file = snapshot.file();
    let offset = offset.min(snapshot.text().len() as u32);
    if file.comments.iter().any(|comment| comment.start < offset && comment.touches(offset)) {
        return None;
    }
    let outer = &*file.instructions[open_instruction(snapshot, offset)?];
    let instruction = match &outer.body {
        Body::Onbuild(Some(nested)) if offset > nested.keyword.end => nested,
        _ => outer,
    };
    let behind = offset > instruction.keyword.end;
    let in_text = !instruction.heredocs.is_empty() && offset > instruction.arguments.end;
    if in_text || !(behind || asked) {
        return None;
    }
    if let Some(help) = mount::help(snapshot, instruction, offset) {
        return Some(help);
    }
    let doc = instruction_doc(instruction.kind.keyword())?;
    if !behind {
        return Some(help(doc, 0, |_| false, ""));
    }
    if let Some(flag) = active::flag(snapshot, instruction, offset) {
        let about = flag_doc(doc.name, &format!("--{flag}")).map_or("", |flag| flag.meaning);
        return Some(help(doc, 0, |part| part.starts_with("[flags]") || part.starts_with("[--"), about));
    }
    let place = active::place(snapshot, instruction, offset, asked)?;
    Some(help(doc, place.form, |part| part == place.part, ""))
}

/// The forms of an instruction; `about` is said of the active part where that is not empty.
fn help<'a>(doc: &InstructionDoc, form: usize, is_active: impl Fn(&str) -> bool + 'a, about: &str) -> Help {
    let signature = |label: &&'static str| {
        let parts = forms::parts(label);
        let active = parts.iter().position(|part| is_active(forms::name(&label[part.clone()])));
        let parameter = |(index, part): (usize, &std::ops::Range<usize>)| {
            let meaning = texts::parameter(doc.name, forms::name(&label[part.clone()])).unwrap_or_default();
            let meaning = if active == Some(index) && !about.is_empty() { about } else { meaning };
            Parameter { span: Span::from(part.clone()), documentation: meaning.to_owned() }
        };
        Signature {
            label: (*label).to_owned(),
            documentation: paragraphs(&[doc.meaning]),
            parameters: parts.iter().enumerate().map(parameter).collect(),
            active,
        }
    };
    let signatures: Vec<Signature> = doc.signatures.iter().map(signature).collect();
    let active = form.min(signatures.len().saturating_sub(1));
    Help { signatures, active }
}
