//! Which words of an instruction the builder expands.
use super::instruction::{Body, Instruction, Kind};
use super::word::Word;

/// The words of `instruction` in which BuildKit expands variables, flags included. Source: SYNTAX of BuildKit v0.32.2,
/// frontend/dockerfile/dockerfile2llb.
pub fn words(instruction: &Instruction) -> Vec<&Word> {
    let mut words: Vec<&Word> = instruction.flags.iter().filter_map(|flag| flag.value.as_ref()).collect();
    match &instruction.body {
        Body::From(from) => words.extend(&from.image),
        Body::Copy(copy) => {
            words.extend(copy.sources.iter().chain(&copy.destination));
            words.extend(instruction.heredocs.iter().filter_map(|heredoc| heredoc.content.as_ref()));
        }
        Body::Pairs(pairs) => {
            let names = instruction.kind != Kind::Arg;
            for pair in pairs {
                words.extend(names.then_some(&pair.name));
                words.extend(&pair.value);
            }
        }
        Body::Words(values) => words.extend(values),
        Body::Value(value) if instruction.kind != Kind::Maintainer => words.extend(value),
        _ => {}
    }
    words
}
