//! Keywords: the instruction's reference, and the image in front of it.
use super::Hover;
use super::image::state_text;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::stage::state_before;
use crate::analysis::state::ImageState;
use crate::ide::markdown::{code, paragraphs};
use crate::knowledge::instructions::instruction_doc;
use crate::model::instruction::{Instruction, Kind};

/// The answer for the keyword of `instruction`.
pub fn keyword(snapshot: &Snapshot, instruction: &Instruction) -> Option<Hover> {
    let doc = instruction_doc(instruction.kind.keyword())?;
    let signature = code("dockerfile", &doc.signatures.join("\n"));
    let examples = code("dockerfile", &doc.examples.join("\n"));
    let state = state_at(snapshot, instruction).map(|state| state_text("The image here:", &state)).unwrap_or_default();
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
    let facts = snapshot.facts();
    if !facts.looked {
        return "The build context is still being looked for.".to_owned();
    }
    let Some(context) = &facts.likely().context else {
        return "The build context is not known: `context` in dockline.toml names it.".to_owned();
    };
    let why = context.how.why(&|path| format!("`{}`", path.display()));
    match facts.context {
        Some(_) => format!("Build context: `{}` ({why})", context.dir.display()),
        None => format!(
            "Build context: probably `{}` ({why}). `context` in dockline.toml says which it is.",
            context.dir.display()
        ),
    }
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
