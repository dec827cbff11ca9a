//! The commands of RUN, and the packages that they install.
use super::{Here, Hover};
use crate::analysis::cache::script;
use crate::analysis::install::Install;
use crate::analysis::known::{Answer, Known};
use crate::analysis::package_command::PackageCommand;
use crate::analysis::stage::StageAnalysis;
use crate::analysis::state::ImageState;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::distros::Distro;
use crate::knowledge::packages::{package_name, package_note, package_provides};
use crate::knowledge::shell_words::why_useless;
use crate::knowledge::texts;
use crate::model::instruction::Kind;
use crate::syntax::shell::is_posix;
use crate::text::span::Span;

/// The answer for a command's name, or for a package.
pub fn hover(here: &Here) -> Option<Hover> {
    if here.deferred {
        return None;
    }
    if here.instruction.kind != Kind::Run {
        return started(here);
    }
    let analysis = here.snapshot.stage(here.stage?);
    let installs = analysis.installs.iter().filter(|install| install.instruction == here.index);
    if let Some(found) = installs.into_iter().find_map(|install| package(here, install)) {
        return Some(found);
    }
    if let Some(found) = analysis.packages.iter().find_map(|command| package_word(here, analysis, command)) {
        return Some(found);
    }
    let command = analysis.commands_of(here.index).iter().find(|command| command.name_span.touches(here.offset))?;
    texts::command(&command.name)?;
    Hover::of(command.name_span, command_text(&here.state()?, &command.name))
}

/// A command in the shell form of CMD, ENTRYPOINT and HEALTHCHECK.
fn started(here: &Here) -> Option<Hover> {
    let kinds = [Kind::Cmd, Kind::Entrypoint, Kind::Healthcheck];
    let span = here.instruction.command().filter(|_| kinds.contains(&here.instruction.kind))?.shell()?;
    let state = here.state().filter(|_| span.touches(here.offset))?;
    let foreign = state.shell.is(|shell| !is_posix(shell)) || state.distro() == Known::Known(Distro::Windows);
    if foreign {
        return None;
    }
    let script = script(&here.snapshot[span], here.snapshot.file().escape);
    script.commands.iter().find_map(|command| {
        let word = command.words.get(command.name?)?.span.shift(span.start);
        let name = command.name().filter(|_| word.touches(here.offset))?;
        Hover::of(word, command_text(&state, name))
    })
}

/// What a command does, and whether the image has it; empty for one that is not known.
pub fn command_text(state: &ImageState, name: &str) -> String {
    let Some(meaning) = texts::command(name) else { return String::new() };
    let there = match state.has_command(name) {
        Answer::Yes => "",
        Answer::No => "The image does not have it here.",
        Answer::Unknown => "",
    };
    let useless = why_useless(name).map(|why| format!("Of no use in a build: {why}.")).unwrap_or_default();
    paragraphs(&[&format!("**{name}**"), meaning, &useless, there])
}

/// The verb or a flag of a package manager.
fn package_word(here: &Here, analysis: &StageAnalysis, command: &PackageCommand) -> Option<Hover> {
    let invocation = analysis.commands.get(command.command).filter(|command| command.instruction == here.index)?;
    let text = |title: &str, place: &str, word: String| {
        let meaning = texts::value(place, &word.to_lowercase())?;
        Some(paragraphs(&[&format!("**{title}**"), meaning]))
    };
    if let Some(span) = command.verb_span.filter(|span| span.touches(here.offset)) {
        let title = format!("{} {}", invocation.name, &here.snapshot[span]);
        return Hover::of(span, text(&title, "package-verb", format!("{:?}", command.verb))?);
    }
    let arg = invocation.args.iter().find(|arg| arg.span.touches(here.offset) && arg.prefix.starts_with('-'))?;
    let flag = arg.prefix.split('=').next().unwrap_or_default();
    let meaning = command.program.family.flag(flag)?;
    Hover::of(arg.span, text(&format!("{} {flag}", invocation.name), "package-flag", format!("{meaning:?}"))?)
}

fn package(here: &Here, install: &Install) -> Option<Hover> {
    let name = |span: Span| package_name(install.manager, here.snapshot[span].trim_matches(['"', '\'']));
    let mut touched = install.packages.iter().filter(|(_, span)| span.touches(here.offset));
    // A variable stands for several packages.
    let (package, span) = touched.find(|(package, span)| name(*span) == package)?;
    let provides = package_provides(install.manager, package);
    if provides.is_empty() {
        return None;
    }
    let brings = provides
        .iter()
        .map(|word| texts::value("package", word).map_or_else(|| format!("the command `{word}`"), str::to_owned));
    let brings = brings.collect::<Vec<_>>().join(", ");
    let manager = format!("{:?}", install.manager).to_lowercase();
    let title = format!("**{package}**, a package of {manager}");
    let note = item("note", package_note(install.manager, package));
    let facts = item(if install.removes { "takes away" } else { "brings" }, &brings) + &note;
    Hover::of(*span, paragraphs(&[&title, facts.trim_end()]))
}
