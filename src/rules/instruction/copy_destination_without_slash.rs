//! Several sources and a destination that does not say that it is a folder.
use crate::analysis::known::Known;
use crate::analysis::snapshot::Snapshot;
use crate::model::flags::flags_of;
use crate::model::instruction::Kind;
use crate::model::stage::Stage;
use crate::rules::rule::{Check, Default, Finding, Fix, Rule, Severity};
use crate::text::edit::Edit;

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::Pedantic,
    since: "0.1.0",
    aliases: &["DL3021", "INVALID_DESTINATION"],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    for copy in &snapshot.stage(stage).copies {
        let instruction = &snapshot.file().instructions[copy.instruction];
        // `--chown 1000 a /b`: the value that the flag lacks is no source.
        if instruction.flags.iter().any(|flag| flag.value.is_none() && !is_boolean(&snapshot[flag.name])) {
            continue;
        }
        let Some(arguments) = instruction.copy().filter(|arguments| arguments.sources.len() > 1) else { continue };
        let Some(word) = &arguments.destination else { continue };
        let written = snapshot[word.span].trim_end_matches(['"', '\'']);
        // A variable may end in a slash.
        let Known::Known(path) = &copy.destination else { continue };
        let ends = |ending: &str| written.ends_with(ending);
        if ends("/")
            || ends("\\")
            || ends("}")
            || written.contains('$') && ends_in_variable(written)
            || is_dots(written)
            || written.starts_with("<<")
        {
            continue;
        }
        let message = format!("`{path}` has to be a folder for several sources, and only a slash at its end says so");
        let end = word.span.start + written.len() as u32;
        let fix = Fix::safe("add a slash", vec![Edit::insert(end, "/")]);
        findings.push(Finding::new(word.span, message).fix(fix));
    }
}

fn is_boolean(flag: &str) -> bool {
    let known = flags_of(Kind::Copy).iter().chain(flags_of(Kind::Add));
    known.into_iter().any(|spec| spec.name == flag && spec.boolean)
}

fn is_dots(written: &str) -> bool {
    let last = written.rsplit('/').next().unwrap_or(written).trim_start_matches(['"', '\'']);
    matches!(last, "." | "..")
}

fn ends_in_variable(written: &str) -> bool {
    let last = written.rsplit('$').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
