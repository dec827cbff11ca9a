//! The production form: a download layer, cache mounts, a stripped program, a user and ENTRYPOINT.
use super::carry::{self, Taken};
use super::start::{Form, Line, array};
use super::{Plan, merged};
use crate::analysis::go::GoCommand;
use crate::analysis::path::{base, resolve};
use crate::analysis::{go_caches, module_layer};
use crate::model::instruction::Kind;
use crate::rewrite::fix::Fix;
use crate::rewrite::{cache_mounts, download_layer, go_flags, lines};
use crate::text::edit::{Edit, EditSet};
use crate::text::span::Span;

/// The plain conversion with all that a program in production wants; `None` where that can't be written.
pub fn fix(plan: &Plan) -> Option<Fix> {
    if plan.program.go_run.is_some() || plan.program.script.is_some() {
        return None;
    }
    let (layer, moved_program) = (layer(plan), output_edit(plan));
    let mut build: Vec<Edit> = Vec::new();
    if layer.is_none() {
        build.extend(mounts(plan));
    }
    build.extend(plan.cgo_edits());
    for command in &plan.commands {
        build.extend(flags(plan, command));
    }
    build.extend(moved_program.iter().map(|(edit, _)| edit.clone()));
    let user = plan.user().unwrap_or_else(|| "65532:65532".to_owned());
    let mut stage = plan.final_stage(Some(&user), &start(plan));
    if let Some((_, path)) = &moved_program {
        let old = plan.copy(&plan.program.path, &plan.place());
        let new = plan.copy(path, &plan.place());
        stage.iter_mut().filter(|line| **line == old).for_each(|line| line.clone_from(&new));
    }
    build.extend(plan.edits(&stage));
    let edits = merged(&layer.unwrap_or_default(), build)?;
    Fix::unsafe_(format!("{}, production form", plan.title()), edits)
}

/// The download layer with cache mounts, where the modules come too late.
fn layer(plan: &Plan) -> Option<EditSet> {
    let late = module_layer::late_download(plan.snapshot, plan.stage)?;
    let fixes = download_layer::fixes(plan.snapshot, &late);
    fixes.iter().find(|fix| fix.title.ends_with("cache mounts")).map(Fix::here)
}

/// A mount of the build cache on every RUN that compiles and has none.
fn mounts(plan: &Plan) -> Vec<Edit> {
    let mut found = Vec::new();
    for run in &plan.snapshot.stage(plan.stage).runs {
        let mut compiles = plan.commands.iter().filter(|command| command.instruction == run.instruction);
        let Some(command) = compiles.next().filter(|_| run.mounts.is_empty()) else { continue };
        let Some(folder) = go_caches::folders(plan.snapshot, plan.stage, command).builds else { continue };
        let Some(owner) = go_caches::owner(plan.snapshot, plan.stage, command) else { continue };
        let mount = format!("--mount=type=cache,target={folder}{owner}");
        // The command gets flags.
        found.push(cache_mounts::insert_in_front_of(plan.snapshot, run.instruction, &[&mount], usize::MAX));
    }
    found
}

/// `-trimpath -ldflags="-s -w"`, as far as they are missing.
fn flags(plan: &Plan, command: &GoCommand) -> Vec<Edit> {
    let trim = command.flag("-trimpath").is_none();
    match command.flag("-ldflags") {
        None => {
            let flags = if trim { "-trimpath -ldflags=\"-s -w\"" } else { "-ldflags=\"-s -w\"" };
            go_flags::insert(plan.snapshot, command, flags).into_iter().collect()
        }
        Some(flag) => {
            let has = |word: &str| {
                flag.value.as_ref().is_some_and(|value| value.split_whitespace().any(|known| known == word))
            };
            let missing: Vec<&str> = ["-s", "-w"].into_iter().filter(|word| !has(word)).collect();
            let trim = trim.then(|| go_flags::insert(plan.snapshot, command, "-trimpath")).flatten();
            let link = (!missing.is_empty())
                .then(|| go_flags::add_ldflags(plan.snapshot, command, &missing.join(" ")))
                .flatten();
            trim.into_iter().chain(link).collect()
        }
    }
}

/// Writes the program to /out, where nothing else lies; `None` where another command names the old place.
fn output_edit(plan: &Plan) -> Option<(Edit, String)> {
    let command = plan.program.command?;
    let flag = command.flag("-o").filter(|flag| flag.span != command.span)?;
    let single = plan.outputs.known.len() == 1 && plan.outputs.complete;
    let commands = &plan.snapshot.stage(plan.stage).commands;
    let name = base(&plan.program.path);
    let named = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && !b"-_.".contains(&(c as u8))).any(|word| word == name)
    };
    let used = commands.iter().any(|other| other.span != command.span && named(&plan.snapshot[other.span]));
    let relative = flag.value.as_ref().is_some_and(|value| !value.starts_with('/'));
    if !single || used || !relative || plan.snapshot[flag.span].contains(['"', '\'', '$']) {
        return None;
    }
    let path = resolve("/out", name);
    let word = &plan.snapshot[flag.span];
    let at = word.find(['=', ' ']).map(|at| flag.span.start + at as u32 + 1)?;
    Some((Edit::replace(Span::new(at, flag.span.end), path.clone()), path))
}

/// ENTRYPOINT is the program, CMD its arguments.
fn start(plan: &Plan) -> Vec<Taken> {
    let plain = carry::starting_lines(plan.snapshot, &plan.start, &plan.program, &plan.named());
    let (None, Some(cmd)) = (&plan.start.entrypoint, &plan.start.cmd) else { return plain };
    if cmd.needs_shell(plan.snapshot) || matches!(cmd.form, Form::Shell) {
        return plain;
    }
    split(plan, cmd)
}

fn split(plan: &Plan, cmd: &Line) -> Vec<Taken> {
    let mut words = cmd.words();
    if words.first() != Some(&plan.program.written) {
        return carry::starting_lines(plan.snapshot, &plan.start, &plan.program, &plan.named());
    }
    let arguments = words.split_off(1);
    let line = |kind, words: &[String]| Taken {
        from: cmd.index,
        text: lines::line(plan.snapshot, cmd.index, kind, &array(words)),
    };
    let mut found = vec![line(Kind::Entrypoint, &[plan.named()])];
    if !arguments.is_empty() {
        found.push(line(Kind::Cmd, &arguments));
    }
    found
}
