//! A program that is linked to one C library is copied into an image that has another, or none.
use crate::analysis::copy::{CopyFact, CopyFrom, CopySource};
use crate::analysis::go::{GoCommand, Linkage};
use crate::analysis::known::Answer;
use crate::analysis::path::is_below;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::source;
use crate::knowledge::cgo_modules::links_libc;
use crate::knowledge::distros::Libc;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::project::walk::CgoNeed;
use crate::rewrite::enable_cgo;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;
use crate::text::span::Span;

/// The rule.
pub static RULE: Rule =
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases: &[], check: Check::Stage(check) };

/// Copies of one stage, and commands of one, that are looked at.
const MAX_LOOKED_AT: usize = 64;

/// Why a program is dynamic.
struct Reason {
    /// The imports from the main package to what needs the C library.
    chain: Vec<String>,
    /// A package needs cgo: switching it off is no remedy.
    needs_cgo: Answer,
}

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let starts = |(_, instruction): (usize, &crate::model::instruction::Instruction)| {
        matches!(instruction.kind, Kind::Cmd | Kind::Entrypoint)
    };
    // A stage that starts nothing may be there to be exported.
    if !snapshot.file().stage_instructions(stage).any(starts) {
        return;
    }
    let copies = snapshot.stage(stage).copies.iter();
    let sources = copies.flat_map(|copy| copy.sources.iter().map(move |source| (copy, source)));
    let mut sources = sources.filter(|(copy, _)| matches!(copy.from, CopyFrom::Stage(_))).take(MAX_LOOKED_AT);
    findings.extend(sources.find_map(|(copy, source)| finding(snapshot, stage, copy, source)));
}

fn finding(snapshot: &Snapshot, stage: &Stage, copy: &CopyFact, source: &CopySource) -> Option<Finding> {
    let CopyFrom::Stage(from) = copy.from else { return None };
    let builder = &snapshot.file().stages[from];
    let target = &snapshot.stage(stage).end;
    let libc = *target.libc().as_ref()?;
    let path = source.path.as_ref()?;
    let command = builds(snapshot, builder, path)?;
    let built = *command.state.libc().as_ref()?;
    let compatible = target.is_tainted() || target.installed("glibc-compat") || target.installed("musl-libc");
    if built == libc || built == Libc::None || compatible || has_own_loader(snapshot, stage) {
        return None;
    }
    let reason = dynamic(snapshot, builder, command)?;
    let message = format!("a program that is linked to {} can't start in an image {}", name(built), with(libc));
    let mut finding = Finding::new(source.span, message)
        .because(command.span, format!("linked here, because of {}", reason.chain.join(" → ")));
    finding = finding.because(snapshot.file().instructions[stage.from].span, format!("an image {}", with(libc)));
    finding = finding.fix(disable(snapshot, command, &reason));
    if reason.needs_cgo == Answer::Yes {
        finding = finding.fixed_later(builder, enable_cgo::fixes);
    }
    Some(finding)
}

/// The last Go command in the chain of `builder` that writes `path`, or something in the folder `path`.
fn builds<'s>(snapshot: &'s Snapshot, builder: &'s Stage, path: &str) -> Option<&'s GoCommand> {
    source::chain(snapshot, builder).into_iter().rev().find_map(|stage| {
        let mut commands = snapshot.stage(stage).go.iter().rev().filter(|go| go.is_of_module()).take(MAX_LOOKED_AT);
        commands.find(|command| {
            let module =
                source::module_of(snapshot, stage, command).map(|source| source.module.go_mod.path().to_owned());
            let outputs = command.outputs(module.as_deref()).unwrap_or_default();
            outputs.iter().any(|output| is_below(output, path))
        })
    })
}

/// Libraries that are copied along.
fn has_own_loader(snapshot: &Snapshot, stage: &Stage) -> bool {
    let copies = source::analyses(snapshot, stage).into_iter().flat_map(|stage| &stage.copies);
    let is_library = |path: &String| path.contains("/lib") || path.contains("ld-") || path.contains(".so");
    copies.flat_map(|copy| &copy.sources).any(|source| source.path.as_ref().is_none_or(is_library))
}

/// Why what `command` builds needs the C library of its image; `None` when it does not, or that can't be told.
fn dynamic(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Reason> {
    if command.cgo() != Answer::Yes || command.command.env.get("CC").is_some() || command.command.name != "go" {
        return None;
    }
    let stage = source::chain(snapshot, stage).into_iter().find(|s| s.instructions.contains(&command.instruction))?;
    let need = source::cgo_need(snapshot, stage, command);
    if let CgoNeed::Yes { chain, .. } = need {
        let is_dynamic = command.linkage(Answer::Yes) == Linkage::Dynamic;
        return is_dynamic.then_some(Reason { chain, needs_cgo: Answer::Yes });
    }
    if command.linkage(Answer::No) != Linkage::Dynamic {
        return None;
    }
    let module = source::module_of(snapshot, stage, command)?;
    let build = source::build_of(command, true)?;
    let packages = source::packages_of(snapshot, &module, command, &build)?;
    let dirs: Vec<&str> = packages.iter().map(String::as_str).collect();
    let walk = snapshot.facts().walk(module.module, &dirs, &build);
    let found = walk.reached.iter().position(|reached| links_libc(&reached.import_path))?;
    let needs_cgo = if matches!(need, CgoNeed::No) { Answer::No } else { Answer::Unknown };
    Some(Reason { chain: walk.chain(found), needs_cgo })
}

fn name(libc: Libc) -> &'static str {
    match libc {
        Libc::Glibc => "glibc",
        Libc::Musl => "musl",
        Libc::None => "no C library",
    }
}

fn with(libc: Libc) -> &'static str {
    match libc {
        Libc::Glibc => "with glibc",
        Libc::Musl => "with musl",
        Libc::None => "without a C library",
    }
}

/// Without cgo the program needs no C library.
fn disable(snapshot: &Snapshot, command: &GoCommand, reason: &Reason) -> Option<Fix> {
    let title = "build without cgo";
    let edit = match command.command.env.get("CGO_ENABLED").and_then(|variable| variable.span) {
        Some(span) => {
            let at = snapshot[span].rfind('1')? as u32 + span.start;
            Edit::replace(Span::new(at, at + 1), "0")
        }
        None if snapshot.file().instructions[command.instruction].command()?.exec().is_some() => return None,
        None => Edit::insert(command.span.start, "CGO_ENABLED=0 "),
    };
    match reason.needs_cgo {
        Answer::Yes => None,
        Answer::No => Fix::safe(title, vec![edit]),
        Answer::Unknown => Fix::unsafe_(title, vec![edit]),
    }
}
