//! The global scope: ARGs in front of the first FROM, and what BuildKit always sets there.
use super::env::{Env, Origin};
use super::known::Known;
use crate::knowledge::predefined_args::{ArgKind, predefined_args};
use crate::model::dockerfile::Dockerfile;

/// The variables that FROM lines see, and from which a stage's `ARG name` takes its value.
pub fn globals(text: &str, file: &Dockerfile) -> Env {
    let mut env = Env::default();
    for arg in predefined_args().iter().filter(|arg| arg.kind == ArgKind::Platform) {
        env.set(arg.name, Known::Unknown, Origin::Builder, None);
    }
    for index in file.global_args() {
        if file.is_refused(index) {
            env.open();
        }
        for pair in file.instructions[index].pairs() {
            let Some(name) = pair.name.literal(text) else { continue };
            let value = pair.value.as_ref().map_or(Known::Unknown, |value| env.expand(text, value));
            env.set(&name, value, Origin::Arg, Some(pair.span));
        }
    }
    env
}

/// What FROM lines see when nothing is given from outside: an ARG without a default is empty, a platform argument is set.
pub fn defaults(text: &str, file: &Dockerfile) -> Env {
    let mut env = Env::default();
    for arg in predefined_args().iter().filter(|arg| arg.kind == ArgKind::Platform) {
        env.set(arg.name, Known::Known(arg.name.to_ascii_lowercase()), Origin::Builder, None);
    }
    for index in file.global_args() {
        if file.is_refused(index) {
            env.open();
        }
        for pair in file.instructions[index].pairs() {
            let Some(name) = pair.name.literal(text) else { continue };
            if pair.value.is_none() && env.get(&name).is_some() {
                continue;
            }
            let value = pair.value.as_ref().map_or(Known::Known(String::new()), |value| env.expand(text, value));
            env.set(&name, value, Origin::Arg, Some(pair.span));
        }
    }
    env
}
