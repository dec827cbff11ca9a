//! The program writes where only root may.
use crate::analysis::known::{Answer, Known};
use crate::analysis::path::{is_below, resolve};
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::distros::Distro;
use crate::model::instruction::{Body, Instruction, Kind};
use crate::model::stage::Stage;
use crate::rewrite::lines;
use crate::rewrite::shipped::{self, Call};
use crate::rules::commands::{is_root, user_before};
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::rules::stages::{chain, effective};
use crate::rules::unfinished::{is_refused, may_bring_more};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

/// Commands that may give a folder to the user, or open it.
const GIVING: [&str; 8] = ["chown", "chmod", "chgrp", "install", "setfacl", "usermod", "su", "rsync"];

/// Folders that anybody may write to, or that belong to users.
const OPEN: [&str; 6] = ["/tmp", "/var/tmp", "/dev", "/proc", "/run", "/home"];

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    if end.is_root() != Answer::No || end.base == Base::Unknown || end.distro().is(|it| *it == Distro::Windows) {
        return;
    }
    let Some(user) = effective(snapshot, stage, Kind::User).filter(|user| stage.span.contains(user.span)) else {
        return;
    };
    let Some(name) = user.value().and_then(|word| word.literal(snapshot.text())) else { return };
    let Some(workdir) = end.workdir.as_ref() else { return };
    let refused = is_refused(snapshot, stage, &[Kind::User, Kind::Workdir, Kind::Volume, Kind::Env]);
    if refused || may_bring_more(snapshot, stage) || may_be_given(snapshot, stage, workdir) {
        return;
    }
    let Some(program) = shipped::program(snapshot, stage) else { return };
    let Some(code) = shipped::code(snapshot, &program) else { return };
    let moves = code.calls.iter().any(|call| call.mention.name == "os.Chdir");
    let Some((call, path)) = code.written().find(|(call, path)| fails(call, path)).filter(|_| !moves) else { return };
    let full = resolve(workdir, path);
    let message = format!("`{name}` can't write to {workdir}, which belongs to root, and the program makes {full}");
    let finding = Finding::new(user.value().map_or(user.span, |word| word.span), message);
    let finding =
        finding.because(program.command.span, format!("built here, with {} in {}", call.name(), call.place()));
    findings.push(finding.fix(fix(snapshot, stage, user, &name, workdir)));
}

/// True for a file beside the program that ends it, or all that it does, when it can't be made. Profiles are asked for.
fn fails(call: &Call, path: &str) -> bool {
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_file = !path.contains('/') && path.contains('.') && !path.contains("prof") && !path.contains("trace");
    let is_database = call.mention.name.ends_with(".Open");
    let makes = matches!(call.mention.name.as_str(), "os.Create" | "os.WriteFile" | "io/ioutil.WriteFile");
    is_file && (is_database || (makes && call.mention.fatal))
}

/// True when `workdir` may belong to the user, or be a volume.
fn may_be_given(snapshot: &Snapshot, stage: &Stage, workdir: &str) -> bool {
    let analysis = snapshot.stage(stage);
    let around = |path: &str| is_below(workdir, path) || is_below(path, workdir);
    let home = analysis.end.env.known("HOME").is_some_and(|home| is_below(workdir, home));
    if home || analysis.end.files.opened_by().is_some() || OPEN.iter().any(|open| is_below(workdir, open)) {
        return true;
    }
    chain(snapshot, stage).any(|stage| {
        let analysis = snapshot.stage(stage);
        let mut given = analysis.copies.iter().filter(|copy| copy.chown.is_some());
        let gives = analysis.commands.iter().any(|command| {
            let names_it = command.args.iter().any(|arg| arg.value.as_ref().is_none_or(|value| around(value)));
            GIVING.contains(&command.name.as_str()) || command.name.ends_with("add") && names_it
        });
        let made = |(index, step): (usize, &Instruction)| match step.kind {
            // The builder makes the folder for the user of that line.
            Kind::Workdir | Kind::Run => {
                !matches!(user_before(snapshot, stage, index), Known::Known(user) if is_root(&user))
            }
            Kind::Volume => volumes(snapshot, step).is_none_or(|paths| paths.iter().any(|path| around(path))),
            Kind::Onbuild | Kind::Unknown => true,
            _ => false,
        };
        gives
            || given.any(|copy| copy.destination.as_ref().is_none_or(|path| around(path)))
            || snapshot.file().stage_instructions(stage).any(made)
    })
}

/// The folders of a VOLUME; `None` when one has a variable in it.
fn volumes(snapshot: &Snapshot, instruction: &Instruction) -> Option<Vec<String>> {
    let Body::Words(words) = &instruction.body else { return None };
    words.iter().map(|word| Some(word.literal(snapshot.text())?.into_owned())).collect()
}

/// Root gives the folder away in front of USER.
fn fix(snapshot: &Snapshot, stage: &Stage, user: &Instruction, name: &str, workdir: &str) -> Option<Fix> {
    let end = &snapshot.stage(stage).end;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte));
    let shells = end.image().and_then(|image| image.shells.as_ref());
    let shell = end.has_shell() == Answer::Yes && shells.is_some_and(|shells| shells.contains(&"/bin/sh"));
    if !shell || !plain(name) || !plain(workdir) || workdir == "/" {
        return None;
    }
    let index = stage.instructions.clone().find(|index| snapshot.file().instructions[*index].span == user.span)?;
    let script = format!("chown {name} {workdir}");
    let line = lines::line(snapshot, index, Kind::Run, &script);
    Fix::unsafe_(script, vec![lines::insert_before(snapshot, index, &[line])])
}
