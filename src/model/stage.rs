//! Stages and how they build on each other.
use std::ops::Range;
use std::sync::Arc;

use super::instruction::{Body, Instruction, Kind};
use crate::text::span::Span;

/// One `FROM` and what follows up to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its number, from 0.
    pub index: usize,
    /// Its name in lower case, as BuildKit compares it.
    pub name: Option<String>,
    /// The instruction index of its FROM.
    pub from: usize,
    /// The instruction indices, FROM included.
    pub instructions: Range<usize>,
    /// From FROM to the end of its last instruction.
    pub span: Span,
    /// What it starts from.
    pub base: Base,
    /// The first stage of the chain that it is built on; itself where it starts from an image.
    pub root: usize,
}

/// What a stage starts from, as far as the text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An earlier stage.
    Stage(usize),
    /// `FROM scratch`
    Scratch,
    /// An image, perhaps with variables in its name.
    Image,
    /// Nothing is written yet.
    Missing,
}

/// Splits the instructions into stages.
pub fn stages(text: &str, instructions: &[Arc<Instruction>]) -> Vec<Stage> {
    let froms: Vec<usize> =
        instructions.iter().enumerate().filter(|(_, i)| i.kind == Kind::From).map(|(index, _)| index).collect();
    let mut stages: Vec<Stage> = Vec::with_capacity(froms.len());
    for (index, &from) in froms.iter().enumerate() {
        let end = froms.get(index + 1).copied().unwrap_or(instructions.len());
        let Body::From(arguments) = &instructions[from].body else { continue };
        let base = match arguments.image.as_ref().map(|image| image.literal(text)) {
            None => Base::Missing,
            Some(None) => Base::Image,
            Some(Some(image)) => match stages.iter().rposition(|stage| stage.name.as_deref() == Some(&*image)) {
                Some(parent) => Base::Stage(parent),
                None if image == "scratch" => Base::Scratch,
                None => Base::Image,
            },
        };
        let root = if let Base::Stage(parent) = base { stages[parent].root } else { index };
        stages.push(Stage {
            index,
            root,
            name: arguments.name.map(|name| text[name.range()].to_lowercase()),
            from,
            instructions: from..end,
            span: instructions[from].span.cover(instructions[end - 1].span),
            base,
        });
    }
    stages
}

/// The stage that `COPY --from=` or a mount in stage `before` names: by name in any case, or by number if `numbers`.
pub fn find_stage(stages: &[Stage], before: usize, reference: &str, numbers: bool) -> Option<usize> {
    let name = reference.to_ascii_lowercase();
    stages[..before]
        .iter()
        .rposition(|stage| stage.name.as_deref() == Some(&*name))
        .or_else(|| reference.parse().ok().filter(|&index: &usize| numbers && index < before))
}
